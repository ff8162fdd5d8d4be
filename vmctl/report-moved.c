/* Rules: what was moved, by whom, and what held back more. */
#include <string.h>

#include "report-rules.h"
#include "units.h"

#define MUCH_ABOVE 1.5 /* candidates over promotions: some are always on the way at the end */

/* "65,536 pages (256.0 MiB)" */
static char *pages(double n)
{
	char size[SIZE_TEXT];

	return strf("%.0f page%s (%s)", n, n == 1 ? "" : "s", size_human((uint64_t)(n * RULE_PAGE), size));
}

/* A figure that is a mean says so. */
static const char *of_runs(const struct group *g, char buf[40])
{
	snprintf(buf, 40, g->n > 1 ? " in the mean of %zu runs" : "", g->n);
	return buf;
}

static bool by_damon(const struct group *g)
{
	return has_scheme(g, "damon") || has_scheme(g, "hmsdk");
}

char *say_kernel_moved(const struct group *g)
{
	double up = mean_of(g, M_PROMOTED), down = mean_of(g, M_DEMOTED);
	auto_free char *up_words = pages(up), *down_words = pages(down);
	char runs[40];

	if (!(up > 0) && !(down > 0))
		return NULL;
	if (!(down > 0) || !(up > 0))
		return strf("The kernel %s %s%s.", up > 0 ? "promoted" : "demoted", up > 0 ? up_words : down_words, of_runs(g, runs));
	return strf("The kernel promoted %s and demoted %s%s.", up_words, down_words, of_runs(g, runs));
}

char *say_damon_moved(const struct group *g)
{
	double up = mean_of(g, M_DAMON_UP), down = mean_of(g, M_DAMON_DOWN);
	auto_text t = { 0 };
	char runs[40];

	if (!(up > 0) && !(down > 0))
		return NULL;
	text_puts(&t, "DAMON moved");
	if (up > 0) {
		auto_free char *words = pages(up);

		text_addf(&t, " %s to faster memory", words);
	}
	if (down > 0) {
		auto_free char *words = pages(down);

		text_addf(&t, "%s %s to slower", up > 0 ? " and" : "", words);
	}
	text_addf(&t, "%s, by its schemes' own count (sz_applied).", of_runs(g, runs));
	return steal(t.s);
}

char *say_damon_zero(const struct group *g)
{
	double moved = (g->m[M_DAMON_UP].n ? mean_of(g, M_DAMON_UP) : 0) + (g->m[M_DAMON_DOWN].n ? mean_of(g, M_DAMON_DOWN) : 0);

	if (!(moved > 0) || !is_zero(g, M_PROMOTED) || has_scheme(g, "autonuma"))
		return NULL;
	return xstrdup("pgpromote_success is rightly 0: it counts what NUMA balancing promotes, and nothing that DAMON moves.");
}

struct damon_sum {
	double tried, applied, exceeds;
};

static struct damon_sum damon_sum(const struct group *g)
{
	struct damon_sum s = { 0 };

	for (size_t i = 0; i < g->n; i++)
		for (size_t j = 0; j < g->runs[i]->n_damon; j++) {
			const struct result_damon *d = &g->runs[i]->damon[j];

			s.tried += isnan(d->sz_tried) ? 0 : d->sz_tried;
			s.applied += isnan(d->sz_applied) ? 0 : d->sz_applied;
			s.exceeds += isnan(d->qt_exceeds) ? 0 : d->qt_exceeds;
		}
	return s;
}

static bool has_damon(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (!g->runs[i]->n_damon)
			return false;
	return g->n > 0;
}

char *say_damon_idle(const struct group *g)
{
	struct damon_sum s = damon_sum(g);
	char size[SIZE_TEXT];

	if (!has_damon(g) || s.applied > 0)
		return NULL;
	if (!(s.tried > 0))
		return xstrdup("DAMON moved nothing: no region had the access pattern that its schemes look for (sz_tried 0).");
	return strf("DAMON moved nothing: it found %s that its schemes look for, and none of it could be moved (sz_applied 0).",
		    size_human((uint64_t)s.tried, size));
}

char *say_damon_absent(const struct group *g)
{
	if (!by_damon(g) || !g->n || has_damon(g))
		return NULL;
	return xstrdup("The scheme is one of DAMON's, and the result has no figures of any: what DAMON did is not known.");
}

char *say_damon_quota(const struct group *g)
{
	struct damon_sum s = damon_sum(g);

	if (!(s.exceeds > 0))
		return NULL;
	return strf("DAMON's quota held back work %.0f time%s%s: it would have moved more, or sooner.", s.exceeds / (double)g->n,
		    s.exceeds / (double)g->n == 1 ? "" : "s", g->n > 1 ? " a run" : "");
}

char *say_rate_limit(const struct group *g)
{
	double candidates = mean_of(g, M_CANDIDATES), promoted = mean_of(g, M_PROMOTED);

	if (!(candidates > FEW_PAGES) || !(candidates > MUCH_ABOVE * promoted))
		return NULL;
	return strf("Of %.0f pages that were hot enough (pgpromote_candidate) %.0f were promoted: numa_balancing_promote_rate_limit_MBps, or the "
		    "room on the fast node, held back the rest.", candidates, promoted);
}

char *say_free_room(const struct group *g)
{
	double candidates = mean_of(g, M_CANDIDATES), promoted = mean_of(g, M_PROMOTED);

	if (!(promoted > FEW_PAGES) || !(promoted > candidates))
		return NULL;
	return strf("More pages were promoted than were candidates (%.0f and %.0f), and rightly so: while the fast node has room, pages are "
		    "promoted without being counted as candidates.", promoted, candidates);
}
