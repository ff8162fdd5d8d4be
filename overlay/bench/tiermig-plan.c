/* From flows between nodes to kdamonds, and the values of the two ways: see tiermig.h. */
#include <stdlib.h>

#include "bench-zones.h"
#include "bench.h"
#include "tiermig.h"

#define MS	1000ull
#define SECOND	(1000 * MS)
#define MIB	(1ull << 20)
#define GIB	(1ull << 30)
#define ALL	10000ull	/* bp */

/*
 * hmsdk: what HMSDK's gen_migpol.py asks for. damon: what the kernel's own samples/damon/mtier.c and damo's example of
 * memory tiering ask for. The ratio of aggregation to sampling, which is the number of samples that 100 % are, is 20 in
 * both, and the kernel keeps it when it tunes them.
 */
static const struct damon_monitoring monitoring[] = {
	{ 100 * MS, 2 * SECOND, 20 * SECOND, 100, 10000, 0, 0, 0, 0 },
	{ 5 * MS, 100 * MS, 60 * SECOND, 10, 1000, 400, 3, 5 * MS, 10 * SECOND },
};

static const struct damon_scheme schemes[][2] = {
	{
		[DAMON_COLD] = { "migrate_cold", 0, 0, 30 * SECOND, 0, 1000, 50 * GIB, 20000,
				 0, 0, 10, false, NULL, 0, false },
		[DAMON_HOT] = { "migrate_hot", 5, 100, 0, 0, 2000, 50 * GIB, 20000,
				0, 0, 10, true, NULL, 0, false },
	}, {
		/* Half a percent of the fast node stays free for what is promoted, and the rest is to be used: see damon_goal_value(). */
		[DAMON_COLD] = { "migrate_cold", 0, 0, 0, SECOND, 0, 200 * MIB, 1000,
				 0, 100, 100, false, "node_mem_free_bp", 50, false },
		[DAMON_HOT] = { "migrate_hot", 5, 100, 0, SECOND, 0, 200 * MIB, 1000,
				0, 100, 100, true, "node_mem_used_bp", 9970, true },
	},
};

const struct damon_monitoring *damon_monitoring_of(const struct damon_plan *plan)
{
	return &monitoring[plan->tune];
}

const struct damon_scheme *damon_scheme_of(const struct damon_plan *plan, enum damon_action action)
{
	return &schemes[plan->tune][action];
}

/* The fast node in either direction. */
int damon_goal_node(const struct damon_scheme *scheme, const struct damon_flow *flow)
{
	return scheme->goal_at_target ? flow->to : flow->from;
}

/*
 * In bp of the node's memory, what kswapd keeps free of it by itself: the high watermarks of its zones. That is 0.2 % of 64 GiB, and
 * 5 % of 1 GiB, where the schemes' half a percent would never be reached, and nothing would move.
 */
static uint64_t kept_free(int node)
{
	struct bench_zone *zones;
	size_t n = bench_zones(node, &zones);
	uint64_t high = 0, managed = 0;

	for (size_t i = 0; i < n; i++) {
		high += zones[i].high;
		managed += zones[i].managed;
	}
	free(zones);
	return managed ? high * ALL / managed : 0;
}

/* What is free by more than a tenth of what kswapd keeps; what is to be used and what is to be free overlap, as in the schemes. */
uint64_t damon_goal_value(const struct damon_scheme *scheme, const struct damon_flow *flow)
{
	uint64_t overlap = schemes[1][DAMON_HOT].goal_value + schemes[1][DAMON_COLD].goal_value - ALL;
	uint64_t free = kept_free(damon_goal_node(scheme, flow)) * 11 / 10;

	if (free < schemes[1][DAMON_COLD].goal_value || free > ALL / 2)
		return scheme->goal_value;
	return scheme->goal_at_target ? ALL + overlap - free : free;
}

/* Two kdamonds on one node's pages would clear each other's accessed bits, so HMSDK refuses it as well. */
static int check_flow(const struct damon_plan *plan, int index)
{
	const struct damon_flow *flow = &plan->flows[index];
	struct damon_ranges target = { NULL, 0 };
	int rc;

	if (flow->from == flow->to)
		return bench_error(BENCH_USAGE, "node %d is both source and target: pages can only "
				   "go to another node", flow->from);
	for (int i = 0; i < index; i++)
		if (plan->flows[i].from == flow->from)
			return bench_error(BENCH_USAGE, "node %d is the source of two schemes: each "
					   "node's accesses can be watched once", flow->from);
	/* The kernel takes any target, and migrates nothing to one without memory. */
	rc = damon_node_ranges(flow->to, &target);
	damon_ranges_free(&target);
	return rc;
}

static struct damon_kdamond *add_kdamond(struct damon_plan *plan, const struct damon_flow *flow)
{
	struct damon_kdamond *more;

	more = realloc(plan->kdamonds, sizeof(*more) * (size_t)(plan->count + 1));
	if (!more)
		exit(bench_error(BENCH_FAILED, "no memory left for %d kdamonds", plan->count + 1));
	plan->kdamonds = more;
	more += plan->count++;
	*more = (struct damon_kdamond){ *flow, { NULL, 0 } };
	return more;
}

static int too_many(const struct damon_plan *plan)
{
	return bench_error(BENCH_USAGE, "more than %d kdamonds would be needed, each is a kernel "
			   "thread: %s", DAMON_MAX_KDAMONDS,
			   plan->max_size ? "give --region-max-size more" : "name fewer nodes");
}

/* As gen_migpol.py does it: a kdamond for each piece of what is larger, and one for all that is not. */
static int split(struct damon_plan *plan, const struct damon_flow *flow, const struct damon_ranges *ranges)
{
	struct damon_ranges rest = { NULL, 0 };
	uint64_t max = plan->max_size, start;

	for (int i = 0; i < ranges->count; i++) {
		const struct damon_range *r = &ranges->at[i];

		if (!max || r->end - r->start <= max) {
			damon_ranges_add(&rest, r->start, r->end);
			continue;
		}
		for (start = r->start; start < r->end && plan->count <= DAMON_MAX_KDAMONDS; start += max)
			damon_ranges_add(&add_kdamond(plan, flow)->ranges, start,
					 r->end - start < max ? r->end : start + max);
	}
	if (rest.count)
		add_kdamond(plan, flow)->ranges = rest;
	return plan->count > DAMON_MAX_KDAMONDS ? too_many(plan) : 0;
}

static int add_flow(struct damon_plan *plan, const struct damon_flow *flow)
{
	struct damon_ranges ranges = { NULL, 0 };
	int rc = damon_node_ranges(flow->from, &ranges);

	if (!rc)
		rc = split(plan, flow, &ranges);
	damon_ranges_free(&ranges);
	return rc;
}

int damon_plan_make(struct damon_plan *plan)
{
	enum damon_action action;
	int rc = 0;

	for (int i = 0; !rc && i < plan->flow_count; i++)
		rc = check_flow(plan, i);
	for (action = DAMON_COLD; action <= DAMON_HOT; action++)
		for (int i = 0; !rc && i < plan->flow_count; i++)
			if (plan->flows[i].action == action)
				rc = add_flow(plan, &plan->flows[i]);
	return rc;
}

void damon_plan_free(struct damon_plan *plan)
{
	for (int i = 0; i < plan->count; i++)
		damon_ranges_free(&plan->kdamonds[i].ranges);
	free(plan->kdamonds);
	plan->kdamonds = NULL;
	plan->count = 0;
}
