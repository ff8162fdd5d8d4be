/* Regions: what QEMU's decoders and Linux' cxl_region take, and what of it makes sense. */
#include <string.h>

#include "rules-parts.h"
#include "text.h"
#include "topology.h"
#include "units.h"

/* The ways without 3-way maths (CXL 3.1, table 8-113). */
#define MAX_WAYS 16
/* HDM decoders of a host bridge, an upstream port and a device in QEMU (hw/cxl/cxl-component-utils.c). */
#define DECODERS 4

static const char *const of_type[] = { [REGION_RAM] = "volatile", [REGION_PMEM] = "persistent" };

static int check_member(const struct machine *m, size_t i, size_t j, struct err *e)
{
	const struct region *r = &m->cxl.regions[i];
	const struct device *d = find_device(m, r->devices[j]), *first = find_device(m, r->devices[0]);

	if (!d)
		return ydoc_err(m->doc, &r->devices[j], e, "the region's device '%s' is not among this machine's", r->devices[j]);
	if (!device_capacity(d, r->type))
		return ydoc_err(m->doc, &r->devices[j], e, "the region is of type %s, and device '%s' has no %s memory",
				region_type_names[r->type], d->name, of_type[r->type]);
	if (device_capacity(d, r->type) != device_capacity(first, r->type))
		return ydoc_err(m->doc, &r->devices[j], e, "devices '%s' and '%s' differ in size: what is interleaved is of one size",
				first->name, d->name);
	for (size_t k = 0; k <= i; k++)
		for (size_t l = 0; l < (k == i ? j : m->cxl.regions[k].n_devices); l++)
			if (!strcmp(m->cxl.regions[k].devices[l], d->name) && m->cxl.regions[k].type == r->type)
				return ydoc_err(m->doc, &r->devices[j], e, "device '%s' is in a region of type %s already (line %d)", d->name,
						region_type_names[r->type], ydoc_line(m->doc, &m->cxl.regions[k].devices[l]));
	return 0;
}

/* A device's volatile memory lies below its persistent one, and decoders are committed in that order (CXL 3.1, 8.2.4.20.12). */
static int check_order(const struct machine *m, size_t i, struct err *e)
{
	const struct region *r = &m->cxl.regions[i];

	for (size_t k = 0; r->type == REGION_RAM && k < i; k++)
		for (size_t l = 0; l < m->cxl.regions[k].n_devices; l++)
			for (size_t j = 0; j < r->n_devices; j++)
				if (!strcmp(m->cxl.regions[k].devices[l], r->devices[j]))
					return ydoc_err(m->doc, &r->devices[j], e, "the region of type pmem of device '%s' stands before that of "
							"type ram (line %d): ram comes first", r->devices[j],
							ydoc_line(m->doc, &m->cxl.regions[k].devices[l]));
	return 0;
}

static int check_size(const struct machine *m, const struct region *r, struct err *e)
{
	char size[SIZE_TEXT], have[SIZE_TEXT];
	uint64_t sum = 0, step = r->n_devices * CXL_GRANULE;

	for (size_t j = 0; j < r->n_devices; j++)
		sum += device_capacity(find_device(m, r->devices[j]), r->type);
	if (r->size > sum)
		return ydoc_err(m->doc, &r->size, e, "the region is %s, and its devices have %s together", size_text(r->size, size),
				size_text(sum, have));
	if (r->size % step)
		return ydoc_err(m->doc, &r->size, e, "the region is %s: with %zu devices it comes in multiples of %s",
				size_text(r->size, size), r->n_devices, size_text(step, have));
	if (ydoc_line(m->doc, &r->size) && !r->size)
		return ydoc_err(m->doc, &r->size, e, "the region has no size: leave it out for all that its devices have");
	return 0;
}

/* The window's host bridges take turns in the order of its targets, and Linux wants the members in the same. */
static int check_turns(const struct machine *m, const struct region *r, const struct window *w, struct err *e)
{
	char a[SIZE_TEXT], b[SIZE_TEXT];

	if (r->n_devices % w->n_targets)
		return ydoc_err(m->doc, &r->devices, e, "the region has %zu device%s, and its window interleaves %zu host bridges: a "
				"region takes as many devices of each", r->n_devices, r->n_devices > 1 ? "s" : "", w->n_targets);
	if (w->n_targets > 1 && r->granularity != w->granularity)
		return ydoc_err(m->doc, &r->granularity, e, "'granularity' is %s, and that of its window, which is interleaved, is %s: "
				"Linux takes only the same", size_text(r->granularity, a), size_text(w->granularity, b));
	for (size_t j = 0; j < r->n_devices; j++) {
		const char *bridge;
		struct place p;

		find_port(m, find_device(m, r->devices[j])->port, &p);
		bridge = m->cxl.bridges[p.bridge].name;
		if (strcmp(bridge, w->targets[j % w->n_targets]))
			return ydoc_err(m->doc, &r->devices[j], e, "device '%s' is behind host bridge '%s', and at its place in the region "
					"it is the turn of '%s': name the devices in the order of the window's targets",
					r->devices[j], bridge, w->targets[j % w->n_targets]);
	}
	return 0;
}

static int check_reach(const struct machine *m, const struct region *r, struct err *e)
{
	const struct cxl *c = &m->cxl;

	if (r->window >= (long)c->n_windows)
		return ydoc_err(m->doc, &r->window, e, "'window' is %ld, and the machine's windows are 0 to %zu", r->window,
				c->n_windows - 1);
	for (size_t j = 0; r->window >= 0 && j < r->n_devices; j++)
		if (!window_reaches(m, &c->windows[r->window], find_device(m, r->devices[j])))
			return ydoc_err(m->doc, &r->devices[j], e, "window %ld does not reach device '%s': add its host bridge to the window's "
					"'targets'", r->window, r->devices[j]);
	if (region_window(m, r) < 0)
		return ydoc_err(m->doc, r, e, "no window reaches the region's devices: add their host bridge to a window's 'targets'");
	return check_turns(m, r, &c->windows[region_window(m, r)], e);
}

static int check_use(const struct machine *m, const struct region *r, struct err *e)
{
	if (r->type == REGION_PMEM && ydoc_line(m->doc, &r->online))
		return ydoc_err(m->doc, &r->online, e, "'online' is for regions of type ram: one of type pmem has a 'namespace'");
	if (r->type == REGION_RAM && ydoc_line(m->doc, &r->name_space))
		return ydoc_err(m->doc, &r->name_space, e, "'namespace' is for regions of type pmem: one of type ram is brought 'online'");
	if (r->type == REGION_RAM && m->accelerator == ACCEL_KVM && r->n_devices > 1)
		return ydoc_err(m->doc, &r->devices, e, "a region of %zu devices under KVM: interleaved memory is emulated access by "
				"access (MMIO), of which a KVM guest dies; use tcg, or a region for each device", r->n_devices);
	return 0;
}

static int check_region(const struct machine *m, size_t i, struct err *e)
{
	const struct region *r = &m->cxl.regions[i];

	if (!r->n_devices || r->n_devices > MAX_WAYS || r->n_devices & (r->n_devices - 1))
		return ydoc_err(m->doc, &r->devices, e, "a region has %zu devices: 1, 2, 4, 8 or 16 interleave it", r->n_devices);
	if (r->ways && (size_t)r->ways != r->n_devices)
		return ydoc_err(m->doc, &r->ways, e, "'ways' is %ld, and the region has %zu devices: they are the ways", r->ways,
				r->n_devices);
	if (rule_granularity(m, &r->granularity, e) < 0)
		return -1;
	for (size_t j = 0; j < r->n_devices; j++)
		if (check_member(m, i, j, e) < 0)
			return -1;
	if (check_order(m, i, e) < 0 || check_size(m, r, e) < 0 || check_reach(m, r, e) < 0 || check_use(m, r, e) < 0)
		return -1;
	return 0;
}

static bool passes(const struct machine *m, const struct region *r, size_t bridge, int sw)
{
	struct place p;

	for (size_t j = 0; j < r->n_devices; j++) {
		bool through = sw < 0;

		find_port(m, find_device(m, r->devices[j])->port, &p);
		for (size_t k = 0; k < p.depth; k++)
			through |= (int)p.down[k].sw == sw;
		if (p.bridge == bridge && through)
			return true;
	}
	return false;
}

static int check_decoders(const struct machine *m, size_t i, struct err *e)
{
	const struct cxl *c = &m->cxl;
	const struct region *r = &c->regions[i];

	for (size_t b = 0; b < c->n_bridges; b++)
		for (int s = -1; s < (int)c->n_switches; s++) {
			size_t n = 0;

			if (!passes(m, r, b, s))
				continue;
			for (size_t k = 0; k <= i; k++)
				n += passes(m, &c->regions[k], b, s);
			if (n > DECODERS)
				return ydoc_err(m->doc, r, e, "%zu regions go through %s '%s', which has decoders for %d: spread the devices "
						"over more of them", n, s < 0 ? "host bridge" : "switch",
						s < 0 ? c->bridges[b].name : c->switches[s].name, DECODERS);
		}
	return 0;
}

int rules_regions(const struct machine *m, struct err *e)
{
	const struct cxl *c = &m->cxl;
	char size[SIZE_TEXT], need[SIZE_TEXT];

	for (size_t i = 0; i < c->n_regions; i++)
		if (check_region(m, i, e) < 0 || check_decoders(m, i, e) < 0)
			return -1;
	for (size_t i = 0; i < c->n_windows; i++) {
		uint64_t sum = 0;

		for (size_t j = 0; j < c->n_regions; j++)
			sum += region_window(m, &c->regions[j]) == (int)i ? region_size(m, &c->regions[j]) : 0;
		if (sum > c->windows[i].size)
			return ydoc_err(m->doc, &c->windows[i].size, e, "the window is %s, and its regions have %s together: make it at "
					"least that", size_text(c->windows[i].size, size), size_text(sum, need));
	}
	return 0;
}
