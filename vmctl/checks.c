#include "checks.h"

#include "boot.h"

#include <stdarg.h>
#include <string.h>

#include "text.h"
#include "units.h"

#define CXL "/sys/bus/cxl/devices/"
#define NODE "/sys/devices/system/node/"
/* Seen: the kernel keeps 2 to 5 % of DRAM for itself before it counts MemTotal. */
#define DRAM_SHARE 0.90

/* Takes expected and seen. */
static void add(struct checks *c, char *name, char *expected, char *seen, bool ok)
{
	c->v = xrealloc(c->v, (c->n + 1) * sizeof(*c->v));
	c->v[c->n++] = (struct check){ name, expected, seen, ok };
}

/* The common case: both are texts and have to be the same. */
static void add_same(struct checks *c, char *name, char *expected, char *seen)
{
	add(c, name, expected, seen, !strcmp(expected, seen));
}

static char *size_or_none(uint64_t bytes)
{
	char text[SIZE_TEXT];

	return bytes ? xstrdup(size_text(bytes, text)) : xstrdup("none");
}

int region_node(const struct view *w, size_t i)
{
	char node[64];

	return *view_region(w, i, "node", node) ? atoi(node) : -1;
}

size_t fast_regions(const char *mtree)
{
	size_t n = 0;
	auto_strv seen = { 0 };

	/* One alias may be printed once for each address space that it is in. */
	for (const char *p = mtree; (p = strstr(p, "cxl-direct-mapping-alias")); p++) {
		auto_free char *name = xstrndup(p, strcspn(p, "\r\n"));

		if (strv_has(&seen, name))
			continue;
		strv_add(&seen, name);
		n++;
	}
	return n;
}

static void check_setup(struct checks *c, const struct view *w)
{
	const char *status = view_status(w);

	add_same(c, xstrdup("guest set-up"), xstrdup("ok"), xstrdup(*status ? status : "no report"));
}

static void check_cpus(struct checks *c, const struct machine *m, const struct seen *s)
{
	long n = machine_cpus(m, s->host_cpus);

	add_same(c, xstrdup("CPUs"), n > 1 ? strf("0-%ld", n - 1) : xstrdup("0"),
		 xstrdup(view_get(s->view, "/sys/devices/system/cpu/online")));
}

static void check_dram(struct checks *c, const struct machine *m, const struct view *w)
{
	uint64_t have = view_node_memory(w, 0);
	char text[SIZE_TEXT];

	add(c, xstrdup("node 0 memory"), size_or_none(m->memory), strf("%s usable", size_human(have / MiB * MiB, text)),
	    (double)have >= (double)m->memory * DRAM_SHARE && have <= m->memory);
}

static void check_nodes(struct checks *c, const struct machine *m, const struct view *w)
{
	size_t n = 1;

	for (size_t i = 0; i < m->cxl.n_windows; i++)
		for (size_t j = 0; j < m->cxl.n_regions; j++)
			if (region_window(m, &m->cxl.regions[j]) == (int)i && m->cxl.regions[j].online != ONLINE_NO) {
				n++;
				break;
			}
	add_same(c, xstrdup("nodes with memory"), n > 1 ? strf("0-%zu", n - 1) : xstrdup("0"),
		 xstrdup(view_get(w, NODE "has_memory")));
}

static void check_windows(struct checks *c, const struct machine *m, const struct view *w)
{
	for (size_t i = 0; i < m->cxl.n_windows; i++)
		add_same(c, strf("window %zu", i), size_or_none(m->cxl.windows[i].size),
			 size_or_none(view_number(w, CXL "decoder0.%zu/size", i)));
}

static void check_devices(struct checks *c, const struct machine *m, const struct view *w)
{
	for (size_t i = 0; i < m->cxl.n_devices; i++) {
		const struct device *d = &m->cxl.devices[i];
		char address[PORT_ADDRESS], mem[32];
		uint64_t size;

		view_memdev(w, port_address(m, d->port, address), mem);
		size = *mem ? view_number(w, CXL "%s/ram/size", mem) : 0;
		add_same(c, strf("device %s", d->name), size_or_none(d->volatile_size), size_or_none(size));
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
	add_same(c, strf("region %zu", i),
		 strf("%s ram, %zu way%s, committed", size_text(region_size(m, r), size), r->n_devices,
		      r->n_devices > 1 ? "s" : ""),
		 !bytes ? xstrdup("none") :
		 strf("%s %s, %s way%s, %s", size_text(bytes, seen), view_get(w, CXL "%s/mode", name),
		      view_get(w, CXL "%s/interleave_ways", name), r->n_devices > 1 ? "s" : "",
		      committed ? "committed" : "not committed"));
}

/* What a region's memory is to the guest: a node without CPUs, online, in a tier of its own. */
static void check_node(struct checks *c, const struct machine *m, const struct view *w, size_t i)
{
	uint64_t want = 0, want_online = 0, block = view_block_size(w);
	int node = region_node(w, i), tier;
	bool off = m->cxl.regions[i].online == ONLINE_NO;
	const char *nodes, *dram;

	if (node < 0) {
		add(c, strf("region %zu memory", i), size_or_none(region_size(m, &m->cxl.regions[i])), xstrdup("no node"), false);
		return;
	}
	/* The kernel makes one node of a window: its regions share it, and are looked at with the first. */
	for (size_t j = 0; j < m->cxl.n_regions; j++) {
		if (region_node(w, j) != node)
			continue;
		if (j < i)
			return;
		want += region_size(m, &m->cxl.regions[j]);
		off &= m->cxl.regions[j].online == ONLINE_NO;
		want_online += m->cxl.regions[j].online == ONLINE_NO ? 0 : region_size(m, &m->cxl.regions[j]);
	}
	add_same(c, strf("node %d memory", node), size_or_none(want),
		 size_or_none(view_blocks(w, node, NULL) * block));
	add_same(c, strf("node %d online", node), size_or_none(want_online),
		 size_or_none(view_blocks(w, node, "online") * block));
	add(c, strf("node %d CPUs", node), xstrdup("none"),
	    xstrdup(*view_get(w, NODE "node%d/cpulist", node) ? view_get(w, NODE "node%d/cpulist", node) : "none"),
	    !*view_get(w, NODE "node%d/cpulist", node));
	if (off)
		return;
	tier = view_tier(w, node, &nodes);
	add(c, strf("node %d tier", node), xstrdup("one without node 0"),
	    tier < 0 ? xstrdup("none") : strf("memory_tier%d, nodes %s", tier, nodes),
	    tier >= 0 && view_tier(w, 0, &dram) != tier);
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

	add_same(c, xstrdup("kernel"), xstrdup(man->release), xstrdup(view_get(w, "/proc/sys/kernel/osrelease")));
	if (!man->n_options)
		return;
	for (size_t i = 0; i < man->n_options; i++) {
		if (option_live(&man->options[i], config))
			live++;
		else if (missing.n < 160)
			text_addf(&missing, "%s%s", missing.n ? ", " : "", man->options[i].spellings.v[0]);
	}
	add(c, xstrdup("kernel options"), strf("%zu live", man->n_options),
	    missing.n ? strf("%zu live, not %s", live, missing.s) : strf("%zu live", live), live == man->n_options);
	text_free(&missing);
}

static void check_fast_path(struct checks *c, const struct machine *m, const struct seen *s)
{
	size_t want = 0, have = fast_regions(s->mtree);

	for (size_t i = 0; i < m->cxl.n_regions; i++)
		want += m->cxl.regions[i].n_devices == 1;
	if (s->qemu_version < QEMU_CXL_ALIAS || !m->cxl.n_regions)
		return; /* there is none to expect: the region is MMIO, and slow */
	add(c, xstrdup("fast path"), strf("%zu of %zu region%s", want, m->cxl.n_regions, m->cxl.n_regions > 1 ? "s" : ""),
	    strf("%zu alias%s of RAM", have, have == 1 ? "" : "es"), have == want);
}

void checks_make(struct checks *c, const struct machine *m, const struct manifest *man, const struct seen *s)
{
	*c = (struct checks){ 0 };
	check_setup(c, s->view);
	check_kernel(c, man, s->view);
	check_cpus(c, m, s);
	check_dram(c, m, s->view);
	check_nodes(c, m, s->view);
	check_windows(c, m, s->view);
	check_devices(c, m, s->view);
	for (size_t i = 0; i < m->cxl.n_regions; i++) {
		check_region(c, m, s->view, i);
		check_node(c, m, s->view, i);
	}
	check_fast_path(c, m, s);
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
