#include "machine.h"

#include <stddef.h>
#include <string.h>

#include "exits.h"
#include "text.h"
#include "topology.h"
#include "units.h"

#define WINDOW(f) offsetof(struct window, f)
#define BRIDGE(f) offsetof(struct bridge, f)
#define DEVICE(f) offsetof(struct device, f)
#define REGION(f) offsetof(struct region, f)
#define CXL(f) offsetof(struct cxl, f)
#define MACHINE(f) offsetof(struct machine, f)

#define MAX_AUTO_CPUS 4

const char *const accelerator_names[] = { "tcg", "kvm", "auto", NULL };
const char *const online_names[] = { "auto", "kernel", "movable", "no", NULL };
static const char *const boot_names[] = { "direct", "disk", NULL };

static const struct ymap window_map = {
	.what = "a window", .size = sizeof(struct window), .keys = (const struct ykey[]){
		{ "size", Y_SIZE, WINDOW(size), .required = true, .help = "size of the fixed memory window" },
		{ "targets", Y_STRS, WINDOW(targets), WINDOW(n_targets), .required = true,
		  .help = "the host bridges behind it" },
		{ 0 } }
};

static const struct ymap bridge_map = {
	.what = "a host bridge", .size = sizeof(struct bridge), .keys = (const struct ykey[]){
		{ "name", Y_STR, BRIDGE(name), .required = true, .help = "its name in this file" },
		{ "ports", Y_STRS, BRIDGE(ports), BRIDGE(n_ports), .required = true, .help = "names of its root ports" },
		{ 0 } }
};

static const struct ymap device_map = {
	.what = "a device", .size = sizeof(struct device), .keys = (const struct ykey[]){
		{ "name", Y_STR, DEVICE(name), .required = true, .help = "its name in this file" },
		{ "port", Y_STR, DEVICE(port), .required = true, .help = "the root port it sits in" },
		{ "volatile", Y_SIZE, DEVICE(volatile_size), .required = true, .help = "size of its volatile memory" },
		{ 0 } }
};

static const struct ymap region_map = {
	.what = "a region", .size = sizeof(struct region), .keys = (const struct ykey[]){
		{ "devices", Y_STRS, REGION(devices), REGION(n_devices), .required = true,
		  .help = "its devices, in interleave order" },
		{ "granularity", Y_SIZE, REGION(granularity), .fallback = "256B",
		  .help = "interleave granularity: 256B to 16KiB" },
		{ "online", Y_ENUM, REGION(online), .names = online_names, .fallback = "auto",
		  .help = "how its memory is brought online" },
		{ 0 } }
};

static const struct ymap cxl_map = {
	.what = "cxl", .size = sizeof(struct cxl), .keys = (const struct ykey[]){
		{ "windows", Y_LIST, CXL(windows), CXL(n_windows), .map = &window_map, .required = true,
		  .help = "fixed memory windows" },
		{ "bridges", Y_LIST, CXL(bridges), CXL(n_bridges), .map = &bridge_map, .required = true,
		  .help = "host bridges with their root ports" },
		{ "devices", Y_LIST, CXL(devices), CXL(n_devices), .map = &device_map, .required = true,
		  .help = "type 3 devices" },
		{ "regions", Y_LIST, CXL(regions), CXL(n_regions), .map = &region_map,
		  .help = "the regions that the guest makes at boot" },
		{ 0 } }
};

const struct ymap machine_map = {
	.what = "the machine", .size = sizeof(struct machine), .keys = (const struct ykey[]){
		{ "image", Y_STR, MACHINE(image), .required = true, .help = "the image to boot: a name, or a manifest's path" },
		{ "accelerator", Y_ENUM, MACHINE(accelerator), .names = accelerator_names, .fallback = "tcg",
		  .help = "tcg (emulation), kvm, or auto: kvm where it can be used" },
		{ "cpus", Y_INT, MACHINE(cpus), .min = 1, .max = 255, .fallback = "as the host has, at most 4",
		  .help = "virtual CPUs" },
		{ "memory", Y_SIZE, MACHINE(memory), .required = true, .help = "DRAM, all on node 0" },
		{ "boot", Y_ENUM, MACHINE(boot), .names = boot_names, .fallback = "direct",
		  .help = "start the image's kernel directly, or from the disk through GRUB" },
		{ "ssh-port", Y_INT, MACHINE(ssh_port), .min = 1024, .max = 65535, .fallback = "the first free from 2222",
		  .help = "port of the guest's SSH on 127.0.0.1" },
		{ "qemu", Y_STR, MACHINE(qemu), .fallback = "the newest that is there", .help = "path of the QEMU to use" },
		{ "kernel-args", Y_STR, MACHINE(kernel_args), .help = "more words for the kernel's command line" },
		{ "cxl", Y_MAP, MACHINE(cxl), .map = &cxl_map, .help = "the CXL topology" },
		{ 0 } }
};

char *machine_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;

	return str_ends(file, ".yaml") ? xstrndup(file, strlen(file) - 5) : xstrdup(file);
}

const struct device *find_device(const struct machine *m, const char *name)
{
	for (size_t i = 0; i < m->cxl.n_devices; i++)
		if (!strcmp(m->cxl.devices[i].name, name))
			return &m->cxl.devices[i];
	return NULL;
}

bool find_port(const struct machine *m, const char *port, size_t *bridge, size_t *index)
{
	for (size_t i = 0; i < m->cxl.n_bridges; i++)
		for (size_t j = 0; j < m->cxl.bridges[i].n_ports; j++)
			if (!strcmp(m->cxl.bridges[i].ports[j], port)) {
				*bridge = i;
				*index = j;
				return true;
			}
	return false;
}

uint64_t region_size(const struct machine *m, const struct region *r)
{
	uint64_t size = 0;

	for (size_t i = 0; i < r->n_devices; i++)
		size += find_device(m, r->devices[i])->volatile_size;
	return size;
}

static bool window_reaches(const struct machine *m, const struct window *w, const struct device *d)
{
	size_t bridge, index;

	if (!find_port(m, d->port, &bridge, &index))
		return false;
	for (size_t i = 0; i < w->n_targets; i++)
		if (!strcmp(w->targets[i], m->cxl.bridges[bridge].name))
			return true;
	return false;
}

int region_window(const struct machine *m, const struct region *r)
{
	for (size_t i = 0; i < m->cxl.n_windows; i++) {
		size_t reached = 0;

		for (size_t j = 0; j < r->n_devices; j++)
			reached += window_reaches(m, &m->cxl.windows[i], find_device(m, r->devices[j]));
		if (reached == r->n_devices)
			return (int)i;
	}
	return -1;
}

uint64_t cxl_total(const struct machine *m)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->cxl.n_devices; i++)
		sum += m->cxl.devices[i].volatile_size;
	return sum;
}

long machine_cpus(const struct machine *m, long host_cpus)
{
	return m->cpus ? m->cpus : host_cpus < MAX_AUTO_CPUS ? host_cpus : MAX_AUTO_CPUS;
}

struct machine *machine_load(const char *path, struct err *e)
{
	cleanup(machine_cleanup) struct machine *m = xcalloc(1, sizeof(*m));

	m->doc = ydoc_load(path, &machine_map, m, e);
	if (!m->doc) {
		err_status(e, EXIT_FILE);
		return NULL;
	}
	m->name = machine_name(path);
	for (size_t i = 0; i < m->cxl.n_regions; i++)
		if (!ydoc_line(m->doc, &m->cxl.regions[i].granularity))
			m->cxl.regions[i].granularity = 256;
	if (topology_check(m, e) == 0)
		return steal(m);
	err_status(e, EXIT_FILE);
	return NULL;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	ydoc_free(m->doc);
	free(m->name);
	free(m);
}
