#include "summary.h"

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "topology.h"
#include "units.h"

#define NODE "/sys/devices/system/node/"

static void nodes(const struct look *l, struct text *t)
{
	for (int node = 0; node < 64; node++) {
		const char *cpus = view_get(&l->view, NODE "node%d/cpulist", node), *list;
		uint64_t bytes = node ? view_blocks(&l->view, node, NULL) * view_block_size(&l->view) : l->m->memory;
		int tier = view_tier(&l->view, node, &list);
		char size[SIZE_TEXT];

		if (!view_node_memory(&l->view, node))
			continue;
		text_addf(t, "  node %-6d %s, %s%s, ", node, size_human(bytes, size), *cpus ? "CPUs " : "no CPU", cpus);
		text_addf(t, tier < 0 ? "no memory tier" : "memory tier %d", tier);
		for (size_t i = 0; i < l->m->cxl.n_regions; i++)
			if (region_node(&l->view, i) == node)
				text_addf(t, ", CXL");
		text_puts(t, "\n");
	}
}

static void regions(const struct look *l, struct text *t)
{
	for (size_t i = 0; i < l->m->cxl.n_regions; i++) {
		const struct region *r = &l->m->cxl.regions[i];
		int window = region_window(l->m, r);
		char name[64], size[SIZE_TEXT], whole[SIZE_TEXT];

		text_addf(t, "  region      %s: %s volatile, %zu way%s, in window %d of %s\n",
			  view_region(&l->view, i, "name", name), size_human(region_size(l->m, r), size), r->n_devices,
			  r->n_devices > 1 ? "s" : "", window, size_human(l->m->cxl.windows[window].size, whole));
	}
}

static void gups(const struct node_gups *g, size_t n, struct text *t)
{
	text_puts(t, "  GUPS        ");
	for (size_t i = 0; i < n; i++)
		text_addf(t, "node %d: %.5f%s", g[i].node, g[i].gups, i + 1 < n ? ", " : "");
	for (size_t i = 1; i < n && g[0].gups > 0; i++)
		text_addf(t, "; node %d over node %d: %.2f", g[i].node, g[0].node, g[i].gups / g[0].gups);
	text_puts(t, "\n");
}

char *summary_text(const struct look *l, const struct node_gups *g, size_t n, const char *vmctl)
{
	const struct manifest *man = &l->man;
	size_t fast = fast_regions(l->mtree);
	struct text t = { 0 };

	text_addf(&t, "%s is running\n\n", l->m->name);
	text_addf(&t, "  image       %s: Debian %s, made %.10s\n", man->name, man->base, man->created);
	text_addf(&t, "  kernel      %s, %s\n", man->release,
		  man->stock ? "Debian's own" : "built here, its options checked");
	text_addf(&t, "  QEMU        %s, %s", l->host.qemu.text, host_uses_kvm(&l->host, l->m) ? "KVM" : "TCG");
	if (l->m->cxl.n_regions)
		text_addf(&t, fast == l->m->cxl.n_regions ? "; fast path: CXL memory at the speed of DRAM" :
			  "; NO fast path: slow memory in %zu of %zu regions",
			  l->m->cxl.n_regions - fast, l->m->cxl.n_regions);
	text_addf(&t, "\n  CPUs        %s\n", view_get(&l->view, "/sys/devices/system/cpu/online"));
	nodes(l, &t);
	regions(l, &t);
	if (n)
		gups(g, n, &t);
	text_addf(&t, "\nWhat to type next:\n  %s ssh %s       log in; try numactl -H, cxl list, gups 256M\n"
		      "  %s check %s     compare the machine with its file\n"
		      "  %s stop %s      power it off\n", vmctl, l->m->name, vmctl, l->m->name, vmctl, l->m->name);
	return t.s;
}
