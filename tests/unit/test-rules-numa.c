/* The rules of NUMA nodes: who has which CPUs, distances, HMAT, what of the host they are bound to. */
#include "machine-text.h"

#include "topology.h"
#include "units.h"

static const char good[] =
	"image: x\n"                                                                    /* 1 */
	"numa:\n"
	"  nodes:\n"
	"    - {cpus: 0-1, memory: 1GiB, distances: [10, 20, 30]}\n"
	"    - {cpus: 2-3, memory: 2GiB, distances: [20, 10, 40], host-cpus: 0-1}\n"    /* 5 */
	"    - {memory: 1GiB, host-node: 0}\n"
	"  hmat:\n"
	"    - {initiator: 0, target: 0, latency: 100ns, bandwidth: 200GiB}\n"
	"    - {initiator: 1, target: 1, latency: 100ns, bandwidth: 200GiB}\n"
	"    - {initiator: 0, target: 2, latency: 3us, bandwidth: 20GiB}\n";            /* 10 */

static void refused(const char *from, const char *to, int line, const char *part)
{
	refused_text(edited(good, from, to), line, part);
}

static void accepted(const char *from, const char *to)
{
	accepted_text(edited(good, from, to));
}

static void nodes_say_memory_and_cpus(void **state)
{
	struct machine *m = load_text(good);

	(void)state;
	if (!m)
		fail_msg("%s", why.msg);
	assert_true(m->memory == 4 * GiB);
	assert_int_equal(machine_cpus(m, 64), 4);
	assert_int_equal(dram_nodes(m), 3);
	assert_int_equal(m->numa.nodes[0].host_node, -1);
	assert_int_equal(m->numa.nodes[2].host_node, 0);
	assert_int_equal(m->numa.hmat[2].latency, 3000);
	machine_free(m);
}

static void memory_is_that_of_the_nodes(void **state)
{
	(void)state;
	accepted("image: x", "image: x\nmemory: 4GiB");
	refused("image: x", "image: x\nmemory: 8GiB", 2, "'memory' is 8GiB, and the nodes have 4GiB together: leave 'memory' out");
	refused("memory: 2GiB", "memory: 3MiB", 5, "node 1 has 3MiB: it takes memory in multiples of 2MiB");
	refused("memory: 2GiB", "memory: 0B", 5, "node 1 has 0B");
}

static void nodes_together_are_a_machine(void **state)
{
	(void)state;
	accepted_text("image: x\nnuma:\n  nodes:\n    - {cpus: all, memory: 510MiB}\n    - {memory: 2MiB}\n");
	refused_text("image: x\nnuma:\n  nodes:\n    - {cpus: all, memory: 256MiB}\n", 4,
		     "the nodes have 256MiB together: a machine has at least 512MiB");
	refused_text("image: x\nnuma:\n  nodes: []\n", 3, "'nodes' is empty: name one, or leave out 'numa'");
	refused_text("image: x\nmemory: 1GiB\nnuma: {}\n", 3, "numa needs the key 'nodes'");
}

/* 2^63 + 2^63 + 1 GiB are 1 GiB in 64 bits. */
static void sizes_that_overflow_are_refused(void **state)
{
	(void)state;
	refused_text("image: x\nnuma:\n  nodes:\n    - {cpus: all, memory: 8388608TiB}\n    - {memory: 8388608TiB}\n"
		     "    - {memory: 1GiB}\n", 4, "the node's memory is 8388608TiB: an x86 processor addresses at most 4096TiB");
	refused_text("image: x\nnuma:\n  nodes:\n    - {cpus: all, memory: 4096TiB}\n    - {memory: 2MiB}\n", 4,
		     "the nodes have 4294967298MiB together: an x86 processor addresses at most 4096TiB");
}

static void huge_pages_fill_each_node(void **state)
{
	static const char text[] = "image: x\nhuge-pages: 1GiB\nnuma:\n  nodes:\n    - {cpus: all, memory: 1GiB}\n    - {memory: 1GiB}\n";

	(void)state;
	accepted_text(text);
	refused_text(edited(text, "{memory: 1GiB}", "{memory: 1536MiB}"), 6,
		     "node 1 has 1536MiB: it takes memory in multiples of 1GiB, as 'huge-pages' says");
}

static void each_cpu_is_in_one_node(void **state)
{
	(void)state;
	accepted("image: x", "image: x\ncpus: 4");
	accepted("cpus: 2-3", "cpus: '2,3'");
	refused("cpus: 2-3", "cpus: 1-3", 5, "CPU 1 is in two nodes");
	refused("cpus: 2-3", "cpus: all", 5, "a node has all CPUs, and another has some: name each CPU once");
	refused("cpus: 0-1", "cpus: all", 5, "a node has all CPUs, and another has some");
	refused("cpus: 2-3", "cpus: '3'", 4, "CPU 2 is in no node: the machine has 4, 0 to 3");
	refused("image: x", "image: x\ncpus: 3", 6, "node 1 has CPU 3, and the machine has 3: 0 to 2");
	refused("image: x", "image: x\ncpus: 5", 5, "CPU 4 is in no node: the machine has 5");
	refused_text("image: x\nnuma: {nodes: [{memory: 1GiB}]}\n", 2, "no node has CPUs: write 'cpus: all' into one");
}

static void lists_of_cpus_are_checked(void **state)
{
	static const char *const bad[] = { "x", "3-1", "0-", "-1", "0,,1", "0,", "1024", "99999999999999999999", "0 1", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		refused("cpus: 2-3", keep("cpus: \"%s\"", bad[i]), 5, keep("'cpus': '%s' is not a list like 0-3,8, nor 'all'", bad[i]));
	refused("cpus: 2-3", keep("cpus: \"%s\"", letters(4096)), 5, "is not a list like");
}

static void nodes_name_no_more_cpus_than_a_machine_has(void **state)
{
	(void)state;
	accepted_text("image: x\nnuma: {nodes: [{cpus: 0-254, memory: 1GiB}]}\n");
	refused_text("image: x\nnuma: {nodes: [{cpus: 0-255, memory: 1GiB}]}\n", 2,
		     "node 0 has CPU 255: a machine has at most 255 CPUs, 0 to 254");
}

static void distances_are_those_of_the_table(void **state)
{
	static const char *const bad[] = { "9", "10", "255", "-20", "x", "", "+20", " 20", "020", "20x", "99999999999999999999" };

	(void)state;
	accepted("[20, 10, 40]", "[11, 10, 254]");
	for (size_t i = 0; i < COUNT(bad); i++)
		refused("[20, 10, 40]", keep("[\"%s\", 10, 40]", bad[i]), 5,
			keep("the distance of node 1 to node 0 is '%s': a node is 10 from itself, and 11 to 254 from others", bad[i]));
	refused("[20, 10, 40]", "[20, 11, 40]", 5, "the distance of node 1 to node 1 is '11'");
	refused("[20, 10, 40]", "[20, 10]", 5, "node 1 has 2 distances: there are 3 nodes, and each has one, itself too");
	refused("[20, 10, 40]", "[]", 5, "node 1 has 0 distances");
	refused("[20, 10, 40]", "10", 5, "node 1 has 1 distances");
}

static void nodes_are_bound_to_what_a_host_has(void **state)
{
	(void)state;
	refused("host-cpus: 0-1", "host-cpus: all", 5, "'host-cpus': 'all' is not a list like 0-3,8");
	refused("host-node: 0", "host-cpus: '0'", 6, "'host-cpus' of a node that has no CPUs: node 2");
	refused("host-node: 0", "host-node: -1", 6, "it goes from 0 to 1023");
}

static void an_access_is_from_cpus_to_memory_once(void **state)
{
	(void)state;
	refused("initiator: 0, target: 2", "initiator: 2, target: 2", 10, "the initiator is node 2, which has no CPUs: an access comes from a");
	refused("initiator: 0, target: 2", "initiator: 3, target: 2", 10, "the initiator is node 3, which is not there");
	refused("initiator: 0, target: 2", "initiator: 0, target: 3", 10, "the target is node 3, and the machine's nodes are 0 to 2");
	refused("initiator: 0, target: 2", "initiator: 0, target: 0", 10, "the access from node 0 to node 0 stands twice (line 8)");
	refused("initiator: 0, target: 2", "initiator: 64, target: 2", 10, "it goes from 0 to 63");
}

static void each_node_has_its_access(void **state)
{
	(void)state;
	accepted("initiator: 0, target: 2", "initiator: 1, target: 2");
	refused("initiator: 0, target: 2", "initiator: 0, target: 1", 8, "'hmat' has no entry with 'target: 2': each node needs one");
	refused("initiator: 1, target: 1", "initiator: 0, target: 1", 8,
		"'hmat' has no entry with 'initiator: 1' and 'target: 1': each node with CPUs needs one of itself");
}

static void latencies_and_bandwidths_fit_the_table(void **state)
{
	(void)state;
	accepted("latency: 3us", "latency: 65534ns");
	accepted("latency: 3us", "latency: 1ns");
	accepted("bandwidth: 20GiB", "bandwidth: 1GiB");
	refused("latency: 3us", "latency: 65535ns", 10, "'latency' is 65535ns: it is 1ns to 65534ns");
	refused("latency: 3us", "latency: 0ns", 10, "'latency' is 0ns");
	refused("latency: 3us", "latency: 3", 10, "'3' has no unit");
	refused("bandwidth: 20GiB", "bandwidth: 1025KiB", 10, "'bandwidth' is 1025KiB a second: it comes in multiples of 1MiB");
	refused("bandwidth: 20GiB", "bandwidth: 0B", 10, "'bandwidth' is 0B a second");
	refused("bandwidth: 20GiB", "bandwidth: 20001MiB", 10, "'bandwidth' is 20001MiB a second: the table counts all bandwidths in one "
		"unit, with this one 1MiB, and up to 65534 of it; round them");
}

static void there_is_room_for_64_nodes_with_those_of_windows(void **state)
{
	static const char cxl[] = "cxl:\n  windows: [{size: 1GiB, targets: [h]}]\n  bridges: [{name: h, ports: [p]}]\n  devices: []\n";
	auto_text t = { 0 };

	(void)state;
	text_puts(&t, "image: x\nnuma:\n  nodes:\n    - {cpus: all, memory: 512MiB}\n");
	for (int i = 1; i < 63; i++)
		text_puts(&t, "    - {memory: 2MiB}\n");
	accepted_text(keep("%s%s", t.s, cxl));
	text_puts(&t, "    - {memory: 2MiB}\n");
	accepted_text(t.s);
	refused_text(keep("%s%s", t.s, cxl), 4, "64 nodes, and one for each of the 1 windows: at most 64 together");
	text_puts(&t, "    - {memory: 2MiB}\n");
	refused_text(t.s, 68, "65 nodes: at most 64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_say_memory_and_cpus),
		cmocka_unit_test(memory_is_that_of_the_nodes),
		cmocka_unit_test(nodes_together_are_a_machine),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(huge_pages_fill_each_node),
		cmocka_unit_test(each_cpu_is_in_one_node),
		cmocka_unit_test(lists_of_cpus_are_checked),
		cmocka_unit_test(nodes_name_no_more_cpus_than_a_machine_has),
		cmocka_unit_test(distances_are_those_of_the_table),
		cmocka_unit_test(nodes_are_bound_to_what_a_host_has),
		cmocka_unit_test(an_access_is_from_cpus_to_memory_once),
		cmocka_unit_test(each_node_has_its_access),
		cmocka_unit_test(latencies_and_bandwidths_fit_the_table),
		cmocka_unit_test(there_is_room_for_64_nodes_with_those_of_windows),
	};

	return RUN_TESTS(tests);
}
