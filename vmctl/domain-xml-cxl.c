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
 * bridge with a single root port has no decoders and passes everything on to it, which is one region to Linux; with the
 * property it has them. */
static void bridges(const struct machine *m, unsigned *chassis, struct strv *args)
{
	for (size_t i = 0; i < m->cxl.n_bridges; i++) {
		const struct bridge *b = &m->cxl.bridges[i];

		strv_add(args, "-device");
		strv_addf(args, "pxb-cxl,id=hb-%s,bus=pcie.0,addr=0x%x,bus_nr=%u%s", b->name,
			  SLOT_FIRST_BRIDGE + (unsigned)i, bridge_bus(i),
			  b->n_ports == 1 && regions_through(m, i) > 1 ? ",hdm_for_passthrough=on" : "");
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

char *device_file(const char *dir, const struct device *d, const char *what)
{
	return strf("%s/%s.%s", dir, d->name, what);
}

static void file_object(const char *kind, const char *what, uint64_t size, const char *dir, const struct device *d,
			struct strv *objects)
{
	auto_free char *path = device_file(dir, d, what);
	auto_text escaped = { 0 };

	for (const char *p = path; *p; p++) /* a comma ends a value of QEMU's, and two are one in it */
		text_add(&escaped, *p == ',' ? ",," : p, *p == ',' ? 2 : 1);
	strv_addf(objects, "memory-backend-file,id=cxl-%s-%s,share=on,mem-path=%s,size=%llu", kind, d->name, escaped.s,
		  (unsigned long long)size);
}

void device_objects(const struct machine *m, const struct device *d, const char *dir, struct strv *objects)
{
	(void)m;
	if (d->volatile_size)
		strv_addf(objects, "memory-backend-ram,id=cxl-ram-%s,size=%llu", d->name, (unsigned long long)d->volatile_size);
	if (d->persistent_size) {
		file_object("pmem", "pmem", d->persistent_size, dir, d, objects);
		file_object("label", "label", d->label_size, dir, d, objects);
	}
	if (d->dynamic_size)
		strv_addf(objects, "memory-backend-ram,id=cxl-dc-%s,size=%llu", d->name, (unsigned long long)d->dynamic_size);
}

/* A serial number only where there is persistent memory: its labels are good for one device, which the kernel knows by it
 * (with the number 0 it refuses them at the second boot). The device's place in the file is the same at each start. */
char *device_option(const struct machine *m, const struct device *d)
{
	struct text t = { 0 };

	text_addf(&t, "cxl-type3,id=cxl-%s,bus=rp-%s", d->name, d->port);
	if (d->volatile_size)
		text_addf(&t, ",volatile-memdev=cxl-ram-%s", d->name);
	if (d->persistent_size)
		text_addf(&t, ",persistent-memdev=cxl-pmem-%s,lsa=cxl-label-%s,sn=0x%zx", d->name, d->name,
			  (size_t)(d - m->cxl.devices) + 1);
	if (d->dynamic_size)
		text_addf(&t, ",volatile-dc-memdev=cxl-dc-%s,num-dc-regions=1", d->name);
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
		device_objects(m, d, s->dir, &objects);
		for (size_t j = 0; j < objects.n; j++) {
			strv_add(args, "-object");
			strv_add(args, objects.v[j]);
		}
		strv_add(args, "-device");
		strv_take(args, device_option(m, d));
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
