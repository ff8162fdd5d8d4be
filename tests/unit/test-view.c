/* Reading what the guest reports of itself. */
#include "harness.h"

#include "../../vmctl/view.h"
#include "units.h"

static struct view w;

static int setup(void **state)
{
	(void)state;
	view_parse(&w, get_file("tests/golden/report-cxl-small.txt"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	view_free(&w);
	return 0;
}

static void a_report_is_read(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(view_status(&w), "ok");
	assert_string_equal(view_get(&w, "/proc/sys/kernel/osrelease"), "6.12.117");
	assert_string_equal(view_get(&w, "/sys/devices/system/node/node%d/cpulist", 0), "0-1");
	assert_string_equal(view_get(&w, "/sys/devices/system/node/node%d/cpulist", 1), "");
	assert_true(view_number(&w, "/sys/bus/cxl/devices/region0/size") == GiB);
	assert_int_equal(view_number(&w, "/sys/bus/cxl/devices/decoder0.0/target_list"), 52);
	assert_string_equal(view_region(&w, 0, "name", buf), "region0");
	assert_string_equal(view_region(&w, 0, "node", buf), "1");
	assert_string_equal(view_region(&w, 0, "members", buf), "mem0");
	assert_string_equal(view_region(&w, 0, "online", buf), "8");
	assert_string_equal(view_region(&w, 0, "nothing", buf), "");
	assert_string_equal(view_region(&w, 1, "node", buf), "");
}

static void memory_is_counted_in_blocks(void **state)
{
	(void)state;
	assert_true(view_block_size(&w) == 128 * MiB);
	assert_int_equal(view_blocks(&w, 1, NULL), 8);
	assert_int_equal(view_blocks(&w, 1, "online"), 8);
	assert_int_equal(view_blocks(&w, 1, "offline"), 0);
	assert_int_equal(view_blocks(&w, 0, NULL), 16);
	assert_int_equal(view_blocks(&w, 2, NULL), 0);
	assert_true(view_node_memory(&w, 0) == 1966588 * KiB);
	assert_true(view_node_memory(&w, 7) == 0);
}

static void a_memdev_below_a_switch_is_found_by_its_way(void **state)
{
	static const char report[] =
		"link:/sys/bus/cxl/devices/mem0:/sys/devices/pci0000:34/0000:34:00.0/0000:35:00.0/0000:36:00.0/0000:37:00.0/mem0\n"
		"link:/sys/bus/cxl/devices/mem1:/sys/devices/pci0000:34/0000:34:00.0/0000:35:00.0/0000:36:01.0/0000:38:00.0/mem1\n"
		"link:/sys/bus/cxl/devices/mem2:/sys/devices/pci0000:34/0000:34:01.0/0000:39:00.0/mem2\n"
		"link:/sys/bus/cxl/devices/mem2/driver:/sys/bus/cxl/drivers/cxl_mem\n";
	struct view v;
	char buf[32];

	(void)state;
	view_parse(&v, report);
	assert_string_equal(view_memdev(&v, "34:00.0/00.0/00.0", buf), "mem0");
	assert_string_equal(view_memdev(&v, "34:00.0/00.0/01.0", buf), "mem1");
	assert_string_equal(view_memdev(&v, "34:01.0", buf), "mem2");
	/* neither is what a switch holds in the root port itself, nor half a way a way */
	assert_string_equal(view_memdev(&v, "34:00.0", buf), "");
	assert_string_equal(view_memdev(&v, "34:00.0/00.0/02.0", buf), "");
	assert_string_equal(view_memdev(&v, "34:01.0/00.0/00.0", buf), "");
	assert_string_equal(view_memdev(&v, "4:01.0", buf), "");
	view_free(&v);
}

static void a_memdev_is_found_by_its_port(void **state)
{
	char buf[32];

	(void)state;
	assert_string_equal(view_memdev(&w, "34:00.0", buf), "mem0");
	assert_string_equal(view_memdev(&w, "34:01.0", buf), "");
	assert_string_equal(view_memdev(&w, "34:00.0/00.0/01.0", buf), "");
	assert_string_equal(view_memdev(&w, "4c:00.0", buf), "");
}

static void a_tier_is_found_by_its_node(void **state)
{
	const char *nodes;

	(void)state;
	assert_int_equal(view_tier(&w, 0, &nodes), 4);
	assert_string_equal(nodes, "0");
	assert_int_equal(view_tier(&w, 1, &nodes), 22);
	assert_int_equal(view_tier(&w, 2, &nodes), -1);
	assert_string_equal(nodes, "");
}

static void lists_of_nodes_have_ranges(void **state)
{
	struct view v;
	const char *nodes;

	(void)state;
	view_parse(&v, "/sys/devices/virtual/memory_tiering/memory_tier4/nodelist:0,2-4,7\n");
	assert_int_equal(view_tier(&v, 0, &nodes), 4);
	assert_int_equal(view_tier(&v, 3, &nodes), 4);
	assert_int_equal(view_tier(&v, 7, &nodes), 4);
	assert_int_equal(view_tier(&v, 1, &nodes), -1);
	assert_int_equal(view_tier(&v, 5, &nodes), -1);
	view_free(&v);
}

static void node_1_is_not_taken_for_node_10(void **state)
{
	struct view v;

	(void)state;
	view_parse(&v, "blocks:node10:online:Normal:3\nblocks:node1:online:Normal:5\n");
	assert_int_equal(view_blocks(&v, 1, NULL), 5);
	assert_int_equal(view_blocks(&v, 10, NULL), 3);
	view_free(&v);
}

static void the_configuration_is_kept_apart(void **state)
{
	(void)state;
	assert_contains(w.config, "CONFIG_CXL_REGION=y\n");
	assert_contains(w.config, "# CONFIG_SOUND is not set\n");
	assert_lacks(w.config, "config:");
	assert_string_equal(view_get(&w, "CONFIG_CXL_REGION=y"), "");
}

static void values_keep_their_colons(void **state)
{
	(void)state;
	assert_string_equal(view_get(&w, "link:/sys/bus/cxl/devices/mem0"),
			    "/sys/devices/pci0000:34/0000:34:00.0/0000:35:00.0/mem0");
}

static void a_broken_report_is_read_as_far_as_it_goes(void **state)
{
	static const char *const bad[] = { "", "\n\n", "nothing", "link:", "link:/x", "blocks:", "blocks:node1", ":", "::",
					   "config:begin", "config:end", "config:begin\nconfig:begin\n", "link::", "/a:",
					   "/run/tierlab/status:region", "/run/tierlab/status:region ",
					   "/run/tierlab/status:region region0 id=0 node=", "link:/sys/bus/cxl/devices/mem:/0000:34:00.0/" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *nodes;
		struct view v;
		char buf[64];

		view_parse(&v, bad[i]);
		view_status(&v);
		view_region(&v, 0, "node", buf);
		assert_string_equal(buf, "");
		view_region(&v, 0, "name", buf);
		view_memdev(&v, "34:00.0", buf);
		view_tier(&v, 0, &nodes);
		view_blocks(&v, 1, "online");
		assert_non_null(v.config);
		view_free(&v);
	}
}

static void overlong_words_are_cut(void **state)
{
	auto_text t = { 0 };
	struct view v;
	char buf[64], mem[32];

	(void)state;
	text_puts(&t, "/run/tierlab/status:ok\n/run/tierlab/status:region r id=0 node=");
	for (int i = 0; i < 1000; i++)
		text_puts(&t, "9");
	text_puts(&t, "\nlink:/sys/bus/cxl/devices/mem");
	for (int i = 0; i < 1000; i++)
		text_puts(&t, "1");
	text_puts(&t, ":/x/0000:34:00.0/0000:35:00.0/mem1\n");
	view_parse(&v, t.s);
	assert_int_equal(strlen(view_region(&v, 0, "node", buf)), 63);
	assert_int_equal(strlen(view_memdev(&v, "34:00.0", mem)), 31);
	view_free(&v);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_report_is_read),
		T(memory_is_counted_in_blocks),
		T(a_memdev_is_found_by_its_port),
		T(a_memdev_below_a_switch_is_found_by_its_way),
		T(a_tier_is_found_by_its_node),
		T(lists_of_nodes_have_ranges),
		T(node_1_is_not_taken_for_node_10),
		T(the_configuration_is_kept_apart),
		T(values_keep_their_colons),
		T(a_broken_report_is_read_as_far_as_it_goes),
		T(overlong_words_are_cut),
	};

	return RUN_TESTS(tests);
}
