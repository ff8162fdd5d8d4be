/* The keys of the machine file: one table a mapping, from which the parser, its messages and the manual's test come. */
#include "machine.h"

#include <stddef.h>

#define CPUS(f) offsetof(struct cpus, f)
#define MODEL(f) offsetof(struct cpu_model, f)
#define FORWARD(f) offsetof(struct forward, f)
#define SHARE(f) offsetof(struct share, f)
#define NODE(f) offsetof(struct node, f)
#define HMAT(f) offsetof(struct hmat, f)
#define NUMA(f) offsetof(struct numa, f)
#define WINDOW(f) offsetof(struct window, f)
#define BRIDGE(f) offsetof(struct bridge, f)
#define SWITCH(f) offsetof(struct cxl_switch, f)
#define DEVICE(f) offsetof(struct device, f)
#define REGION(f) offsetof(struct region, f)
#define CXL(f) offsetof(struct cxl, f)
#define MACHINE(f) offsetof(struct machine, f)

const char *const accelerator_names[] = { "tcg", "kvm", "auto", NULL };
const char *const online_names[] = { "auto", "kernel", "movable", "no", "devdax", NULL };
const char *const firmware_names[] = { "bios", "uefi", NULL };
const char *const disk_names[] = { "virtio", "ahci", "ide", "scsi", NULL };
const char *const nic_names[] = { "virtio", "e1000", "e1000e", "none", NULL };
const char *const share_names[] = { "9p", "virtiofs", NULL };
const char *const region_type_names[] = { "ram", "pmem", NULL };
const char *const name_space_names[] = { "fsdax", "devdax", "raw", "none", NULL };
static const char *const boot_names[] = { "direct", "disk", NULL };

static const struct ymap cpus_map = {
	.what = "cpus", .size = sizeof(struct cpus), .scalar = "count", .keys = (const struct ykey[]){
		{ "count", Y_INT, CPUS(count), .min = 1, .max = 255, .fallback = "sockets times cores",
		  .help = "virtual CPUs" },
		{ "sockets", Y_INT, CPUS(sockets), .min = 1, .max = 16, .fallback = "1", .help = "processors" },
		{ "cores", Y_INT, CPUS(cores), .min = 1, .max = 255, .fallback = "count over sockets",
		  .help = "cores of each" },
		{ 0 } }
};

static const struct ymap model_map = {
	.what = "cpu", .size = sizeof(struct cpu_model), .scalar = "model", .keys = (const struct ykey[]){
		{ "model", Y_STR, MODEL(model), .fallback = "the host's under KVM, else all that TCG can do",
		  .help = "libvirt's name of a CPU model" },
		{ "features", Y_STRS, MODEL(features), MODEL(n_features),
		  .help = "features to switch on (+pmu) and off (-avx2)" },
		{ 0 } }
};

static const struct ymap forward_map = {
	.what = "a forward", .size = sizeof(struct forward), .keys = (const struct ykey[]){
		{ "host", Y_INT, FORWARD(host), .min = 1, .max = 65535, .required = true, .help = "port on 127.0.0.1" },
		{ "guest", Y_INT, FORWARD(guest), .min = 1, .max = 65535, .required = true, .help = "port of the guest" },
		{ 0 } }
};

static const struct ymap share_map = {
	.what = "a share", .size = sizeof(struct share), .keys = (const struct ykey[]){
		{ "name", Y_STR, SHARE(name), .required = true, .help = "its tag, by which the guest mounts it" },
		{ "path", Y_STR, SHARE(path), .required = true, .help = "the host's folder" },
		{ "type", Y_ENUM, SHARE(type), .names = share_names, .fallback = "9p", .help = "by which protocol" },
		{ "read-only", Y_BOOL, SHARE(read_only), .fallback = "false", .help = "the guest can't write to it" },
		{ 0 } }
};

static const struct ymap node_map = {
	.what = "a node", .size = sizeof(struct node), .keys = (const struct ykey[]){
		{ "cpus", Y_STR, NODE(cpus), .fallback = "none", .help = "its virtual CPUs: 0-3, or all" },
		{ "memory", Y_SIZE, NODE(memory), .required = true, .help = "its DRAM" },
		{ "distances", Y_STRS, NODE(distances), NODE(n_distances), .fallback = "10 to itself, 20 to others",
		  .help = "distance to each node, in their order" },
		{ "host-node", Y_INT, NODE(host_node), .min = 0, .max = 1023, .fallback = "any",
		  .help = "the host's node that its memory comes from" },
		{ "host-cpus", Y_STR, NODE(host_cpus), .fallback = "any", .help = "the host's CPUs that its CPUs run on" },
		{ 0 } }
};

static const struct ymap hmat_map = {
	.what = "an entry of hmat", .size = sizeof(struct hmat), .keys = (const struct ykey[]){
		{ "initiator", Y_INT, HMAT(initiator), .min = 0, .max = 63, .required = true, .help = "a node with CPUs" },
		{ "target", Y_INT, HMAT(target), .min = 0, .max = 63, .required = true, .help = "a node with memory" },
		{ "latency", Y_LATENCY, HMAT(latency), .required = true, .help = "from initiator to target" },
		{ "bandwidth", Y_SIZE, HMAT(bandwidth), .required = true, .help = "in a second" },
		{ 0 } }
};

static const struct ymap numa_map = {
	.what = "numa", .size = sizeof(struct numa), .keys = (const struct ykey[]){
		{ "nodes", Y_LIST, NUMA(nodes), NUMA(n_nodes), .map = &node_map, .required = true, .help = "nodes of DRAM" },
		{ "hmat", Y_LIST, NUMA(hmat), NUMA(n_hmat), .map = &hmat_map, .help = "latencies and bandwidths" },
		{ 0 } }
};

static const struct ymap window_map = {
	.what = "a window", .size = sizeof(struct window), .keys = (const struct ykey[]){
		{ "size", Y_SIZE, WINDOW(size), .required = true, .help = "size of the fixed memory window" },
		{ "targets", Y_STRS, WINDOW(targets), WINDOW(n_targets), .required = true,
		  .help = "the host bridges behind it" },
		{ "granularity", Y_SIZE, WINDOW(granularity), .fallback = "256B",
		  .help = "interleave granularity of its targets: 256B to 16KiB" },
		{ 0 } }
};

static const struct ymap bridge_map = {
	.what = "a host bridge", .size = sizeof(struct bridge), .keys = (const struct ykey[]){
		{ "name", Y_STR, BRIDGE(name), .required = true, .help = "its name in this file" },
		{ "ports", Y_STRS, BRIDGE(ports), BRIDGE(n_ports), .required = true, .help = "names of its root ports" },
		{ 0 } }
};

static const struct ymap switch_map = {
	.what = "a switch", .size = sizeof(struct cxl_switch), .keys = (const struct ykey[]){
		{ "name", Y_STR, SWITCH(name), .required = true, .help = "its name in this file" },
		{ "port", Y_STR, SWITCH(port), .required = true, .help = "the port that its upstream port sits in" },
		{ "ports", Y_STRS, SWITCH(ports), SWITCH(n_ports), .required = true,
		  .help = "names of its downstream ports" },
		{ 0 } }
};

static const struct ymap device_map = {
	.what = "a device", .size = sizeof(struct device), .keys = (const struct ykey[]){
		{ "name", Y_STR, DEVICE(name), .required = true, .help = "its name in this file" },
		{ "port", Y_STR, DEVICE(port), .required = true, .help = "the port that it sits in" },
		{ "volatile", Y_SIZE, DEVICE(volatile_size), .fallback = "none", .help = "size of its volatile memory" },
		{ "persistent", Y_SIZE, DEVICE(persistent_size), .fallback = "none",
		  .help = "size of its persistent memory" },
		{ "label", Y_SIZE, DEVICE(label_size), .fallback = "1MiB where it has persistent memory",
		  .help = "size of its label storage area" },
		{ "dynamic", Y_SIZE, DEVICE(dynamic_size), .fallback = "none", .help = "size of its dynamic capacity" },
		{ "plugged", Y_BOOL, DEVICE(plugged), .fallback = "true", .help = "false: it can be plugged in later" },
		{ 0 } }
};

static const struct ymap region_map = {
	.what = "a region", .size = sizeof(struct region), .keys = (const struct ykey[]){
		{ "devices", Y_STRS, REGION(devices), REGION(n_devices), .required = true,
		  .help = "its devices, in interleave order" },
		{ "type", Y_ENUM, REGION(type), .names = region_type_names, .fallback = "ram",
		  .help = "of volatile or of persistent memory" },
		{ "ways", Y_INT, REGION(ways), .min = 1, .max = 16, .fallback = "as it has devices",
		  .help = "interleave ways" },
		{ "granularity", Y_SIZE, REGION(granularity), .fallback = "256B",
		  .help = "interleave granularity: 256B to 16KiB" },
		{ "size", Y_SIZE, REGION(size), .fallback = "all that its devices have", .help = "its size" },
		{ "window", Y_INT, REGION(window), .min = 0, .max = 15, .fallback = "the first that fits",
		  .help = "number of the window that it goes into" },
		{ "online", Y_ENUM, REGION(online), .names = online_names, .fallback = "auto",
		  .help = "how its memory is brought online" },
		{ "namespace", Y_ENUM, REGION(name_space), .names = name_space_names, .fallback = "fsdax",
		  .help = "what a region of type pmem is used as" },
		{ 0 } }
};

static const struct ymap cxl_map = {
	.what = "cxl", .size = sizeof(struct cxl), .keys = (const struct ykey[]){
		{ "windows", Y_LIST, CXL(windows), CXL(n_windows), .map = &window_map, .required = true,
		  .help = "fixed memory windows" },
		{ "bridges", Y_LIST, CXL(bridges), CXL(n_bridges), .map = &bridge_map, .required = true,
		  .help = "host bridges with their root ports" },
		{ "switches", Y_LIST, CXL(switches), CXL(n_switches), .map = &switch_map, .help = "switches" },
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
		{ "cpus", Y_MAP, MACHINE(cpus), .map = &cpus_map, .help = "virtual CPUs: a number, or sockets and cores" },
		{ "cpu", Y_MAP, MACHINE(cpu), .map = &model_map, .help = "what CPUs they are: a model, or model and features" },
		{ "memory", Y_SIZE, MACHINE(memory), .fallback = "the sum of numa.nodes", .help = "DRAM, of all nodes" },
		{ "memory-max", Y_SIZE, MACHINE(memory_max), .fallback = "no hot-plug",
		  .help = "what DRAM can grow to while the machine runs" },
		{ "huge-pages", Y_SIZE, MACHINE(huge_pages), .fallback = "ordinary pages",
		  .help = "the host's huge pages that DRAM is made of: 2MiB or 1GiB" },
		{ "firmware", Y_ENUM, MACHINE(firmware), .names = firmware_names, .fallback = "bios", .help = "SeaBIOS or OVMF" },
		{ "boot", Y_ENUM, MACHINE(boot), .names = boot_names, .fallback = "direct",
		  .help = "start the image's kernel directly, or from the disk through GRUB" },
		{ "disk", Y_ENUM, MACHINE(disk), .names = disk_names, .fallback = "virtio", .help = "how the disk is attached" },
		{ "nic", Y_ENUM, MACHINE(nic), .names = nic_names, .fallback = "virtio", .help = "the network card" },
		{ "ssh-port", Y_INT, MACHINE(ssh_port), .min = 1024, .max = 65535, .fallback = "the first free from 2222",
		  .help = "port of the guest's SSH on 127.0.0.1" },
		{ "forwards", Y_LIST, MACHINE(forwards), MACHINE(n_forwards), .map = &forward_map,
		  .help = "more ports that lead into the guest" },
		{ "shares", Y_LIST, MACHINE(shares), MACHINE(n_shares), .map = &share_map,
		  .help = "folders of the host's that the guest can mount" },
		{ "qemu", Y_STR, MACHINE(qemu), .fallback = "the newest that is there", .help = "path of the QEMU to use" },
		{ "kernel-args", Y_STR, MACHINE(kernel_args), .help = "more words for the kernel's command line" },
		{ "numa", Y_MAP, MACHINE(numa), .map = &numa_map, .help = "NUMA nodes of DRAM" },
		{ "cxl", Y_MAP, MACHINE(cxl), .map = &cxl_map, .help = "the CXL topology" },
		{ 0 } }
};
