#include "kconfig-cure.h"

#include <stdint.h>
#include <string.h>

#include "kconfig-expr.h"
#include "kconfig-tree.h"

/* A search from the option down to what it stands on. Kconfig files have cycles and options that hundreds select: it ends
 * with its budget of looks. */
struct search {
	const struct kconfig *k;
	const struct config *c;
	struct strv *adds;
	int budget, depth;
};

#define BUDGET	  5000
#define MAX_DEPTH 40
#define MAX_ADDS  8 /* a longer list is no advice */

static bool meet(struct search *f, const char *expr, int level);

static void cut_back(struct strv *l, size_t n)
{
	while (l->n > n) {
		free(l->v[--l->n]);
		l->v[l->n] = NULL;
	}
}

static bool meet_all(struct search *f, const struct strv *exprs, int level)
{
	size_t before = f->adds->n;

	for (size_t i = 0; i < exprs->n; i++)
		if (!meet(f, exprs->v[i], level)) {
			cut_back(f->adds, before);
			return false;
		}
	return true;
}

/* Of several ways the one that asks for least. */
static bool meet_any(struct search *f, const struct strv *ways, int level,
		     bool (*try)(struct search *, const char *, int))
{
	size_t before = f->adds->n, least = SIZE_MAX, best = 0;

	for (size_t i = 0; i < ways->n; i++) {
		if (try(f, ways->v[i], level) && f->adds->n < least) {
			least = f->adds->n;
			best = i;
		}
		cut_back(f->adds, before);
	}
	return least != SIZE_MAX && try(f, ways->v[best], level);
}

/* By what the symbol's own prompt depends on. */
static bool by_prompt(struct search *f, const struct symbol *s, int level)
{
	for (size_t i = 0; i < s->n_blocks; i++)
		if (s->blocks[i].prompt && meet_all(f, &s->blocks[i].depends, level))
			return true;
	return false;
}

static bool want(struct search *f, const char *name, int level)
{
	auto_free char *line = strf("CONFIG_%s=y", name);
	const struct symbol *s = kconfig_find(f->k, name);

	if (strv_has(f->adds, line) || kconfig_eval(name, f->c) >= level)
		return true;
	if (!s || !by_prompt(f, s, level))
		return false;
	strv_add(f->adds, line);
	return true;
}

/* By another symbol, "X" or "X if EXPR", that has a prompt and selects it. */
static bool by_selection(struct search *f, const char *by, int level)
{
	auto_free char *name = xstrndup(by, strcspn(by, " "));
	const char *cond = strstr(by, " if ");
	size_t before = f->adds->n;

	if ((!cond || meet(f, cond + 4, 1)) && want(f, name, level))
		return true;
	cut_back(f->adds, before);
	return false;
}

static bool be_selected(struct search *f, const struct symbol *s, int level)
{
	for (size_t i = 0; i < s->n_blocks; i++)
		if (meet_all(f, &s->blocks[i].depends, level))
			return meet_any(f, &s->selected_by, level, by_selection);
	return false;
}

static bool want_or_select(struct search *f, const char *name, int level)
{
	const struct symbol *s = kconfig_find(f->k, name);

	return want(f, name, level) || (s && be_selected(f, s, level));
}

/* "!X": off, if nothing holds it on and it was not wanted on. */
static bool want_off(struct search *f, const char *name)
{
	auto_free char *on = strf("CONFIG_%s=y", name), *off = strf("CONFIG_%s=n", name);
	const struct symbol *s = kconfig_find(f->k, name);
	bool prompt = false;

	if (!s || strv_has(f->adds, on))
		return false;
	for (size_t i = 0; i < s->n_blocks; i++)
		prompt |= s->blocks[i].prompt;
	for (size_t i = 0; i < s->selected_by.n; i++) {
		auto_free char *by = xstrndup(s->selected_by.v[i], strcspn(s->selected_by.v[i], " "));

		prompt &= !kconfig_eval(by, f->c);
	}
	if (prompt && !strv_has(f->adds, off))
		strv_add(f->adds, off);
	return prompt;
}

static bool is_symbol(const char *s)
{
	return *s && !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")];
}

/* What kconfig_eval() finds too little of. */
static bool meet_unmet(struct search *f, const char *expr, int level)
{
	auto_strv ways = { 0 }, parts = { 0 };

	kexpr_alternatives(expr, &ways);
	if (ways.n > 1)
		return meet_any(f, &ways, level, meet);
	kexpr_conjuncts(expr, &parts);
	if (parts.n != 1)
		return parts.n && meet_all(f, &parts, level);
	if (*parts.v[0] == '(') {
		auto_free char *inner = xstrdup(parts.v[0] + 1);

		inner[*inner ? strlen(inner) - 1 : 0] = '\0';

		return meet(f, inner, level);
	}
	if (*parts.v[0] == '!' && is_symbol(parts.v[0] + 1))
		return want_off(f, parts.v[0] + 1);
	return is_symbol(parts.v[0]) && want_or_select(f, parts.v[0], level);
}

static bool meet(struct search *f, const char *expr, int level)
{
	bool found;

	if (kconfig_eval(expr, f->c) >= level)
		return true;
	if (--f->budget < 0 || f->depth > MAX_DEPTH || f->adds->n > MAX_ADDS)
		return false;
	f->depth++;
	found = meet_unmet(f, expr, level);
	f->depth--;
	return found;
}

char *kconfig_cure(const struct kconfig *k, const struct config *c, const char *name, int level)
{
	auto_strv adds = { 0 };
	struct search f = { .k = k, .c = c, .adds = &adds, .budget = BUDGET };
	const struct symbol *s = kconfig_find(k, name);
	struct text t = { 0 };

	if (!s || !(by_prompt(&f, s, level) || be_selected(&f, s, level)) || adds.n > MAX_ADDS)
		return NULL;
	for (size_t i = 0; i < adds.n; i++)
		text_addf(&t, "%s%s", i ? ", " : "", adds.v[i]);
	return t.s;
}
