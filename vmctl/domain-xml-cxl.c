#include "domain-xml-cxl.h"

#include "domain-slots.h"

unsigned bridge_bus(size_t i)
{
	return 0x34 + 0x18 * (unsigned)i;
}

/* Ids have a prefix: QEMU takes none that begins with a digit, and a host bridge may be named as a root port or as
 * something of libvirt's is. */

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
	}
	strv_add(args, "-machine");
	strv_take(args, t.s);
}

/* Explicit slots: QEMU's own choice would be one that libvirt has planned. Chassis from 100 on for the same reason. */
static void bridges(const struct machine *m, struct strv *args)
{
	unsigned chassis = FIRST_CXL_CHASSIS;

	for (size_t i = 0; i < m->cxl.n_bridges; i++) {
		const struct bridge *b = &m->cxl.bridges[i];

		strv_add(args, "-device");
		strv_addf(args, "pxb-cxl,id=hb-%s,bus=pcie.0,addr=0x%x,bus_nr=%u", b->name,
			  SLOT_FIRST_BRIDGE + (unsigned)i, bridge_bus(i));
		for (size_t j = 0; j < b->n_ports; j++) {
			strv_add(args, "-device");
			strv_addf(args, "cxl-rp,id=rp-%s,bus=hb-%s,addr=0x%zx,port=%zu,chassis=%u,slot=%zu", b->ports[j],
				  b->name, j, j, chassis++, j);
		}
	}
}

/* sn= is left off: a serial number of the user's choice is nothing that a region needs. */
static void devices(const struct machine *m, struct strv *args)
{
	for (size_t i = 0; i < m->cxl.n_devices; i++) {
		const struct device *d = &m->cxl.devices[i];

		strv_add(args, "-object");
		strv_addf(args, "memory-backend-ram,id=cxl-ram-%s,size=%llu", d->name,
			  (unsigned long long)d->volatile_size);
		strv_add(args, "-device");
		strv_addf(args, "cxl-type3,id=cxl-%s,bus=rp-%s,volatile-memdev=cxl-ram-%s", d->name, d->port, d->name);
	}
}

void cxl_arguments(const struct machine *m, struct strv *args)
{
	if (!m->cxl.n_windows && !m->cxl.n_devices)
		return;
	windows(m, args);
	bridges(m, args);
	devices(m, args);
}
