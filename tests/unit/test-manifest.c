/* The manifest: what vmbuild writes, vmctl reads; and what is no manifest. */
#include "harness.h"

#include "../../builder/manifest.h"
#include "../../vmctl/manifest.h"

static const char good[] =
	"{\"tierlab_image\": 1, \"name\": \"x\", \"build\": \"abc\", \"created\": \"2026-01-02T03:04:05Z\",\n"
	" \"base\": \"trixie\", \"root\": \"PARTUUID=1\",\n"
	" \"kernel\": {\"stock\": false, \"release\": \"6.12\", \"options\": [\n"
	"  {\"asked\": [\"A=y\", \"B=y\"], \"from\": \"kconfigs/cxl:3\", \"got\": \"B=y\"}]},\n"
	" \"files\": {\"image\": {\"file\": \"x.qcow2\", \"bytes\": 5}, \"kernel\": {\"file\": \"x.vmlinuz\", \"bytes\": 6}}}\n";

static int setup(void **state)
{
	(void)state;
	put_file("m/x.qcow2", "image");
	put_file("m/x.vmlinuz", "kernel");
	return 0;
}

/* Loads and frees; returns what load returned. */
static int try(const char *json)
{
	struct manifest m;
	int rc = manifest_load(&m, put_file("m/x.json", json), &why);

	manifest_free(&m);
	return rc;
}

static void a_manifest_is_read(void **state)
{
	struct manifest m;

	(void)state;
	assert_ok(manifest_load(&m, put_file("m/x.json", good), &why));
	assert_string_equal(m.name, "x");
	assert_string_equal(m.release, "6.12");
	assert_string_equal(m.root, "PARTUUID=1");
	assert_string_equal(m.image, in_scratch("m/x.qcow2"));
	assert_string_equal(m.kernel, in_scratch("m/x.vmlinuz"));
	assert_null(m.initrd);
	assert_false(m.stock);
	assert_int_equal(m.n_options, 1);
	assert_int_equal(m.options[0].spellings.n, 2);
	assert_string_equal(m.options[0].from, "kconfigs/cxl:3");
	manifest_free(&m);
}

static void a_manifest_of_another_format_is_refused(void **state)
{
	const char *json = edited(good, "image\": 1", "image\": 2");
	struct record *r;

	(void)state;
	assert_fails(try(json), "has format 2, and this vmctl knows 1");
	r = record_load(put_file("m/x.json", json), &why);
	assert_null(r);
	assert_contains(why.msg, "has format 2, and this vmbuild knows 1");
}

static void an_initrd_is_read_where_there_is_one(void **state)
{
	const char *json = edited(good, "\"files\": {", "\"files\": {\"initrd\": {\"file\": \"x.initrd\"}, ");
	struct manifest m;

	(void)state;
	assert_fails(try(json), "x.initrd is not there, though");
	assert_contains(why.msg, "build the image again");
	put_file("m/x.initrd", "");
	assert_ok(manifest_load(&m, put_file("m/x.json", edited(json, "false", "true")), &why));
	assert_string_equal(m.initrd, in_scratch("m/x.initrd"));
	assert_true(m.stock);
	manifest_free(&m);
}

static void what_is_missing_is_named(void **state)
{
	static const char *const keys[] = { "name", "build", "created", "root", "base", "release" };

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		const char *quoted = keep("\"%s\"", keys[i]);

		assert_fails(try(edited(good, quoted, "\"other\"")), keep("x.json: has no '%s'", keys[i]));
	}
	assert_fails(try(edited(good, "\"files\"", "\"other\"")), "x.json: has no");
	assert_fails(try(edited(good, "\"abc\"", "5")), "has no 'build'");
	assert_fails(try(edited(good, "x.qcow2", "y.qcow2")), "y.qcow2 is not there");
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const bad[] = { "", "{", "nonsense", "{\"name\": }", "\"x" };
	static const char *const other[] = { "[]", "5", "\"text\"", "{}", "null" };
	auto_text deep = { 0 };
	struct manifest m;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_fails(try(bad[i]), "x.json: is no JSON");
	for (size_t i = 0; i < COUNT(other); i++)
		assert_fails(try(other[i]), "x.json: ");
	for (int i = 0; i < 10000; i++)
		text_puts(&deep, "[");
	assert_fails(try(deep.s), "x.json: ");
	assert_fails(manifest_load(&m, in_scratch("m/none.json"), &why), "none.json: No such file");
	manifest_free(&m);
}

static void options_of_other_forms_do_no_harm(void **state)
{
	static const char *const forms[] = { "[{\"asked\": []}]", "[{\"asked\": [null]}]", "[null]", "[5]", "{}", "5",
					     "[{\"asked\": \"A=y\"}]", "[{\"asked\": [5], \"from\": 5}]", "[{\"from\": null}]" };
	const char *options = strstr(good, "[\n"), *end = strstr(options, "}]}") + 2;

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		const char *json = keep("%.*s%s%s", (int)(options - good), good, forms[i], end);
		struct manifest m;

		if (manifest_load(&m, put_file("m/x.json", json), &why) == 0)
			for (size_t j = 0; j < m.n_options; j++)
				assert_true(m.options[j].spellings.n > 0); /* its reader shows the first */
		manifest_free(&m);
	}
}

/* A build of one image in scratch/out. */
struct written {
	struct recipe *r;
	struct build b;
	struct config config;
};

static void lay_out(struct written *w)
{
	*w = (struct written){ .r = recipe_load(put_file("out.yaml", "base: {suite: trixie}\nkernel: {package: linux-source-6.12}\n"
							 "name: img\n"), &why) };
	if (!w->r)
		fail_msg("%s", why.msg);
	w->b = (struct build){ .recipe = w->r, .out = (char *)in_scratch("out"), .gcc = (char *)"gcc 12" };
	plan_make(&w->b.plan, w->r);
	strcpy(plan_step(&w->b.plan, STEP_IMAGE)->digest, "d1d2");
	result_set(&plan_step(&w->b.plan, STEP_DISK)->result, "root", "PARTUUID=9");
	result_set(&plan_step(&w->b.plan, STEP_DISK)->result, "release", "6.12.9");
	assert_ok(asks_add_text(&w->b.asks, "kconfigs/cxl", "CONFIG_A=y | CONFIG_B=y\nCONFIG_OFF=n\n", &why));
	config_parse(&w->config, "CONFIG_B=y\n");
	put_file("out/img.qcow2", "image");
	put_file("out/img.vmlinuz", "kernel");
}

static void put_away(struct written *w)
{
	config_free(&w->config);
	asks_free(&w->b.asks);
	plan_free(&w->b.plan);
	recipe_free(w->r);
}

static const struct image_result result = { .packages = (char *)"damo 2.7\nnumactl 2.0\n" };

static void what_vmbuild_writes_vmctl_reads(void **state)
{
	struct written w;
	struct manifest m;

	(void)state;
	lay_out(&w);
	assert_ok(manifest_write(&w.b, &result, &w.config, false, &why));
	assert_ok(manifest_load(&m, in_scratch("out/img.json"), &why));
	assert_string_equal(m.name, "img");
	assert_string_equal(m.build, "d1d2");
	assert_string_equal(m.root, "PARTUUID=9");
	assert_string_equal(m.release, "6.12.9");
	assert_string_equal(m.image, in_scratch("out/img.qcow2"));
	assert_int_equal(m.n_options, 2);
	assert_string_equal(m.options[0].spellings.v[1], "B=y");
	assert_string_equal(m.options[0].from, "kconfigs/cxl:1");
	assert_string_equal(m.options[1].spellings.v[0], "OFF=n");
	assert_contains(get_file(in_scratch("out/img.json")), "\"damo\":\"2.7\"");
	manifest_free(&m);
	put_away(&w);
}

static void an_image_counts_as_built_while_digest_and_files_are_the_same(void **state)
{
	struct written w;

	(void)state;
	lay_out(&w);
	unlink(in_scratch("out/img.json"));
	assert_false(manifest_matches(&w.b, "d1d2"));
	assert_ok(manifest_write(&w.b, &result, &w.config, false, &why));
	assert_true(manifest_matches(&w.b, "d1d2"));
	assert_false(manifest_matches(&w.b, "other"));
	put_file("out/img.qcow2", "cut");
	assert_false(manifest_matches(&w.b, "d1d2"));
	put_file("out/img.qcow2", "image");
	assert_true(manifest_matches(&w.b, "d1d2"));
	unlink(in_scratch("out/img.vmlinuz"));
	assert_false(manifest_matches(&w.b, "d1d2"));
	put_away(&w);
}

static void a_broken_manifest_matches_nothing(void **state)
{
	static const char *const bad[] = { "", "[]", "{}", "5", "{\"build\": 1, \"files\": {}}", "{\"build\": \"d1d2\"}",
					   "{\"build\": \"d1d2\", \"files\": []}", "{\"build\": null, \"files\": {}}",
					   "{\"build\": \"d1d2\", \"files\": {\"image\": {\"file\": null, \"bytes\": 1}}}",
					   "{\"build\": \"d1d2\", \"files\": {\"image\": 5}}" };
	struct written w;

	(void)state;
	lay_out(&w);
	for (size_t i = 0; i < COUNT(bad); i++) {
		put_file("out/img.json", bad[i]);
		assert_false(manifest_matches(&w.b, "d1d2"));
	}
	put_away(&w);
}

static void a_manifest_without_its_files_is_not_written(void **state)
{
	struct written w;

	(void)state;
	lay_out(&w);
	unlink(in_scratch("out/img.json"));
	assert_fails(manifest_write(&w.b, &result, &w.config, true, &why), "img.initrd: No such file");
	assert_false(file_exists(in_scratch("out/img.json")));
	put_away(&w);
}

#define T(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_manifest_is_read),
		T(a_manifest_of_another_format_is_refused),
		T(an_initrd_is_read_where_there_is_one),
		T(what_is_missing_is_named),
		T(what_is_no_json_is_refused),
		T(options_of_other_forms_do_no_harm),
		T(what_vmbuild_writes_vmctl_reads),
		T(an_image_counts_as_built_while_digest_and_files_are_the_same),
		T(a_broken_manifest_matches_nothing),
		T(a_manifest_without_its_files_is_not_written),
	};

	return RUN_TESTS(tests);
}
