/* The machine file: what a virtual machine is made of. machine(5) describes the keys; the tables in machine.c are what
 * the program knows. Names are QEMU's and the CXL specification's. */
#pragma once
#include "yamlmap.h"

enum accelerator { ACCEL_TCG, ACCEL_KVM, ACCEL_AUTO };
enum boot { BOOT_DIRECT, BOOT_DISK };
enum firmware { FIRMWARE_BIOS, FIRMWARE_UEFI };
enum disk_bus { DISK_VIRTIO, DISK_AHCI, DISK_IDE, DISK_SCSI };
enum nic { NIC_VIRTIO, NIC_E1000, NIC_E1000E, NIC_NONE };
enum share_type { SHARE_9P, SHARE_VIRTIOFS };
enum region_type { REGION_RAM, REGION_PMEM };
enum online { ONLINE_AUTO, ONLINE_KERNEL, ONLINE_MOVABLE, ONLINE_NO, ONLINE_DEVDAX };
enum name_space { NAMESPACE_FSDAX, NAMESPACE_DEVDAX, NAMESPACE_RAW, NAMESPACE_NONE };

/* Virtual CPUs: a number alone, or a topology. */
struct cpus {
	long count, sockets, cores; /* 0: not given */
};

struct cpu_model {
	char *model;     /* libvirt's name of it; NULL: the best that the accelerator has */
	char **features; /* "+pmu", "-avx2": libvirt's names */
	size_t n_features;
};

/* A port of the host's 127.0.0.1 that leads into the guest. */
struct forward {
	long host, guest;
};

/* A folder of the host's that the guest can mount by the share's name. */
struct share {
	char *name, *path;
	int type; /* enum share_type */
	bool read_only;
};

/* A NUMA node of DRAM. */
struct node {
	char *cpus;      /* "0-3,8", "all", or NULL: none                      */
	uint64_t memory; /* bytes                                              */
	char **distances; /* to each node, in their order; none: 10 to itself, 20 to others (ACPI 6.5, 5.2.17) */
	size_t n_distances;
	long host_node;  /* of the host, that its memory comes from; -1: any   */
	char *host_cpus; /* that its virtual CPUs run on; NULL: any            */
};

/* One entry of the HMAT (ACPI 6.5, 5.2.28): an access from a node with CPUs to a node's memory. */
struct hmat {
	long initiator, target;
	uint64_t latency;   /* nanoseconds      */
	uint64_t bandwidth; /* bytes per second */
};

struct numa {
	struct node *nodes;
	size_t n_nodes;
	struct hmat *hmat;
	size_t n_hmat;
};

/* A CXL fixed memory window (CFMWS, CXL specification 3.1, 9.18.1.3). Its targets interleave it. */
struct window {
	uint64_t size; /* bytes, a multiple of 256 MiB */
	char **targets; /* names of host bridges        */
	size_t n_targets;
	uint64_t granularity; /* bytes to one target before the next */
};

/* A host bridge (QEMU's pxb-cxl) with its root ports. */
struct bridge {
	char *name;
	char **ports;
	size_t n_ports;
};

/* A switch: an upstream port, which sits in a port above it, and downstream ports. */
struct cxl_switch {
	char *name, *port;
	char **ports;
	size_t n_ports;
};

/* A type 3 device: a memory expander. */
struct device {
	char *name, *port;
	uint64_t volatile_size, persistent_size, dynamic_size; /* bytes */
	uint64_t label_size; /* bytes of the label storage area */
	bool plugged;        /* from the start; else it can be plugged in later */
};

/* A region that the guest makes at boot. */
struct region {
	int type; /* enum region_type */
	char **devices;
	size_t n_devices; /* the interleave ways */
	long ways;        /* the same once more; 0: not given */
	uint64_t granularity, size; /* bytes */
	long window;      /* index; -1: the first that fits */
	int online;       /* enum online, of ram     */
	int name_space;   /* enum name_space, of pmem */
};

struct cxl {
	struct window *windows;
	size_t n_windows;
	struct bridge *bridges;
	size_t n_bridges;
	struct cxl_switch *switches;
	size_t n_switches;
	struct device *devices;
	size_t n_devices;
	struct region *regions;
	size_t n_regions;
};

struct machine {
	struct ydoc *doc;
	char *name;  /* the file's, without .yaml */
	char *image;
	int accelerator, boot, firmware, disk, nic;
	struct cpus cpus; /* nothing given: as many as the host has, at most 4 */
	struct cpu_model cpu;
	uint64_t memory;     /* bytes of DRAM of all nodes */
	uint64_t memory_max; /* bytes that DRAM can grow to by hot-plug; 0: it can't */
	uint64_t huge_pages; /* bytes of the host's pages that DRAM is made of; 0: ordinary ones */
	long ssh_port; /* on 127.0.0.1; 0: the first free one from 2222 */
	struct forward *forwards;
	size_t n_forwards;
	struct share *shares;
	size_t n_shares;
	char *qemu;  /* program, or NULL: the newest that is there */
	char *kernel_args;
	struct numa numa; /* without nodes: one, with all CPUs and all memory */
	struct cxl cxl;
};

extern const struct ymap machine_map;
extern const char *const accelerator_names[], *const online_names[], *const name_space_names[], *const region_type_names[];
extern const char *const firmware_names[], *const disk_names[], *const nic_names[], *const share_names[];

#define CXL_GRANULE (256ULL << 20) /* windows and devices come in multiples of it: CXL 3.1, 8.2.4.20.3 (HDM decoders) */

/* Reads a machine file and checks all that can be checked without a host. NULL on error. */
struct machine *machine_load(const char *path, struct err *e);
void machine_free(struct machine *m);
static inline void machine_cleanup(struct machine **m) { machine_free(*m); }

/* The file's name without folder and .yaml, the caller's to free. */
char *machine_name(const char *path);

/* CPUs of the machine on a host with so many. */
long machine_cpus(const struct machine *m, long host_cpus);
