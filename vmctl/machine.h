/* The machine file: what a virtual machine is made of. machine(5) describes the keys; the tables in machine.c are what
 * the program knows. Names are QEMU's and the CXL specification's. */
#pragma once
#include "yamlmap.h"

enum accelerator { ACCEL_TCG, ACCEL_KVM, ACCEL_AUTO };
enum boot { BOOT_DIRECT, BOOT_DISK };
enum online { ONLINE_AUTO, ONLINE_KERNEL, ONLINE_MOVABLE, ONLINE_NO };

/* A CXL fixed memory window (CFMWS, CXL specification 3.1, 9.18.1.3). Its targets interleave it. */
struct window {
	uint64_t size; /* bytes, a multiple of 256 MiB */
	char **targets; /* names of host bridges        */
	size_t n_targets;
};

/* A host bridge (QEMU's pxb-cxl) with its root ports. */
struct bridge {
	char *name;
	char **ports;
	size_t n_ports;
};

/* A type 3 device: a memory expander. */
struct device {
	char *name, *port;
	uint64_t volatile_size; /* bytes */
};

/* A region that the guest makes at boot. */
struct region {
	char **devices;
	size_t n_devices; /* the interleave ways */
	uint64_t granularity; /* bytes           */
	int online; /* enum online */
};

struct cxl {
	struct window *windows;
	size_t n_windows;
	struct bridge *bridges;
	size_t n_bridges;
	struct device *devices;
	size_t n_devices;
	struct region *regions;
	size_t n_regions;
};

struct machine {
	struct ydoc *doc;
	char *name;  /* the file's, without .yaml */
	char *image;
	int accelerator, boot;
	long cpus;   /* 0: as many as the host has, at most 4 */
	uint64_t memory; /* bytes of node 0's DRAM */
	long ssh_port; /* on 127.0.0.1; 0: the first free one from 2222 */
	char *qemu;  /* program, or NULL: the newest that is there */
	char *kernel_args;
	struct cxl cxl;
};

extern const struct ymap machine_map;
extern const char *const accelerator_names[], *const online_names[];

#define CXL_GRANULE (256ULL << 20) /* windows and devices come in multiples of it: CXL 3.1, 8.2.4.20.3 (HDM decoders) */

/* Reads a machine file and checks all that can be checked without a host. NULL on error. */
struct machine *machine_load(const char *path, struct err *e);
void machine_free(struct machine *m);
static inline void machine_cleanup(struct machine **m) { machine_free(*m); }

/* The file's name without folder and .yaml, the caller's to free. */
char *machine_name(const char *path);

/* Bytes of the region: the sum of its devices. */
uint64_t region_size(const struct machine *m, const struct region *r);
/* Index of the window that the region goes into, -1: none reaches all of its devices. */
int region_window(const struct machine *m, const struct region *r);
const struct device *find_device(const struct machine *m, const char *name);

/* Where the device's root port sits: bridge and port by index. False if no bridge has it. */
bool find_port(const struct machine *m, const char *port, size_t *bridge, size_t *index);

/* Bytes of all CXL memory together. */
uint64_t cxl_total(const struct machine *m);

/* CPUs of the machine on a host with so many. */
long machine_cpus(const struct machine *m, long host_cpus);
