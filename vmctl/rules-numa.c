/* NUMA: who has which CPUs, distances, HMAT. */
#include <stdlib.h>
#include <string.h>

#include "cpuset.h"
#include "rules-parts.h"
#include "text.h"
#include "topology.h"
#include "units.h"

#define MAX_NODES 64 /* CONFIG_NODES_SHIFT is 6 at least in x86's defconfig and in Debian's kernels */
#define MAX_CPUS 255
/* A distance is a byte: below 10 is reserved, 10 local, 255 unreachable (ACPI 6.5, 5.2.17). */
#define LOCAL_DISTANCE 10
#define MAX_DISTANCE 254
#define MAX_LATENCY 65534 /* HMAT entries are 16 bits wide, and QEMU's base unit is 1 ns for such latencies */

static bool has_all(const struct node *n)
{
	return n->cpus && !strcmp(n->cpus, "all");
}

/* Notes the node's CPUs in seen, in which those of the earlier nodes are. */
static int check_list(const struct machine *m, size_t i, struct cpuset *seen, struct err *e)
{
	const struct node *n = &m->numa.nodes[i];
	long cpus = machine_cpus(m, 0);
	struct cpuset own = { 0 };
	struct err why;

	if (cpuset_parse(&own, n->cpus, &why) < 0)
		return ydoc_err(m->doc, &n->cpus, e, "'cpus': %s, nor 'all'", why.msg);
	for (long c = 0; c < CPUSET_MAX; c++) {
		if (own.has[c] && seen->has[c])
			return ydoc_err(m->doc, &n->cpus, e, "CPU %ld is in two nodes", c);
		if (own.has[c] && c >= MAX_CPUS)
			return ydoc_err(m->doc, &n->cpus, e, "node %zu has CPU %ld: a machine has at most %d CPUs, 0 to %d", i, c,
					MAX_CPUS, MAX_CPUS - 1);
		if (own.has[c] && c >= cpus)
			return ydoc_err(m->doc, &n->cpus, e, "node %zu has CPU %ld, and the machine has %ld: 0 to %ld", i, c, cpus,
					cpus - 1);
		seen->has[c] |= own.has[c];
	}
	return 0;
}

static int check_node_cpus(const struct machine *m, struct err *e)
{
	const struct numa *n = &m->numa;
	struct cpuset seen = { 0 };
	size_t with = 0, all = 0;

	for (size_t i = 0; i < n->n_nodes; i++) {
		with += n->nodes[i].cpus != NULL;
		all += has_all(&n->nodes[i]);
		if (n->nodes[i].cpus && all && with > 1)
			return ydoc_err(m->doc, &n->nodes[i].cpus, e, "a node has all CPUs, and another has some: name each CPU once");
		if (n->nodes[i].cpus && !all && check_list(m, i, &seen, e) < 0)
			return -1;
	}
	if (!with)
		return ydoc_err(m->doc, &n->nodes, e, "no node has CPUs: write 'cpus: all' into one");
	for (long c = 0; !all && c < machine_cpus(m, 0); c++)
		if (!seen.has[c])
			return ydoc_err(m->doc, &n->nodes, e, "CPU %ld is in no node: the machine has %ld, 0 to %ld", c, machine_cpus(m, 0),
					machine_cpus(m, 0) - 1);
	return 0;
}

static int check_distances(const struct machine *m, size_t i, struct err *e)
{
	const struct node *n = &m->numa.nodes[i];

	if (ydoc_line(m->doc, &n->distances) && n->n_distances != m->numa.n_nodes)
		return ydoc_err(m->doc, &n->distances, e, "node %zu has %zu distances: there are %zu nodes, and each has one, itself "
				"too", i, n->n_distances, m->numa.n_nodes);
	for (size_t j = 0; j < n->n_distances; j++) {
		char *end;
		long d = strtol(n->distances[j], &end, 10);

		/* as Linux writes it: check compares the texts */
		if (*end || !strchr("123456789", *n->distances[j]) || d < LOCAL_DISTANCE || d > MAX_DISTANCE ||
		    (d == LOCAL_DISTANCE) != (i == j))
			return ydoc_err(m->doc, &n->distances[j], e, "the distance of node %zu to node %zu is '%.60s': a node is 10 "
					"from itself, and 11 to %d from others", i, j, n->distances[j], MAX_DISTANCE);
	}
	return 0;
}

static int check_node(const struct machine *m, size_t i, struct err *e)
{
	const struct node *n = &m->numa.nodes[i];
	char size[SIZE_TEXT];
	struct err why;

	if (rule_size(m, &n->memory, "the node's memory", e) < 0)
		return -1;
	if (!n->memory || n->memory % (2 * MiB) || (m->huge_pages && n->memory % m->huge_pages))
		return ydoc_err(m->doc, &n->memory, e, "node %zu has %s: it takes memory in multiples of %s", i,
				size_text(n->memory, size), m->huge_pages > 2 * MiB ? "1GiB, as 'huge-pages' says" : "2MiB");
	if (n->host_cpus && cpuset_parse(&(struct cpuset){ 0 }, n->host_cpus, &why) < 0)
		return ydoc_err(m->doc, &n->host_cpus, e, "'host-cpus': %s", why.msg);
	if (n->host_cpus && !n->cpus)
		return ydoc_err(m->doc, &n->host_cpus, e, "'host-cpus' of a node that has no CPUs: node %zu", i);
	return check_distances(m, i, e);
}

static int check_hmat(const struct machine *m, size_t i, struct err *e)
{
	const struct hmat *h = &m->numa.hmat[i];
	char size[SIZE_TEXT];

	if ((size_t)h->initiator >= m->numa.n_nodes || !m->numa.nodes[h->initiator].cpus)
		return ydoc_err(m->doc, &h->initiator, e, "the initiator is node %ld, which %s: an access comes from a node with CPUs",
				h->initiator, (size_t)h->initiator >= m->numa.n_nodes ? "is not there" : "has no CPUs");
	if ((size_t)h->target >= m->numa.n_nodes)
		return ydoc_err(m->doc, &h->target, e, "the target is node %ld, and the machine's nodes are 0 to %zu", h->target,
				m->numa.n_nodes - 1);
	if (!h->latency || h->latency > MAX_LATENCY)
		return ydoc_err(m->doc, &h->latency, e, "'latency' is %lluns: it is 1ns to %dns", (unsigned long long)h->latency,
				MAX_LATENCY);
	if (!h->bandwidth || h->bandwidth % MiB)
		return ydoc_err(m->doc, &h->bandwidth, e, "'bandwidth' is %s a second: it comes in multiples of 1MiB",
				size_text(h->bandwidth, size));
	for (size_t j = 0; j < i; j++)
		if (m->numa.hmat[j].initiator == h->initiator && m->numa.hmat[j].target == h->target)
			return ydoc_err(m->doc, h, e, "the access from node %ld to node %ld stands twice (line %d)", h->initiator,
					h->target, ydoc_line(m->doc, &m->numa.hmat[j].initiator));
	return 0;
}

/* Linux makes tiers of what it knows: a node that it does not know a latency of shares the tier of the DRAM. Of a node with
 * CPUs it looks at the access from these alone. */
static int check_hmat_whole(const struct machine *m, struct err *e)
{
	for (size_t t = 0; t < m->numa.n_nodes; t++) {
		bool there = false, own = m->numa.nodes[t].cpus != NULL;

		for (size_t i = 0; i < m->numa.n_hmat; i++)
			there |= (size_t)m->numa.hmat[i].target == t && (!own || (size_t)m->numa.hmat[i].initiator == t);
		if (!there && own)
			return ydoc_err(m->doc, &m->numa.hmat, e, "'hmat' has no entry with 'initiator: %zu' and 'target: %zu': each node "
					"with CPUs needs one of itself", t, t);
		if (!there)
			return ydoc_err(m->doc, &m->numa.hmat, e, "'hmat' has no entry with 'target: %zu': each node needs one", t);
	}
	return 0;
}

/* All bandwidths are 16-bit multiples of one power of two (QEMU: parse_numa_hmat_lb() in hw/core/numa.c). */
static int check_bandwidths(const struct machine *m, struct err *e)
{
	char size[SIZE_TEXT], one[SIZE_TEXT];
	uint64_t bits = 0, unit;

	for (size_t i = 0; i < m->numa.n_hmat; i++) {
		const struct hmat *h = &m->numa.hmat[i];

		bits |= h->bandwidth;
		unit = bits & -bits;
		if (bits / unit > UINT16_MAX || h->bandwidth / unit == UINT16_MAX)
			return ydoc_err(m->doc, &h->bandwidth, e, "'bandwidth' is %s a second: the table counts all bandwidths in one unit, "
					"with this one %s, and up to 65534 of it; round them", size_text(h->bandwidth, size),
					size_text(unit, one));
	}
	return 0;
}

int rules_numa(const struct machine *m, struct err *e)
{
	const struct numa *n = &m->numa;
	char size[SIZE_TEXT], have[SIZE_TEXT];
	uint64_t sum = 0;

	if (!n->n_nodes)
		return ydoc_line(m->doc, &n->nodes) ? ydoc_err(m->doc, &n->nodes, e, "'nodes' is empty: name one, or leave out 'numa'") : 0;
	if (n->n_nodes > MAX_NODES)
		return ydoc_err(m->doc, &n->nodes[MAX_NODES], e, "%zu nodes: at most %d", n->n_nodes, MAX_NODES);
	if (n->n_nodes + m->cxl.n_windows > MAX_NODES)
		return ydoc_err(m->doc, &n->nodes, e, "%zu nodes, and one for each of the %zu windows: at most %d together", n->n_nodes,
				m->cxl.n_windows, MAX_NODES);
	for (size_t i = 0; i < n->n_nodes; i++) {
		if (check_node(m, i, e) < 0)
			return -1;
		sum += n->nodes[i].memory;
	}
	if (sum != m->memory)
		return ydoc_err(m->doc, &m->memory, e, "'memory' is %s, and the nodes have %s together: leave 'memory' out",
				size_text(m->memory, size), size_text(sum, have));
	if (check_node_cpus(m, e) < 0)
		return -1;
	for (size_t i = 0; i < n->n_hmat; i++)
		if (check_hmat(m, i, e) < 0)
			return -1;
	return n->n_hmat && (check_hmat_whole(m, e) < 0 || check_bandwidths(m, e) < 0) ? -1 : 0;
}
