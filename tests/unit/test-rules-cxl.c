/* The rules of host bridges, ports, switches, devices and windows. */
#include "machine-text.h"

#include "topology.h"
#include "units.h"

static const char good[] =
	"image: x\n"                                                                 /* 1 */
	"memory: 1GiB\n"
	"cxl:\n"
	"  windows:\n"
	"    - {size: 4GiB, targets: [hb0]}\n"                                       /* 5 */
	"    - {size: 2GiB, targets: [hb0, hb1], granularity: 1KiB}\n"
	"  bridges:\n"
	"    - {name: hb0, ports: [rp0, rp1]}\n"
	"    - {name: hb1, ports: [rp2]}\n"
	"  switches:\n"                                                              /* 10 */
	"    - {name: sw0, port: rp1, ports: [dp0, dp1]}\n"
	"    - {name: sw1, port: rp2, ports: [dp2]}\n"
	"  devices:\n"
	"    - {name: a, port: rp0, volatile: 256MiB}\n"
	"    - {name: b, port: dp0, persistent: 256MiB, label: 256KiB}\n"            /* 15 */
	"    - {name: c, port: dp1, dynamic: 256MiB, plugged: false}\n";

static void refused(const char *from, const char *to, int line, const char *part)
{
	refused_text(edited(good, from, to), line, part);
}

static void accepted(const char *from, const char *to)
{
	accepted_text(edited(good, from, to));
}

static void defaults_are_filled_in(void **state)
{
	struct machine *m = load_text(edited(good, ", label: 256KiB", ""));
	struct place p;

	(void)state;
	if (!m)
		fail_msg("%s", why.msg);
	assert_true(m->cxl.devices[0].plugged);
	assert_false(m->cxl.devices[2].plugged);
	assert_true(m->cxl.devices[0].label_size == 0);
	assert_true(m->cxl.devices[1].label_size == MiB);
	assert_true(cxl_total(m) == 512 * MiB);
	assert_true(find_port(m, "dp1", &p));
	assert_int_equal(p.bridge, 0);
	assert_int_equal(p.root, 1);
	assert_int_equal(p.depth, 1);
	assert_int_equal(p.down[0].sw, 0);
	assert_int_equal(p.down[0].port, 1);
	machine_free(m);
}

static void names_are_words_to_qemu(void **state)
{
	(void)state;
	accepted("name: a", keep("name: %s", letters(63)));
	accepted("name: a", "name: 0.a_-");
	refused("name: a", keep("name: %s", letters(64)), 14, "can't be the name of a device: a-z, 0-9, '.', '_' and '-', a letter or digit "
		"first, at most 63");
	refused("name: a", "name: 'a,b'", 14, "'a,b' can't be the name of a device");
	refused("name: a", "name: ''", 14, "'' can't be the name of a device");
	refused("name: sw0", "name: -s", 11, "'-s' can't be the name of a switch");
	refused("[dp0,", "['dp 0',", 11, "'dp 0' can't be the name of a port");
	refused("name: hb1", keep("name: \"%s=\"", letters(4096)), 9, "can't be the name of a host bridge");
}

/* Names of one kind do not stand in the way of another's. */
static void kinds_have_names_of_their_own(void **state)
{
	(void)state;
	accepted("name: a", "name: hb0");
	accepted("name: sw0", "name: hb0");
	accepted("name: a", "name: rp0");
	refused("name: sw1", "name: sw0", 12, "switch 'sw0' stands twice (line 11)");
	refused("ports: [dp2]", "ports: [dp0]", 12, "port 'dp0' stands twice: each has a name of its own");
	refused("ports: [dp2]", "ports: [rp0]", 12, "port 'rp0' stands twice");
}

static void switches_sit_in_root_ports(void **state)
{
	(void)state;
	refused("port: rp2, ports", "port: rp9, ports", 12, "switch 'sw1' sits in port 'rp9', which no host bridge has: name it under 'ports'");
	refused("port: rp2, ports", "port: rp1, ports", 12, "port 'rp1' already holds switch 'sw0': one port takes one");
	refused("port: rp2, ports", "port: dp1, ports", 12, "switch 'sw1' sits in a port of another switch: QEMU loses what is written");
	refused("port: rp2, ports", "port: dp2, ports", 12, "switch 'sw1' sits in a port of another switch"); /* its own */
	refused("ports: [dp2]", "ports: []", 12, "switch 'sw1' has 0 downstream ports: it takes 1 to 21");
}

static void switches_in_a_circle_are_refused(void **state)
{
	(void)state;
	refused_text(edited(edited(good, "port: rp1, ports", "port: dp2, ports"), "port: rp2, ports", "port: dp1, ports"), 11,
		     "switch 'sw0' sits in a port of another switch");
}

static const char *many_ports(const char *prefix, int n)
{
	auto_text t = { 0 };

	for (int i = 0; i < n; i++)
		text_addf(&t, "%s%s%d", i ? ", " : "", prefix, i);
	return keep("%s", t.s);
}

static void bus_numbers_are_counted(void **state)
{
	(void)state;
	accepted("[dp2]", keep("[%s]", many_ports("x", 21)));
	refused("[dp2]", keep("[%s]", many_ports("x", 22)), 12, "switch 'sw1' has 22 downstream ports: it takes 1 to 21");
	accepted("[rp0, rp1]", keep("[rp0, rp1, %s]", many_ports("x", 18)));
	refused("[rp0, rp1]", keep("[rp0, rp1, %s]", many_ports("x", 19)), 8,
		"25 bus numbers below host bridge 'hb0': it has 24; a root port takes one, a switch one and one for each port");
}

static void ports_of_all_bridges_are_counted(void **state)
{
	auto_text t = { 0 };

	(void)state;
	text_puts(&t, "image: x\nmemory: 1GiB\ncxl:\n  windows: []\n  devices: []\n  bridges:\n");
	for (int i = 0; i < 7; i++)
		text_addf(&t, "    - {name: h%d, ports: [%s]}\n", i, many_ports(keep("h%d-", i), 22));
	accepted_text(t.s);
	text_addf(&t, "    - {name: h8, ports: [%s]}\n", many_ports("y", 2));
	refused_text(t.s, 14, "the machine has more than 155 ports: leave out those that are empty");
}

static void devices_have_memory_of_some_kind(void **state)
{
	(void)state;
	refused(", volatile: 256MiB", "", 14, "device 'a' has no memory: give it 'volatile', 'persistent' or 'dynamic'");
	refused("persistent: 256MiB", "persistent: 100MiB", 15, "the device's persistent memory is 100MiB: CXL memory comes in multiples of "
		"256MiB, the next is 256MiB");
	refused("dynamic: 256MiB", "dynamic: 0B", 16, "the device's dynamic capacity is 0B");
	accepted_text(edited(edited(edited(good, "size: 4GiB", "size: 2TiB"), "size: 2GiB", "size: 2TiB"), "dynamic: 256MiB",
			     "dynamic: 1TiB"));
}

static void sizes_that_overflow_are_refused(void **state)
{
	(void)state;
	refused("volatile: 256MiB", "volatile: 16777215TiB", 14, "the device's volatile memory is 16777215TiB: an x86 processor addresses at "
		"most 4096TiB");
	refused("volatile: 256MiB", "volatile: 17179869183GiB, persistent: 1GiB", 14, "addresses at most 4096TiB");
	refused("size: 4GiB", "size: 8192TiB", 5, "the window is 8192TiB: an x86 processor addresses at most 4096TiB");
	refused("dynamic: 256MiB", "dynamic: 1025GiB", 16, "the device's dynamic capacity is 1025GiB: at most 1TiB");
}

static void labels_are_for_persistent_memory(void **state)
{
	(void)state;
	accepted("label: 256KiB", "label: 1GiB");
	refused("label: 256KiB", "label: 0B", 15, "'label' is 0B: it is 256KiB to 1GiB, in multiples of 4KiB");
	refused("label: 256KiB", "label: 252KiB", 15, "'label' is 252KiB");
	refused("label: 256KiB", "label: 258KiB", 15, "in multiples of 4KiB");
	refused("label: 256KiB", "label: 2GiB", 15, "'label' is 2GiB");
	refused("volatile: 256MiB", "volatile: 256MiB, label: 1MiB", 14, "'label' is for persistent memory, and device 'a' has none");
	refused("volatile: 256MiB", "volatile: 256MiB, label: 0B", 14, "'label' is for persistent memory");
}

static void a_port_holds_one_thing(void **state)
{
	(void)state;
	refused("port: dp0", "port: rp1", 15, "port 'rp1' holds switch 'sw0': a device sits in one of its ports");
	refused("port: dp1", "port: dp0", 16, "port 'dp0' already holds device 'b': one port takes one device");
	refused("port: dp1", "port: dp9", 16, "device 'c' sits in port 'dp9', which no host bridge and no switch has");
	accepted("port: dp1", "port: dp2");
}

static void windows_interleave_in_granules_of_all_targets(void **state)
{
	(void)state;
	accepted("size: 2GiB", "size: 1GiB");
	refused("size: 2GiB", "size: 1280MiB", 6, "the window is 1280MiB: with 2 targets it comes in multiples of 512MiB");
	refused("size: 2GiB", "size: 0B", 6, "the window is 0B");
	refused("granularity: 1KiB", "granularity: 0B", 6, "'granularity' is 0B: it is 256B, 512B");
	refused("granularity: 1KiB", "granularity: 3KiB", 6, "'granularity' is 3KiB");
	refused("[hb0, hb1]", "[hb0, sw0]", 6, "the window's target 'sw0' is no host bridge of this machine");
	refused("[hb0, hb1]", "[hb0, hb0]", 6, "the window's target 'hb0' stands twice");
}

static void there_is_room_for_sixteen_windows(void **state)
{
	auto_text t = { 0 };

	(void)state;
	text_puts(&t, "image: x\nmemory: 1GiB\ncxl:\n  bridges: [{name: h, ports: [p]}]\n  devices: []\n  windows:\n");
	for (int i = 0; i < 16; i++)
		text_puts(&t, "    - {size: 256MiB, targets: h}\n");
	accepted_text(t.s);
	text_puts(&t, "    - {size: 256MiB, targets: h}\n");
	refused_text(t.s, 23, "17 windows: at most 16");
}

/* It may be plugged in: then there has to be room for it. */
static void a_window_has_room_for_devices_that_are_not_plugged_in(void **state)
{
	(void)state;
	accepted("size: 4GiB", "size: 768MiB");
	refused("size: 4GiB", "size: 512MiB", 5, "the window is 512MiB, and the devices behind it have 768MiB together: make it at least that");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_filled_in),
		cmocka_unit_test(names_are_words_to_qemu),
		cmocka_unit_test(kinds_have_names_of_their_own),
		cmocka_unit_test(switches_sit_in_root_ports),
		cmocka_unit_test(switches_in_a_circle_are_refused),
		cmocka_unit_test(bus_numbers_are_counted),
		cmocka_unit_test(ports_of_all_bridges_are_counted),
		cmocka_unit_test(devices_have_memory_of_some_kind),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(labels_are_for_persistent_memory),
		cmocka_unit_test(a_port_holds_one_thing),
		cmocka_unit_test(windows_interleave_in_granules_of_all_targets),
		cmocka_unit_test(there_is_room_for_sixteen_windows),
		cmocka_unit_test(a_window_has_room_for_devices_that_are_not_plugged_in),
	};

	return RUN_TESTS(tests);
}
