/* What the host has: QEMU's version, and what keeps a machine from running. */
#include "sample.h"

#include "../../vmctl/topology.h"
#include "exits.h"
#include "units.h"

static void versions_are_read(void **state)
{
	static const struct { const char *said, *text; int version; } cases[] = {
		{ "QEMU emulator version 11.1.3 (Debian 1:11.1.3+ds-1~bpo13+1)\nCopyright (c) 2003-2026 Fabrice", "11.1.3", 11001 },
		{ "QEMU emulator version 7.2.17 (Debian 1:7.2+dfsg-7+deb12u13)\n", "7.2.17", 7002 },
		{ "QEMU emulator version 10.0.2\n", "10.0.2", 10000 },
		{ "qemu-system-x86_64 version 9.2\n", "9.2", 9002 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		auto_free char *text = NULL;

		assert_int_equal(qemu_version_parse(cases[i].said, &text), cases[i].version);
		assert_string_equal(text, cases[i].text);
	}
}

static void what_is_no_version_is_none(void **state)
{
	static const char *const bad[] = { "", "QEMU", "version", "version ", "version x.y", "version 11", "GNU bash 5.2" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char *text = (char *)"untouched";

		assert_int_equal(qemu_version_parse(bad[i], &text), -1);
		assert_null(text);
	}
}

static void a_machine_larger_than_the_host_is_refused(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	s.host.memory_free = 3 * GiB;
	assert_fails(host_check(&s.host, s.m, &why), "cxl-small.yaml:");
	assert_contains(why.msg, "takes 3.2 GiB of memory");
	assert_contains(why.msg, "this host has 3 GiB free");
	s.host.memory_free = 4 * GiB;
	assert_ok(host_check(&s.host, s.m, &why));
	s.host.memory_free = 0; /* not known */
	assert_ok(host_check(&s.host, s.m, &why));
	sample_free(&s);
}

static void kvm_that_can_not_be_used_is_refused_with_its_reason(void **state)
{
	struct sample s;

	(void)state;
	sample_make_from(&s, put_file("k.yaml", "image: x\nmemory: 1GiB\naccelerator: kvm\n"));
	strcpy(s.host.kvm_why, "no vmx");
	assert_fails(host_check(&s.host, s.m, &why), "k.yaml:3:14: 'accelerator: kvm', and KVM can't be used here: no vmx");
	s.host.kvm = true;
	assert_ok(host_check(&s.host, s.m, &why));
	sample_free(&s);
}

static void cxl_memory_under_kvm_needs_a_new_qemu(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	s.m->accelerator = ACCEL_AUTO;
	s.host.kvm = true;
	s.host.qemu.version = 10000;
	assert_fails(host_check(&s.host, s.m, &why), "CXL memory under KVM needs QEMU 11.1");
	s.host.qemu.version = 11001;
	assert_ok(host_check(&s.host, s.m, &why));
	sample_free(&s);
}

static void auto_takes_kvm_where_it_can_be_used(void **state)
{
	struct host h = { 0 };
	struct machine m = { .accelerator = ACCEL_AUTO };

	(void)state;
	assert_false(host_uses_kvm(&h, &m));
	h.kvm = true;
	assert_true(host_uses_kvm(&h, &m));
	m.accelerator = ACCEL_TCG;
	assert_false(host_uses_kvm(&h, &m));
}

#define EMULATED "disk: ahci\nnic: e1000e\n"

/* A machine with a region of one device, or of two, and more lines. */
static void make_cxl(struct sample *s, const char *lines, const char *devices, const char *more)
{
	sample_make_from(s, put_file("c.yaml", keep("image: x\nmemory: 1GiB\n%scxl:\n  windows: [{size: 4GiB, targets: h}]\n"
				     "  bridges: [{name: h, ports: [p, q]}]\n  devices: [{name: a, port: p, volatile: 256MiB%s}, "
				     "{name: b, port: q, volatile: 256MiB}]\n  regions: [{devices: [%s]}]\n", lines, more, devices)));
}

static void check_at(struct sample *s, int version, const char *refused)
{
	s->host.qemu.version = version;
	s->host.qemu.text = (char *)keep("%d.%d.0", version / 1000, version % 1000);
	if (!refused)
		assert_ok(host_check(&s->host, s->m, &why));
	else
		assert_fails(host_check(&s->host, s->m, &why), refused);
}

static void an_old_qemu_needs_emulated_hardware_or_bounce_buffers(void **state)
{
	static const struct { const char *lines, *before_bounce, *after; } cases[] = {
		{ "", "c.yaml:" },
		{ "disk: virtio\n", "c.yaml:3:7: QEMU 8.2.0 can't read a virtio disk into CXL memory, and the guest would hang: write "
		  "'disk: ahci' and 'nic: e1000e', or use QEMU 11.1 (`make setup`)" },
		{ "disk: scsi\n", "c.yaml:3:7: QEMU 8.2.0 can't read a virtio disk", "can't read a SCSI disk into CXL memory that it emulates, "
		  "and programs there would die: write 'disk: virtio' or 'disk: ahci'" },
		{ "disk: ahci\n", "QEMU 8.2.0 can't let a virtio network card write into CXL memory" },
		{ "disk: ide\nnic: virtio\n", "c.yaml:4:6: QEMU 8.2.0 can't let a virtio network card" },
		{ EMULATED "shares: [{name: s, path: /s}]\n", "c.yaml:5:17: a share of type 9p can't reach into CXL memory that QEMU 8.2.0 "
		  "emulates: take it out, or use QEMU 11.1" },
		{ EMULATED, NULL },
		{ "disk: ide\nnic: e1000\n", NULL },
		{ "disk: ahci\nnic: none\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sample s;

		make_cxl(&s, cases[i].lines, "a", "");
		check_at(&s, 8002, cases[i].before_bounce);
		check_at(&s, 9002, cases[i].after);
		check_at(&s, 10000, cases[i].after);
		check_at(&s, 11001, NULL);
		s.m->cxl.regions[0].online = ONLINE_DEVDAX; /* no memory of the guest's own */
		check_at(&s, 8002, NULL);
		sample_free(&s);
	}
}

static void bounce_buffers_are_for_cxl_memory_that_is_emulated(void **state)
{
	struct sample s;

	(void)state;
	make_cxl(&s, "", "a", "");
	s.host.qemu.version = 11000;
	assert_true(host_needs_bounce(&s.host, s.m));
	s.host.qemu.version = 11001;
	assert_false(host_needs_bounce(&s.host, s.m));
	sample_free(&s);
	make_cxl(&s, "", "a, b", "");
	assert_true(host_needs_bounce(&s.host, s.m)); /* interleaved: of every QEMU */
	s.m->cxl.regions[0].online = ONLINE_NO;
	assert_false(host_needs_bounce(&s.host, s.m));
	sample_free(&s);
}

static void virtiofs_reaches_into_no_emulated_memory(void **state)
{
	struct sample s;

	(void)state;
	make_cxl(&s, "shares: [{name: s, path: /s, type: virtiofs}]\n", "a", "");
	check_at(&s, 10000, "c.yaml:3:17: a share of type virtiofs can't reach into CXL memory that QEMU 10.0.0 emulates: write 'type: 9p'");
	check_at(&s, 11001, NULL);
	sample_free(&s);
}

static void interleaved_memory_is_none_for_kvm(void **state)
{
	struct sample s;

	(void)state;
	make_cxl(&s, "accelerator: auto\n", "a, b", "");
	check_at(&s, 11001, NULL); /* there is no KVM */
	s.host.kvm = true;
	check_at(&s, 11001, "c.yaml:3:14: interleaved memory (the region of line 8) is emulated access by access (MMIO), of which a KVM guest "
		 "dies, and 'auto' is KVM here: write tcg");
	sample_free(&s);
	make_cxl(&s, "accelerator: auto\n", "a", "");
	s.host.kvm = true;
	check_at(&s, 11001, NULL);
	sample_free(&s);
}

static void of_two_windows_of_one_host_bridge_the_last_is_fast(void **state)
{
	static const char file[] = "image: x\nmemory: 1GiB\naccelerator: auto\ncxl:\n"
		"  windows: [{size: 1GiB, targets: hb0}, {size: 1GiB, targets: %s}]\n"
		"  bridges: [{name: hb0, ports: [a, b]}, {name: hb1, ports: [c]}]\n"
		"  devices: [{name: m0, port: a, volatile: 256MiB}, {name: m1, port: %s, volatile: 256MiB}]\n"
		"  regions: [{devices: m0, window: 0}, {devices: m1, window: 1}]\n";
	struct sample s;

	(void)state;
	sample_make_from(&s, put_file("c.yaml", keep(file, "hb0", "b")));
	assert_false(region_is_fast(s.m, &s.m->cxl.regions[0]));
	assert_true(region_is_fast(s.m, &s.m->cxl.regions[1]));
	assert_true(host_needs_bounce(&s.host, s.m));
	s.host.kvm = true;
	check_at(&s, 11001, "c.yaml:8:23: the region would be emulated access by access (MMIO), of which a KVM guest dies: a later window "
		 "leads to its host bridge too; give each window a host bridge of its own");
	sample_free(&s);
	sample_make_from(&s, put_file("c.yaml", keep(file, "hb1", "c")));
	assert_true(region_is_fast(s.m, &s.m->cxl.regions[0]));
	assert_true(region_is_fast(s.m, &s.m->cxl.regions[1]));
	assert_false(host_needs_bounce(&s.host, s.m));
	sample_free(&s);
}

static void devices_and_dynamic_capacity_need_a_qemu_that_knows_them(void **state)
{
	struct sample s;

	(void)state;
	make_cxl(&s, EMULATED, "a", ", dynamic: 256MiB");
	check_at(&s, 7002, "c.yaml:8:12: CXL devices need QEMU 8.1, and /usr/bin/qemu-system-x86_64 is 7.2.0: use QEMU 11.1 (`make setup`)");
	check_at(&s, 9000, "c.yaml:8:59: dynamic capacity needs QEMU 9.1, and /usr/bin/qemu-system-x86_64 is 9.0.0");
	check_at(&s, 9001, NULL);
	sample_free(&s);
}

static void an_emulated_processor_addresses_a_tebibyte(void **state)
{
	struct sample s;

	(void)state;
	make_cxl(&s, "", "a", "");
	s.m->cxl.windows[0].size = 1023 * GiB;
	check_at(&s, 11001, "c.yaml:2:9: DRAM (1 GiB) and windows are 1 TiB together: an emulated processor addresses 1TiB; make them smaller");
	s.m->cxl.windows[0].size = 512 * GiB;
	check_at(&s, 11001, NULL);
	s.m->memory_max = 512 * GiB;
	check_at(&s, 11001, "DRAM (512 GiB) and windows are 1 TiB together");
	s.m->accelerator = ACCEL_AUTO;
	s.host.kvm = true;
	check_at(&s, 11001, NULL);
	sample_free(&s);
}

/* Two nodes of 1 GiB each, on the host's lines 3 to 6. */
static void make_bound(struct sample *s, const char *first, const char *second, const char *more)
{
	sample_make_from(s, put_file("b.yaml", keep("image: x\nnuma:\n  nodes:\n    - {cpus: all, memory: 1GiB%s}\n    - {memory: 1GiB%s}\n%s",
						    first, second, more)));
}

static void a_host_node_has_to_be_one_with_memory(void **state)
{
	struct sample s;

	(void)state;
	make_bound(&s, ", host-node: 0", ", host-node: 2", "");
	assert_ok(host_check(&s.host, s.m, &why)); /* what the host has is not known */
	cpuset_add(&s.host.binding.nodes, 0, 1);
	assert_fails(host_check(&s.host, s.m, &why), "b.yaml:5:33: 'host-node' is 2, and this host's nodes with memory are 0-1: name one of "
		     "those, or leave it out");
	assert_int_equal(why.status, EXIT_HOST);
	cpuset_add(&s.host.binding.nodes, 2, 2);
	assert_ok(host_check(&s.host, s.m, &why));
	sample_free(&s);
}

static void host_cpus_have_to_be_there(void **state)
{
	struct sample s;

	(void)state;
	make_bound(&s, ", host-cpus: '0-1,5'", "", "");
	assert_ok(host_check(&s.host, s.m, &why));
	cpuset_add(&s.host.binding.cpus, 0, 3);
	assert_fails(host_check(&s.host, s.m, &why), "b.yaml:4:44: 'host-cpus' has CPU 5, and this host's are 0-3: name some of those, or leave "
		     "it out");
	cpuset_add(&s.host.binding.cpus, 5, 5);
	assert_ok(host_check(&s.host, s.m, &why));
	sample_free(&s);
}

static void huge_pages_have_to_be_free(void **state)
{
	struct page_pool pools[] = {
		{ .node = -1, .size = 2 * MiB, .reserved = 600, .free = 500 },
		{ .node = 0, .size = 2 * MiB, .reserved = 300, .free = 200 },
		{ .node = 1, .size = 2 * MiB, .reserved = 300, .free = 300 },
	};
	struct sample s;

	(void)state;
	make_bound(&s, "", "", "huge-pages: 2MiB\n");
	assert_ok(host_check(&s.host, s.m, &why)); /* of another host nothing of this is known */
	cpuset_add(&s.host.binding.cpus, 0, 3);
	assert_fails(host_check(&s.host, s.m, &why), "b.yaml:6:13: this host's kernel has no huge pages of 2MiB: take another size");
	s.host.binding.pools = pools;
	s.host.binding.n_pools = COUNT(pools);
	assert_fails(host_check(&s.host, s.m, &why), "b.yaml:6:13: b takes 1024 huge pages of 2MiB, and this host has 500 free: as root, "
		     "`echo 1124 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages`, or leave 'huge-pages' out");
	pools[0].more = 523; /* nr_overcommit_hugepages */
	assert_fails(host_check(&s.host, s.m, &why), "this host has 500 free");
	pools[0].more = 524;
	assert_ok(host_check(&s.host, s.m, &why));
	pools[0].more = 0;
	pools[0].free = 1024;
	assert_ok(host_check(&s.host, s.m, &why));
	s.host.memory_free = 300 * MiB; /* in which they are not */
	assert_ok(host_check(&s.host, s.m, &why));
	s.host.memory_free = 200 * MiB;
	assert_fails(host_check(&s.host, s.m, &why), "b takes 256 MiB of memory (CXL and QEMU), and this host has 200 MiB free");
	s.host.memory_free = 0;
	sample_free(&s);

	make_bound(&s, ", host-node: 1", ", host-node: 1", "huge-pages: 2MiB\n");
	cpuset_add(&s.host.binding.cpus, 0, 3);
	s.host.binding.pools = pools;
	s.host.binding.n_pools = COUNT(pools);
	assert_fails(host_check(&s.host, s.m, &why), "b takes 1024 huge pages of 2MiB, and node 1 of this host has 300 free: as root, `echo 1024 > "
		     "/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages`");
	pools[2].free = 1024;
	assert_ok(host_check(&s.host, s.m, &why));
	sample_free(&s);
}

static void huge_pages_are_told_by_size(void **state)
{
	struct page_pool pools[] = {
		{ .node = -1, .size = 2 * MiB, .reserved = 20, .free = 10 },
		{ .node = -1, .size = GiB },
		{ .node = 0, .size = 2 * MiB, .reserved = 20, .free = 10 },
	};
	auto_free char *none = pools_text(&(struct host_binding){ 0 });
	auto_free char *text = pools_text(&(struct host_binding){ .pools = pools, .n_pools = COUNT(pools) });

	(void)state;
	assert_null(none);
	assert_string_equal(text, "2 MiB: 10 free of 20, 1 GiB: none reserved");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_read),
		cmocka_unit_test(what_is_no_version_is_none),
		cmocka_unit_test(a_machine_larger_than_the_host_is_refused),
		cmocka_unit_test(kvm_that_can_not_be_used_is_refused_with_its_reason),
		cmocka_unit_test(cxl_memory_under_kvm_needs_a_new_qemu),
		cmocka_unit_test(auto_takes_kvm_where_it_can_be_used),
		cmocka_unit_test(an_old_qemu_needs_emulated_hardware_or_bounce_buffers),
		cmocka_unit_test(bounce_buffers_are_for_cxl_memory_that_is_emulated),
		cmocka_unit_test(virtiofs_reaches_into_no_emulated_memory),
		cmocka_unit_test(interleaved_memory_is_none_for_kvm),
		cmocka_unit_test(of_two_windows_of_one_host_bridge_the_last_is_fast),
		cmocka_unit_test(devices_and_dynamic_capacity_need_a_qemu_that_knows_them),
		cmocka_unit_test(an_emulated_processor_addresses_a_tebibyte),
		cmocka_unit_test(a_host_node_has_to_be_one_with_memory),
		cmocka_unit_test(host_cpus_have_to_be_there),
		cmocka_unit_test(huge_pages_have_to_be_free),
		cmocka_unit_test(huge_pages_are_told_by_size),
	};

	return RUN_TESTS(tests);
}
