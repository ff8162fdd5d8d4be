/* CXL: what the file says of windows, devices and regions, and what they are in the guest. */
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "checks-parts.h"
#include "cpuset.h"
#include "text.h"
#include "topology.h"
#include "units.h"

#define CXL "/sys/bus/cxl/devices/"

int region_node(const struct view *w, size_t i)
{
	char node[64];

	return *view_region(w, i, "node", node) ? atoi(node) : -1;
}

size_t fast_regions(const char *mtree)
{
	size_t n = 0;
	auto_strv seen = { 0 };

	/* One alias may be printed once for each address space that it is in. One in a window where its addresses are not is there
	 * for nothing, and QEMU says so at the line's beginning. */
	for (const char *p = mtree; (p = strstr(p, "cxl-direct-mapping-alias")); p++) {
		auto_free char *name = xstrndup(p, strcspn(p, "\r\n"));
		const char *line = p;

		while (line > mtree && line[-1] != '\n')
			line--;
		if (str_starts(line, "[DETECTED OVERFLOW!]") || strv_has(&seen, name))
			continue;
		strv_add(&seen, name);
		n++;
	}
	return n;
}

/* Nodes of DRAM, and of each window in which a region is used as memory: Linux makes a node of a window. */
static void check_nodes(struct checks *c, const struct machine *m, const struct view *w)
{
	struct cpuset nodes = { 0 };

	cpuset_add(&nodes, 0, (long)dram_nodes(m) - 1);
	for (size_t j = 0; j < m->cxl.n_regions; j++)
		if (region_is_memory(&m->cxl.regions[j]) && region_is_there(m, &m->cxl.regions[j])) {
			long node = (long)dram_nodes(m) + region_window(m, &m->cxl.regions[j]);

			cpuset_add(&nodes, node, node);
		}
	check_same(c, xstrdup("nodes with memory"), cpuset_text(&nodes), xstrdup(view_get(w, NODE "has_memory")));
}

static void check_windows(struct checks *c, const struct machine *m, const struct view *w)
{
	for (size_t i = 0; i < m->cxl.n_windows; i++)
		check_same(c, strf("window %zu", i), size_or_none(m->cxl.windows[i].size),
			 size_or_none(view_number(w, CXL "decoder0.%zu/size", i)));
}

static char *capacities(uint64_t ram, uint64_t pmem)
{
	auto_free char *v = size_or_none(ram), *p = size_or_none(pmem);

	if (!pmem)
		return size_or_none(ram);
	return ram ? strf("%s, and %s persistent", v, p) : strf("%s persistent", p);
}

static void check_devices(struct checks *c, const struct machine *m, const struct view *w)
{
	for (size_t i = 0; i < m->cxl.n_devices; i++) {
		const struct device *d = &m->cxl.devices[i];
		char address[PORT_ADDRESS], mem[32];

		if (!d->plugged)
			continue;
		view_memdev(w, port_address(m, d->port, address), mem);
		check_same(c, strf("device %s", d->name), capacities(d->volatile_size, d->persistent_size),
			   !*mem ? xstrdup("none") :
			   capacities(view_number(w, CXL "%s/ram/size", mem), view_number(w, CXL "%s/pmem/size", mem)));
	}
}

static void check_region(struct checks *c, const struct machine *m, const struct view *w, size_t i)
{
	const struct region *r = &m->cxl.regions[i];
	char name[64], size[SIZE_TEXT], seen[SIZE_TEXT];
	uint64_t bytes;
	bool committed;

	if (!*view_region(w, i, "name", name))
		snprintf(name, sizeof(name), "region%zu", i);
	bytes = view_number(w, CXL "%s/size", name);
	committed = view_number(w, CXL "%s/commit", name) == 1;
	check_same(c, strf("region %zu", i),
		   strf("%s %s, %zu way%s, committed", size_text(region_size(m, r), size), region_type_names[r->type], r->n_devices,
			r->n_devices > 1 ? "s" : ""),
		   !bytes ? xstrdup("none") :
		   strf("%s %s, %s way%s, %s", size_text(bytes, seen), view_get(w, CXL "%s/mode", name),
			view_get(w, CXL "%s/interleave_ways", name), r->n_devices > 1 ? "s" : "",
			committed ? "committed" : "not committed"));
}

/* Linux' words for what ndctl calls fsdax and devdax (drivers/nvdimm/claim.c, namespace_devs.c: mode_show). */
static const char *const namespace_modes[] = { [NAMESPACE_FSDAX] = "memory", [NAMESPACE_DEVDAX] = "dax", [NAMESPACE_RAW] = "raw" };

static const char *namespace_seen(const struct view *w, size_t region)
{
	char name[64];
	const char *mode = view_get(w, "/sys/bus/nd/devices/%s/mode", view_region(w, region, "namespace", name));

	for (int i = 0; i < NAMESPACE_NONE; i++)
		if (!strcmp(mode, namespace_modes[i]))
			return name_space_names[i];
	return *mode ? mode : "none";
}

/* What a region that is no memory is used as. */
static void check_use(struct checks *c, const struct machine *m, const struct view *w, size_t i)
{
	const struct region *r = &m->cxl.regions[i];
	char mode[64];

	if (r->type == REGION_PMEM)
		check_same(c, strf("region %zu namespace", i), xstrdup(name_space_names[r->name_space]), xstrdup(namespace_seen(w, i)));
	else
		check_same(c, strf("region %zu dax", i), xstrdup("devdax"),
			   xstrdup(*view_region(w, i, "mode", mode) ? mode : "none"));
}

/* What a region's memory is to the guest: a node without CPUs, online, in a tier of its own. */
static void check_node(struct checks *c, const struct machine *m, const struct view *w, size_t i)
{
	uint64_t want = 0, want_online = 0, block = view_block_size(w);
	int node = region_node(w, i), tier;
	bool off = m->cxl.regions[i].online == ONLINE_NO;
	const char *nodes, *dram;

	if (node < 0) {
		check_add(c, strf("region %zu memory", i), size_or_none(region_size(m, &m->cxl.regions[i])), xstrdup("no node"), false);
		return;
	}
	/* The kernel makes one node of a window: its regions share it, and are looked at with the first. */
	for (size_t j = 0; j < m->cxl.n_regions; j++) {
		if (region_node(w, j) != node || m->cxl.regions[j].type == REGION_PMEM || m->cxl.regions[j].online == ONLINE_DEVDAX)
			continue;
		if (j < i)
			return;
		want += region_size(m, &m->cxl.regions[j]);
		off &= m->cxl.regions[j].online == ONLINE_NO;
		want_online += m->cxl.regions[j].online == ONLINE_NO ? 0 : region_size(m, &m->cxl.regions[j]);
	}
	check_same(c, strf("node %d memory", node), size_or_none(want),
		 size_or_none(view_blocks(w, node, NULL) * block));
	check_same(c, strf("node %d online", node), size_or_none(want_online),
		 size_or_none(view_blocks(w, node, "online") * block));
	check_add(c, strf("node %d CPUs", node), xstrdup("none"),
	    xstrdup(*view_get(w, NODE "node%d/cpulist", node) ? view_get(w, NODE "node%d/cpulist", node) : "none"),
	    !*view_get(w, NODE "node%d/cpulist", node));
	if (off)
		return;
	tier = view_tier(w, node, &nodes);
	check_add(c, strf("node %d tier", node), xstrdup("one without node 0"),
	    tier < 0 ? xstrdup("none") : strf("memory_tier%d, nodes %s", tier, nodes),
	    tier >= 0 && view_tier(w, 0, &dram) != tier);
}


static void check_fast_path(struct checks *c, const struct machine *m, const struct seen *s)
{
	size_t want = 0, there = 0, have = fast_regions(s->mtree);

	for (size_t i = 0; i < m->cxl.n_regions; i++) {
		there += region_is_there(m, &m->cxl.regions[i]);
		want += region_is_there(m, &m->cxl.regions[i]) && region_is_fast(m, &m->cxl.regions[i]);
	}
	if (s->qemu_version < QEMU_CXL_ALIAS || !m->cxl.n_regions)
		return; /* there is none to expect: the region is MMIO, and slow */
	check_add(c, xstrdup("fast path"), strf("%zu of %zu region%s", want, there, there > 1 ? "s" : ""),
		  strf("%zu alias%s of RAM", have, have == 1 ? "" : "es"), have >= want);
}

void checks_cxl(struct checks *c, const struct machine *m, const struct seen *s)
{
	check_nodes(c, m, s->view);
	check_windows(c, m, s->view);
	check_devices(c, m, s->view);
	for (size_t i = 0; i < m->cxl.n_regions; i++) {
		const struct region *r = &m->cxl.regions[i];

		if (!region_is_there(m, r))
			continue;
		check_region(c, m, s->view, i);
		if (r->type == REGION_PMEM || r->online == ONLINE_DEVDAX)
			check_use(c, m, s->view, i);
		else
			check_node(c, m, s->view, i);
	}
	check_fast_path(c, m, s);
}
