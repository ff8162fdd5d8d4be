#include "checks.h"

#include <string.h>

#include "checks-parts.h"
#include "text.h"
#include "units.h"

void check_add(struct checks *c, char *name, char *expected, char *seen, bool ok)
{
	c->v = xrealloc(c->v, (c->n + 1) * sizeof(*c->v));
	c->v[c->n++] = (struct check){ name, expected, seen, ok };
}

void check_same(struct checks *c, char *name, char *expected, char *seen)
{
	check_add(c, name, expected, seen, !strcmp(expected, seen));
}

char *size_or_none(uint64_t bytes)
{
	char text[SIZE_TEXT];

	return bytes ? xstrdup(size_text(bytes, text)) : xstrdup("none");
}

static void check_setup(struct checks *c, const struct view *w)
{
	const char *status = view_status(w);

	check_same(c, xstrdup("guest set-up"), xstrdup("ok"), xstrdup(*status ? status : "no report"));
}

static bool option_live(const struct kernel_option *k, const char *config)
{
	for (size_t i = 0; i < k->spellings.n; i++) {
		bool off = str_ends(k->spellings.v[i], "=n");
		auto_free char *line = off ? strf("\nCONFIG_%.*s=", (int)strlen(k->spellings.v[i]) - 2, k->spellings.v[i]) :
						   strf("\nCONFIG_%s\n", k->spellings.v[i]);

		if (!strstr(config, line) == off)
			return true;
	}
	return false;
}

static void check_kernel(struct checks *c, const struct manifest *man, const struct view *w)
{
	auto_free char *config = strf("\n%s", w->config);
	struct text missing = { 0 };
	size_t live = 0;

	check_same(c, xstrdup("kernel"), xstrdup(man->release), xstrdup(view_get(w, "/proc/sys/kernel/osrelease")));
	if (!man->n_options)
		return;
	for (size_t i = 0; i < man->n_options; i++) {
		if (option_live(&man->options[i], config))
			live++;
		else if (missing.n < 160)
			text_addf(&missing, "%s%s", missing.n ? ", " : "", man->options[i].spellings.v[0]);
	}
	check_add(c, xstrdup("kernel options"), strf("%zu live", man->n_options),
	    missing.n ? strf("%zu live, not %s", live, missing.s) : strf("%zu live", live), live == man->n_options);
	text_free(&missing);
}

void checks_make(struct checks *c, const struct machine *m, const struct manifest *man, const struct seen *s)
{
	*c = (struct checks){ 0 };
	check_setup(c, s->view);
	check_kernel(c, man, s->view);
	checks_dram(c, m, s);
	checks_cxl(c, m, s);
}

void checks_free(struct checks *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].expected);
		free(c->v[i].seen);
	}
	free(c->v);
	*c = (struct checks){ 0 };
}

bool checks_ok(const struct checks *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!c->v[i].ok)
			return false;
	return c->n > 0;
}
