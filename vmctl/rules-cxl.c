/* CXL: host bridges, ports, switches, devices and windows. */
#include <string.h>

#include "domain-slots.h"
#include "rules-parts.h"
#include "text.h"
#include "topology.h"
#include "units.h"

/* A chassis number is a byte, and those of CXL's ports begin at FIRST_CXL_CHASSIS. */
#define MAX_ALL_PORTS (255 - FIRST_CXL_CHASSIS)
#define MAX_TARGETS 16
#define MAX_DC_TOTAL (1 * TiB)
/* A label storage area holds two index blocks and the labels (Linux: drivers/nvdimm/label.c, ND_LABEL_MIN_SIZE). */
#define MIN_LABEL (256 * KiB)
#define MAX_LABEL GiB /* its size is told in 32 bits (CXL 3.1, 8.2.9.9.1.1) */

/* Is the name among the ports, of which `port` itself and those behind it do not count? */
static bool among(char *const *ports, size_t n, char *const *port, bool *passed)
{
	for (size_t i = 0; i < n && !*passed; i++) {
		*passed = &ports[i] == port;
		if (!*passed && !strcmp(ports[i], *port))
			return true;
	}
	return false;
}

/* The ports of bridges and of switches share their names: each stands once. */
static int check_port(const struct machine *m, char *const *port, size_t *n, struct err *e)
{
	const struct cxl *c = &m->cxl;
	bool passed = false, twice = false;

	if (rule_name(m, port, "a port", e) < 0)
		return -1;
	if (++*n > MAX_ALL_PORTS)
		return ydoc_err(m->doc, port, e, "the machine has more than %d ports: leave out those that are empty", MAX_ALL_PORTS);
	for (size_t i = 0; i < c->n_bridges; i++)
		twice |= among(c->bridges[i].ports, c->bridges[i].n_ports, port, &passed);
	for (size_t i = 0; i < c->n_switches; i++)
		twice |= among(c->switches[i].ports, c->switches[i].n_ports, port, &passed);
	return twice ? ydoc_err(m->doc, port, e, "port '%s' stands twice: each has a name of its own", *port) : 0;
}

static int check_bridges(const struct machine *m, size_t *ports, struct err *e)
{
	const struct cxl *c = &m->cxl;

	if (c->n_bridges > MAX_BRIDGES)
		return ydoc_err(m->doc, &c->bridges[MAX_BRIDGES], e, "%zu host bridges: at most %d fit", c->n_bridges, MAX_BRIDGES);
	for (size_t i = 0; i < c->n_bridges; i++) {
		const struct bridge *b = &c->bridges[i];

		if (rule_name(m, &b->name, "a host bridge", e) < 0)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (!strcmp(c->bridges[k].name, b->name))
				return ydoc_err(m->doc, &b->name, e, "host bridge '%s' stands twice (line %d)", b->name,
						ydoc_line(m->doc, &c->bridges[k].name));
		if (!b->n_ports || b->n_ports > MAX_ROOT_PORTS)
			return ydoc_err(m->doc, &b->ports, e, "host bridge '%s' has %zu root ports: it takes 1 to %d", b->name,
					b->n_ports, MAX_ROOT_PORTS);
		for (size_t j = 0; j < b->n_ports; j++)
			if (check_port(m, &b->ports[j], ports, e) < 0)
				return -1;
	}
	return 0;
}

/* Bus numbers: a host bridge has so many, one for itself, one behind each root port, and for each switch two and one behind
 * each of its downstream ports. */
static int check_buses(const struct machine *m, size_t bridge, struct err *e)
{
	const struct cxl *c = &m->cxl;
	size_t n = 1 + c->bridges[bridge].n_ports;
	struct place p;

	for (size_t i = 0; i < c->n_switches; i++)
		if (find_port(m, c->switches[i].port, &p) && p.bridge == bridge)
			n += 1 + c->switches[i].n_ports;
	if (n > BUSES_OF_BRIDGE)
		return ydoc_err(m->doc, &c->bridges[bridge].ports, e, "%zu bus numbers below host bridge '%s': it has %d; a root port "
				"takes one, a switch one and one for each port; spread them over more host bridges", n,
				c->bridges[bridge].name, BUSES_OF_BRIDGE);
	return 0;
}

static bool among_switches(const struct machine *m, const char *port)
{
	for (size_t i = 0; i < m->cxl.n_switches; i++)
		for (size_t j = 0; j < m->cxl.switches[i].n_ports; j++)
			if (!strcmp(m->cxl.switches[i].ports[j], port))
				return true;
	return false;
}

static int check_switches(const struct machine *m, size_t *ports, struct err *e)
{
	const struct cxl *c = &m->cxl;
	struct place p;

	for (size_t i = 0; i < c->n_switches; i++) {
		const struct cxl_switch *s = &c->switches[i];

		if (rule_name(m, &s->name, "a switch", e) < 0)
			return -1;
		for (size_t k = 0; k < i; k++) {
			if (!strcmp(c->switches[k].name, s->name))
				return ydoc_err(m->doc, &s->name, e, "switch '%s' stands twice (line %d)", s->name,
						ydoc_line(m->doc, &c->switches[k].name));
			if (!strcmp(c->switches[k].port, s->port))
				return ydoc_err(m->doc, &s->port, e, "port '%s' already holds switch '%s': one port takes one", s->port,
						c->switches[k].name);
		}
		if (!s->n_ports || s->n_ports > MAX_DOWNSTREAM_PORTS)
			return ydoc_err(m->doc, &s->ports, e, "switch '%s' has %zu downstream ports: it takes 1 to %d", s->name,
					s->n_ports, MAX_DOWNSTREAM_PORTS);
		for (size_t j = 0; j < s->n_ports; j++)
			if (check_port(m, &s->ports[j], ports, e) < 0)
				return -1;
		if (!find_port(m, s->port, &p) && !among_switches(m, s->port))
			return ydoc_err(m->doc, &s->port, e, "switch '%s' sits in port '%s', which no host bridge has: name it under 'ports'",
					s->name, s->port);
		if (among_switches(m, s->port))
			return ydoc_err(m->doc, &s->port, e, "switch '%s' sits in a port of another switch: QEMU loses what is written to "
					"memory there; let it sit in a root port", s->name);
	}
	for (size_t i = 0; i < c->n_bridges; i++)
		if (check_buses(m, i, e) < 0)
			return -1;
	return 0;
}

static int check_capacity(const struct machine *m, const struct device *d, struct err *e)
{
	char size[SIZE_TEXT];

	if ((ydoc_line(m->doc, &d->volatile_size) && rule_granule(m, &d->volatile_size, "the device's volatile memory", e) < 0) ||
	    (ydoc_line(m->doc, &d->persistent_size) && rule_granule(m, &d->persistent_size, "the device's persistent memory", e) < 0) ||
	    (ydoc_line(m->doc, &d->dynamic_size) && rule_granule(m, &d->dynamic_size, "the device's dynamic capacity", e) < 0))
		return -1;
	if (!device_total(d))
		return ydoc_err(m->doc, d, e, "device '%s' has no memory: give it 'volatile', 'persistent' or 'dynamic'", d->name);
	if (d->dynamic_size > MAX_DC_TOTAL)
		return ydoc_err(m->doc, &d->dynamic_size, e, "the device's dynamic capacity is %s: at most 1TiB",
				size_text(d->dynamic_size, size));
	if (ydoc_line(m->doc, &d->label_size) && !d->persistent_size)
		return ydoc_err(m->doc, &d->label_size, e, "'label' is for persistent memory, and device '%s' has none", d->name);
	if (d->persistent_size && (d->label_size < MIN_LABEL || d->label_size > MAX_LABEL || d->label_size % (4 * KiB)))
		return ydoc_err(m->doc, &d->label_size, e, "'label' is %s: it is 256KiB to 1GiB, in multiples of 4KiB",
				size_text(d->label_size, size));
	return 0;
}

static int check_device(const struct machine *m, size_t i, struct err *e)
{
	const struct cxl *c = &m->cxl;
	const struct device *d = &c->devices[i];
	struct place p;

	if (rule_name(m, &d->name, "a device", e) < 0 || check_capacity(m, d, e) < 0)
		return -1;
	if (!find_port(m, d->port, &p))
		return ydoc_err(m->doc, &d->port, e, "device '%s' sits in port '%s', which no host bridge and no switch has: name it "
				"under 'ports'", d->name, d->port);
	for (size_t k = 0; k < i; k++) {
		const struct device *o = &c->devices[k];

		if (!strcmp(o->name, d->name))
			return ydoc_err(m->doc, &d->name, e, "device '%s' stands twice (line %d)", d->name,
					ydoc_line(m->doc, &o->name));
		if (!strcmp(o->port, d->port))
			return ydoc_err(m->doc, &d->port, e, "port '%s' already holds device '%s': one port takes one device", d->port,
					o->name);
	}
	for (size_t k = 0; k < c->n_switches; k++)
		if (!strcmp(c->switches[k].port, d->port))
			return ydoc_err(m->doc, &d->port, e, "port '%s' holds switch '%s': a device sits in one of its ports", d->port,
					c->switches[k].name);
	return 0;
}

static int check_targets(const struct machine *m, const struct window *w, struct err *e)
{
	if (!w->n_targets || w->n_targets > MAX_TARGETS || w->n_targets & (w->n_targets - 1))
		return ydoc_err(m->doc, &w->targets, e, "a window has %zu targets: 1, 2, 4, 8 or 16 host bridges interleave it",
				w->n_targets);
	for (size_t i = 0; i < w->n_targets; i++) {
		if (!find_bridge(m, w->targets[i]))
			return ydoc_err(m->doc, &w->targets[i], e, "the window's target '%s' is no host bridge of this machine",
					w->targets[i]);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(w->targets[j], w->targets[i]))
				return ydoc_err(m->doc, &w->targets[i], e, "the window's target '%s' stands twice", w->targets[i]);
	}
	return 0;
}

static int check_window(const struct machine *m, const struct window *w, struct err *e)
{
	char size[SIZE_TEXT], step[SIZE_TEXT];

	if (rule_granule(m, &w->size, "the window", e) < 0 || rule_granularity(m, &w->granularity, e) < 0 ||
	    check_targets(m, w, e) < 0)
		return -1;
	if (w->size % (w->n_targets * CXL_GRANULE))
		return ydoc_err(m->doc, &w->size, e, "the window is %s: with %zu targets it comes in multiples of %s (CXL 3.1, "
				"9.18.1.3)", size_text(w->size, size), w->n_targets, size_text(w->n_targets * CXL_GRANULE, step));
	return 0;
}

int rules_cxl(const struct machine *m, struct err *e)
{
	const struct cxl *c = &m->cxl;
	size_t ports = 0;

	if (check_bridges(m, &ports, e) < 0 || check_switches(m, &ports, e) < 0)
		return -1;
	for (size_t i = 0; i < c->n_devices; i++)
		if (check_device(m, i, e) < 0)
			return -1;
	if (c->n_windows > MAX_WINDOWS)
		return ydoc_err(m->doc, &c->windows[MAX_WINDOWS], e, "%zu windows: at most %d", c->n_windows, MAX_WINDOWS);
	for (size_t i = 0; i < c->n_windows; i++)
		if (check_window(m, &c->windows[i], e) < 0)
			return -1;
	return 0;
}
