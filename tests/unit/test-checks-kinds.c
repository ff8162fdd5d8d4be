/* The checks of NUMA nodes with HMAT, of persistent memory and of dax devices, on reports written by hand: all hold when all is
 * well, and each deviation makes its own check fail and no other. */
#include "sample.h"

#define NODES "/sys/devices/system/node/"
#define TIERS "/sys/devices/virtual/memory_tiering/"
#define BUS "/sys/bus/cxl/devices/"

static const char numa_file[] =
	"image: x\nnuma:\n  nodes:\n    - {cpus: 0-1, memory: 1GiB, distances: [10, 21]}\n    - {memory: 512MiB, distances: [21, 10]}\n"
	"  hmat:\n    - {initiator: 0, target: 0, latency: 112ns, bandwidth: 271GiB}\n"
	"    - {initiator: 0, target: 1, latency: 237ns, bandwidth: 46GiB}\n";

static const char numa_report[] =
	"/run/tierlab/status:ok\n"
	"/proc/sys/kernel/osrelease:6.12.117\n"
	"/sys/devices/system/cpu/online:0-1\n"
	NODES "has_memory:0-1\n"
	NODES "node0/cpulist:0-1\n"
	NODES "node1/cpulist:\n"
	NODES "node0/distance:10 21\n"
	NODES "node1/distance:21 10\n"
	NODES "node0/meminfo:Node 0 MemTotal:        1000000 kB\n"
	NODES "node1/meminfo:Node 1 MemTotal:         520000 kB\n"
	NODES "node0/access0/initiators/read_latency:112\n"
	NODES "node0/access0/initiators/read_bandwidth:277504\n"
	NODES "node1/access0/initiators/read_latency:237\n"
	NODES "node1/access0/initiators/read_bandwidth:47104\n"
	TIERS "memory_tier4/nodelist:0\n"
	TIERS "memory_tier56/nodelist:1\n";

#define CXL_FILE(device, regions) "image: x\nmemory: 1GiB\ncpus: 1\ncxl:\n  windows: [{size: 2GiB, targets: hb0}]\n" \
	"  bridges: [{name: hb0, ports: [rp0]}]\n  devices: [{name: mem0, port: rp0, " device "}]\n  regions:\n" regions

static const char pmem_file[] = CXL_FILE("volatile: 256MiB, persistent: 512MiB",
	"    - {devices: mem0, online: \"no\"}\n    - {devices: mem0, type: pmem, namespace: fsdax}\n");
static const char devdax_file[] = CXL_FILE("volatile: 256MiB", "    - {devices: mem0, online: devdax}\n");

#define CXL_REPORT \
	"/proc/sys/kernel/osrelease:6.12.117\n" \
	"/sys/devices/system/cpu/online:0\n" \
	NODES "has_memory:0\n" \
	NODES "node0/cpulist:0\n" \
	NODES "node0/meminfo:Node 0 MemTotal:        1000000 kB\n" \
	"/sys/devices/system/memory/block_size_bytes:8000000\n" \
	BUS "decoder0.0/size:0x80000000\n" \
	BUS "mem0/ram/size:0x10000000\n" \
	"link:" BUS "mem0:/sys/devices/pci0000:34/0000:34:00.0/0000:35:00.0/mem0\n" \
	BUS "region0/size:0x10000000\n" BUS "region0/mode:ram\n" BUS "region0/interleave_ways:1\n" BUS "region0/commit:1\n"

static const char pmem_report[] =
	"/run/tierlab/status:ok\n"
	"/run/tierlab/status:region region0 id=0 decoder=0 members=mem0 node=1 blocks=2 online=0\n"
	"/run/tierlab/status:region region1 id=1 decoder=0 members=mem0 namespace=namespace1.0 block=pmem1\n"
	CXL_REPORT
	BUS "mem0/pmem/size:0x20000000\n"
	BUS "region1/size:0x20000000\n" BUS "region1/mode:pmem\n" BUS "region1/interleave_ways:1\n" BUS "region1/commit:1\n"
	"/sys/bus/nd/devices/namespace1.0/mode:memory\n"
	"blocks:node1:offline:Normal:2\n";

static const char devdax_report[] =
	"/run/tierlab/status:ok\n"
	"/run/tierlab/status:region region0 id=0 decoder=0 members=mem0 dax=dax0.0 mode=devdax node=1 blocks=0 online=0\n"
	CXL_REPORT
	BUS "mem0/pmem/size:0x0\n";

static struct checks made(const char *file, const char *report, size_t aliases)
{
	struct sample s;
	struct checks c;
	auto_text mtree = { 0 };
	struct view w;

	sample_make_from(&s, put_file("kind.yaml", file));
	s.man.n_options = 0;
	for (size_t i = 0; i < aliases; i++)
		text_addf(&mtree, "x alias cxl-direct-mapping-alias-%zu @cxl 0-f\n", i);
	view_parse(&w, report);
	checks_make(&c, s.m, &s.man, &(struct seen){ .view = &w, .mtree = mtree.s ? mtree.s : "", .qemu_version = 11001, .host_cpus = 2 });
	view_free(&w);
	sample_free(&s);
	return c;
}

/* "NAME: SEEN" of the checks that do not hold, a line each. */
static const char *failing(const char *file, const char *report, size_t aliases)
{
	struct checks c = made(file, report, aliases);
	auto_text t = { 0 };

	for (size_t i = 0; i < c.n; i++)
		if (!c.v[i].ok)
			text_addf(&t, "%s%s: %s", t.n ? "\n" : "", c.v[i].name, c.v[i].seen);
	checks_free(&c);
	return keep("%s", t.s ? t.s : "");
}

/* What the check with this name expects. NULL: there is none. */
static const char *expected(const char *file, const char *report, const char *name)
{
	struct checks c = made(file, report, 2);
	const char *found = NULL;

	for (size_t i = 0; i < c.n; i++)
		if (!strcmp(c.v[i].name, name))
			found = keep("%s", c.v[i].expected);
	checks_free(&c);
	return found;
}

static void numa_nodes_are_as_the_file_says(void **state)
{
	static const struct { const char *from, *to, *fails; } cases[] = {
		{ "node0/cpulist:0-1", "node0/cpulist:0", "node 0 CPUs: 0" },
		{ "node1/cpulist:", "node1/cpulist:1", "node 1 CPUs: 1" },
		{ "node0/distance:10 21", "node0/distance:10 20", "node 0 distances: 10 20" },
		{ NODES "node1/distance:21 10\n", "", "node 1 distances: " },
		{ "MemTotal:         520000", "MemTotal:         420000", "node 1 memory: 410 MiB usable" },
		{ "MemTotal:         520000", "MemTotal:         620000", "node 1 memory: 605 MiB usable" },
		{ "read_latency:237", "read_latency:238", "node 1 latency: 238 ns" },
		{ "read_bandwidth:47104", "read_bandwidth:0", "node 1 bandwidth: 0 MiB/s" },
		{ TIERS "memory_tier56/nodelist:1\n", "", "node 1 tier: none" },
		{ "tier4/nodelist:0\n" TIERS "memory_tier56/nodelist:1", "tier4/nodelist:0-1", "node 1 tier: memory_tier4, nodes 0-1" },
		{ "memory_tier56", "memory_tier1", "node 1 tier: memory_tier1, nodes 1" }, /* a faster one */
	};

	(void)state;
	assert_string_equal(failing(numa_file, numa_report, 0), "");
	assert_string_equal(expected(numa_file, numa_report, "node 1 latency"), "237 ns");
	assert_string_equal(expected(numa_file, numa_report, "node 1 bandwidth"), "47104 MiB/s");
	assert_string_equal(expected(numa_file, numa_report, "node 1 tier"), "one below node 0's");
	assert_null(expected(numa_file, numa_report, "node 0 tier"));
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(failing(numa_file, edited(numa_report, cases[i].from, cases[i].to), 0), cases[i].fails);
}

/* The nodes of windows follow in the row. */
static void distances_to_nodes_of_windows_are_not_the_files(void **state)
{
	(void)state;
	assert_string_equal(failing(numa_file, edited(numa_report, "distance:10 21", "distance:10 21 20 20"), 0), "");
}

/* 120 ns beside 112 ns is no tier of its own to Linux, and a node with CPUs never is. */
static void a_tier_is_expected_where_linux_makes_one(void **state)
{
	const char *slow = edited(edited(numa_file, "237ns", "124ns"), "46GiB", "271GiB");
	const char *with_cpus = edited(edited(numa_file, "cpus: 0-1", "cpus: '0'"), "{memory: 512MiB", "{cpus: '1', memory: 512MiB");

	(void)state;
	assert_null(expected(slow, numa_report, "node 1 tier"));
	assert_non_null(expected(edited(slow, "124ns", "125ns"), numa_report, "node 1 tier"));
	assert_non_null(expected(edited(slow, "124ns, bandwidth: 271GiB", "112ns, bandwidth: 200GiB"), numa_report, "node 1 tier"));
	with_cpus = edited(with_cpus, "{initiator: 0, target: 1", "{initiator: 1, target: 1");
	assert_null(expected(with_cpus, numa_report, "node 1 tier"));
}

/* Linux knows of a node with CPUs what these see of it, though another node were nearer. */
static void a_node_with_cpus_is_seen_from_its_own(void **state)
{
	const char *file = edited(edited(numa_file, "cpus: 0-1", "cpus: '0'"), "{memory: 512MiB", "{cpus: '1', memory: 512MiB");

	(void)state;
	file = keep("%s    - {initiator: 1, target: 1, latency: 300ns, bandwidth: 46GiB}\n", file);
	assert_string_equal(expected(file, numa_report, "node 1 latency"), "300 ns");
}

static void persistent_memory_is_a_region_with_a_namespace(void **state)
{
	static const struct { const char *from, *to, *fails; } cases[] = {
		{ "mem0/pmem/size:0x20000000", "mem0/pmem/size:0x0", "device mem0: 256MiB" },
		{ "mem0/ram/size:0x10000000", "mem0/ram/size:0x0", "device mem0: 512MiB persistent" },
		{ "region1/mode:pmem", "region1/mode:ram", "region 1: 512MiB ram, 1 way, committed" },
		{ "region1/commit:1", "region1/commit:0", "region 1: 512MiB pmem, 1 way, not committed" },
		{ "namespace1.0/mode:memory", "namespace1.0/mode:dax", "region 1 namespace: devdax" },
		{ "namespace1.0/mode:memory", "namespace1.0/mode:raw", "region 1 namespace: raw" },
		{ "namespace1.0/mode:memory\n", "namespace1.0/mode:safe\n", "region 1 namespace: safe" },
		{ " namespace=namespace1.0 block=pmem1", " namespace=none", "region 1 namespace: none" },
		{ "blocks:node1:offline:Normal:2", "blocks:node1:online:Normal:2", "node 1 online: 256MiB" },
	};

	(void)state;
	assert_string_equal(failing(pmem_file, pmem_report, 2), "");
	assert_string_equal(expected(pmem_file, pmem_report, "device mem0"), "256MiB, and 512MiB persistent");
	assert_string_equal(expected(pmem_file, pmem_report, "region 1"), "512MiB pmem, 1 way, committed");
	assert_string_equal(expected(pmem_file, pmem_report, "region 1 namespace"), "fsdax");
	assert_string_equal(expected(pmem_file, pmem_report, "fast path"), "2 of 2 regions");
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(failing(pmem_file, edited(pmem_report, cases[i].from, cases[i].to), 2), cases[i].fails);
	assert_string_equal(failing(pmem_file, pmem_report, 1), "fast path: 1 alias of RAM");
}

static void a_namespace_of_each_mode_is_told(void **state)
{
	static const struct { const char *file, *kernel; } modes[] = { { "fsdax", "memory" }, { "devdax", "dax" }, { "raw", "raw" } };

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++)
		assert_string_equal(failing(edited(pmem_file, "namespace: fsdax", keep("namespace: %s", modes[i].file)),
					    edited(pmem_report, "mode:memory", keep("mode:%s", modes[i].kernel)), 2), "");
	assert_string_equal(failing(edited(pmem_file, "namespace: fsdax", "namespace: none"),
				    edited(pmem_report, "namespace=namespace1.0 block=pmem1", "namespace=none"), 2), "");
}

static void a_dax_device_is_no_memory(void **state)
{
	(void)state;
	assert_string_equal(failing(devdax_file, devdax_report, 1), "");
	assert_string_equal(expected(devdax_file, devdax_report, "region 0 dax"), "devdax");
	assert_string_equal(expected(devdax_file, devdax_report, "nodes with memory"), "0");
	assert_string_equal(failing(devdax_file, edited(devdax_report, "has_memory:0", "has_memory:0-1"), 1), "nodes with memory: 0-1");
	assert_string_equal(failing(devdax_file, edited(devdax_report, " dax=dax0.0 mode=devdax", ""), 1), "region 0 dax: none");
	assert_string_equal(failing(devdax_file, edited(devdax_report, "mode=devdax", "mode=system-ram"), 1), "region 0 dax: system-ram");
}

static void a_guest_that_says_nothing_fails_every_check_of_them(void **state)
{
	(void)state;
	assert_contains(failing(numa_file, "", 0), "node 1 latency: 0 ns");
	assert_contains(failing(pmem_file, "", 0), "region 1 namespace: none");
	assert_contains(failing(devdax_file, "", 0), "region 0 dax: none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numa_nodes_are_as_the_file_says),
		cmocka_unit_test(distances_to_nodes_of_windows_are_not_the_files),
		cmocka_unit_test(a_tier_is_expected_where_linux_makes_one),
		cmocka_unit_test(a_node_with_cpus_is_seen_from_its_own),
		cmocka_unit_test(persistent_memory_is_a_region_with_a_namespace),
		cmocka_unit_test(a_namespace_of_each_mode_is_told),
		cmocka_unit_test(a_dax_device_is_no_memory),
		cmocka_unit_test(a_guest_that_says_nothing_fails_every_check_of_them),
	};

	return RUN_TESTS(tests);
}
