/* What the host has: QEMU's version, and what keeps a machine from running. */
#include "sample.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_read),
		cmocka_unit_test(what_is_no_version_is_none),
		cmocka_unit_test(a_machine_larger_than_the_host_is_refused),
		cmocka_unit_test(kvm_that_can_not_be_used_is_refused_with_its_reason),
		cmocka_unit_test(cxl_memory_under_kvm_needs_a_new_qemu),
		cmocka_unit_test(auto_takes_kvm_where_it_can_be_used),
	};

	return RUN_TESTS(tests);
}
