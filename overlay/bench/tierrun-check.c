/* What can be known before anything is changed: see tierrun.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tierrun.h"

#define MAX_ARGS 200

int tier_check_programs(const struct tier_plan *p)
{
	const char *const needed[] = { p->command[0], p->eat || p->ratio_fast ? "memeater" : NULL, p->schemes & TIER_MIGRATES ? "tiermig" : NULL };
	bench_path path;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (needed[i] && !tier_find_program(needed[i], path))
			return bench_error(BENCH_FAILED, "there is no program %s, neither beside tierrun nor in PATH", needed[i]);
	return 0;
}

/* What the workload will need, by its own word; 0: it does not say. One that is not of the suite may do all of its work when it is asked. */
static uint64_t ask_workload(const struct tier_plan *p)
{
	char *argv[MAX_ARGS + 2], *out = NULL;
	uint64_t bytes;
	int n = 0;

	for (; p->command[n] && n < MAX_ARGS; n++)
		argv[n] = p->command[n];
	argv[n] = "--footprint";
	argv[n + 1] = NULL;
	bytes = tier_run(argv, &out, true) == 0 && out ? strtoull(out, NULL, 10) : 0;
	free(out);
	return bytes;
}

static bool has_memory(const struct tier_result *r, int node)
{
	const struct tier_node *n = tier_node_of(&r->nodes, node);

	return n && n->memory;
}

static uint64_t available(const struct tier_result *r, int node)
{
	return has_memory(r, node) ? bench_node_available(node) : 0;
}

static int check_node(const struct tier_result *r, int node)
{
	if (has_memory(r, node))
		return 0;
	return bench_error(BENCH_FAILED, "there is no node %d with memory: see numactl -H", node);
}

int tier_no_slow_node(const struct tier_plan *p, const char *what)
{
	return bench_error(BENCH_FAILED, "%s: none is of a lower tier than node %d, and none without CPUs. If one is slow all the same, name it: "
			   "--slow N", what, p->fast);
}

static int check_ratio(struct tier_plan *p, const struct tier_result *r)
{
	uint64_t sum = p->ratio_fast + p->ratio_slow, there, here, fast = tier_node_room(p->fast);
	uint64_t slow = p->slow < 0 ? 0 : available(r, p->slow), most = available(r, p->fast);
	char buf[5][32];

	if (!p->resident)
		return bench_error(BENCH_FAILED, "%s does not say what it needs: give --resident SIZE with --ratio", p->command[0]);
	if (p->ratio_slow && p->slow == BENCH_ANY_NODE)
		return tier_no_slow_node(p, "--ratio: there is no slow node for the rest");
	here = p->resident / sum * p->ratio_fast;
	there = p->resident - here;
	if (here <= fast && there <= slow) {
		p->eat = bench_without_tables(fast - here);
		if (p->eat <= most)
			return 0;
		return bench_error(BENCH_FAILED, "%" PRIu64 ":%" PRIu64 " of %s is %s on node %d, where no less than %s can be left: take a larger "
				   "workload, or another ratio", p->ratio_fast, p->ratio_slow, bench_human(p->resident, buf[0]),
				   bench_human(here, buf[1]), p->fast, bench_human(fast - most, buf[2]));
	}
	return bench_error(BENCH_FAILED, "%" PRIu64 ":%" PRIu64 " of %s is %s on node %d and %s on node %d, which have %s and %s: a workload of at most "
			   "%s would fit", p->ratio_fast, p->ratio_slow, bench_human(p->resident, buf[0]), bench_human(here, buf[1]), p->fast,
			   bench_human(there, buf[2]), p->slow, bench_human(fast, buf[3]), bench_human(slow, buf[4]),
			   bench_human(p->ratio_slow && slow / p->ratio_slow < fast / p->ratio_fast ? slow / p->ratio_slow * sum :
				       fast / p->ratio_fast * sum, (char[32]){ "" }));
}

static int check_room(const struct tier_plan *p, const struct tier_result *r)
{
	bool bound = p->membind != BENCH_ANY_NODE;
	uint64_t room = 0;
	char need[32], have[32];

	for (int i = 0; i < r->nodes.n; i++)
		if (!bound || r->nodes.v[i].node == p->membind)
			room += available(r, r->nodes.v[i].node);
	room = room > p->eat ? room - p->eat : 0;
	if (p->resident <= room)
		return 0;
	if (bound)
		return bench_error(BENCH_FAILED, "%s needs %s, and node %d has %s: take less", p->command[0], bench_human(p->resident, need),
				   p->membind, bench_human(room, have));
	return bench_error(BENCH_FAILED, "%s needs %s, and all nodes%s have %s: take less", p->command[0], bench_human(p->resident, need),
			   p->eat ? ", less what is eaten," : "", bench_human(room, have));
}

int tier_check_memory(struct tier_plan *p, const struct tier_result *r)
{
	char want[32], have[32];
	int rc = 0;

	for (const int *node = (const int[]){ p->fast, p->slow, p->membind, p->eat ? p->eat_node : BENCH_ANY_NODE, -2 }; !rc && *node != -2; node++)
		rc = *node == BENCH_ANY_NODE ? 0 : check_node(r, *node);
	if (rc)
		return rc;
	if (!p->resident && tier_of_suite(p->command[0]))
		p->resident = ask_workload(p);
	if (p->ratio_fast && (rc = check_ratio(p, r)))
		return rc;
	if (p->eat && p->eat > available(r, p->eat_node))
		return bench_error(BENCH_FAILED, "%s can't be eaten of node %d, which has %s: take less", bench_human(p->eat, want), p->eat_node,
				   bench_human(available(r, p->eat_node), have));
	return p->resident ? check_room(p, r) : 0;
}

int tier_check_cgroup(const struct tier_plan *p)
{
	char controllers[1024];
	bench_path path;

	if (!bench_read(bench_at(path, "/sys/fs/cgroup/cgroup.controllers"), controllers, sizeof(controllers)))
		return bench_error(BENCH_FAILED, "there is no %s: it takes cgroup v2, mounted at /sys/fs/cgroup", path);
	if (!strstr(controllers, "memory"))
		return bench_error(BENCH_FAILED, "cgroups have no memory controller: the kernel needs CONFIG_MEMCG=y, and no cgroup_disable=memory");
	if (bench_exists(bench_at(path, "/sys/fs/cgroup/%s", p->cgroup)))
		return bench_error(BENCH_FAILED, "the cgroup %s is there already: remove it (rmdir %s), or take another name (--cgroup)", p->cgroup, path);
	return 0;
}
