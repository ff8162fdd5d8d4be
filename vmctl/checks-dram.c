/* CPUs and nodes of DRAM. */
#include <stdlib.h>
#include <string.h>

#include "checks-parts.h"
#include "cpuset.h"
#include "text.h"
#include "topology.h"
#include "units.h"

/* Seen: the kernel keeps 2 to 5 % of DRAM for itself before it counts MemTotal, and of 512 MiB on one node 8 %. */
#define DRAM_SHARE 0.90
/* And on node 0 it may keep its notes of the memory that is added to it: 64 bytes for each page of 4 KiB (struct page). */
#define NOTES_OF(bytes) ((bytes) / 64)

static void check_cpus(struct checks *c, const struct machine *m, const struct seen *s)
{
	long n = machine_cpus(m, s->host_cpus);

	check_same(c, xstrdup("CPUs"), n > 1 ? strf("0-%ld", n - 1) : xstrdup("0"),
		   xstrdup(view_get(s->view, "/sys/devices/system/cpu/online")));
}

static void check_memory(struct checks *c, const struct machine *m, const struct view *w, size_t node)
{
	uint64_t have = view_node_memory(w, (int)node), want = node_memory(m, node);
	uint64_t notes = node ? 0 : NOTES_OF(cxl_total(m));
	char text[SIZE_TEXT];

	check_add(c, strf("node %zu memory", node), size_or_none(want), strf("%s usable", size_human(have / MiB * MiB, text)),
		  (double)(have + notes) >= (double)want * DRAM_SHARE && (m->memory_max || have <= want));
}

static void check_node_cpus(struct checks *c, const struct machine *m, const struct seen *s, size_t node)
{
	char *want = node_cpus(m, node, s->host_cpus);
	const char *have = view_get(s->view, NODE "node%zu/cpulist", node);

	if (!*want) {
		free(want);
		want = xstrdup("none");
	}
	check_same(c, strf("node %zu CPUs", node), want, xstrdup(*have ? have : "none"));
}

/* The row has an entry for each node, those of CXL's windows too: what the file says is its beginning. */
static void check_distances(struct checks *c, const struct machine *m, const struct view *w, size_t node)
{
	const struct node *n = m->numa.n_nodes ? &m->numa.nodes[node] : NULL;
	const char *seen = view_get(w, NODE "node%zu/distance", node), *end = seen;
	struct text want = { 0 };

	if (!n || !n->n_distances)
		return;
	for (size_t i = 0; i < n->n_distances; i++) {
		text_addf(&want, "%s%s", i ? " " : "", n->distances[i]);
		end += strspn(end, " ");
		end += strcspn(end, " ");
	}
	check_same(c, strf("node %zu distances", node), want.s, xstrndup(seen, (size_t)(end - seen)));
}

/* The best way into the node: Linux' access class 0 (Documentation/admin-guide/mm/numaperf.rst). Of a node with CPUs it is that
 * from these. */
static const struct hmat *best_access(const struct machine *m, size_t node)
{
	const struct hmat *best = NULL;

	for (size_t i = 0; i < m->numa.n_hmat; i++) {
		const struct hmat *h = &m->numa.hmat[i];

		if ((size_t)h->target != node || (m->numa.nodes[node].cpus && (size_t)h->initiator != node))
			continue;
		if (!best || h->latency < best->latency)
			best = h;
	}
	return best;
}

/* Linux puts a node without CPUs into a tier by its abstract distance, which grows with its latency and falls with its
 * bandwidth: DRAM is at 576, in a tier of 512 to 639 (mm/memory-tiers.c, mt_perf_to_adistance()). */
#define DRAM_DISTANCE 576.0
#define NEXT_TIER 640.0

static bool is_lower_tier(const struct hmat *h, const struct hmat *dram)
{
	return DRAM_DISTANCE * (double)h->latency / (double)dram->latency * (double)dram->bandwidth / (double)h->bandwidth >= NEXT_TIER;
}

static void check_hmat(struct checks *c, const struct machine *m, const struct view *w, size_t node)
{
	const struct hmat *h = best_access(m, node), *dram = best_access(m, 0);
	const char *nodes, *of_dram;
	int tier;

	if (!h)
		return;
	check_same(c, strf("node %zu latency", node), strf("%llu ns", (unsigned long long)h->latency),
		   strf("%llu ns", (unsigned long long)view_number(w, NODE "node%zu/access0/initiators/read_latency", node)));
	check_same(c, strf("node %zu bandwidth", node), strf("%llu MiB/s", (unsigned long long)(h->bandwidth / MiB)),
		   strf("%llu MiB/s", (unsigned long long)view_number(w, NODE "node%zu/access0/initiators/read_bandwidth", node)));
	if (!dram || !m->numa.nodes[0].cpus || m->numa.nodes[node].cpus || !is_lower_tier(h, dram))
		return;
	tier = view_tier(w, (int)node, &nodes);
	check_add(c, strf("node %zu tier", node), xstrdup("one below node 0's"),
		  tier < 0 ? xstrdup("none") : strf("memory_tier%d, nodes %s", tier, nodes), tier > view_tier(w, 0, &of_dram));
}

void checks_dram(struct checks *c, const struct machine *m, const struct seen *s)
{
	check_cpus(c, m, s);
	for (size_t i = 0; i < dram_nodes(m); i++) {
		check_memory(c, m, s->view, i);
		if (!m->numa.n_nodes)
			break;
		check_node_cpus(c, m, s, i);
		check_distances(c, m, s->view, i);
		check_hmat(c, m, s->view, i);
	}
}
