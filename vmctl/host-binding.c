#include "host-binding.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "text.h"
#include "units.h"

#define SYSTEM "/sys/devices/system"
#define ALL_NODES "/sys/kernel/mm/hugepages"
#define A_NODE SYSTEM "/node/node%ld/hugepages"

static void read_list(struct cpuset *set, const char *path)
{
	auto_free char *text = file_read(path, 0, NULL, &(struct err){ "" });

	if (!text)
		return;
	text[strcspn(text, "\n")] = '\0';
	cpuset_parse(set, text, &(struct err){ "" });
}

static long number_in(const char *dir, const char *name)
{
	auto_free char *path = strf("%s/%s", dir, name), *text = file_read(path, 0, NULL, &(struct err){ "" });

	return text ? atol(text) : 0;
}

/* A node's pages are not told apart from those that were promised, and it makes none when asked. */
static void add_pool(struct host_binding *b, long node, unsigned long kib, const char *dir)
{
	struct page_pool p = { .node = node, .size = kib * KiB, .reserved = number_in(dir, "nr_hugepages") };
	long more = number_in(dir, "nr_overcommit_hugepages") - number_in(dir, "surplus_hugepages");

	p.free = number_in(dir, "free_hugepages") - number_in(dir, "resv_hugepages");
	p.more = node < 0 && more > 0 ? more : 0;
	b->pools = xrealloc(b->pools, (b->n_pools + 1) * sizeof(p));
	b->pools[b->n_pools++] = p;
}

static int by_size(const void *a, const void *b)
{
	const struct page_pool *x = a, *y = b;

	return x->node != y->node ? (x->node > y->node) - (x->node < y->node) : (x->size > y->size) - (x->size < y->size);
}

void binding_probe(struct host_binding *b)
{
	glob_t g = { 0 };

	*b = (struct host_binding){ 0 };
	read_list(&b->cpus, SYSTEM "/cpu/online");
	read_list(&b->nodes, SYSTEM "/node/has_memory");
	glob(ALL_NODES "/hugepages-*kB", 0, NULL, &g);
	glob(SYSTEM "/node/node*/hugepages/hugepages-*kB", GLOB_APPEND, NULL, &g);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		unsigned long kib;
		long node;

		if (sscanf(g.gl_pathv[i], ALL_NODES "/hugepages-%lukB", &kib) == 1)
			add_pool(b, -1, kib, g.gl_pathv[i]);
		else if (sscanf(g.gl_pathv[i], A_NODE "/hugepages-%lukB", &node, &kib) == 2)
			add_pool(b, node, kib, g.gl_pathv[i]);
	}
	globfree(&g);
	qsort(b->pools, b->n_pools, sizeof(*b->pools), by_size);
}

void binding_free(struct host_binding *b)
{
	free(b->pools);
	*b = (struct host_binding){ 0 };
}

/* The first member of want that have has not; -1: none, or it is not known what there is. */
static long not_there(const struct cpuset *want, const struct cpuset *have)
{
	for (long i = 0; i < CPUSET_MAX && cpuset_last(have) >= 0; i++)
		if (want->has[i] && !have->has[i])
			return i;
	return -1;
}

static int check_node(const struct host_binding *b, const struct machine *m, const struct node *n, struct err *e)
{
	struct cpuset node = { 0 }, cpus = { 0 };
	long cpu;

	if (n->host_node >= 0)
		cpuset_add(&node, n->host_node, n->host_node);
	if (not_there(&node, &b->nodes) >= 0) {
		auto_free char *have = cpuset_text(&b->nodes);

		return ydoc_err(m->doc, &n->host_node, e, "'host-node' is %ld, and this host's nodes with memory are %s: name one of "
				"those, or leave it out", n->host_node, have);
	}
	if (n->host_cpus)
		cpuset_parse(&cpus, n->host_cpus, e); /* which the rules looked at */
	cpu = not_there(&cpus, &b->cpus);
	if (cpu >= 0) {
		auto_free char *have = cpuset_text(&b->cpus);

		return ydoc_err(m->doc, &n->host_cpus, e, "'host-cpus' has CPU %ld, and this host's are %s: name some of those, or "
				"leave it out", cpu, have);
	}
	return 0;
}

static const struct page_pool *find_pool(const struct host_binding *b, long node, uint64_t size)
{
	for (size_t i = 0; i < b->n_pools; i++)
		if (b->pools[i].node == node && b->pools[i].size == size)
			return &b->pools[i];
	return NULL;
}

/* So much DRAM in huge pages: of the host's node, or -1, of any. */
static int check_pool(const struct host_binding *b, const struct machine *m, long node, uint64_t dram, struct err *e)
{
	const struct page_pool *p = find_pool(b, node, m->huge_pages);
	unsigned long kib = (unsigned long)(m->huge_pages / KiB);
	auto_free char *dir = node < 0 ? xstrdup(ALL_NODES) : strf(A_NODE, node), *of = node < 0 ? xstrdup("") : strf("node %ld of ", node);
	long need = (long)(dram / m->huge_pages);
	char size[SIZE_TEXT];

	size_text(m->huge_pages, size);
	if (!p)
		return ydoc_err(m->doc, &m->huge_pages, e, "this host's kernel has no huge pages of %s: take another size, or leave "
				"'huge-pages' out", size);
	if (need <= p->free + p->more)
		return 0;
	return ydoc_err(m->doc, &m->huge_pages, e, "%s takes %ld huge pages of %s, and %sthis host has %ld free: as root, "
			"`echo %ld > %s/hugepages-%lukB/nr_hugepages`, or leave 'huge-pages' out", m->name, need, size, of, p->free,
			p->reserved + need - p->free, dir, kib);
}

static int check_pools(const struct host_binding *b, const struct machine *m, struct err *e)
{
	for (size_t i = 0; i < m->numa.n_nodes; i++) {
		long node = m->numa.nodes[i].host_node;
		uint64_t dram = 0;

		for (size_t j = 0; j < m->numa.n_nodes; j++)
			dram += m->numa.nodes[j].host_node == node ? m->numa.nodes[j].memory : 0;
		if (node >= 0 && check_pool(b, m, node, dram, e) < 0)
			return -1;
	}
	return check_pool(b, m, -1, m->memory, e);
}

int binding_check(const struct host_binding *b, const struct machine *m, struct err *e)
{
	for (size_t i = 0; i < m->numa.n_nodes; i++)
		if (check_node(b, m, &m->numa.nodes[i], e) < 0)
			return -1;
	return m->huge_pages && cpuset_last(&b->cpus) >= 0 ? check_pools(b, m, e) : 0;
}

char *pools_text(const struct host_binding *b)
{
	struct text t = { 0 };
	char size[SIZE_TEXT];

	for (size_t i = 0; i < b->n_pools && b->pools[i].node < 0; i++) {
		text_addf(&t, "%s%s: ", i ? ", " : "", size_human(b->pools[i].size, size));
		if (b->pools[i].reserved)
			text_addf(&t, "%ld free of %ld", b->pools[i].free, b->pools[i].reserved);
		else
			text_addf(&t, "none reserved");
	}
	return t.s;
}
