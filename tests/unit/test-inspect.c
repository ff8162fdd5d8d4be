/* An image held against its manifest, and two images against each other. */
#include "harness.h"

#include "inspect.h"

static const char manifest[] =
	"{\"tierlab_image\": 1, \"name\": \"x\", \"hostname\": \"tiers\",\n"
	" \"kernel\": {\"release\": \"6.12-lab\", \"options\": [{\"asked\": [\"NUMA=y\"], \"got\": \"NUMA=y\"},\n"
	"  {\"asked\": [\"CXL_BUS=y\"], \"got\": \"CXL_BUS=y\"}]},\n"
	" \"packages\": {\"cxl\": \"81-1\", \"numactl\": \"2.0\"}}\n";

#define PACKAGE(name, status, version) "Package: " name "\nStatus: " status "\nVersion: " version "\n\n"
#define INSTALLED "install ok installed"

static struct image_facts facts(const char *status)
{
	struct image_facts f = {
		.system = xstrdup("Debian"), .hostname = xstrdup("tiers"), .entry = xstrdup("gnulinux-6.12-lab-advanced-1"),
		.config = xstrdup("CONFIG_NUMA=y\nCONFIG_CXL_BUS=y\nCONFIG_SMP=y\n"), .status = xstrdup(status),
		.passwd = xstrdup("root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\nada:x:1000:1000::/home/ada:/bin/sh\n"
				  "nobody:x:65534:65534::/:/bin/false\n"),
		.table = xstrdup("gpt"),
	};

	strv_add(&f.kernels, "6.12-lab");
	strv_add(&f.filesystems, "/ ext4 8589934592 4294967296");
	return f;
}

static const char both[] = PACKAGE("cxl", INSTALLED, "81-1") PACKAGE("numactl", INSTALLED, "2.0");

/* What is found under a heading: "! " before it where it differs. */
static const char *found(const char *json, struct image_facts f, const char *what)
{
	cleanup(record_cleanup) struct record *m = json ? record_load(put_file("i/x.json", json), &why) : NULL;
	struct findings l = { 0 };
	const char *text = "";

	if (json)
		assert_non_null(m);
	inspect(m, &f, &l);
	for (size_t i = 0; i < l.n; i++)
		if (!strcmp(l.v[i].what, what))
			text = keep("%s%s", l.v[i].differs ? "! " : "", l.v[i].found);
	findings_free(&l);
	image_facts_free(&f);
	return text;
}

static void an_image_as_its_manifest_says_has_no_marks(void **state)
{
	(void)state;
	assert_string_equal(found(manifest, facts(both), "host name"), "tiers");
	assert_string_equal(found(manifest, facts(both), "kernels"), "6.12-lab");
	assert_string_equal(found(manifest, facts(both), "boots"), "gnulinux-6.12-lab-advanced-1");
	assert_string_equal(found(manifest, facts(both), "options"), "3 on, all 2 asked for among them");
	assert_string_equal(found(manifest, facts(both), "packages"), "2, in the versions of the manifest");
	assert_string_equal(found(manifest, facts(both), "users"), "root, ada");
	assert_string_equal(found(manifest, facts(both), "/"), "ext4, 8 GiB, 4 GiB free");
	assert_string_equal(found(NULL, facts(both), "packages"), "2");
}

static void a_package_in_another_version_is_marked(void **state)
{
	const char *other = PACKAGE("cxl", INSTALLED, "82-1") PACKAGE("numactl", INSTALLED, "2.0")
			    PACKAGE("gone", "deinstall ok config-files", "1");

	(void)state;
	assert_string_equal(found(manifest, facts(other), "packages"),
			    "! 2: cxl 82-1 is not in the manifest, cxl 81-1 is not in the image");
}

static void another_kernel_or_option_is_marked(void **state)
{
	(void)state;
	assert_string_equal(found(edited(manifest, "6.12-lab", "6.13-lab"), facts(both), "kernels"),
			    "! 6.12-lab; the manifest's 6.13-lab is not among them");
	assert_string_equal(found(edited(manifest, "6.12-lab", "6.13-lab"), facts(both), "boots"),
			    "! gnulinux-6.12-lab-advanced-1");
	assert_string_equal(found(edited(manifest, "\"got\": \"CXL_BUS=y\"", "\"got\": \"ZSWAP=y\""), facts(both), "options"),
			    "! 1 of 2 asked for do not hold: ZSWAP=y is n");
}

static void two_lists_of_files_are_compared_by_path(void **state)
{
	auto_strv a = { 0 }, b = { 0 }, out = { 0 };

	(void)state;
	strv_add(&a, "/a\tf 0644 0:0 11");
	strv_add(&a, "/a b\tf 0644 0:0 22");
	strv_add(&a, "/c\td 0755 0:0");
	strv_add(&b, "/a\tf 0644 0:0 11");
	strv_add(&b, "/a b\tf 0600 0:0 22");
	strv_add(&b, "/d\tl 0777 0:0 -> c");
	listing_diff(&a, &b, &out);
	assert_int_equal(out.n, 3);
	assert_string_equal(out.v[0], "differs: /a b: f 0644 0:0 22, f 0600 0:0 22");
	assert_string_equal(out.v[1], "only in the first: /c (d 0755 0:0)");
	assert_string_equal(out.v[2], "only in the second: /d (l 0777 0:0 -> c)");
	strv_free(&out);
	out = (struct strv){ 0 };
	listing_diff(&a, &a, &out);
	assert_int_equal(out.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_as_its_manifest_says_has_no_marks),
		cmocka_unit_test(a_package_in_another_version_is_marked),
		cmocka_unit_test(another_kernel_or_option_is_marked),
		cmocka_unit_test(two_lists_of_files_are_compared_by_path),
	};

	return RUN_TESTS(tests);
}
