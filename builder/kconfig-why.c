/* Why an option did not come out as asked, in words. */
#include <string.h>

#include "kconfig-cure.h"
#include "kconfig-expr.h"
#include "kconfig-tree.h"

static char *why_unknown(const struct kconfig *k, const char *name)
{
	const char **names = xcalloc(k->n, sizeof(*names));
	size_t n = 0;
	char hint[120];

	for (size_t i = 0; i < k->n; i++)
		if (k->symbols[i]->n_blocks)
			names[n++] = k->symbols[i]->name;
	did_you_mean_text(hint, sizeof(hint), name, names, n);
	free(names);
	return strf("this kernel has no such option%s", hint);
}

static char *why_forced(const struct symbol *s, const struct config *c)
{
	for (size_t i = 0; i < s->selected_by.n; i++) {
		const char *by = s->selected_by.v[i];
		auto_free char *name = xstrndup(by, strcspn(by, " "));
		const char *cond = strstr(by, " if ");

		if (kconfig_eval(name, c) && (!cond || kconfig_eval(cond + 4, c)))
			return strf("%s selects it", by);
	}
	return NULL;
}

static void why_no_prompt(const struct symbol *s, struct text *out)
{
	text_puts(out, "it can't be asked for: it has no prompt");
	for (size_t i = 0; i < s->selected_by.n && i < 4; i++)
		text_addf(out, "%s%s", i ? ", " : " and is selected by ", s->selected_by.v[i]);
}

/* The dependencies of one block that do not reach the level asked for (1 for m, 2 for y). */
static bool unmet(const struct block *b, const struct config *c, int level, struct text *out)
{
	auto_strv said = { 0 };

	for (size_t i = 0; i < b->depends.n; i++) {
		auto_strv parts = { 0 };

		kexpr_conjuncts(b->depends.v[i], &parts);
		for (size_t j = 0; j < parts.n; j++) {
			auto_free char *values = NULL;

			if (kconfig_eval(parts.v[j], c) >= level || strv_has(&said, parts.v[j]))
				continue;
			values = kexpr_values(parts.v[j], c);
			text_addf(out, "%sit depends on %s (%s)", said.n ? ", and " : "", parts.v[j], values);
			strv_add(&said, parts.v[j]);
		}
	}
	if (said.n)
		text_addf(out, " [%s:%d]", b->file, b->line);
	return said.n > 0;
}

/* What is asked for as a module is built in where there are no modules. */
static bool lacks_modules(const struct kconfig *k, const struct config *c, const struct option *asked)
{
	const struct symbol *modules = kconfig_find(k, "MODULES");

	return modules && modules->n_blocks && !strcmp(asked->value, "m") && !kconfig_eval("MODULES", c) &&
	       kconfig_eval(asked->name, c) == 2;
}

char *kconfig_why(const struct kconfig *k, const struct config *c, const struct option *asked)
{
	const struct symbol *s = kconfig_find(k, asked->name);
	int level = !strcmp(asked->value, "m") ? 1 : 2;
	struct text t = { 0 };
	auto_free char *cure = NULL;
	bool prompt = false;
	char *forced;

	if (!s || !s->n_blocks)
		return why_unknown(k, asked->name);
	if (!strcmp(asked->value, "n") || !strcmp(asked->value, "m")) {
		forced = why_forced(s, c);
		if (forced)
			return forced;
	}
	if (lacks_modules(k, c, asked))
		return xstrdup("there are no modules (MODULES=n), so it is built in; add CONFIG_MODULES=y");
	for (size_t i = 0; i < s->n_blocks; i++)
		prompt |= s->blocks[i].prompt;
	/* Where some have a prompt, only those count: elsewhere nobody can ask for it. */
	for (size_t i = 0; i < s->n_blocks; i++) {
		if (prompt && !s->blocks[i].prompt)
			continue;
		text_free(&t);
		if (!unmet(&s->blocks[i], c, level, &t) && prompt)
			break;
	}
	if (!t.s && !prompt)
		why_no_prompt(s, &t);
	else if (!t.s)
		text_addf(&t, "its dependencies are met, so another choice excludes it or the value is out of range [%s:%d]",
			  s->blocks[0].file, s->blocks[0].line);
	cure = strcmp(asked->value, "n") ? kconfig_cure(k, c, asked->name, level) : NULL;
	if (cure)
		text_addf(&t, "; add %s", cure);
	return t.s;
}
