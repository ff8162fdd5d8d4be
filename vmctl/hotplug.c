#include "hotplug.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "device-files.h"
#include "domain-xml-cxl.h"
#include "guest.h"
#include "interrupt.h"
#include "objects.h"
#include "text.h"
#include "topology.h"
#include "units.h"

#define REGION "/usr/lib/tierlab/region"
#define SETUP "/usr/lib/tierlab/setup"
#define POLL_US 200000
/* A guest takes a device out 5 s after the request (Linux: pciehp, the time in which a button can be pressed again). */
#define UNPLUG_S 30.0
#define DIMM (128 * MiB) /* a memory block of x86 */

static struct device *find(struct machine *m, const char *name, struct err *e)
{
	for (size_t i = 0; i < m->cxl.n_devices; i++)
		if (!strcmp(m->cxl.devices[i].name, name))
			return &m->cxl.devices[i];
	err_set(e, "machine '%s' has no device '%s'%s", m->name, name, m->cxl.n_devices ? "; its devices are" : "");
	for (size_t i = 0; i < m->cxl.n_devices; i++)
		err_append(e, "%s %s", i ? "," : "", m->cxl.devices[i].name);
	return NULL;
}

/* A command of QEMU's human interface that says nothing when all is well. */
static int tell(struct session *s, const char *verb, const char *what, struct err *e)
{
	auto_free char *command = strf("%s %s", verb, what), *answer = virt_monitor(s->virt, s->state.name, command, e);

	if (!answer)
		return -1;
	answer[strcspn(answer, "\r\n")] = '\0';
	return *answer ? err_set(e, "QEMU does not take '%s': %s", command, answer) : 0;
}

/* Makes the device's memory in QEMU: under ids that are free, for QEMU keeps what was unplugged. Returns the serial. */
static int make_memory(struct session *s, const struct device *d, struct err *e)
{
	auto_free char *list = objects_in(s->virt, s->state.name, "/objects", e);

	for (int serial = 0; list; serial++) {
		auto_strv objects = { 0 };
		auto_free char *id = NULL;

		device_objects(d, s->home.prefix, serial, &objects);
		id = xstrndup(strstr(objects.v[0], "id=") + 3, strcspn(strstr(objects.v[0], "id=") + 3, ","));
		if (objects_have(list, id))
			continue;
		for (size_t i = 0; i < objects.n; i++)
			if (tell(s, "object_add", objects.v[i], e) < 0)
				return -1;
		return serial;
	}
	return -1;
}

/* Regions of which the device is a member, and whose other members are there. */
static bool completes(const struct machine *m, const struct region *r, const struct device *d)
{
	for (size_t i = 0; i < r->n_devices; i++)
		if (!strcmp(r->devices[i], d->name))
			return region_is_there(m, r);
	return false;
}

static int make_region(struct session *s, const struct machine *m, size_t i, struct err *e)
{
	auto_free char *words = region_words(m, i), *command = strf(SETUP " add %s", words);

	return guest_ask(&s->guest, (const char *const[]){ "sh", "-c", command, NULL }, e);
}

int hotplug_plug(struct session *s, struct machine *m, const char *device, struct err *e)
{
	struct device *d = find(m, device, e);
	auto_free char *option = NULL;
	uid_t uid;
	gid_t gid;
	int serial;

	if (!d)
		return -1;
	if (d->plugged)
		return err_set(e, "device '%s' is plugged in already", device);
	virt_qemu_user(s->virt, &uid, &gid);
	d->plugged = true;
	serial = device_files_make(m, &s->home, uid, gid, e) < 0 ? -1 : make_memory(s, d, e);
	option = serial < 0 ? NULL : device_option(m, d, serial);
	if (!option || tell(s, "device_add", option, e) < 0)
		return -1;
	for (size_t i = 0; i < m->cxl.n_regions; i++)
		if (completes(m, &m->cxl.regions[i], d) && make_region(s, m, i, e) < 0)
			return err_prefix(e, "device '%s' is plugged in, but its region was not made", device);
	return 0;
}

static int wait_gone(struct session *s, const struct device *d, struct err *e)
{
	auto_free char *id = strf("cxl-%s", d->name);
	double until = now_s() + UNPLUG_S;

	do {
		auto_free char *list = objects_in(s->virt, s->state.name, PERIPHERALS, e);

		if (!list || interrupt_check(e) < 0)
			return -1;
		if (!objects_have(list, id))
			return 0;
		usleep(POLL_US);
	} while (now_s() < until);
	return err_set(e, "the guest did not let go of device '%s' in %.0f s", d->name, UNPLUG_S);
}

static int change_region(struct session *s, const char *what, size_t number, const char *zone, struct err *e)
{
	auto_free char *id = strf("%zu", number);

	return guest_ask(&s->guest, (const char *const[]){ REGION, what, id, zone, NULL }, e);
}

int hotplug_unplug(struct session *s, struct machine *m, const char *device, struct err *e)
{
	struct device *d = find(m, device, e);
	auto_free char *id = strf("cxl-%s", device);

	if (!d)
		return -1;
	if (!d->plugged)
		return err_set(e, "device '%s' is not plugged in: `vmctl set %s plug %s`", device, m->name, device);
	if (d->persistent_size)
		return err_set(e, "device '%s' has persistent memory, which programs may have mounted: `vmctl stop %s` lets go of it",
			       device, m->name);
	for (size_t i = 0; i < m->cxl.n_regions; i++)
		if (completes(m, &m->cxl.regions[i], d) && change_region(s, "remove", i, NULL, e) < 0)
			return err_prefix(e, "device '%s' stays", device);
	return tell(s, "device_del", id, e) < 0 ? -1 : wait_gone(s, d, e);
}

int hotplug_region(struct session *s, const struct machine *m, const char *number, bool online, struct err *e)
{
	static const char *const zones[] = { [ONLINE_KERNEL] = "kernel", [ONLINE_MOVABLE] = "movable", [ONLINE_DEVDAX] = NULL };
	char *end;
	unsigned long i = strtoul(number, &end, 10);
	const struct region *r;

	if (*end || end == number || i >= m->cxl.n_regions)
		return err_set(e, "'%s' is no region of machine '%s': it has %zu, counted from 0", number, m->name, m->cxl.n_regions);
	r = &m->cxl.regions[i];
	if (r->type == REGION_PMEM || r->online == ONLINE_DEVDAX)
		return err_set(e, "region %lu is no memory of the kernel's: it is used as %s", i,
			       r->type == REGION_PMEM ? "a namespace" : "a dax device");
	return change_region(s, online ? "online" : "offline", i, online ? zones[r->online] : NULL, e);
}

int hotplug_memory(struct session *s, const struct machine *m, uint64_t bytes, struct err *e)
{
	uint64_t have = virt_memory(s->virt, m->name);
	char want[SIZE_TEXT], is[SIZE_TEXT];
	auto_free char *xml = NULL;

	if (!m->memory_max)
		return err_set(e, "machine '%s' takes no more memory while it runs: give its file the key 'memory-max', and restart it", m->name);
	if (bytes > m->memory_max)
		return ydoc_err(m->doc, &m->memory_max, e, "%s of memory, and 'memory-max' is %s", size_text(bytes, want),
				size_text(m->memory_max, is));
	if (bytes <= have || (bytes - have) % DIMM)
		return err_set(e, "machine '%s' has %s of memory: it can grow, in steps of 128MiB (less needs a restart)", m->name,
			       size_text(have, is));
	xml = strf("<memory model='dimm'><target><size unit='KiB'>%llu</size><node>0</node></target></memory>",
		   (unsigned long long)((bytes - have) / KiB));
	return virt_attach(s->virt, m->name, xml, e);
}

/* QEMU: qapi/cxl.json. */
int hotplug_capacity(struct session *s, const struct machine *m, const char *device, uint64_t size, uint64_t offset, bool add,
		     struct err *e)
{
	const struct device *d = find((struct machine *)m, device, e);
	auto_free char *command = NULL, *answer = NULL;
	const char *desc;

	if (!d)
		return -1;
	if (!d->dynamic_size || offset > d->dynamic_size || size > d->dynamic_size - offset || !size)
		return err_set(e, "device '%s' has no such dynamic capacity", device);
	command = strf("{\"execute\":\"cxl-%s-dynamic-capacity\",\"arguments\":{\"path\":\"/machine/peripheral/cxl-%s\",\"host-id\":0,"
		       "\"%s-policy\":\"prescriptive\",\"region\":0,\"extents\":[{\"offset\":%llu,\"len\":%llu}]}}",
		       add ? "add" : "release", device, add ? "selection" : "removal", (unsigned long long)offset,
		       (unsigned long long)size);
	answer = virt_qmp(s->virt, m->name, command, e);
	if (!answer)
		return -1;
	desc = strstr(answer, "\"error\"") ? strstr(answer, "\"desc\":\"") : NULL;
	if (!desc)
		return strstr(answer, "\"error\"") ? err_set(e, "QEMU does not take it: %s", answer) : 0;
	desc += strlen("\"desc\":\"");
	return err_set(e, "QEMU does not take it: %.*s%s", (int)strcspn(desc, "\""), desc,
		       strstr(desc, "pending") ? " (the guest's kernel has never answered: it does not know dynamic capacity)" : "");
}
