#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void one_line(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == ' '))
		s[--n] = '\0';
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 127)
			*s = ' ';
}

int err_set(struct err *e, const char *fmt, ...)
{
	char text[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one_line(text);
	memcpy(e->msg, text, sizeof(text));
	e->status = 0;
	return -1;
}

int err_status(struct err *e, int status)
{
	if (!e->status)
		e->status = status;
	return -1;
}

int err_errno(struct err *e, const char *fmt, ...)
{
	const char *why = strerror(errno);
	char text[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, "%.1800s: %s", text, why);
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char text[sizeof(e->msg)], old[sizeof(e->msg)];
	int status = e->status;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(old, e->msg, sizeof(old));
	err_set(e, "%.600s: %.1400s", text, old);
	return err_status(e, status);
}

int err_append(struct err *e, const char *fmt, ...)
{
	char text[sizeof(e->msg)], old[sizeof(e->msg)];
	int status = e->status;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(old, e->msg, sizeof(old));
	err_set(e, "%.1300s%.700s", old, text);
	return err_status(e, status);
}
