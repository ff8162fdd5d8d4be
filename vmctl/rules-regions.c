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
/* Of one decoder that is not a device's (Linux: cxl_port_setup_targets() in drivers/cxl/core/region.c). */
#define MAX_PORT_WAYS 8
#define MAX_GRANULARITY (16 * KiB)

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

/* Behind one host bridge the root ports take turns too, and at each level the granularity is that of the one above times its
 * ways (Linux, the same place). Devices j, j + step, j + 2 step... are those behind the bridge of device j. */
static int check_level(const struct machine *m, const struct region *r, size_t j, size_t step, struct err *e)
{
	size_t roots[MAX_WAYS], n = 0, ways = 0;
	char size[SIZE_TEXT], below[SIZE_TEXT];
	bool switched = false;
	struct place p;

	for (size_t k = j; k < r->n_devices; k += step) {
		bool known = false;

		find_port(m, find_device(m, r->devices[k])->port, &p);
		switched |= p.depth > 0;
		roots[n++] = p.root;
		for (size_t l = 0; l + 1 < n; l++)
			known |= roots[l] == p.root;
		ways += !known;
	}
	if (n % ways)
		return ydoc_err(m->doc, &r->devices, e, "%zu of the region's devices are below %zu root ports of host bridge '%s': each takes "
				"as many", n, ways, m->cxl.bridges[p.bridge].name);
	for (size_t k = ways; k < n; k++)
		if (roots[k] != roots[k - ways])
			return ydoc_err(m->doc, &r->devices[j + k * step], e, "device '%s' is below root port '%s', and at its place in the "
					"region it is the turn of '%s': the root ports of a host bridge take turns",
					r->devices[j + k * step], m->cxl.bridges[p.bridge].ports[roots[k]],
					m->cxl.bridges[p.bridge].ports[roots[k % ways]]);
	if (ways > MAX_PORT_WAYS || n / ways > MAX_PORT_WAYS)
		return ydoc_err(m->doc, &r->devices, e, "%zu ports of %s interleave the region: Linux takes at most %d; spread the devices "
				"over more host bridges", ways > MAX_PORT_WAYS ? ways : n / ways,
				ways > MAX_PORT_WAYS ? "a host bridge" : "a switch", MAX_PORT_WAYS);
	if (r->granularity * step * (switched ? ways : 1) > MAX_GRANULARITY)
		return ydoc_err(m->doc, &r->granularity, e, "'granularity' is %s, and %s at the level below, which takes at most 16KiB: "
				"make it smaller", size_text(r->granularity, size),
				size_text(r->granularity * step * (switched ? ways : 1), below));
	return 0;
}

static int check_levels(const struct machine *m, const struct region *r, const struct window *w, struct err *e)
{
	for (size_t j = 0; j < w->n_targets; j++)
		if (check_level(m, r, j, w->n_targets, e) < 0)
			return -1;
	return 0;
}

static int check_reach(const struct machine *m, const struct region *r, struct err *e)
{
	const struct cxl *c = &m->cxl;

	if (r->window >= 0 && !c->n_windows)
		return ydoc_err(m->doc, &r->window, e, "'window' is %ld, and the machine has no window: put one under 'windows'", r->window);
	if (r->window >= (long)c->n_windows)
		return ydoc_err(m->doc, &r->window, e, "'window' is %ld, and the machine's windows are 0 to %zu", r->window,
				c->n_windows - 1);
	for (size_t j = 0; r->window >= 0 && j < r->n_devices; j++)
		if (!window_reaches(m, &c->windows[r->window], find_device(m, r->devices[j])))
			return ydoc_err(m->doc, &r->devices[j], e, "window %ld does not reach device '%s': add its host bridge to the window's "
					"'targets'", r->window, r->devices[j]);
	if (region_window(m, r) < 0)
		return ydoc_err(m->doc, &r->devices, e, "no window reaches the region's devices: add their host bridge to a window's 'targets'");
	return check_turns(m, r, &c->windows[region_window(m, r)], e) < 0 ||
	       check_levels(m, r, &c->windows[region_window(m, r)], e) < 0 ? -1 : 0;
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
			for (size_t k = 0; k <= i; k++) {
				if (!passes(m, &c->regions[k], b, s))
					continue;
				n++;
				if (region_window(m, &c->regions[k]) > region_window(m, r))
					return ydoc_err(m->doc, &r->devices, e, "the region goes into window %d, and an earlier one (line %d) through the "
							"same host bridge '%s' into window %d: put those of lower windows first",
							region_window(m, r), ydoc_line(m->doc, &c->regions[k].devices), c->bridges[b].name,
							region_window(m, &c->regions[k]));
			}
			if (n > DECODERS)
				return ydoc_err(m->doc, &r->devices, e, "%zu regions go through %s '%s', which has decoders for %d: spread the devices "
						"over more of them", n, s < 0 ? "host bridge" : "switch",
						s < 0 ? c->bridges[b].name : c->switches[s].name, DECODERS);
		}
	return 0;
}

static const struct region *region_of(const struct machine *m, const struct device *d, int type)
{
	for (size_t i = 0; i < m->cxl.n_regions; i++)
		for (size_t j = 0; j < m->cxl.regions[i].n_devices && m->cxl.regions[i].type == type; j++)
			if (!strcmp(m->cxl.regions[i].devices[j], d->name))
				return &m->cxl.regions[i];
	return NULL;
}

/* Bytes of the device that go into the window, which reaches it: its share of a region, or all of what is in none and may go
 * into any window. */
static uint64_t part_in(const struct machine *m, int window, const struct device *d, int type)
{
	const struct region *r = region_of(m, d, type);

	if (!r)
		return device_capacity(d, type);
	return region_window(m, r) == window ? region_size(m, r) / r->n_devices : 0;
}

/* Extents of dynamic capacity go where the rest of the device is. */
static uint64_t dynamic_in(const struct machine *m, int window, const struct device *d)
{
	const struct region *ram = region_of(m, d, REGION_RAM), *r = ram ? ram : region_of(m, d, REGION_PMEM);

	return !r || region_window(m, r) == window ? d->dynamic_size : 0;
}

static int check_room(const struct machine *m, size_t window, struct err *e)
{
	const struct window *w = &m->cxl.windows[window];
	char size[SIZE_TEXT], need[SIZE_TEXT];
	uint64_t sum = 0;

	for (size_t i = 0; i < m->cxl.n_devices; i++) {
		const struct device *d = &m->cxl.devices[i];

		if (window_reaches(m, w, d))
			sum += part_in(m, (int)window, d, REGION_RAM) + part_in(m, (int)window, d, REGION_PMEM) +
			       dynamic_in(m, (int)window, d);
	}
	if (sum > w->size)
		return ydoc_err(m->doc, &w->size, e, "the window is %s, and the devices behind it have %s together: make it at "
				"least that", size_text(w->size, size), size_text(sum, need));
	return 0;
}

int rules_regions(const struct machine *m, struct err *e)
{
	const struct cxl *c = &m->cxl;

	for (size_t i = 0; i < c->n_regions; i++)
		if (check_region(m, i, e) < 0 || check_decoders(m, i, e) < 0)
			return -1;
	for (size_t i = 0; i < c->n_windows; i++)
		if (check_room(m, i, e) < 0)
			return -1;
	return 0;
}
