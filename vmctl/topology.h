/* Finding one's way in a machine's topology: who sits where, and what reaches what. Pure. */
#pragma once
#include "machine.h"

/* Switches on the way to a port. One below another: the kernel commits the region, QEMU 11.1 makes no alias of RAM for it, and
 * what is written to it is lost (seen: 319 of 319 places read back wrong). */
#define MAX_DEPTH 1

/* Where a port is: the host bridge and its root port, and below that for each switch its downstream port. By index. */
struct place {
	size_t bridge, root;
	size_t depth; /* number of switches above the port */
	struct {
		size_t sw, port;
	} down[MAX_DEPTH];
};

/* Finds a root port or a downstream port by its name. False if there is none, or if its switch hangs in the air. */
bool find_port(const struct machine *m, const char *port, struct place *p);

const struct device *find_device(const struct machine *m, const char *name);
const struct bridge *find_bridge(const struct machine *m, const char *name);

/* Bytes of the region. Its devices have to be known. */
uint64_t region_size(const struct machine *m, const struct region *r);
/* Bytes that a device has for regions of that type. */
uint64_t device_capacity(const struct device *d, int region_type);
/* Bytes of a device together. */
uint64_t device_total(const struct device *d);

/* True if the window leads to the device. */
bool window_reaches(const struct machine *m, const struct window *w, const struct device *d);
/* Index of the window that the region goes into: the one that it names, or the first whose targets take turns as its devices
 * do; where there is none such, the first that reaches all of them, for a message. -1: none does. */
int region_window(const struct machine *m, const struct region *r);

/* All of the region's devices are plugged in. */
bool region_is_there(const struct machine *m, const struct region *r);
/* The region's memory is used as the guest's memory. */
bool region_is_memory(const struct region *r);
/* The region has QEMU's fast path, if QEMU knows one: it is not interleaved, and no later window leads to the same host bridge
 * alone. QEMU puts the alias of RAM into each window whose way leads to a device, and what is in two is in the last. */
bool region_is_fast(const struct machine *m, const struct region *r);

/* Nodes of DRAM, 1 at least. Those of the windows follow, in the windows' order. */
size_t dram_nodes(const struct machine *m);
/* Bytes of a node of DRAM. */
uint64_t node_memory(const struct machine *m, size_t node);
/* CPUs of a node of DRAM as a list ("0-3", "" for none), the caller's to free. */
char *node_cpus(const struct machine *m, size_t node, long host_cpus);

/* Bytes of all CXL memory together, plugged in from the start. */
uint64_t cxl_total(const struct machine *m);
