/* The domain XML of each kind of hardware that a machine file can ask for: a golden file each, which libvirt's schema accepts. */
#include "sample.h"

#include "domain-xml-cxl.h"
#include "run.h"
#include "units.h"

#define CXL_ONE "cxl:\n  windows: [{size: 4GiB, targets: hb0}]\n  bridges: [{name: hb0, ports: [rp0]}]\n" \
	"  devices: [{name: mem0, port: rp0, volatile: 1GiB}]\n  regions: [{devices: mem0}]\n"

static const struct kind {
	const char *name, *text;
	int qemu;
	bool kvm;
} kinds[] = {
	{ "uefi", "image: x\nmemory: 1GiB\ncpus: 2\nfirmware: uefi\ndisk: ahci\nnic: e1000e\n" CXL_ONE, 11001, false },
	{ "numa", "image: x\naccelerator: kvm\nhuge-pages: 2MiB\nnuma:\n  nodes:\n"
		  "    - {cpus: 0-1, memory: 1GiB, distances: [10, 21, 31], host-node: 0, host-cpus: 0-3}\n"
		  "    - {cpus: \"2,3\", memory: 1GiB, host-cpus: \"4\"}\n    - {memory: 2GiB, distances: [31, 41, 10], host-node: 1}\n"
		  "  hmat:\n    - {initiator: 0, target: 0, latency: 100ns, bandwidth: 200GiB}\n"
		  "    - {initiator: 1, target: 1, latency: 110ns, bandwidth: 180GiB}\n"
		  "    - {initiator: 0, target: 2, latency: 1us, bandwidth: 20GiB}\n", 11001, true },
	{ "switch", "image: x\nmemory: 1GiB\ncpus: 1\ndisk: ide\nnic: none\ncxl:\n  windows:\n    - {size: 4GiB, targets: hb0}\n"
		    "  bridges:\n    - {name: hb0, ports: [rp0]}\n  switches:\n    - {name: sw0, port: rp0, ports: [dp0, dp1]}\n"
		    "  devices:\n    - {name: mem0, port: dp0, volatile: 256MiB}\n    - {name: mem1, port: dp1, volatile: 256MiB}\n"
		    "  regions:\n    - devices: mem0\n    - {devices: mem1, online: devdax}\n", 11001, false },
	{ "pmem", "image: x\nmemory: 1GiB\ncpus: 1\ncxl:\n  windows: [{size: 4GiB, targets: hb0}]\n"
		  "  bridges: [{name: hb0, ports: [rp0, rp1, rp2]}]\n  devices:\n"
		  "    - {name: mem0, port: rp0, volatile: 256MiB, persistent: 512MiB}\n"
		  "    - {name: mem1, port: rp1, volatile: 256MiB, dynamic: 1GiB}\n"
		  "    - {name: mem2, port: rp2, persistent: 256MiB, plugged: false}\n"
		  "  regions:\n    - devices: mem0\n    - {devices: mem0, type: pmem, namespace: devdax}\n", 11001, false },
	{ "shares", "image: x\nmemory: 1GiB\ncpus: 1\ndisk: scsi\nforwards: [{host: 8080, guest: 80}]\nshares:\n"
		    "  - {name: src, path: \"/srv/a, b&c\", type: virtiofs}\n  - {name: out, path: /srv/out, read-only: true}\n", 11001, false },
	{ "hotplug", "image: x\nmemory: 1GiB\nmemory-max: 8GiB\ncpus: {sockets: 2, cores: 3}\n"
		     "cpu: {model: Skylake-Server, features: [+pmu, -avx2]}\n", 11001, false },
	{ "old-virtio", "image: x\nmemory: 1GiB\ncpus: 1\nshares: [{name: src, path: /srv/src}]\n" CXL_ONE, 10000, false },
};

static void make_kind(struct sample *s, const struct kind *k)
{
	static struct page_pool pools[] = { { .node = -1, .size = 2 * MiB, .free = 2048 }, { .node = 0, .size = 2 * MiB, .free = 512 },
					    { .node = 1, .size = 2 * MiB, .free = 1024 } };

	sample_make_from(s, put_file(keep("%s.yaml", k->name), k->text));
	s->host.qemu.version = k->qemu;
	s->host.kvm = k->kvm;
	s->host.binding.pools = pools;
	s->host.binding.n_pools = COUNT(pools);
}

static void each_kind_has_its_domain(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct sample s;

		make_kind(&s, &kinds[i]);
		assert_ok(host_check(&s.host, s.m, &why));
		assert_golden(keep("domain-%s.xml", kinds[i].name), sample_xml(&s));
		sample_free(&s);
	}
}

static void libvirts_schema_accepts_each_kind(void **state)
{
	(void)state;
	if (!program_exists("virt-xml-validate"))
		skip_because("virt-xml-validate is not installed");
	for (size_t i = 0; i < COUNT(kinds); i++)
		assert_ok(run_simple((const char *const[]){ "virt-xml-validate", keep("tests/golden/domain-%s.xml", kinds[i].name), "domain",
							    NULL }, NULL, &why));
}

/* QEMU lets virtio go through bounce buffers only where it is virtio 1.0 alone. */
static void bounce_buffers_are_for_all_that_is_virtio(void **state)
{
	struct sample s;
	const char *xml;

	(void)state;
	sample_make_from(&s, put_file("b.yaml", "image: x\nmemory: 1GiB\nshares: [{name: src, path: /srv/src}]\n" CXL_ONE));
	assert_lacks(sample_xml(&s), "bounce");
	assert_lacks(sample_xml(&s), "iommu");
	s.host.qemu.version = 10000;
	xml = sample_xml(&s);
	assert_contains(xml, "<disk type=\"file\" device=\"disk\" model=\"virtio-non-transitional\">");
	assert_contains(xml, "<qemu:device alias=\"virtio-disk0\">");
	assert_contains(xml, "<qemu:device alias=\"fs0\">");
	assert_contains(xml, "virtio-net-pci,netdev=net0,bus=pcie.0,addr=0x1c,romfile=,disable-legacy=on,iommu_platform=on");
	s.m->disk = DISK_AHCI;
	s.m->nic = NIC_E1000E;
	s.m->n_shares = 0;
	assert_lacks(sample_xml(&s), "bounce");
	sample_free(&s);
}

static void interleaved_memory_is_bounced_by_every_qemu(void **state)
{
	struct sample s;

	(void)state;
	sample_make_from(&s, "vmctl/machines/cxl-x2.yaml");
	assert_contains(sample_xml(&s), "x-max-bounce-buffer-size");
	sample_free(&s);
}

static void a_feature_that_the_file_names_is_written_once(void **state)
{
	struct sample s;
	const char *xml;

	(void)state;
	sample_make_from(&s, put_file("h.yaml", "image: x\nmemory: 1GiB\ncpu: {features: [-hypervisor]}\n" CXL_ONE));
	s.man.stock = true;
	xml = sample_xml(&s);
	assert_contains(xml, "name=\"hypervisor\"");
	assert_lacks(strstr(xml, "name=\"hypervisor\"") + 1, "name=\"hypervisor\"");
	sample_free(&s);
}

static void a_folder_with_a_comma_is_one_value(void **state)
{
	auto_strv objects = { 0 };
	struct sample s;

	(void)state;
	sample_make_from(&s, "vmctl/machines/cxl-pmem.yaml");
	device_objects(&s.m->cxl.devices[0], "/a,b/", 0, &objects);
	assert_int_equal(objects.n, 2);
	assert_contains(objects.v[0], ",mem-path=/a,,b/mem0.pmem,size=2147483648");
	sample_free(&s);
}

static void what_is_not_plugged_in_is_not_there(void **state)
{
	struct sample s;

	(void)state;
	sample_make_from(&s, "vmctl/machines/cxl-hotplug.yaml");
	assert_contains(sample_xml(&s), "id=cxl-mem0,bus=rp-rp0");
	assert_contains(sample_xml(&s), "id=rp-rp1");
	assert_lacks(sample_xml(&s), "mem1");
	sample_free(&s);
}

/* Without decoders of its own a host bridge passes on what is another window's, and QEMU puts its alias there. */
static void host_bridges_of_several_windows_have_decoders(void **state)
{
	struct sample s;

	(void)state;
	sample_make_from(&s, "vmctl/machines/cxl-2dev.yaml");
	assert_contains(sample_xml(&s), "id=hb-hb0,bus=pcie.0,addr=0x10,bus_nr=52,hdm_for_passthrough=on");
	assert_contains(sample_xml(&s), "id=hb-hb1,bus=pcie.0,addr=0x11,bus_nr=76,hdm_for_passthrough=on");
	sample_free(&s);
	sample_make_from(&s, "vmctl/machines/cxl-small.yaml");
	assert_lacks(sample_xml(&s), "hdm_for_passthrough");
	sample_free(&s);
}

static void a_machine_of_16_devices_and_8_nodes_has_its_domain(void **state)
{
	auto_text t = { 0 };
	struct sample s;
	const char *xml, *at;
	int devices = 0;

	(void)state;
	text_puts(&t, "image: x\nnuma:\n  nodes:\n    - {cpus: all, memory: 512MiB}\n");
	for (int i = 1; i < 8; i++)
		text_puts(&t, "    - {memory: 256MiB}\n");
	text_puts(&t, "cxl:\n  windows:\n");
	for (int b = 0; b < 4; b++)
		text_addf(&t, "    - {size: 1GiB, targets: hb%d}\n", b);
	text_puts(&t, "  bridges:\n");
	for (int b = 0; b < 4; b++)
		text_addf(&t, "    - {name: hb%d, ports: [p%d0, p%d1, p%d2, p%d3]}\n", b, b, b, b, b);
	text_puts(&t, "  devices:\n");
	for (int i = 0; i < 16; i++)
		text_addf(&t, "    - {name: m%d, port: p%d%d, volatile: 256MiB}\n", i, i / 4, i % 4);
	text_puts(&t, "  regions:\n");
	for (int i = 0; i < 16; i++)
		text_addf(&t, "    - devices: m%d\n", i);
	sample_make_from(&s, put_file("large.yaml", t.s));
	xml = sample_xml(&s);
	assert_contains(xml, "<cell id=\"7\" memory=\"262144\" unit=\"KiB\"/>");
	for (at = xml; (at = strstr(at, "value=\"cxl-type3,")); at++)
		devices++;
	assert_int_equal(devices, 16);
	assert_contains(xml, "region ram id=15 decoder=3 ways=1 granularity=256 size=268435456 online=auto members=7c:03.0");
	sample_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_domain),
		cmocka_unit_test(libvirts_schema_accepts_each_kind),
		cmocka_unit_test(bounce_buffers_are_for_all_that_is_virtio),
		cmocka_unit_test(interleaved_memory_is_bounced_by_every_qemu),
		cmocka_unit_test(a_feature_that_the_file_names_is_written_once),
		cmocka_unit_test(a_folder_with_a_comma_is_one_value),
		cmocka_unit_test(what_is_not_plugged_in_is_not_there),
		cmocka_unit_test(host_bridges_of_several_windows_have_decoders),
		cmocka_unit_test(a_machine_of_16_devices_and_8_nodes_has_its_domain),
	};

	return RUN_TESTS(tests);
}
