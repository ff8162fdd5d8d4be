#include "domain-xml-cxl.h"

#include <string.h>

#include "domain-slots.h"
#include "topology.h"

unsigned bridge_bus(size_t i)
{
	return FIRST_BUS + BUSES_OF_BRIDGE * (unsigned)i;
}

/* Ids have a prefix: QEMU takes none that begins with a digit, and a host bridge may be named as a port or as something of
 * libvirt's is. */

/* A second -machine merges with libvirt's own. */
static void windows(const struct machine *m, struct strv *args)
{
	struct text t = { 0 };

	text_puts(&t, "cxl=on");
	for (size_t i = 0; i < m->cxl.n_windows; i++) {
		const struct window *w = &m->cxl.windows[i];

		for (size_t j = 0; j < w->n_targets; j++)
			text_addf(&t, ",cxl-fmw.%zu.targets.%zu=hb-%s", i, j, w->targets[j]);
		text_addf(&t, ",cxl-fmw.%zu.size=%llu", i, (unsigned long long)w->size);
		if (w->granularity != 256) /* QEMU's own choice */
			text_addf(&t, ",cxl-fmw.%zu.interleave-granularity=%llu", i, (unsigned long long)w->granularity);
	}
	strv_add(args, "-machine");
	strv_take(args, t.s);
}

/* Regions that go through the host bridge. */
static size_t regions_through(const struct machine *m, size_t bridge)
{
	size_t n = 0;
	struct place p;

	for (size_t i = 0; i < m->cxl.n_regions; i++)
		for (size_t j = 0; j < m->cxl.regions[i].n_devices; j++)
			if (find_port(m, find_device(m, m->cxl.regions[i].devices[j])->port, &p) && p.bridge == bridge) {
				n++;
				break;
			}
	return n;
}

/* Explicit slots: QEMU's own choice would be one that libvirt has planned. Chassis from 100 on for the same reason. A host
 * bridge with a single root port has no decoders and passes everything on to it, which is one region to Linux, and to QEMU a
 * region of every window (region_is_fast()); with the property it has them. */
static void bridges(const struct machine *m, unsigned *chassis, struct strv *args)
{
	for (size_t i = 0; i < m->cxl.n_bridges; i++) {
		const struct bridge *b = &m->cxl.bridges[i];

		strv_add(args, "-device");
		strv_addf(args, "pxb-cxl,id=hb-%s,bus=pcie.0,addr=0x%x,bus_nr=%u%s", b->name,
			  SLOT_FIRST_BRIDGE + (unsigned)i, bridge_bus(i),
			  b->n_ports == 1 && (regions_through(m, i) > 1 || m->cxl.n_windows > 1) ? ",hdm_for_passthrough=on" : "");
		for (size_t j = 0; j < b->n_ports; j++) {
			strv_add(args, "-device");
			strv_addf(args, "cxl-rp,id=rp-%s,bus=hb-%s,addr=0x%zx,port=%zu,chassis=%u,slot=%zu", b->ports[j],
				  b->name, j, j, (*chassis)++, j);
		}
	}
}

/* A switch that stands below another one in the file may sit above it: those that a host bridge leads to sooner come first,
 * for QEMU wants to know a bus before what sits on it. */
static void switches(const struct machine *m, unsigned *chassis, struct strv *args)
{
	for (size_t depth = 0; depth < MAX_DEPTH; depth++)
		for (size_t i = 0; i < m->cxl.n_switches; i++) {
			const struct cxl_switch *s = &m->cxl.switches[i];
			struct place p;

			if (!find_port(m, s->port, &p) || p.depth != depth)
				continue;
			strv_add(args, "-device");
			strv_addf(args, "cxl-upstream,id=us-%s,bus=rp-%s,addr=0x0", s->name, s->port);
			for (size_t j = 0; j < s->n_ports; j++) {
				strv_add(args, "-device");
				strv_addf(args, "cxl-downstream,id=rp-%s,bus=us-%s,addr=0x%zx,port=%zu,chassis=%u,slot=%zu", s->ports[j],
					  s->name, j, j, (*chassis)++, j);
			}
		}
}

char *device_file(const struct device *d, const char *what)
{
	return strf("%s.%s", d->name, what);
}

/* The id of a device's memory: "cxl-ram-NAME", and "cxl-ram.1-NAME" when it is plugged in again. */
static char *backend(const char *kind, const struct device *d, int serial)
{
	return serial ? strf("cxl-%s.%d-%s", kind, serial, d->name) : strf("cxl-%s-%s", kind, d->name);
}

static void ram_object(const char *kind, uint64_t size, const struct device *d, int serial, struct strv *objects)
{
	auto_free char *id = backend(kind, d, serial);

	if (size)
		strv_addf(objects, "memory-backend-ram,id=%s,size=%llu", id, (unsigned long long)size);
}

static void file_object(const char *what, uint64_t size, const char *prefix, const struct device *d, int serial,
			struct strv *objects)
{
	auto_free char *file = device_file(d, what), *path = strf("%s%s", prefix, file), *id = backend(what, d, serial);
	auto_text escaped = { 0 };

	for (const char *p = path; *p; p++) /* a comma ends a value of QEMU's, and two are one in it */
		text_add(&escaped, *p == ',' ? ",," : p, *p == ',' ? 2 : 1);
	strv_addf(objects, "memory-backend-file,id=%s,share=on,mem-path=%s,size=%llu", id, escaped.s, (unsigned long long)size);
}

void device_objects(const struct device *d, const char *prefix, int serial, struct strv *objects)
{
	ram_object("ram", d->volatile_size, d, serial, objects);
	if (d->persistent_size) {
		file_object("pmem", d->persistent_size, prefix, d, serial, objects);
		file_object("label", d->label_size, prefix, d, serial, objects);
	}
	ram_object("dc", d->dynamic_size, d, serial, objects);
}

/* A serial number only where there is persistent memory: its labels are good for one device, which the kernel knows by it
 * (with the number 0 it refuses them at the second boot). The device's place in the file is the same at each start. */
char *device_option(const struct machine *m, const struct device *d, int serial)
{
	auto_free char *ram = backend("ram", d, serial), *pmem = backend("pmem", d, serial), *label = backend("label", d, serial);
	auto_free char *dc = backend("dc", d, serial);
	struct text t = { 0 };

	text_addf(&t, "cxl-type3,id=cxl-%s,bus=rp-%s", d->name, d->port);
	if (d->volatile_size)
		text_addf(&t, ",volatile-memdev=%s", ram);
	if (d->persistent_size)
		text_addf(&t, ",persistent-memdev=%s,lsa=%s,sn=0x%zx", pmem, label, (size_t)(d - m->cxl.devices) + 1);
	if (d->dynamic_size)
		text_addf(&t, ",volatile-dc-memdev=%s,num-dc-regions=1", dc);
	return t.s;
}

static void devices(const struct boot_spec *s, struct strv *args)
{
	const struct machine *m = s->m;

	for (size_t i = 0; i < m->cxl.n_devices; i++) {
		const struct device *d = &m->cxl.devices[i];
		auto_strv objects = { 0 };

		if (!d->plugged)
			continue;
		device_objects(d, s->prefix, 0, &objects);
		for (size_t j = 0; j < objects.n; j++) {
			strv_add(args, "-object");
			strv_add(args, objects.v[j]);
		}
		strv_add(args, "-device");
		strv_take(args, device_option(m, d, 0));
	}
}

void cxl_arguments(const struct boot_spec *s, struct strv *args)
{
	unsigned chassis = FIRST_CXL_CHASSIS;

	if (!s->m->cxl.n_windows && !s->m->cxl.n_devices)
		return;
	windows(s->m, args);
	bridges(s->m, &chassis, args);
	switches(s->m, &chassis, args);
	devices(s, args);
}
