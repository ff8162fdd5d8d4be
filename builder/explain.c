#include "explain.h"

#include <string.h>

#define SHORT 12 /* digits of a digest that are shown */

static size_t name_length(const char *input)
{
	return strcspn(input, "=");
}

static const char *value_of(const char *input)
{
	size_t n = name_length(input);

	return input[n] ? input + n + 1 : input + n;
}

static bool same_name(const char *a, const char *b)
{
	size_t n = name_length(a);

	return n == name_length(b) && !strncmp(a, b, n);
}

/* The only input of that name in the list; NULL: there are none or several. */
static const char *only(const struct strv *list, const char *named)
{
	const char *found = NULL;

	for (size_t i = 0; i < list->n; i++) {
		if (!same_name(list->v[i], named))
			continue;
		if (found)
			return NULL;
		found = list->v[i];
	}
	return found;
}

static void add_shortened(struct text *t, const char *value)
{
	while (*value) {
		size_t hex = strspn(value, "0123456789abcdef"), other;

		if (hex >= 32) {
			text_add(t, value, SHORT);
			text_puts(t, "...");
			value += hex;
			continue;
		}
		other = hex + strcspn(value + hex, "0123456789abcdef");
		text_add(t, value, other);
		value += other;
	}
}

static bool has_part(const char *list, const char *part, size_t n, const char *separators)
{
	for (const char *p = list; *p; p += strcspn(p, separators), p += strspn(p, separators))
		if (strcspn(p, separators) == n && !strncmp(p, part, n))
			return true;
	return false;
}

/* The parts of a that b has not: " WORD part, part". */
static void add_parts(struct text *t, const char *word, const char *a, const char *b, const char *separators)
{
	size_t before = t->n;

	for (const char *p = a; *p; p += strcspn(p, separators), p += strspn(p, separators)) {
		size_t n = strcspn(p, separators);

		if (n && !has_part(b, p, n, separators))
			text_addf(t, "%s%.*s", t->n == before ? word : ", ", (int)n, p);
	}
}

static bool is_list(const char *input)
{
	return str_starts(input, "packages=") || str_starts(input, "asked=");
}

static void changed(const char *was, const char *is, struct strv *out)
{
	const char *separators = str_starts(is, "asked=") ? "\n" : " ";
	auto_text t = { 0 };

	text_addf(&t, "%.*s:", (int)name_length(is), is);
	if (is_list(is)) {
		add_parts(&t, " with ", value_of(is), value_of(was), separators);
		add_parts(&t, t.s[t.n - 1] == ':' ? " without " : "; without ", value_of(was), value_of(is), separators);
	} else {
		text_puts(&t, " from ");
		add_shortened(&t, value_of(was));
		text_puts(&t, " to ");
		add_shortened(&t, value_of(is));
	}
	strv_add(out, t.s);
}

static void one_side(const char *input, const char *word, struct strv *out)
{
	auto_text t = { 0 };

	text_addf(&t, "%.*s: %s ", (int)name_length(input), input, word);
	add_shortened(&t, value_of(input));
	strv_add(out, t.s);
}

void explain_inputs(const struct strv *was, const struct strv *is, struct strv *out)
{
	for (size_t i = 0; i < is->n; i++) {
		const char *old = only(was, is->v[i]);

		if (strv_has(was, is->v[i]))
			continue;
		if (old && only(is, is->v[i]))
			changed(old, is->v[i], out);
		else
			one_side(is->v[i], "new:", out);
	}
	for (size_t i = 0; i < was->n; i++)
		if (!strv_has(is, was->v[i]) && !(only(is, was->v[i]) && only(was, was->v[i])))
			one_side(was->v[i], "no longer", out);
}
