/* The rules of regions: their devices, the window, whose turn it is, decoders, what they are used as. */
#include "machine-text.h"

#include "topology.h"
#include "units.h"

/* Two host bridges with two root ports each, and below hb2 two switches. */
static const char head[] =
	"image: x\n"                                                             /* 1 */
	"memory: 1GiB\n"
	"cxl:\n"
	"  bridges:\n"
	"    - {name: hb0, ports: [p0, p1]}\n"                                   /* 5 */
	"    - {name: hb1, ports: [p2, p3]}\n"
	"    - {name: hb2, ports: [p4, p5]}\n"
	"  switches:\n"
	"    - {name: s0, port: p4, ports: [d0, d1, d2]}\n"
	"    - {name: s1, port: p5, ports: [d3, d4]}\n"                          /* 10 */
	"  devices:\n"
	"    - {name: a, port: p0, volatile: 1GiB, persistent: 512MiB}\n"
	"    - {name: b, port: p2, volatile: 1GiB}\n"
	"    - {name: c, port: p1, volatile: 1GiB, persistent: 512MiB}\n"
	"    - {name: d, port: p3, volatile: 1GiB}\n"                            /* 15 */
	"    - {name: e, port: d0, volatile: 1GiB}\n"
	"    - {name: f, port: d3, volatile: 1GiB}\n"
	"    - {name: g, port: d1, volatile: 1GiB}\n"
	"    - {name: h, port: d4, volatile: 1GiB}\n"
	"    - {name: o, port: d2, volatile: 1GiB, plugged: false}\n"            /* 20 */
	"  windows:\n"
	"    - {size: 16GiB, targets: [hb0]}\n"                                  /* 22: window 0 */
	"    - {size: 16GiB, targets: [hb0, hb1], granularity: 1KiB}\n"          /* 1 */
	"    - {size: 16GiB, targets: [hb2]}\n"                                  /* 2 */
	"    - {size: 16GiB, targets: [hb0]}\n"                                  /* 25: window 3 */
	"  regions:\n";
#define FIRST 27 /* line of the first region */

static const char *with(const char *regions)
{
	return keep("%s%s", head, regions);
}

static void refused(const char *regions, int line, const char *part)
{
	refused_text(with(regions), line, part);
}

static void accepted(const char *regions)
{
	accepted_text(with(regions));
}

/* The window of the first region. */
static int window_of(const char *regions)
{
	struct machine *m = load_text(with(regions));
	int window;

	if (!m)
		fail_msg("%s", why.msg);
	window = region_window(m, &m->cxl.regions[0]);
	machine_free(m);
	return window;
}

static void members_are_there_and_of_one_kind(void **state)
{
	(void)state;
	refused("    - {devices: [z]}\n", FIRST, "the region's device 'z' is not among this machine's");
	refused("    - {devices: [b], type: pmem}\n", FIRST, "the region is of type pmem, and device 'b' has no persistent memory");
	refused("    - {devices: []}\n", FIRST, "a region has 0 devices: 1, 2, 4, 8 or 16 interleave it");
	refused("    - {devices: [a, c, e]}\n", FIRST, "a region has 3 devices");
	refused("    - {devices: [a, c], ways: 4}\n", FIRST, "'ways' is 4, and the region has 2 devices: they are the ways");
	refused("    - {devices: [a], ways: 0}\n", FIRST, "it goes from 1 to 16");
	accepted("    - {devices: [a, c], ways: 2}\n");
	accepted("    - {devices: [o]}\n"); /* made when it is plugged in */
}

static void a_device_is_in_one_region_of_each_type(void **state)
{
	(void)state;
	accepted("    - {devices: [a]}\n    - {devices: [a], type: pmem}\n");
	refused("    - {devices: [a]}\n    - {devices: [a]}\n", FIRST + 1, "device 'a' is in a region of type ram already (line 27)");
	refused("    - {devices: [a, a]}\n", FIRST, "device 'a' is in a region of type ram already");
	refused("    - {devices: [a], type: pmem}\n    - {devices: [a, c], type: pmem}\n", FIRST + 1, "in a region of type pmem already");
	refused("    - {devices: [a], type: pmem}\n    - {devices: [a]}\n", FIRST + 1,
		"the region of type pmem of device 'a' stands before that of type ram (line 27): ram comes first");
}

static void sizes_are_those_of_the_devices(void **state)
{
	(void)state;
	accepted("    - {devices: [a, c], size: 512MiB}\n");
	refused("    - {devices: [a, c], size: 2304MiB}\n", FIRST, "the region is 2304MiB, and its devices have 2GiB together");
	refused("    - {devices: [a, c], size: 768MiB}\n", FIRST, "the region is 768MiB: with 2 devices it comes in multiples of 512MiB");
	refused("    - {devices: [a], size: 0B}\n", FIRST, "the region has no size: leave it out for all that its devices have");
	refused("    - {devices: [a], size: 16777215TiB}\n", FIRST, "and its devices have 1GiB together");
	refused("    - {devices: [a], type: pmem, size: 1GiB}\n", FIRST, "the region is 1GiB, and its devices have 512MiB together");
	refused_text(edited(with("    - {devices: [a, c]}\n"), "c, port: p1, volatile: 1GiB", "c, port: p1, volatile: 2GiB"), FIRST,
		     "devices 'a' and 'c' differ in size: what is interleaved is of one size");
}

static void a_region_goes_into_the_first_window_whose_turns_are_its_own(void **state)
{
	(void)state;
	assert_int_equal(window_of("    - {devices: [a]}\n"), 0);
	assert_int_equal(window_of("    - {devices: [a], window: 3}\n"), 3);
	assert_int_equal(window_of("    - {devices: [a, c]}\n"), 0);
	assert_int_equal(window_of("    - {devices: [a, b], granularity: 1KiB}\n"), 1);
	assert_int_equal(window_of("    - {devices: [e]}\n"), 2);
	/* two of hb0: not into a window that takes turns with hb1, though that reaches both */
	{
		const char *text = edited(with("    - {devices: [a, c]}\n"), "    - {size: 16GiB, targets: [hb0]}\n", "");
		struct machine *m = load_text(text);

		if (!m)
			fail_msg("%s", why.msg);
		assert_int_equal(region_window(m, &m->cxl.regions[0]), 2);
		machine_free(m);
	}
}

static void a_window_has_to_be_there_and_to_reach(void **state)
{
	(void)state;
	refused("    - {devices: [a], window: 4}\n", FIRST, "'window' is 4, and the machine's windows are 0 to 3");
	refused("    - {devices: [a], window: 16}\n", FIRST, "'window' is 16: it goes from 0 to 15");
	refused("    - {devices: [a], window: -1}\n", FIRST, "'window' is -1: it goes from 0 to 15");
	refused("    - {devices: [b], window: 0}\n", FIRST, "window 0 does not reach device 'b': add its host bridge to the window's 'targets'");
	refused("    - {devices: [a, e]}\n", FIRST, "no window reaches the region's devices");
	refused("    - {devices: [b]}\n", FIRST, "the region has 1 device, and its window interleaves 2 host bridges: a region takes as many");
	refused_text("image: x\nmemory: 1GiB\ncxl:\n  windows: []\n  bridges: [{name: h, ports: [p]}]\n"
		     "  devices: [{name: a, port: p, volatile: 256MiB}]\n  regions: [{devices: a}]\n", 7, "no window reaches");
	refused_text("image: x\nmemory: 1GiB\ncxl:\n  windows: []\n  bridges: [{name: h, ports: [p]}]\n"
		     "  devices: [{name: a, port: p, volatile: 256MiB}]\n  regions: [{devices: a, window: 0}]\n", 7,
		     "'window' is 0, and the machine has no window");
}

static void host_bridges_take_turns_as_the_window_says(void **state)
{
	(void)state;
	accepted("    - {devices: [a, b, c, d], granularity: 1KiB}\n");
	accepted("    - {devices: [c, b, a, d], granularity: 1KiB}\n");
	refused("    - {devices: [b, a], granularity: 1KiB}\n", FIRST, "device 'b' is behind host bridge 'hb1', and at its place in the region it "
		"is the turn of 'hb0': name the devices in the order of the window's targets");
	refused("    - {devices: [a, c, b, d], granularity: 1KiB}\n", FIRST, "device 'c' is behind host bridge 'hb0'");
	refused("    - {devices: [a, b]}\n", FIRST, "'granularity' is 256B, and that of its window, which is interleaved, is 1KiB");
	refused("    - {devices: [a, c], window: 1, granularity: 1KiB}\n", FIRST, "device 'c' is behind host bridge 'hb0'");
}

static void root_ports_take_turns_too(void **state)
{
	(void)state;
	accepted("    - {devices: [e, f, g, h]}\n");
	accepted("    - {devices: [e, g]}\n");
	refused("    - {devices: [e, g, f, h]}\n", FIRST, "device 'f' is below root port 'p5', and at its place in the region it is the turn of "
		"'p4': the root ports of a host bridge take turns");
	refused_text(edited(with("    - {devices: [e, f, g, o]}\n"), ", plugged: false", ""), FIRST, "device 'o' is below root port 'p4', and at");
}

static void a_root_port_has_as_many_devices_as_the_next(void **state)
{
	const char *text = edited(with("    - {devices: [a, e, c, f]}\n"), "[p0, p1]", "[p0, p1, p4, p5]");

	(void)state;
	text = edited(text, "    - {name: hb2, ports: [p4, p5]}\n", "    - {name: hb2, ports: [p9]}\n");
	accepted_text(text);
	refused_text(edited(edited(text, "f, port: d3", "f, port: d1"), "g, port: d1", "g, port: d3"), FIRST,
		     "4 of the region's devices are below 3 root ports of host bridge 'hb0': each takes as many");
}

/* What Linux writes into the decoder of a port is the granularity times the ways above it. */
static void granularity_grows_from_level_to_level(void **state)
{
	const char *text = edited(with("    - {devices: [a, b], granularity: 8KiB}\n"), "granularity: 1KiB", "granularity: 8KiB");

	(void)state;
	accepted_text(text);
	text = edited(edited(text, "granularity: 8KiB", "granularity: 16KiB"), "granularity: 8KiB", "granularity: 16KiB");
	refused_text(text, FIRST, "'granularity' is 16KiB, and 32KiB at the level below, which takes at most 16KiB: make it smaller");
	accepted("    - {devices: [a, c], granularity: 16KiB}\n");
	accepted("    - {devices: [e, f], granularity: 8KiB}\n");
	refused("    - {devices: [e, f], granularity: 16KiB}\n", FIRST, "and 32KiB at the level below");
	refused("    - {devices: [a], granularity: 0B}\n", FIRST, "'granularity' is 0B: it is 256B");
}

/* 16 devices behind one host bridge, or two */
static const char *sixteen(int bridges)
{
	auto_text even = { 0 }, odd = { 0 }, devices = { 0 }, members = { 0 };

	for (int i = 0; i < 16; i++) {
		struct text *ports = i % bridges ? &odd : &even;

		text_addf(ports, "%sp%d", ports->n ? ", " : "", i);
		text_addf(&devices, "    - {name: m%d, port: p%d, volatile: 256MiB}\n", i, i);
		text_addf(&members, "%sm%d", i ? ", " : "", i);
	}
	return keep("image: x\nmemory: 1GiB\ncxl:\n  bridges:\n    - {name: h0, ports: [%s]}\n    - {name: h1, ports: [%s]}\n  windows:\n"
		    "    - {size: 4GiB, targets: [h0%s]}\n  devices:\n%s  regions:\n    - {devices: [%s]}\n", even.s,
		    odd.s ? odd.s : "q", bridges > 1 ? ", h1" : "", devices.s, members.s);
}

static void a_host_bridge_interleaves_eight_ways(void **state)
{
	(void)state;
	accepted_text(sixteen(2));
	refused_text(sixteen(1), 27, "16 ports of a host bridge interleave the region: Linux takes at most 8; spread the devices over more host");
}

static void four_regions_go_through_one_host_bridge_or_switch(void **state)
{
	static const char four[] = "    - {devices: [e]}\n    - {devices: [f]}\n    - {devices: [g]}\n    - {devices: [h]}\n";
	const char *text = edited(with(four), ", plugged: false", "");

	(void)state;
	accepted_text(text);
	refused_text(keep("%s    - {devices: [o]}\n", text), FIRST + 4, "5 regions go through host bridge 'hb2', which has decoders for 4");
}

static void regions_of_one_host_bridge_are_in_the_order_of_their_windows(void **state)
{
	(void)state;
	accepted("    - {devices: [a], window: 0}\n    - {devices: [c], window: 3}\n");
	refused("    - {devices: [a], window: 3}\n    - {devices: [c], window: 0}\n", FIRST + 1,
		"the region goes into window 0, and an earlier one (line 27) through the same host bridge 'hb0' into window 3: put those of "
		"lower windows first");
	accepted("    - {devices: [e], window: 2}\n    - {devices: [c], window: 0}\n");
}

static void a_window_is_filled_by_what_goes_into_it(void **state)
{
	const char *text = with("    - {devices: [a], window: 0}\n    - {devices: [c], window: 3}\n    - {devices: [a], type: pmem, window: 3}\n"
				"    - {devices: [c], type: pmem, window: 3}\n");

	(void)state;
	text = edited(edited(text, "size: 16GiB, targets: [hb0]}", "size: 1GiB, targets: [hb0]}"), "size: 16GiB, targets: [hb0]}",
		      "size: 2GiB, targets: [hb0]}");
	accepted_text(text);
	refused_text(edited(text, "size: 1GiB", "size: 768MiB"), 22, "the window is 768MiB, and the devices behind it have 1GiB together");
	refused_text(edited(text, "size: 2GiB", "size: 1792MiB"), 25, "the window is 1792MiB, and the devices behind it have 2GiB together");
	accepted_text(edited(edited(text, "window: 0", "window: 0, size: 512MiB"), "size: 1GiB", "size: 512MiB"));
}

static void ram_is_brought_online_and_pmem_has_a_namespace(void **state)
{
	(void)state;
	accepted("    - {devices: [a], online: devdax}\n    - {devices: [a], type: pmem, namespace: raw}\n");
	refused("    - {devices: [a], type: pmem, online: auto}\n", FIRST, "'online' is for regions of type ram: one of type pmem has a 'namespace'");
	refused("    - {devices: [a], namespace: none}\n", FIRST, "'namespace' is for regions of type pmem: one of type ram is brought 'online'");
	refused("    - {devices: [a], type: pram}\n", FIRST, "it is one of ram, pmem");
}

static void kvm_takes_no_interleaved_memory(void **state)
{
	(void)state;
	accepted_text(edited(with("    - {devices: [a]}\n"), "memory:", "accelerator: kvm\nmemory:"));
	refused_text(edited(with("    - {devices: [a, c]}\n"), "memory:", "accelerator: kvm\nmemory:"), FIRST + 1,
		     "a region of 2 devices under KVM: interleaved memory is emulated access by access (MMIO), of which a KVM guest dies; use tcg");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_there_and_of_one_kind),
		cmocka_unit_test(a_device_is_in_one_region_of_each_type),
		cmocka_unit_test(sizes_are_those_of_the_devices),
		cmocka_unit_test(a_region_goes_into_the_first_window_whose_turns_are_its_own),
		cmocka_unit_test(a_window_has_to_be_there_and_to_reach),
		cmocka_unit_test(host_bridges_take_turns_as_the_window_says),
		cmocka_unit_test(root_ports_take_turns_too),
		cmocka_unit_test(a_root_port_has_as_many_devices_as_the_next),
		cmocka_unit_test(granularity_grows_from_level_to_level),
		cmocka_unit_test(a_host_bridge_interleaves_eight_ways),
		cmocka_unit_test(four_regions_go_through_one_host_bridge_or_switch),
		cmocka_unit_test(regions_of_one_host_bridge_are_in_the_order_of_their_windows),
		cmocka_unit_test(a_window_is_filled_by_what_goes_into_it),
		cmocka_unit_test(ram_is_brought_online_and_pmem_has_a_namespace),
		cmocka_unit_test(kvm_takes_no_interleaved_memory),
	};

	return RUN_TESTS(tests);
}
