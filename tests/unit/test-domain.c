/* The guest plan and the domain XML. */
#include "sample.h"

#include "domain-xml-cxl.h"
#include "run.h"

static const char two_way[] =
	"image: cxl-tcg\nmemory: 1GiB\ncpus: 3\nkernel-args: quiet a=\"<&>\"\ncxl:\n"
	"  windows:\n    - {size: 4GiB, targets: [hb0, hb1], granularity: 4KiB}\n    - {size: 1GiB, targets: [hb1]}\n"
	"  bridges:\n    - {name: hb0, ports: [rp0, rp1]}\n    - {name: hb1, ports: [rp2, rp3]}\n"
	"  devices:\n    - {name: a, port: rp0, volatile: 512MiB}\n    - {name: b, port: rp2, volatile: 512MiB}\n"
	"    - {name: c, port: rp3, volatile: 256MiB}\n"
	"  regions:\n    - {devices: [a, b], granularity: 4KiB, online: movable}\n    - {devices: [c], online: \"no\"}\n";

static const char *plan_of(const struct sample *s)
{
	char *plan = guest_plan(s->m, SAMPLE_KEY);

	strv_take(&kept, plan);
	return plan;
}

static void make_two_way(struct sample *s)
{
	sample_make_from(s, put_file("two-way.yaml", two_way));
}

static void the_guest_plan_of_one_device(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	assert_golden("plan-cxl-small.txt", plan_of(&s));
	sample_free(&s);
}

static void the_guest_plan_of_interleaved_devices(void **state)
{
	struct sample s;

	(void)state;
	make_two_way(&s);
	assert_golden("plan-two-way.txt", plan_of(&s));
	sample_free(&s);
}

static void the_domain_of_a_built_kernel(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	assert_golden("domain-cxl-small.xml", sample_xml(&s));
	sample_free(&s);
}

static void the_domain_of_interleaved_devices(void **state)
{
	struct sample s;

	(void)state;
	make_two_way(&s);
	assert_golden("domain-two-way.xml", sample_xml(&s));
	sample_free(&s);
}

static void a_stock_kernel_brings_its_initrd_and_loses_the_hypervisor_bit(void **state)
{
	struct sample s;
	const char *xml;

	(void)state;
	sample_make(&s);
	s.man.stock = true;
	s.man.initrd = (char *)"/images/cxl-stock.initrd";
	xml = sample_xml(&s);
	assert_golden("domain-stock.xml", xml);
	assert_contains(xml, "<feature policy=\"disable\" name=\"hypervisor\"/>");
	assert_contains(xml, "<initrd>/images/cxl-stock.initrd</initrd>");
	sample_free(&s);
}

static void only_a_stock_kernel_with_regions_loses_the_hypervisor_bit(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	assert_lacks(sample_xml(&s), "hypervisor");
	s.man.stock = true;
	s.m->cxl.n_regions = 0;
	assert_lacks(sample_xml(&s), "hypervisor");
	sample_free(&s);
}

static void a_machine_without_cxl_has_no_cxl_arguments(void **state)
{
	struct sample s;

	(void)state;
	sample_make_from(&s, put_file("plain.yaml", "image: x\nmemory: 512MiB\nboot: disk\n"));
	assert_lacks(sample_xml(&s), "cxl=on");
	assert_lacks(sample_xml(&s), "<kernel>");
	assert_contains(sample_xml(&s), "<boot dev=\"hd\"/>");
	assert_contains(sample_xml(&s), "<bios useserial=\"yes\"/>");
	assert_lacks(sample_xml(&s), "on_reboot");
	sample_free(&s);
}

static void kvm_is_used_where_it_can_be(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	assert_contains(sample_xml(&s), "<domain type=\"qemu\"");
	s.m->accelerator = ACCEL_AUTO;
	assert_contains(sample_xml(&s), "<domain type=\"qemu\"");
	s.host.kvm = true;
	assert_contains(sample_xml(&s), "<domain type=\"kvm\"");
	assert_contains(sample_xml(&s), "host-passthrough");
	sample_free(&s);
}

static void the_port_is_forwarded_on_the_loopback_address_alone(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	assert_contains(sample_xml(&s), "hostfwd=tcp:127.0.0.1:2222-:22");
	sample_free(&s);
}

/* A bridge and a port may have one name. An id may stand once, begins with a letter (QEMU's id_wellformed), and a bus number is one byte. */
static void qemu_ids_are_unique_and_well_formed(void **state)
{
	auto_strv args = { 0 }, ids = { 0 };
	const char *text;
	struct sample s;

	(void)state;
	text = edited(edited(two_way, "name: hb0", "name: 0"), "[hb0, hb1]", "[\"0\", hb1]");
	text = edited(edited(text, "[rp2, ", "[\"0\", "), "port: rp2", "port: 0");
	sample_make_from(&s, put_file("digits.yaml", text));
	cxl_arguments(&(struct boot_spec){ .m = s.m, .prefix = "/d/" }, &args);
	for (size_t i = 0; i < args.n; i++) {
		const char *id = strstr(args.v[i], ",id=");
		auto_free char *word = NULL;

		if (!id)
			continue;
		word = xstrndup(id + 4, strcspn(id + 4, ","));
		if (strv_has(&ids, word))
			fail_msg("two things have the id '%s'", word);
		if (*word >= '0' && *word <= '9')
			fail_msg("QEMU takes no id that begins with a digit: '%s'", word);
		strv_add(&ids, word);
	}
	assert_true(bridge_bus(7) + 23 <= 0xff);
	sample_free(&s);
}

static void libvirts_schema_accepts_the_domains(void **state)
{
	static const char *const names[] = { "domain-cxl-small.xml", "domain-two-way.xml", "domain-stock.xml" };

	(void)state;
	if (!program_exists("virt-xml-validate"))
		skip_because("virt-xml-validate is not installed");
	for (size_t i = 0; i < COUNT(names); i++)
		assert_ok(run_simple((const char *const[]){ "virt-xml-validate", keep("tests/golden/%s", names[i]), "domain",
							    NULL }, NULL, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_guest_plan_of_one_device),
		cmocka_unit_test(the_guest_plan_of_interleaved_devices),
		cmocka_unit_test(the_domain_of_a_built_kernel),
		cmocka_unit_test(the_domain_of_interleaved_devices),
		cmocka_unit_test(a_stock_kernel_brings_its_initrd_and_loses_the_hypervisor_bit),
		cmocka_unit_test(only_a_stock_kernel_with_regions_loses_the_hypervisor_bit),
		cmocka_unit_test(a_machine_without_cxl_has_no_cxl_arguments),
		cmocka_unit_test(kvm_is_used_where_it_can_be),
		cmocka_unit_test(the_port_is_forwarded_on_the_loopback_address_alone),
		cmocka_unit_test(qemu_ids_are_unique_and_well_formed),
		cmocka_unit_test(libvirts_schema_accepts_the_domains),
	};

	return RUN_TESTS(tests);
}
