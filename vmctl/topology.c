#include "topology.h"

#include <string.h>

#include "text.h"
#include "units.h"

/* QEMU: one pxb-cxl takes a range of bus numbers of its own; 8 of 16 buses each fit below 0xff. */
#define MAX_BRIDGES 8
/* bridge_bus() leaves 0x18 bus numbers to each bridge: one for itself, one behind each of its root ports. */
#define MAX_PORTS 23
/* A chassis number is a byte, and those of root ports begin at FIRST_CXL_CHASSIS (100). */
#define MAX_ALL_PORTS 155
/* The most that the specification's interleave ways go to without 3-way maths (CXL 3.1, table 8-113). */
#define MAX_WAYS 16

static int check_memory(const struct machine *m, struct err *e)
{
	char size[SIZE_TEXT];

	if (m->memory < 512 * MiB || m->memory % (2 * MiB))
		return ydoc_err(m->doc, &m->memory, e, "'memory' is %s: it is at least 512MiB, in multiples of 2MiB",
				size_text(m->memory, size));
	return 0;
}

static int check_name(const struct machine *m, char *const *field, const char *what, struct err *e)
{
	return name_ok(*field) ? 0 : ydoc_err(m->doc, field, e, "'%s' can't be the name of %s: a-z, 0-9, '-' and '_', a "
					      "letter or digit first", *field, what);
}

static int check_granule(const struct machine *m, const uint64_t *field, const char *what, struct err *e)
{
	char size[SIZE_TEXT], up[SIZE_TEXT];

	if (*field && *field % CXL_GRANULE == 0)
		return 0;
	return ydoc_err(m->doc, field, e, "%s is %s: CXL memory comes in multiples of 256MiB, the next is %s", what,
			size_text(*field, size), size_text((*field / CXL_GRANULE + 1) * CXL_GRANULE, up));
}

static int check_bridges(const struct machine *m, struct err *e)
{
	const struct cxl *c = &m->cxl;
	size_t ports = 0;

	if (c->n_bridges > MAX_BRIDGES)
		return ydoc_err(m->doc, &c->bridges[MAX_BRIDGES], e, "%zu host bridges: at most %d fit", c->n_bridges,
				MAX_BRIDGES);
	for (size_t i = 0; i < c->n_bridges; i++) {
		const struct bridge *b = &c->bridges[i];

		if (check_name(m, &b->name, "a host bridge", e) < 0)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (!strcmp(c->bridges[k].name, b->name))
				return ydoc_err(m->doc, &b->name, e, "host bridge '%s' stands twice (line %d)", b->name,
						ydoc_line(m->doc, &c->bridges[k].name));
		if (!b->n_ports || b->n_ports > MAX_PORTS)
			return ydoc_err(m->doc, &b->ports, e, "host bridge '%s' has %zu root ports: it takes 1 to %d", b->name,
					b->n_ports, MAX_PORTS);
		for (size_t j = 0; j < b->n_ports; j++) {
			size_t other, index;

			if (check_name(m, &b->ports[j], "a root port", e) < 0)
				return -1;
			find_port(m, b->ports[j], &other, &index);
			if (other != i || index != j)
				return ydoc_err(m->doc, &b->ports[j], e, "root port '%s' stands twice", b->ports[j]);
			if (++ports > MAX_ALL_PORTS)
				return ydoc_err(m->doc, &b->ports[j], e, "the machine has more than %d root ports", MAX_ALL_PORTS);
		}
	}
	return 0;
}

static int check_device(const struct machine *m, size_t i, struct err *e)
{
	const struct device *d = &m->cxl.devices[i];
	size_t bridge, index;

	if (check_name(m, &d->name, "a device", e) < 0 ||
	    check_granule(m, &d->volatile_size, "the device's volatile memory", e) < 0)
		return -1;
	if (!find_port(m, d->port, &bridge, &index))
		return ydoc_err(m->doc, &d->port, e, "device '%s' sits in root port '%s', which no host bridge has: name it "
				"under 'ports'", d->name, d->port);
	for (size_t k = 0; k < i; k++) {
		const struct device *o = &m->cxl.devices[k];

		if (!strcmp(o->name, d->name))
			return ydoc_err(m->doc, &d->name, e, "device '%s' stands twice (line %d)", d->name,
					ydoc_line(m->doc, &o->name));
		if (!strcmp(o->port, d->port))
			return ydoc_err(m->doc, &d->port, e, "root port '%s' already holds device '%s': one port takes one "
					"device", d->port, o->name);
	}
	return 0;
}

/* Bytes of the devices behind the window's host bridges. */
static uint64_t behind(const struct machine *m, const struct window *w)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->cxl.n_devices; i++) {
		struct region one = { .devices = &m->cxl.devices[i].name, .n_devices = 1 };
		struct machine with = *m;

		with.cxl.windows = (struct window *)w;
		with.cxl.n_windows = 1;
		if (region_window(&with, &one) == 0)
			sum += m->cxl.devices[i].volatile_size;
	}
	return sum;
}

static int check_window(const struct machine *m, const struct window *w, struct err *e)
{
	char size[SIZE_TEXT], need[SIZE_TEXT];
	uint64_t sum;

	if (check_granule(m, &w->size, "the window", e) < 0)
		return -1;
	if (!w->n_targets || w->n_targets > 16 || w->n_targets & (w->n_targets - 1))
		return ydoc_err(m->doc, &w->targets, e, "a window has %zu targets: 1, 2, 4, 8 or 16 host bridges interleave it",
				w->n_targets);
	for (size_t i = 0; i < w->n_targets; i++) {
		bool known = false;

		for (size_t j = 0; j < m->cxl.n_bridges; j++)
			known |= !strcmp(m->cxl.bridges[j].name, w->targets[i]);
		if (!known)
			return ydoc_err(m->doc, &w->targets[i], e, "the window's target '%s' is no host bridge of this machine",
					w->targets[i]);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(w->targets[j], w->targets[i]))
				return ydoc_err(m->doc, &w->targets[i], e, "the window's target '%s' stands twice", w->targets[i]);
	}
	sum = behind(m, w);
	if (sum > w->size)
		return ydoc_err(m->doc, &w->size, e, "the window is %s, and the devices behind it have %s together: make it at "
				"least that", size_text(w->size, size), size_text(sum, need));
	return 0;
}

static int check_members(const struct machine *m, size_t i, struct err *e)
{
	const struct region *r = &m->cxl.regions[i];
	const struct device *first = NULL;

	for (size_t j = 0; j < r->n_devices; j++) {
		const struct device *d = find_device(m, r->devices[j]);

		if (!d)
			return ydoc_err(m->doc, &r->devices[j], e, "the region's device '%s' is not among this machine's",
					r->devices[j]);
		first = first ? first : d;
		if (d->volatile_size != first->volatile_size)
			return ydoc_err(m->doc, &r->devices[j], e, "devices '%s' and '%s' differ in size: what is interleaved "
					"is of one size", first->name, d->name);
		for (size_t k = 0; k <= i; k++)
			for (size_t l = 0; l < (k == i ? j : m->cxl.regions[k].n_devices); l++)
				if (!strcmp(m->cxl.regions[k].devices[l], d->name))
					return ydoc_err(m->doc, &r->devices[j], e, "device '%s' is in a region already (line %d)",
							d->name, ydoc_line(m->doc, &m->cxl.regions[k].devices[l]));
	}
	return 0;
}

static int check_region(const struct machine *m, size_t i, struct err *e)
{
	const struct region *r = &m->cxl.regions[i];
	char size[SIZE_TEXT];

	if (!r->n_devices || r->n_devices > MAX_WAYS || r->n_devices & (r->n_devices - 1))
		return ydoc_err(m->doc, &r->devices, e, "a region has %zu devices: 1, 2, 4, 8 or 16 interleave it",
				r->n_devices);
	if (r->granularity < 256 || r->granularity > 16 * KiB || r->granularity & (r->granularity - 1))
		return ydoc_err(m->doc, &r->granularity, e, "'granularity' is %s: it is 256B, 512B, 1KiB, 2KiB, 4KiB, 8KiB or "
				"16KiB (CXL 3.1, 8.2.4.20.7)", size_text(r->granularity, size));
	if (check_members(m, i, e) < 0)
		return -1;
	if (region_window(m, r) < 0)
		return ydoc_err(m->doc, r, e, "no window reaches the region's devices: add their host bridge to a window's "
				"'targets'");
	return 0;
}

int topology_check(const struct machine *m, struct err *e)
{
	const struct cxl *c = &m->cxl;

	if (!name_ok(m->name))
		return ydoc_err(m->doc, NULL, e, "a machine has the name of its file, and '%s' can't be one: a-z, 0-9, '.', '_' "
				"and '-', at most 63", m->name);
	if (check_memory(m, e) < 0 || check_bridges(m, e) < 0)
		return -1;
	for (size_t i = 0; i < c->n_devices; i++)
		if (check_device(m, i, e) < 0)
			return -1;
	for (size_t i = 0; i < c->n_windows; i++)
		if (check_window(m, &c->windows[i], e) < 0)
			return -1;
	for (size_t i = 0; i < c->n_regions; i++)
		if (check_region(m, i, e) < 0)
			return -1;
	return 0;
}
