/* The CXL part of the picture: the windows' nodes with their regions, and what sits in what. */
#include <string.h>

#include "show.h"
#include "topology.h"
#include "units.h"

static char *joined(char *const *names, size_t n)
{
	auto_text t = { 0 };

	text_puts(&t, "");
	for (size_t i = 0; i < n; i++)
		text_addf(&t, "%s%s", i ? " " : "", names[i]);
	return steal(t.s);
}

/* ---- windows and regions ---- */

static void add_use(struct box *b, const struct region *r)
{
	static const char *const uses[] = {
		[ONLINE_AUTO] = "system RAM",
		[ONLINE_KERNEL] = "system RAM (online_kernel)",
		[ONLINE_MOVABLE] = "system RAM (online_movable)",
		[ONLINE_NO] = "left offline",
		[ONLINE_DEVDAX] = "a DAX device",
	};

	if (r->type == REGION_RAM)
		box_fact(b, "%s", uses[r->online]);
	else if (r->name_space == NAMESPACE_NONE)
		box_fact(b, "no namespace");
	else
		box_fact(b, "%s namespace", name_space_names[r->name_space]);
}

static void add_region(struct box *window, const struct machine *m, size_t i)
{
	const struct region *r = &m->cxl.regions[i];
	struct box *b = box_new(window, BOX_REGION, "region %zu", i);
	auto_free char *devices = joined(r->devices, r->n_devices);
	char size[SIZE_TEXT];

	box_in_region(b, i);
	box_fact(b, "%s of %s", size_text(region_size(m, r), size), region_type_names[r->type]);
	box_fact(b, "on %s", devices);
	if (r->n_devices > 1)
		box_fact(b, "%zu ways by %s", r->n_devices, size_text(r->granularity, size));
	add_use(b, r);
	box_fact(b, "%s", region_is_fast(m, r) ? "fast path" : "no fast path");
}

void show_windows(struct box *nodes, const struct machine *m)
{
	for (size_t i = 0; i < m->cxl.n_windows; i++) {
		const struct window *w = &m->cxl.windows[i];
		struct box *b = box_new(nodes, BOX_WINDOW, "node %zu (CXL window %zu)", dram_nodes(m) + i, i);
		auto_free char *targets = joined(w->targets, w->n_targets);
		uint64_t used = 0;
		char size[SIZE_TEXT];

		for (size_t k = 0; k < m->cxl.n_regions; k++)
			if (region_window(m, &m->cxl.regions[k]) == (int)i) {
				add_region(b, m, k);
				used += region_size(m, &m->cxl.regions[k]);
			}
		box_fact(b, "%s", size_text(w->size, size));
		if (w->n_targets > 1)
			box_fact(b, "interleaves %s by %s", targets, size_text(w->granularity, size));
		else
			box_fact(b, "behind %s", targets);
		if (!used)
			box_fact(b, "no region");
		else if (used < w->size)
			box_fact(b, "%s free", size_text(w->size - used, size));
		b->faint = !used;
	}
}

/* ---- host bridges and below ---- */

static void add_part(struct box *b, uint64_t bytes, const char *what)
{
	char size[SIZE_TEXT];

	if (bytes)
		box_fact(b, "%s %s", size_text(bytes, size), what);
}

static void add_device(struct box *port, const struct machine *m, const struct device *d)
{
	struct box *b = box_new(port, BOX_DEVICE, "device %s", d->name);
	auto_text in = { 0 };

	add_part(b, d->volatile_size, "volatile");
	add_part(b, d->persistent_size, "persistent");
	add_part(b, d->dynamic_size, "dynamic");
	if (!d->plugged)
		box_fact(b, "not plugged");
	b->faint = !d->plugged;
	for (size_t i = 0; i < m->cxl.n_regions; i++)
		for (size_t k = 0; k < m->cxl.regions[i].n_devices; k++)
			if (!strcmp(m->cxl.regions[i].devices[k], d->name)) {
				box_in_region(b, i);
				text_addf(&in, " %zu", i);
			}
	if (b->n_regions)
		box_fact(b, "region%s%s", b->n_regions > 1 ? "s" : "", in.s);
	else if (d->plugged)
		box_fact(b, "no region");
}

static void add_port(struct box *above, const struct machine *m, const char *what, const char *name);

static void add_switch(struct box *port, const struct machine *m, const struct cxl_switch *s)
{
	struct box *b = box_new(port, BOX_SWITCH, "switch %s", s->name);

	for (size_t i = 0; i < s->n_ports; i++)
		add_port(b, m, "port", s->ports[i]);
}

/* The rules have it that a port holds one thing, and that no switch is below itself. */
static void add_port(struct box *above, const struct machine *m, const char *what, const char *name)
{
	struct box *b = box_new(above, BOX_PORT, "%s %s", what, name);

	for (size_t i = 0; i < m->cxl.n_switches; i++)
		if (!strcmp(m->cxl.switches[i].port, name))
			add_switch(b, m, &m->cxl.switches[i]);
	for (size_t i = 0; i < m->cxl.n_devices; i++)
		if (!strcmp(m->cxl.devices[i].port, name))
			add_device(b, m, &m->cxl.devices[i]);
	b->faint = !b->n_kids;
	if (b->faint)
		box_fact(b, "empty");
}

void show_topology(struct box *root, const struct machine *m)
{
	struct box *group;

	if (!m->cxl.n_bridges)
		return;
	group = box_new(root, BOX_GROUP, "CXL topology");
	for (size_t i = 0; i < m->cxl.n_bridges; i++) {
		struct box *b = box_new(group, BOX_BRIDGE, "host bridge %s", m->cxl.bridges[i].name);

		for (size_t k = 0; k < m->cxl.bridges[i].n_ports; k++)
			add_port(b, m, "root port", m->cxl.bridges[i].ports[k]);
	}
}
