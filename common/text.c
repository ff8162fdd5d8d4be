#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

static void *no_memory(void)
{
	static const char msg[] = "out of memory\n";

	(void)!write(STDERR_FILENO, msg, sizeof(msg) - 1);
	abort();
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	return p ? p : no_memory();
}

void *xrealloc(void *p, size_t n)
{
	p = realloc(p, n);
	return p ? p : no_memory();
}

char *xstrndup(const char *s, size_t n)
{
	char *p = strndup(s, n);

	return p ? p : no_memory();
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

static char *vstrf(const char *fmt, va_list ap)
{
	char *s;

	return vasprintf(&s, fmt, ap) < 0 ? no_memory() : s;
}

char *strf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = vstrf(fmt, ap);
	va_end(ap);
	return s;
}

void text_add(struct text *t, const char *s, size_t n)
{
	if (t->n + n + 1 > t->cap) {
		t->cap = (t->n + n + 1) * 2;
		t->s = xrealloc(t->s, t->cap);
	}
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = '\0';
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_addf(struct text *t, const char *fmt, ...)
{
	auto_free char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	s = vstrf(fmt, ap);
	va_end(ap);
	text_puts(t, s);
}

void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ 0 };
}

void strv_take(struct strv *l, char *s)
{
	l->v = xrealloc(l->v, (l->n + 2) * sizeof(*l->v));
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void strv_add(struct strv *l, const char *s)
{
	strv_take(l, xstrdup(s));
}

void strv_addf(struct strv *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strv_take(l, vstrf(fmt, ap));
	va_end(ap);
}

bool strv_has(const struct strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], s))
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_text);
}

void strv_free(struct strv *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strv){ 0 };
}

bool str_same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

bool str_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

static size_t edit_distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n >= 64 || strlen(a) >= 64)
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t up = row[j], best = diagonal + (tolower((unsigned char)a[i - 1]) !=
							       tolower((unsigned char)b[j - 1]));

			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = up;
		}
	}
	return row[n];
}

const char *did_you_mean(const char *word, const char *const *names, size_t n)
{
	size_t best = strlen(word) / 3 < 2 ? 2 : strlen(word) / 3;
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t d = edit_distance(word, names[i]);

		if (d <= best && d < strlen(names[i])) {
			found = names[i];
			best = d ? d - 1 : 0;
			if (!d)
				break;
		}
	}
	return found;
}

const char *did_you_mean_text(char *buf, size_t size, const char *word, const char *const *names, size_t n)
{
	const char *near = did_you_mean(word, names, n);

	snprintf(buf, size, near ? " (did you mean '%s'?)" : "%s", near ? near : "");
	return buf;
}

bool name_ok(const char *name)
{
	if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name))
		return false;
	return strlen(name) <= 63 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(name);
}

bool path_leads_up(const char *path)
{
	for (const char *p = path; *p; p += strcspn(p, "/"), p += strspn(p, "/"))
		if (strcspn(p, "/") == 2 && str_starts(p, ".."))
			return true;
	return false;
}

int each_line(const char *text, int (*fn)(char *line, int number, void *arg), void *arg)
{
	int number = 0, rc = 0;

	while (rc == 0 && *text) {
		size_t n = strcspn(text, "\n");
		auto_free char *line = xstrndup(text, n);

		rc = fn(line, ++number, arg);
		text += n + (text[n] == '\n');
	}
	return rc;
}

char *shell_quote(const char *arg)
{
	struct text t = { 0 };

	if (*arg && !arg[strspn(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%^")])
		return xstrdup(arg);
	text_puts(&t, "'");
	for (; *arg; arg++)
		text_add(&t, *arg == '\'' ? "'\\''" : arg, *arg == '\'' ? 4 : 1);
	text_puts(&t, "'");
	return t.s;
}
