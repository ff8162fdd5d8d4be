#include "kconfig-expr.h"

#include <ctype.h>
#include <string.h>

#include "kconfig.h"

/* Recursive descent over the text: or := and ("||" and)*, and := not ("&&" not)*, not := "!" not | "(" or ")" |
 * atom [("=" | "!=" | "<" ...) atom]. Values: 0 n, 1 m, 2 y. */
struct expr {
	const char *p;
	const struct config *c;
	int depth;
};

#define MAX_DEPTH 100

static void blanks(struct expr *x)
{
	x->p += strspn(x->p, " \t");
}

static bool take(struct expr *x, const char *op)
{
	blanks(x);
	if (!str_starts(x->p, op))
		return false;
	x->p += strlen(op);
	return true;
}

static size_t word_length(const char *p)
{
	return strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
}

/* $(cc-option,...) and its like ask the tool chain; they are taken as met. */
static void skip_macro(struct expr *x)
{
	int depth = 0;

	for (; *x->p; x->p++) {
		depth += *x->p == '(';
		if (*x->p == ')' && --depth == 0) {
			x->p++;
			return;
		}
	}
}

static bool is_tristate(const char *s)
{
	return (*s == 'y' || *s == 'm' || *s == 'n') && !s[1];
}

/* y, m, n or a number; a symbol may begin with a digit too: 64BIT. */
static bool is_constant(const char *s)
{
	char *end;

	strtol(s, &end, 0);
	return is_tristate(s) || !*end;
}

/* The next symbol's or constant's text, the caller's to free. */
static char *atom(struct expr *x)
{
	size_t n;
	char *word;

	blanks(x);
	if (*x->p == '$') {
		skip_macro(x);
		return xstrdup("y");
	}
	if (*x->p == '"') {
		n = strcspn(x->p + 1, "\"");
		word = xstrndup(x->p + 1, n);
		x->p += n + 1 + (x->p[n + 1] == '"');
		return word;
	}
	n = word_length(x->p);
	word = xstrndup(x->p, n);
	x->p += n ? n : *x->p != '\0'; /* go on, whatever it is */
	if (is_constant(word))
		return word;
	{
		char *value = xstrdup(config_get(x->c, word));

		free(word);
		return value;
	}
}

static int tristate(const char *value)
{
	return !strcmp(value, "y") ? 2 : !strcmp(value, "m") ? 1 : 0;
}

static int compare(const char *op, const char *a, const char *b)
{
	long x = strtol(a, NULL, 0), y = strtol(b, NULL, 0);
	bool r;

	if (!strcmp(op, "="))
		r = !strcmp(a, b) || (*a == '"' && !strncmp(a + 1, b, strlen(b)) && !strcmp(a + 1 + strlen(b), "\""));
	else if (!strcmp(op, "!="))
		r = strcmp(a, b) != 0;
	else if (!strcmp(op, "<="))
		r = x <= y;
	else if (!strcmp(op, ">="))
		r = x >= y;
	else
		r = *op == '<' ? x < y : x > y;
	return r ? 2 : 0;
}

static int eval_or(struct expr *x);

static int eval_not(struct expr *x)
{
	static const char *const ops[] = { "!=", "<=", ">=", "=", "<", ">" };
	auto_free char *left = NULL;
	int v;

	if (++x->depth > MAX_DEPTH)
		return 2;
	blanks(x);
	if (*x->p == '!' && x->p[1] != '=') {
		x->p++;
		v = 2 - eval_not(x);
		x->depth--;
		return v;
	}
	if (take(x, "(")) {
		v = eval_or(x);
		take(x, ")");
		x->depth--;
		return v;
	}
	x->depth--;
	left = atom(x);
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (take(x, ops[i])) {
			auto_free char *right = atom(x);

			return compare(ops[i], left, right);
		}
	return tristate(left);
}

static int eval_and(struct expr *x)
{
	int v = eval_not(x);

	while (take(x, "&&")) {
		int w = eval_not(x);

		v = w < v ? w : v;
	}
	return v;
}

static int eval_or(struct expr *x)
{
	int v = eval_and(x);

	while (take(x, "||")) {
		int w = eval_and(x);

		v = w > v ? w : v;
	}
	return v;
}

int kconfig_eval(const char *expr, const struct config *c)
{
	return eval_or(&(struct expr){ .p = expr, .c = c });
}

static void add_part(struct strv *out, const char *from, const char *to)
{
	while (from < to && isspace((unsigned char)*from))
		from++;
	while (to > from && isspace((unsigned char)to[-1]))
		to--;
	if (to > from)
		strv_take(out, xstrndup(from, (size_t)(to - from)));
}

/* Is there an "||" outside of parentheses? Then the whole is one part. */
static bool has_outer_or(const char *expr)
{
	int depth = 0;

	for (const char *p = expr; *p; p++) {
		depth += (*p == '(') - (*p == ')');
		if (!depth && str_starts(p, "||"))
			return true;
	}
	return false;
}

/* Splits at an operator of two characters, where it is outside of parentheses. */
static void split(const char *expr, const char *op, struct strv *out)
{
	const char *from = expr, *p;
	int depth = 0;

	for (p = expr; *p; p++) {
		depth += (*p == '(') - (*p == ')');
		if (!depth && str_starts(p, op)) {
			add_part(out, from, p);
			from = p + 2;
		}
	}
	add_part(out, from, p);
}

void kexpr_conjuncts(const char *expr, struct strv *out)
{
	if (has_outer_or(expr))
		strv_add(out, expr);
	else
		split(expr, "&&", out);
}

void kexpr_alternatives(const char *expr, struct strv *out)
{
	split(expr, "||", out);
}

char *kexpr_values(const char *expr, const struct config *c)
{
	struct text t = { 0 };
	auto_strv seen = { 0 };

	for (const char *p = expr; *p;) {
		size_t n = word_length(p);
		auto_free char *word = xstrndup(p, n ? n : 1);

		p += n ? n : 1;
		if (!n || is_constant(word) || islower((unsigned char)*word) || strv_has(&seen, word))
			continue;
		text_addf(&t, "%s%s=%s", t.n ? ", " : "", word, config_get(c, word));
		strv_add(&seen, word);
	}
	return t.s ? t.s : xstrdup("never met");
}
