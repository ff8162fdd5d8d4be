#include "report-sentences.h"

#include <stdlib.h>
#include <string.h>

#include "units.h"

#define PAGE 4096.0
#define HIGH_SHARE 0.1    /* of page migrations that fail                                             */
#define FEW_PAGES 100     /* fewer are no matter: the kernel moves some for reasons of its own        */
#define MUCH_ABOVE 1.5    /* candidates over promotions: some are always on the way at the end        */
#define GAP 2.5           /* intervals between two samples                                            */

static double mean(const struct group *g, enum metric m)
{
	return g->m[m].mean;
}

static bool is_zero(const struct group *g, enum metric m)
{
	return g->m[m].n && g->m[m].max == 0 && g->m[m].min == 0;
}

static bool has_scheme(const struct group *g, const char *scheme)
{
	return g->key->scheme && strstr(g->key->scheme, scheme);
}

static bool by_damon(const struct group *g)
{
	return has_scheme(g, "damon") || has_scheme(g, "hmsdk");
}

/* The mean of a counter's growth. */
static double grew(const struct group *g, const char *counter)
{
	double sum = 0;

	for (size_t i = 0; i < g->n; i++)
		sum += result_delta(g->runs[i], counter);
	return g->n ? sum / (double)g->n : NAN;
}

/* The knob's value while it ran, if it was the same in all of the group's runs; else NULL. */
static const char *knob(const struct group *g, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < g->n; i++) {
		const struct result_knob *k = result_knob(g->runs[i], name);

		if (!k || !k->during || (value && strcmp(value, k->during)))
			return NULL;
		value = k->during;
	}
	return value;
}

static bool is_off(const char *value)
{
	return value && (!strcmp(value, "0") || !strcmp(value, "false") || !strcmp(value, "N"));
}

/* "65,536 pages (256.0 MiB)" */
static char *pages(double n)
{
	char size[SIZE_TEXT];

	return strf("%.0f page%s (%s)", n, n == 1 ? "" : "s", size_human((uint64_t)(n * PAGE), size));
}

/* A figure that is a mean says so. */
static const char *of_runs(const struct group *g, char buf[40])
{
	snprintf(buf, 40, g->n > 1 ? " in the mean of %zu runs" : "", g->n);
	return buf;
}

/* ---- why a zero is right ---- */

static char *one_tier(const struct group *g)
{
	size_t nodes, tiers = g->n ? tiers_of(g->runs[0], &nodes) : 0;

	if (tiers != 1 || nodes < 2)
		return NULL;
	return strf("No page could be promoted or demoted by the kernel: %s nodes are in one tier (memory_tier%.0f).",
		    nodes == 2 ? "both" : "all", g->runs[0]->nodes[0].tier);
}

static char *balancing_off(const struct group *g)
{
	const char *value = knob(g, "numa_balancing");

	if (!is_off(value) || !is_zero(g, M_PROMOTED))
		return NULL;
	return xstrdup("The kernel promoted nothing, and was not asked to: numa_balancing was 0.");
}

static char *balancing_plain(const struct group *g)
{
	const char *value = knob(g, "numa_balancing");

	if (!value || strcmp(value, "1") || !is_zero(g, M_PROMOTED))
		return NULL;
	return xstrdup("The kernel promoted nothing: numa_balancing was 1, which looks for the node nearest to the processor; promotion from "
		       "a slower tier is 2.");
}

static char *not_counted(const struct group *g)
{
	if (!g->n || g->m[M_PROMOTED].n || !g->runs[0]->end.n)
		return NULL;
	return xstrdup("This kernel does not count pgpromote_success: it was built without NUMA balancing or memory tiers, and promotes nothing.");
}

static char *bound(const struct group *g)
{
	if (!g->key->ratio || !str_starts(g->key->ratio, "membind:"))
		return NULL;
	return strf("The workload was bound to node %s (membind): bound memory is left where it is, so that nothing of it is promoted or demoted.",
		    g->key->ratio + strlen("membind:"));
}

static bool any_slow(const struct result *r, const struct node_pages *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].pages > 0 && node_is_slow(r, (double)p->v[i].node))
			return true;
	return false;
}

/* Looked at the beginning, at the end and in all intervals. */
static bool never_slow(const struct result *r)
{
	bool slow = any_slow(r, &r->pages_begin) || any_slow(r, &r->pages_end);

	for (size_t i = 0; i < r->n_intervals; i++)
		slow = slow || any_slow(r, &r->intervals[i].pages);
	return r->pages_begin.n && r->pages_end.n && !slow;
}

static char *nothing_slow(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (!never_slow(g->runs[i]))
			return NULL;
	if (!g->n || g->runs[0]->n_nodes < 2)
		return NULL;
	return xstrdup("There was nothing to promote: none of the workload's pages was on a slow node at any time.");
}

static char *no_hint_faults(const struct group *g)
{
	const char *value = knob(g, "numa_balancing");

	if (!has_scheme(g, "autonuma") || is_off(value) || !is_zero(g, M_PROMOTED) || grew(g, "numa_hint_faults") != 0)
		return NULL;
	if (grew(g, "numa_pte_updates") > 0)
		return xstrdup("NUMA balancing marked pages, and none of them was touched again in the run (numa_hint_faults 0), so that it promoted "
			       "nothing.");
	return xstrdup("NUMA balancing did not look at any page in the run (numa_pte_updates 0): the run is shorter than its scan delay and period, "
		       "or the memory is bound.");
}

static char *demotion_off(const struct group *g)
{
	if (!is_off(knob(g, "demotion_enabled")) || !is_zero(g, M_DEMOTED))
		return NULL;
	return xstrdup("The kernel demoted nothing, and was not asked to: demotion_enabled was off.");
}

static char *no_pressure(const struct group *g)
{
	if (!is_zero(g, M_DEMOTED) || is_off(knob(g, "demotion_enabled")) || grew(g, "pgscan_kswapd") != 0 || grew(g, "pgscan_direct") != 0)
		return NULL;
	return xstrdup("Nothing was demoted by the kernel: no node ran short of memory, so that nothing was reclaimed (pgscan_* 0).");
}

/* ---- what was moved ---- */

static char *kernel_moved(const struct group *g)
{
	double up = mean(g, M_PROMOTED), down = mean(g, M_DEMOTED);
	auto_free char *up_words = pages(up), *down_words = pages(down);
	char runs[40];

	if (!(up > 0) && !(down > 0))
		return NULL;
	if (!(down > 0) || !(up > 0))
		return strf("The kernel %s %s%s.", up > 0 ? "promoted" : "demoted", up > 0 ? up_words : down_words, of_runs(g, runs));
	return strf("The kernel promoted %s and demoted %s%s.", up_words, down_words, of_runs(g, runs));
}

static char *damon_moved(const struct group *g)
{
	double up = mean(g, M_DAMON_UP), down = mean(g, M_DAMON_DOWN);
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
	if (is_zero(g, M_PROMOTED) && !has_scheme(g, "autonuma"))
		text_puts(&t, " pgpromote_success is rightly 0: it counts what NUMA balancing promotes, and nothing that DAMON moves.");
	return steal(t.s);
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

static char *damon_idle(const struct group *g)
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

static char *damon_absent(const struct group *g)
{
	if (!by_damon(g) || !g->n || has_damon(g))
		return NULL;
	return xstrdup("The scheme is one of DAMON's, and the result has no figures of any: what DAMON did is not known.");
}

static char *damon_quota(const struct group *g)
{
	struct damon_sum s = damon_sum(g);

	if (!(s.exceeds > 0))
		return NULL;
	return strf("DAMON's quota held back work %.0f time%s%s: it would have moved more, or sooner.", s.exceeds / (double)g->n,
		    s.exceeds / (double)g->n == 1 ? "" : "s", g->n > 1 ? " a run" : "");
}

static char *rate_limit(const struct group *g)
{
	double candidates = mean(g, M_CANDIDATES), promoted = mean(g, M_PROMOTED);

	if (!(candidates > FEW_PAGES) || !(candidates > MUCH_ABOVE * promoted))
		return NULL;
	return strf("Of %.0f pages that were hot enough (pgpromote_candidate) %.0f were promoted: numa_balancing_promote_rate_limit_MBps, or the "
		    "room on the fast node, held back the rest.", candidates, promoted);
}

static char *free_room(const struct group *g)
{
	double candidates = mean(g, M_CANDIDATES), promoted = mean(g, M_PROMOTED);

	if (!(promoted > FEW_PAGES) || !(promoted > candidates))
		return NULL;
	return strf("More pages were promoted than were candidates (%.0f and %.0f), and rightly so: while the fast node has room, pages are "
		    "promoted without being counted as candidates.", promoted, candidates);
}

/* ---- what is not as it should be ---- */

static char *many_failed(const struct group *g)
{
	double failed = mean(g, M_FAILED), all = failed + mean(g, M_MIGRATED);

	if (!(failed >= FEW_PAGES) || !(failed > HIGH_SHARE * all))
		return NULL;
	return strf("%.0f %% of all page migrations failed (pgmigrate_fail %.0f): pages were pinned or in use, or the target node was full.",
		    100 * failed / all, failed);
}

static char *contradiction(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct result *r = g->runs[i];
		double migrated = metrics[M_MIGRATED].of(r), up = metrics[M_PROMOTED].of(r), down = metrics[M_DEMOTED].of(r);

		up = isnan(up) ? 0 : up;
		down = isnan(down) ? 0 : down;
		if (migrated < up + down)
			return strf("The counters contradict each other: %.0f pages were promoted and %.0f demoted, which pgmigrate_success has as %.0f "
				    "only. Do not trust them.", up, down, migrated);
	}
	return NULL;
}

static char *gaps(const struct group *g)
{
	double longest = 0, interval = 0;
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		for (size_t j = 1; j < g->runs[i]->n_samples; j++) {
			double gap = g->runs[i]->samples[j].at - g->runs[i]->samples[j - 1].at;

			if (!(g->runs[i]->interval_secs > 0) || !(gap > GAP * g->runs[i]->interval_secs))
				continue;
			n++;
			longest = fmax(longest, gap);
			interval = g->runs[i]->interval_secs;
		}
	if (!n)
		return NULL;
	return strf("The samples have %zu gap%s, the longest of %.1f s where one was due every %.1f s: the guest had no processor for the sampler.", n,
		    n == 1 ? "" : "s", longest, interval);
}

static char *no_warm_up(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		bool whole;

		result_rate(g->runs[i], &whole);
		if (whole)
			return strf("Nothing is left of the run without its warm-up of %.1f s: the rate is that of the whole run.",
				    g->runs[i]->warm_up_secs);
	}
	return NULL;
}

static char *knob_refused(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t j = 0; j < g->runs[i]->n_knobs; j++) {
			const struct result_knob *k = &g->runs[i]->knobs[j];

			if (k->name && k->asked && k->during && strcmp(k->asked, k->during))
				return strf("%s was to be %s and was %s while it ran.", k->name, k->asked, k->during);
		}
	return NULL;
}

static char *knob_left(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t j = 0; j < g->runs[i]->n_knobs; j++) {
			const struct result_knob *k = &g->runs[i]->knobs[j];

			if (k->name && k->before && k->after && strcmp(k->before, k->after))
				return strf("%s was %s before the run and is %s after it: later runs may have had it so.", k->name, k->before, k->after);
		}
	return NULL;
}

static char *some_failed(const struct group *g)
{
	if (!g->bad)
		return NULL;
	return strf("%zu of %zu runs %s not done and not in the figures.", g->bad, g->bad + g->n, g->bad == 1 ? "is" : "are");
}

static const struct rule {
	const char *name;
	bool warning;
	char *(*say)(const struct group *g); /* NULL: does not hold */
} rules[] = {
	{ "one-tier", false, one_tier },
	{ "balancing-off", false, balancing_off },
	{ "balancing-plain", false, balancing_plain },
	{ "not-counted", false, not_counted },
	{ "bound", false, bound },
	{ "nothing-slow", false, nothing_slow },
	{ "no-hint-faults", false, no_hint_faults },
	{ "kernel-moved", false, kernel_moved },
	{ "free-room", false, free_room },
	{ "rate-limit", false, rate_limit },
	{ "demotion-off", false, demotion_off },
	{ "no-pressure", false, no_pressure },
	{ "damon-moved", false, damon_moved },
	{ "damon-idle", false, damon_idle },
	{ "damon-quota", false, damon_quota },
	{ "damon-absent", true, damon_absent },
	{ "many-failed", true, many_failed },
	{ "contradiction", true, contradiction },
	{ "gaps", true, gaps },
	{ "no-warm-up", true, no_warm_up },
	{ "knob-refused", true, knob_refused },
	{ "knob-left", true, knob_left },
	{ "some-failed", true, some_failed },
};
#define RULES (sizeof(rules) / sizeof(*rules))

char *sentence_of(const char *rule, const struct group *g)
{
	for (size_t i = 0; i < RULES; i++)
		if (!strcmp(rules[i].name, rule))
			return rules[i].say(g);
	return NULL;
}

static void add(struct sentences *s, const struct rule *rule, char *text, const char *label)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].text, text)) {
			strv_add(&s->v[i].labels, label);
			free(text);
			return;
		}
	s->v = xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	s->v[s->n] = (struct sentence){ .rule = rule->name, .text = text, .warning = rule->warning };
	strv_add(&s->v[s->n++].labels, label);
}

void sentences_make(struct sentences *s, const struct report *p)
{
	*s = (struct sentences){ 0 };
	for (size_t i = 0; i < RULES; i++)
		for (size_t j = 0; j < p->n_groups; j++) {
			char *text = rules[i].say(&p->groups[j]);

			if (text)
				add(s, &rules[i], text, p->groups[j].label);
		}
}

void sentences_free(struct sentences *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].text);
		strv_free(&s->v[i].labels);
	}
	free(s->v);
	*s = (struct sentences){ 0 };
}
