/* Machine files: the shipped ones, and each rule with its line and its cure. */
#include "machine-text.h"

#include <dirent.h>

#include "topology.h"
#include "units.h"

static const char good[] =
	"image: cxl-tcg\n"                     /* 1 */
	"memory: 2GiB\n"
	"cpus: 2\n"
	"ssh-port: 2222\n"
	"cxl:\n"                               /* 5 */
	"  windows:\n"
	"    - size: 4GiB\n"
	"      targets: [hb0]\n"
	"  bridges:\n"
	"    - name: hb0\n"                    /* 10 */
	"      ports: [rp0, rp1]\n"
	"    - name: hb1\n"
	"      ports: [rp2]\n"
	"  devices:\n"
	"    - name: mem0\n"                   /* 15 */
	"      port: rp0\n"
	"      volatile: 1GiB\n"
	"    - name: mem1\n"
	"      port: rp1\n"
	"      volatile: 1GiB\n"               /* 20 */
	"  regions:\n"
	"    - devices: [mem0]\n"
	"      granularity: 256B\n"
	"    - devices: [mem1]\n"
	"      online: movable\n";             /* 25 */

static void refused(const char *from, const char *to, int line, const char *part)
{
	refused_text(edited(good, from, to), line, part);
}

static void shipped_machines_load(void **state)
{
	auto_closedir DIR *d = opendir("vmctl/machines");
	int n = 0;

	(void)state;
	for (struct dirent *f; (f = readdir(d));) {
		cleanup(machine_cleanup) struct machine *m = NULL;

		if (!str_ends(f->d_name, ".yaml"))
			continue;
		m = machine_load(keep("vmctl/machines/%s", f->d_name), &why);
		if (!m)
			fail_msg("%s", why.msg);
		n++;
	}
	assert_true(n >= 2);
}

static void a_machine_is_read(void **state)
{
	cleanup(machine_cleanup) struct machine *m = load_text(good);
	struct place p;

	(void)state;
	if (!m)
		fail_msg("%s", why.msg);
	assert_string_equal(m->name, "my");
	assert_true(m->memory == 2 * GiB);
	assert_int_equal(m->accelerator, ACCEL_TCG);
	assert_int_equal(m->boot, BOOT_DIRECT);
	assert_int_equal(m->cxl.regions[0].online, ONLINE_AUTO);
	assert_int_equal(m->cxl.regions[1].online, ONLINE_MOVABLE);
	assert_int_equal(m->cxl.regions[1].granularity, 256);
	assert_true(cxl_total(m) == 2 * GiB);
	assert_true(region_size(m, &m->cxl.regions[0]) == GiB);
	assert_int_equal(region_window(m, &m->cxl.regions[1]), 0);
	assert_true(find_port(m, "rp2", &p));
	assert_int_equal(p.bridge, 1);
	assert_int_equal(p.root, 0);
	assert_false(find_port(m, "rp9", &p));
	assert_null(find_device(m, "mem9"));
}

static void a_machine_without_cxl_is_one(void **state)
{
	cleanup(machine_cleanup) struct machine *m = load_text("image: x\nmemory: 512MiB\n");

	(void)state;
	if (!m)
		fail_msg("%s", why.msg);
	assert_true(cxl_total(m) == 0);
}

static void cpus_follow_the_host_up_to_four(void **state)
{
	struct machine any = { 0 }, fixed = { .cpus = { .count = 16 } };

	(void)state;
	assert_int_equal(machine_cpus(&any, 2), 2);
	assert_int_equal(machine_cpus(&any, 64), 4);
	assert_int_equal(machine_cpus(&fixed, 2), 16);
}

static void names_come_from_files(void **state)
{
	auto_free char *a = machine_name("/x/cxl.yaml"), *b = machine_name("cxl"), *c = machine_name("./a/b.c.yaml");

	(void)state;
	assert_string_equal(a, "cxl");
	assert_string_equal(b, "cxl");
	assert_string_equal(c, "b.c");
	assert_null(machine_load(put_file("My Machine.yaml", good), &why));
	assert_contains(why.msg, "a machine has the name of its file, and 'My Machine' can't be one");
}

static void keys_and_values_are_checked(void **state)
{
	(void)state;
	refused("memory:", "memmory:", 2, "did you mean 'memory'");
	refused("image: cxl-tcg\n", "", 1, "the machine needs the key 'image'");
	refused("cpus: 2", "cpus: 0", 3, "'count' is 0: it goes from 1 to 255");
	refused("cpus: 2", "cpus: 256", 3, "it goes from 1 to 255");
	refused("ssh-port: 2222", "ssh-port: 22", 4, "it goes from 1024 to 65535");
	refused("cpus: 2", "accelerator: kmv", 3, "did you mean 'kvm'");
	refused("cpus: 2", "boot: disc", 3, "did you mean 'disk'");
	refused("online: movable", "online: yes", 25, "it is one of auto, kernel, movable, no, devdax");
	refused("volatile: 1GiB", "volatile: 1024", 17, "'1024' has no unit");
	refused("  bridges:\n    - name: hb0\n      ports: [rp0, rp1]\n    - name: hb1\n      ports: [rp2]\n", "", 6,
		"cxl needs the key 'bridges'");
}

static void memory_is_at_least_half_a_gibibyte(void **state)
{
	(void)state;
	refused("memory: 2GiB", "memory: 256MiB", 2, "'memory' is 256MiB: it is at least 512MiB, in multiples of 2MiB");
	refused("memory: 2GiB", "memory: 1025MiB", 2, "in multiples of 2MiB");
}

static void cxl_memory_comes_in_granules(void **state)
{
	(void)state;
	refused("volatile: 1GiB", "volatile: 1000MiB", 17,
		"the device's volatile memory is 1000MiB: CXL memory comes in multiples of 256MiB, the next is 1GiB");
	refused("volatile: 1GiB", "volatile: 0MiB", 17, "the next is 256MiB");
	refused("size: 4GiB", "size: 4097MiB", 7, "the window is 4097MiB");
}

static void a_window_holds_what_is_behind_it(void **state)
{
	(void)state;
	refused("size: 4GiB", "size: 1GiB", 7,
		"the window is 1GiB, and the devices behind it have 2GiB together: make it at least that");
	machine_free(load_text(edited(good, "size: 4GiB", "size: 2GiB")));
}

static void a_window_leads_to_bridges_that_are_there(void **state)
{
	(void)state;
	refused("targets: [hb0]", "targets: [hb9]", 8, "the window's target 'hb9' is no host bridge of this machine");
	refused("targets: [hb0]", "targets: []", 8, "a window has 0 targets: 1, 2, 4, 8 or 16");
	refused("targets: [hb0]", "targets: [hb0, hb1, hb0]", 8, "a window has 3 targets");
}

static void a_window_leads_to_a_bridge_once(void **state)
{
	(void)state;
	refused("targets: [hb0]", "targets: [hb0, hb0]", 8, "hb0");
}

static void bridges_and_ports_have_names_of_their_own(void **state)
{
	(void)state;
	refused("name: hb1", "name: hb0", 12, "host bridge 'hb0' stands twice (line 10)");
	refused("[rp2]", "[rp0]", 13, "port 'rp0' stands twice");
	refused("[rp0, rp1]", "[rp0, rp0]", 11, "port 'rp0' stands twice");
	refused("[rp2]", "[]", 13, "host bridge 'hb1' has 0 root ports: it takes 1 to ");
	refused("name: hb1", "name: HB", 12, "'HB' can't be the name of a host bridge");
	refused("[rp2]", "['rp,2']", 13, "'rp,2' can't be the name of a port");
}

static void devices_sit_in_ports_of_their_own(void **state)
{
	(void)state;
	refused("port: rp0", "port: rp9", 16, "device 'mem0' sits in port 'rp9', which no host bridge and no switch has");
	refused("port: rp1", "port: rp0", 19, "port 'rp0' already holds device 'mem0'");
	refused("name: mem1", "name: mem0", 18, "device 'mem0' stands twice (line 15)");
	refused("name: mem1", "name: Mem", 18, "'Mem' can't be the name of a device");
}

static void regions_are_made_of_devices_that_are_free(void **state)
{
	(void)state;
	refused("devices: [mem0]", "devices: [mem9]", 22, "the region's device 'mem9' is not among this machine's");
	refused("devices: [mem1]", "devices: [mem0]", 24, "device 'mem0' is in a region of type ram already (line 22)");
	refused("devices: [mem0]", "devices: [mem0, mem0]", 22, "device 'mem0' is in a region of type ram already");
	refused("devices: [mem0]", "devices: []", 22, "a region has 0 devices: 1, 2, 4, 8 or 16 interleave it");
	refused("devices: [mem0]", "devices: [mem0, mem1, mem0]", 22, "a region has 3 devices");
}

static void interleaved_devices_are_of_one_size(void **state)
{
	const char *text = edited(good, "devices: [mem0]", "devices: [mem0, mem1]");

	(void)state;
	text = edited(text, "    - devices: [mem1]\n      online: movable\n", "");
	machine_free(load_text(text));
	refused_text(edited(text, "port: rp1\n      volatile: 1GiB", "port: rp1\n      volatile: 2GiB"), 22,
		     "devices 'mem0' and 'mem1' differ in size");
}

static void granularity_is_one_of_the_specifications(void **state)
{
	(void)state;
	refused("granularity: 256B", "granularity: 300B", 23, "'granularity' is 300B: it is 256B, 512B");
	refused("granularity: 256B", "granularity: 128B", 23, "it is 256B");
	refused("granularity: 256B", "granularity: 32KiB", 23, "or 16KiB");
	machine_free(load_text(edited(good, "granularity: 256B", "granularity: 16KiB")));
}

static void a_granularity_of_nothing_is_refused(void **state)
{
	(void)state;
	refused("granularity: 256B", "granularity: 0B", 23, "'granularity' is 0B");
}

static void a_region_needs_a_window_that_reaches_it(void **state)
{
	(void)state;
	refused("targets: [hb0]", "targets: [hb1]", 22,
		"no window reaches the region's devices: add their host bridge to a window's 'targets'");
}

static void there_is_room_for_eight_bridges(void **state)
{
	auto_text t = { 0 };

	(void)state;
	text_puts(&t, "image: x\nmemory: 1GiB\ncxl:\n  windows: []\n  devices: []\n  bridges:\n");
	for (int i = 0; i < 8; i++)
		text_addf(&t, "    - {name: hb%d, ports: [rp%d]}\n", i, i);
	machine_free(load_text(t.s));
	assert_string_equal(why.msg, "");
	text_puts(&t, "    - {name: hb8, ports: [rp8]}\n");
	refused_text(t.s, 15, "9 host bridges: at most 8 fit");
}

/* bridge_bus() leaves 0x18 bus numbers to each bridge: itself and one behind each of its root ports. */
static void a_bridge_has_no_more_ports_than_bus_numbers(void **state)
{
	auto_text t = { 0 };

	(void)state;
	text_puts(&t, "image: x\nmemory: 1GiB\ncxl:\n  windows: []\n  devices: []\n  bridges:\n");
	text_puts(&t, "    - {name: hb0, ports: [a0");
	for (int i = 1; i < 24; i++)
		text_addf(&t, ", a%d", i);
	text_puts(&t, "]}\n    - {name: hb1, ports: [b0]}\n");
	refused_text(t.s, 7, "host bridge 'hb0' has 24 root ports");
}

static int setup(void **state)
{
	(void)state;
	why.msg[0] = '\0';
	return 0;
}

#define T(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(shipped_machines_load),
		T(a_machine_is_read),
		T(a_machine_without_cxl_is_one),
		T(cpus_follow_the_host_up_to_four),
		T(names_come_from_files),
		T(keys_and_values_are_checked),
		T(memory_is_at_least_half_a_gibibyte),
		T(cxl_memory_comes_in_granules),
		T(a_window_holds_what_is_behind_it),
		T(a_window_leads_to_bridges_that_are_there),
		T(a_window_leads_to_a_bridge_once),
		T(bridges_and_ports_have_names_of_their_own),
		T(devices_sit_in_ports_of_their_own),
		T(regions_are_made_of_devices_that_are_free),
		T(interleaved_devices_are_of_one_size),
		T(granularity_is_one_of_the_specifications),
		T(a_granularity_of_nothing_is_refused),
		T(a_region_needs_a_window_that_reaches_it),
		T(there_is_room_for_eight_bridges),
		T(a_bridge_has_no_more_ports_than_bus_numbers),
	};

	return RUN_TESTS(tests);
}
