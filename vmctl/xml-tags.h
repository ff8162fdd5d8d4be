/* Writing XML by libxml2's writer. */
#pragma once
#include <libxml/xmlwriter.h>
#include <stdbool.h>
#include <stdint.h>

typedef xmlTextWriterPtr writer;

void open_tag(writer w, const char *name);
void close_tag(writer w);
void attr(writer w, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* <name a="..." b="..."/>: pairs of attribute and value, ending in NULL. */
void tag(writer w, const char *name, ...) __attribute__((sentinel));
/* <name>text</name> */
void text_tag(writer w, const char *name, const char *text);
/* <name unit="KiB">...</name> */
void kib_tag(writer w, const char *name, uint64_t bytes);

/* The document of which content() writes the one element, indented; the caller's to free. */
char *xml_document(void (*content)(writer w, const void *arg), const void *arg);
