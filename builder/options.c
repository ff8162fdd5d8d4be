#include "options.h"

#include <ctype.h>
#include <string.h>

static char *trim(char *s)
{
	size_t n;

	while (isspace((unsigned char)*s))
		s++;
	for (n = strlen(s); n > 0 && isspace((unsigned char)s[n - 1]);)
		s[--n] = '\0';
	return s;
}

static size_t symbol_length(const char *s)
{
	return strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}

/* Length of a text in quotes, with them; a backslash takes the next character as it is. */
static size_t text_length(const char *v)
{
	size_t n = 1;

	while (v[n] && v[n] != '"')
		n += v[n] == '\\' && v[n + 1] ? 2 : 1;
	return n + (v[n] == '"');
}

static bool value_ok(const char *v)
{
	size_t n = strlen(v);

	if (*v == '"')
		return n >= 2 && v[n - 1] == '"' && text_length(v) == n;
	if (!strcmp(v, "y") || !strcmp(v, "m") || !strcmp(v, "n"))
		return true;
	if (str_starts(v, "0x"))
		return n > 2 && strspn(v + 2, "0123456789abcdefABCDEF") == n - 2;
	v += *v == '-';
	return *v && strspn(v, "0123456789") == strlen(v);
}

/* The bar that ends this spelling, NULL: it is the last. A bar in a text ends none. */
static char *next_bar(char *s)
{
	bool quoted = false;

	for (; *s; s++) {
		if (*s == '\\' && s[1])
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (*s == '|' && !quoted)
			return s;
	}
	return NULL;
}

/* One spelling: "CONFIG_X=y". */
static int parse_option(char *s, struct option *o)
{
	size_t n;
	char *value;

	s = trim(s);
	if (!str_starts(s, "CONFIG_"))
		return -1;
	s += strlen("CONFIG_");
	n = symbol_length(s);
	if (!n || s[n] != '=')
		return -1;
	value = trim(s + n + 1);
	if (!value_ok(value))
		return -1;
	*o = (struct option){ xstrndup(s, n), xstrdup(value) };
	return 0;
}

static void ask_free(struct ask *k)
{
	for (size_t i = 0; i < k->n_alts; i++) {
		free(k->alts[i].name);
		free(k->alts[i].value);
	}
	free(k->alts);
	free(k->from);
}

static void add_ask(struct asks *a, struct ask *k)
{
	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].n_alts == 1 && k->n_alts == 1 && !strcmp(a->v[i].alts->name, k->alts->name)) {
			ask_free(&a->v[i]);
			a->v[i] = *k;
			return;
		}
	}
	a->v = xrealloc(a->v, (a->n + 1) * sizeof(*a->v));
	a->v[a->n++] = *k;
}

/* "# CONFIG_X is not set": returns the symbol's name, the caller's to free, or NULL for another comment. */
static char *not_set(const char *s)
{
	size_t n;

	if (!str_starts(s, "# CONFIG_"))
		return NULL;
	s += strlen("# CONFIG_");
	n = symbol_length(s);
	return n && str_starts(s + n, " is not set") ? xstrndup(s, n) : NULL;
}

int asks_add_line(struct asks *a, const char *from, int line, const char *text, struct err *e)
{
	auto_free char *copy = xstrdup(text);
	struct ask k = { .line = line };
	char *s = trim(copy), *off = not_set(s);

	if (off) {
		k.alts = xcalloc(1, sizeof(*k.alts));
		k.alts[k.n_alts++] = (struct option){ off, xstrdup("n") };
	} else if (!*s || *s == '#') {
		return 0;
	}
	for (char *part = k.n_alts ? NULL : s, *bar; part; part = bar ? bar + 1 : NULL) {
		bar = next_bar(part);
		if (bar)
			*bar = '\0';
		k.alts = xrealloc(k.alts, (k.n_alts + 1) * sizeof(*k.alts));
		if (parse_option(part, &k.alts[k.n_alts]) < 0) {
			ask_free(&k);
			return err_set(e, "%s:%d: '%s' is no kernel option: write CONFIG_NAME=y (or m, n, a number, "
				       "\"text\"), or several spellings with ' | ' between them", from, line, trim(part));
		}
		k.n_alts++;
	}
	k.from = xstrdup(from);
	add_ask(a, &k);
	return 0;
}

struct reader {
	struct asks *a;
	const char *from;
	struct err *e;
};

static int read_line(char *line, int number, void *arg)
{
	struct reader *r = arg;

	return asks_add_line(r->a, r->from, number, line, r->e);
}

int asks_add_text(struct asks *a, const char *from, const char *text, struct err *e)
{
	return each_line(text, read_line, &(struct reader){ a, from, e });
}

void asks_free(struct asks *a)
{
	for (size_t i = 0; i < a->n; i++)
		ask_free(&a->v[i]);
	free(a->v);
	*a = (struct asks){ 0 };
}

void asks_write(const struct asks *a, struct text *out)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < a->v[i].n_alts; j++) {
			const struct option *o = &a->v[i].alts[j];

			if (!strcmp(o->value, "n"))
				text_addf(out, "# CONFIG_%s is not set\n", o->name);
			else
				text_addf(out, "CONFIG_%s=%s\n", o->name, o->value);
		}
}

char *ask_text(const struct ask *k)
{
	struct text t = { 0 };

	for (size_t i = 0; i < k->n_alts; i++)
		text_addf(&t, "%sCONFIG_%s=%s", i ? " | " : "", k->alts[i].name, k->alts[i].value);
	return t.s;
}

static int config_line(char *line, int number, void *arg)
{
	struct config *c = arg;
	struct option o;

	(void)number;
	if (parse_option(line, &o) == 0) {
		c->v = xrealloc(c->v, (c->n + 1) * sizeof(*c->v));
		c->v[c->n++] = o;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct option *)a)->name, ((const struct option *)b)->name);
}

void config_parse(struct config *c, const char *text)
{
	each_line(text, config_line, c);
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), by_name);
}

void config_free(struct config *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].value);
	}
	free(c->v);
	*c = (struct config){ 0 };
}

const char *config_get(const struct config *c, const char *name)
{
	struct option key = { .name = (char *)name };
	const struct option *o = c->n ? bsearch(&key, c->v, c->n, sizeof(*c->v), by_name) : NULL;

	return o ? o->value : "n";
}

size_t config_enabled(const struct config *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += !strcmp(c->v[i].value, "y") || !strcmp(c->v[i].value, "m");
	return n;
}

const struct option *ask_met(const struct ask *k, const struct config *c)
{
	for (size_t i = 0; i < k->n_alts; i++)
		if (!strcmp(config_get(c, k->alts[i].name), k->alts[i].value))
			return &k->alts[i];
	return NULL;
}
