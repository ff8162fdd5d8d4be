/* Rules: why a zero is right. */
#include <string.h>

#include "report-rules.h"

bool has_scheme(const struct group *g, const char *scheme)
{
	return g->key->scheme && strstr(g->key->scheme, scheme);
}

double grew(const struct group *g, const char *counter)
{
	double sum = 0;

	for (size_t i = 0; i < g->n; i++)
		sum += result_delta(g->runs[i], counter);
	return g->n ? sum / (double)g->n : NAN;
}

const char *knob_during(const struct group *g, const char *name)
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

bool is_off(const char *value)
{
	return value && (!strcmp(value, "0") || !strcmp(value, "false") || !strcmp(value, "N"));
}

char *say_one_tier(const struct group *g)
{
	size_t nodes, tiers = g->n ? tiers_of(g->runs[0], &nodes) : 0;
	const struct result_node *node = g->n ? g->runs[0]->nodes : NULL;

	if (tiers != 1 || nodes < 2)
		return NULL;
	while (!(node->total > 0))
		node++;
	return strf("No page could be promoted or demoted by the kernel: %s nodes are in one tier (memory_tier%.0f).",
		    nodes == 2 ? "both" : "all", node->tier);
}

char *say_balancing_off(const struct group *g)
{
	const char *value = knob_during(g, "numa_balancing");

	if (!is_off(value) || !is_zero(g, M_PROMOTED))
		return NULL;
	return xstrdup("The kernel promoted nothing, and was not asked to: numa_balancing was 0.");
}

char *say_balancing_plain(const struct group *g)
{
	const char *value = knob_during(g, "numa_balancing");

	if (!value || strcmp(value, "1") || !is_zero(g, M_PROMOTED))
		return NULL;
	return xstrdup("The kernel promoted nothing: numa_balancing was 1, which looks for the node nearest to the processor; promotion from "
		       "a slower tier is 2.");
}

char *say_not_counted(const struct group *g)
{
	if (!g->n || g->m[M_PROMOTED].n || !g->runs[0]->end.n)
		return NULL;
	return xstrdup("This kernel does not count pgpromote_success: it was built without NUMA balancing or memory tiers, and promotes nothing.");
}

char *say_bound(const struct group *g)
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

char *say_nothing_slow(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (!never_slow(g->runs[i]))
			return NULL;
	if (!g->n || g->runs[0]->n_nodes < 2)
		return NULL;
	return xstrdup("There was nothing to promote: none of the workload's pages was on a slow node at any time.");
}

char *say_no_hint_faults(const struct group *g)
{
	const char *value = knob_during(g, "numa_balancing");

	if (!has_scheme(g, "autonuma") || is_off(value) || !is_zero(g, M_PROMOTED) || grew(g, "numa_hint_faults") != 0)
		return NULL;
	if (grew(g, "numa_pte_updates") > 0)
		return xstrdup("NUMA balancing marked pages, and none of them was touched again in the run (numa_hint_faults 0), so that it promoted "
			       "nothing.");
	return xstrdup("NUMA balancing did not look at any page in the run (numa_pte_updates 0): the run is shorter than its scan delay and period, "
		       "or the memory is bound.");
}

char *say_demotion_off(const struct group *g)
{
	if (!is_off(knob_during(g, "demotion_enabled")) || !is_zero(g, M_DEMOTED))
		return NULL;
	return xstrdup("The kernel demoted nothing, and was not asked to: demotion_enabled was off.");
}

char *say_no_pressure(const struct group *g)
{
	if (!is_zero(g, M_DEMOTED) || is_off(knob_during(g, "demotion_enabled")) || grew(g, "pgscan_kswapd") != 0 || grew(g, "pgscan_direct") != 0)
		return NULL;
	return xstrdup("Nothing was demoted by the kernel: no node ran short of memory, so that nothing was reclaimed (pgscan_* 0).");
}
