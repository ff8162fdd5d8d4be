#include "xml-tags.h"

#include <stdarg.h>

#include "text.h"
#include "units.h"

void open_tag(writer w, const char *name)
{
	xmlTextWriterStartElement(w, BAD_CAST name);
}

void close_tag(writer w)
{
	xmlTextWriterEndElement(w);
}

void attr(writer w, const char *name, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	xmlTextWriterWriteAttribute(w, BAD_CAST name, BAD_CAST text);
	free(text);
}

void tag(writer w, const char *name, ...)
{
	const char *a;
	va_list ap;

	open_tag(w, name);
	va_start(ap, name);
	while ((a = va_arg(ap, const char *)))
		attr(w, a, "%s", va_arg(ap, const char *));
	va_end(ap);
	close_tag(w);
}

void text_tag(writer w, const char *name, const char *text)
{
	xmlTextWriterWriteElement(w, BAD_CAST name, BAD_CAST text);
}

void kib_tag(writer w, const char *name, uint64_t bytes)
{
	open_tag(w, name);
	attr(w, "unit", "KiB");
	xmlTextWriterWriteFormatString(w, "%llu", (unsigned long long)(bytes / KiB));
	close_tag(w);
}

char *xml_document(void (*content)(writer w, const void *arg), const void *arg)
{
	xmlBufferPtr buf = xmlBufferCreate();
	writer w = xmlNewTextWriterMemory(buf, 0);
	char *xml;

	xmlTextWriterSetIndent(w, 1);
	xmlTextWriterSetIndentString(w, BAD_CAST "  ");
	content(w, arg);
	xmlTextWriterEndDocument(w);
	xmlFreeTextWriter(w);
	xml = xstrdup((const char *)xmlBufferContent(buf));
	xmlBufferFree(buf);
	return xml;
}
