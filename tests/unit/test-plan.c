/* The plan: which steps a recipe needs, and what changes which step's digest. */
#include "harness.h"

#include "plan.h"

static const char recipe_text[] =
	"base:\n  suite: trixie\nkernel:\n  package: linux-source-6.12\n  options: [CONFIG_X=y]\n"
	"packages: [numactl, damo]\noverlay: lab\nusers:\n  - name: ada\n    keys: [k ey]\n";

/* The steps' results are those of a build in which each one's id is made of its digest. */
struct plans {
	struct recipe *recipe;
	struct data_dirs data;
	struct build b;
	const char *release; /* of the kernel */
};

static void lay_out(struct plans *p, const char *text)
{
	*p = (struct plans){ .recipe = recipe_load(put_file("plan/my.yaml", text), &why), .release = "6.12.9-tierlab" };
	if (!p->recipe)
		fail_msg("%s", why.msg);
	p->data = (struct data_dirs){ .overlay = (char *)in_scratch("plan/overlay"), .bench = (char *)in_scratch("plan/bench") };
	p->b = (struct build){ .recipe = p->recipe, .data = &p->data, .gcc = (char *)"gcc 12",
			       .recipe_dir = (char *)in_scratch("plan") };
	plan_make(&p->b.plan, p->recipe);
	for (size_t i = 0; i < p->recipe->kernel.n_options; i++)
		assert_ok(asks_add_line(&p->b.asks, "my.yaml", 1, p->recipe->kernel.options[i], &why));
}

static int find_inputs(struct plans *p)
{
	for (int i = 0; i < p->b.plan.n; i++) {
		struct step *s = &p->b.plan.steps[i];

		if (plan_inputs(&p->b, s, &why) < 0)
			return -1;
		result_free(&s->result);
		result_set(&s->result, "id", s->digest);
		if (s->kind == STEP_KERNEL)
			result_set(&s->result, "release", p->release);
	}
	return 0;
}

static void put_away(struct plans *p)
{
	plan_free(&p->b.plan);
	asks_free(&p->b.asks);
	recipe_free(p->recipe);
}

/* The digests of all steps of a recipe: "source=... config=...". */
static const char *digests(const char *text)
{
	auto_text t = { 0 };
	struct plans p;

	lay_out(&p, text);
	assert_ok(find_inputs(&p));
	for (int i = 0; i < p.b.plan.n; i++)
		text_addf(&t, "%s=%s\n", step_name(p.b.plan.steps[i].kind), p.b.plan.steps[i].digest);
	put_away(&p);
	return keep("%s", t.s);
}

/* The names of the steps whose digest differs between the two: "config kernel image". */
static const char *changed(const char *before, const char *after)
{
	auto_text t = { 0 };

	for (; *before && *after; before += strcspn(before, "\n") + 1, after += strcspn(after, "\n") + 1)
		if (strncmp(before, after, strcspn(before, "\n")))
			text_addf(&t, "%s%.*s", t.n ? " " : "", (int)strcspn(before, "="), before);
	return keep("%s", t.s ? t.s : "");
}

static void what_a_step_needs_is_made_before_it(void **state)
{
	static const char *const configs[] = { "tiny", "defconfig", "image" };
	struct plans p;

	(void)state;
	for (size_t c = 0; c < COUNT(configs); c++) {
		unsigned before = 0;

		lay_out(&p, edited(recipe_text, "options:", keep("config: %s\n  options:", configs[c])));
		assert_int_equal(p.b.plan.n, STEP_KINDS);
		for (int i = 0; i < p.b.plan.n; i++) {
			assert_int_equal(p.b.plan.steps[i].needs & ~before, 0);
			before |= STEP_BIT(p.b.plan.steps[i].kind);
		}
		put_away(&p);
	}
}

static void the_bases_configuration_needs_the_base(void **state)
{
	unsigned config = STEP_BIT(STEP_CONFIG) | STEP_BIT(STEP_SOURCE);
	struct plans p;

	(void)state;
	lay_out(&p, recipe_text);
	assert_int_equal(plan_closure(&p.b.plan, STEP_BIT(STEP_CONFIG)), config);
	put_away(&p);
	lay_out(&p, edited(recipe_text, "options:", "config: image\n  options:"));
	assert_int_equal(plan_closure(&p.b.plan, STEP_BIT(STEP_CONFIG)), config | STEP_BIT(STEP_BASE));
	put_away(&p);
}

static int setup(void **state)
{
	(void)state;
	put_file("plan/overlay/lab/etc/motd", "welcome\n");
	put_file("plan/bench/gups", "\x7f" "ELF");
	return 0;
}

/* What a change of the recipe's text changes. */
static const char *touched(const char *from, const char *to)
{
	return changed(digests(recipe_text), digests(edited(recipe_text, from, to)));
}

static const char *steps_of(const char *text)
{
	auto_text t = { 0 };
	struct plans p;

	lay_out(&p, text);
	for (int i = 0; i < p.b.plan.n; i++)
		text_addf(&t, "%s%s", i ? " " : "", step_name(p.b.plan.steps[i].kind));
	put_away(&p);
	return keep("%s", t.s);
}

static void each_kind_of_recipe_has_its_steps(void **state)
{
	(void)state;
	assert_string_equal(steps_of(recipe_text), "source config kernel base disk image");
	assert_string_equal(steps_of("base: {suite: trixie}\nkernel: stock\n"), "base disk image");
	assert_string_equal(steps_of("base: {suite: trixie}\nkernel: {tree: linux}\n"), "config kernel base disk image");
	assert_string_equal(steps_of("base:\n  image: file:///x\n  digest: sha256:"
				     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\nkernel: stock\n"),
			    "base disk image");
}

static void a_step_that_is_not_in_the_plan_is_not_found(void **state)
{
	struct plans p;

	(void)state;
	lay_out(&p, "base: {suite: trixie}\nkernel: stock\n");
	assert_null(plan_step(&p.b.plan, STEP_KERNEL));
	assert_null(plan_result(&p.b.plan, STEP_KERNEL));
	assert_string_equal(result_get(NULL, "id"), "");
	assert_non_null(plan_step(&p.b.plan, STEP_IMAGE));
	put_away(&p);
}

static void the_same_inputs_have_the_same_digests(void **state)
{
	(void)state;
	assert_string_equal(changed(digests(recipe_text), digests(recipe_text)), "");
	assert_string_equal(touched("[numactl, damo]", "[damo, numactl]"), "");
	assert_string_equal(touched("packages:", "# a comment\npackages:"), "");
}

static void an_option_touches_configuration_kernel_and_image(void **state)
{
	(void)state;
	assert_string_equal(touched("CONFIG_X=y", "CONFIG_X=m"), "config kernel image");
	assert_string_equal(touched("CONFIG_X=y", "CONFIG_X=y, CONFIG_Y=y"), "config kernel image");
}

static void a_source_touches_what_is_made_from_it(void **state)
{
	(void)state;
	assert_string_equal(touched("linux-source-6.12", "linux-source-6.18"), "source config kernel image");
}

static void a_package_touches_base_and_image_and_no_kernel(void **state)
{
	(void)state;
	assert_string_equal(touched("damo", "fio"), "base disk image");
	assert_string_equal(touched("trixie", "forky"), "base disk image");
}

static void what_is_put_on_at_last_touches_the_image_alone(void **state)
{
	(void)state;
	assert_string_equal(touched("k ey", "k ey2"), "image");
	assert_string_equal(touched("name: ada", "name: bob"), "image");
	assert_string_equal(touched("name: ada\n", "name: ada\n    sudo: true\n"), "image");
	assert_string_equal(touched("overlay:", "hostname: h\noverlay:"), "image");
	assert_string_equal(touched("overlay:", "bench: false\noverlay:"), "image");
	assert_string_equal(touched("overlay:", "run: [ls]\noverlay:"), "image");
	assert_string_equal(touched("overlay:", "write_files: [{path: /x}]\noverlay:"), "image");
	assert_string_equal(touched("overlay:", "sysctl: {a: 1}\noverlay:"), "image");
	assert_string_equal(touched("overlay:", "services: {mask: x}\noverlay:"), "image");
	assert_string_equal(touched("overlay:", "timezone: UTC\noverlay:"), "image");
}

static void what_the_disk_is_laid_out_by_touches_it(void **state)
{
	(void)state;
	assert_string_equal(touched("overlay:", "disk: 4GiB\noverlay:"), "disk image");
	assert_string_equal(touched("overlay:", "grub: {timeout: 1s}\noverlay:"), "disk image");
	assert_string_equal(touched("overlay:", "kernel_args: nokaslr\noverlay:"), "disk image");
}

static void a_file_of_the_overlay_touches_the_image_alone(void **state)
{
	const char *before = digests(recipe_text), *after;

	(void)state;
	put_file("plan/overlay/lab/etc/motd", "welcome!\n");
	after = digests(recipe_text);
	assert_string_equal(changed(before, after), "image");
	chmod(in_scratch("plan/overlay/lab/etc/motd"), 0755);
	assert_string_equal(changed(after, digests(recipe_text)), "image");
	put_file("plan/bench/gups", "other");
	assert_string_equal(changed(before, digests(recipe_text)), "image");
}

static void a_rebuilt_file_of_the_same_content_touches_nothing(void **state)
{
	const char *before = digests(recipe_text);

	(void)state;
	sleep(1);
	put_file("plan/bench/gups", "\x7f" "ELF");
	assert_string_equal(changed(before, digests(recipe_text)), "");
}

static void the_compiler_touches_what_it_compiles(void **state)
{
	const char *before = digests(recipe_text);
	auto_text t = { 0 };
	struct plans p;

	(void)state;
	lay_out(&p, recipe_text);
	p.b.gcc = (char *)"gcc 14";
	assert_ok(find_inputs(&p));
	for (int i = 0; i < p.b.plan.n; i++)
		text_addf(&t, "%s=%s\n", step_name(p.b.plan.steps[i].kind), p.b.plan.steps[i].digest);
	put_away(&p);
	assert_string_equal(changed(before, t.s), "config kernel image");
}

static void another_release_touches_the_disk_whose_menu_has_it(void **state)
{
	const char *before = digests(recipe_text);
	auto_text t = { 0 };
	struct plans p;

	(void)state;
	lay_out(&p, recipe_text);
	p.release = "6.18.1-tierlab";
	assert_ok(find_inputs(&p));
	for (int i = 0; i < p.b.plan.n; i++)
		text_addf(&t, "%s=%s\n", step_name(p.b.plan.steps[i].kind), p.b.plan.steps[i].digest);
	put_away(&p);
	assert_string_equal(changed(before, t.s), "disk image");
}

static void a_local_tree_is_known_by_its_files(void **state)
{
	static const char text[] = "base: {suite: trixie}\nkernel: {tree: linux}\nbench: false\n";
	const char *before, *after;

	(void)state;
	put_file("plan/linux/Makefile", "VERSION = 6\n");
	put_file("plan/linux/.git/index", "x");
	before = digests(text);
	put_file("plan/linux/.git/index", "changed");
	assert_string_equal(changed(before, digests(text)), "");
	put_file("plan/linux/Makefile", "VERSION = 77\n");
	after = digests(text);
	assert_string_equal(changed(before, after), "config kernel image");
}

static void a_configuration_file_is_known_by_its_content(void **state)
{
	const char *text = edited(recipe_text, "  options:", "  config: my.config\n  options:"), *before;
	struct plans p;

	(void)state;
	put_file("plan/my.config", "CONFIG_A=y\n");
	before = digests(text);
	put_file("plan/my.config", "CONFIG_A=m\n");
	assert_string_equal(changed(before, digests(text)), "config kernel image");
	unlink(in_scratch("plan/my.config"));
	lay_out(&p, text);
	assert_fails(find_inputs(&p), "my.yaml:5:11: 'config' is tiny, defconfig, image or a file");
	put_away(&p);
}

static void packages_on_a_cloud_image_touch_the_image_and_not_the_base(void **state)
{
	static const char text[] = "base:\n  image: file:///x\n  digest: sha256:"
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\nkernel: stock\npackages: [damo]\n";

	(void)state;
	assert_string_equal(changed(digests(text), digests(edited(text, "damo", "fio"))), "disk image");
	assert_string_equal(changed(digests(text), digests(edited(text, "ba78", "ba79"))), "base disk image");
	assert_string_equal(changed(digests(text), digests(edited(text, "///x", "///y"))), "");
}

static void a_missing_overlay_or_bench_suite_is_an_error(void **state)
{
	struct plans p;

	(void)state;
	lay_out(&p, edited(recipe_text, "overlay: lab", "overlay: nothing"));
	assert_fails(find_inputs(&p), "no overlay 'nothing'");
	put_away(&p);
	assert_ok(remove_tree(in_scratch("plan/bench"), &why));
	lay_out(&p, recipe_text);
	assert_fails(find_inputs(&p), "the bench suite is not built");
	put_away(&p);
}

static void an_overlay_of_the_users_own_is_found_beside_the_recipe(void **state)
{
	struct plans p;
	auto_free char *own = NULL, *shipped = NULL;

	(void)state;
	put_file("plan/mine/etc/x", "");
	lay_out(&p, recipe_text);
	own = overlay_dir(&p.b, &(char *){ (char *)"./mine" }, &why);
	shipped = overlay_dir(&p.b, &(char *){ (char *)"lab" }, &why);
	assert_string_equal(own, in_scratch("plan/./mine"));
	assert_string_equal(shipped, in_scratch("plan/overlay/lab"));
	put_away(&p);
}

#define T(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_kind_of_recipe_has_its_steps),
		T(a_step_that_is_not_in_the_plan_is_not_found),
		T(the_same_inputs_have_the_same_digests),
		T(an_option_touches_configuration_kernel_and_image),
		T(a_source_touches_what_is_made_from_it),
		T(a_package_touches_base_and_image_and_no_kernel),
		T(what_is_put_on_at_last_touches_the_image_alone),
		T(what_the_disk_is_laid_out_by_touches_it),
		T(a_file_of_the_overlay_touches_the_image_alone),
		T(a_rebuilt_file_of_the_same_content_touches_nothing),
		T(the_compiler_touches_what_it_compiles),
		T(another_release_touches_the_disk_whose_menu_has_it),
		T(a_local_tree_is_known_by_its_files),
		T(a_configuration_file_is_known_by_its_content),
		T(packages_on_a_cloud_image_touch_the_image_and_not_the_base),
		T(what_a_step_needs_is_made_before_it),
		T(the_bases_configuration_needs_the_base),
		T(a_missing_overlay_or_bench_suite_is_an_error),
		T(an_overlay_of_the_users_own_is_found_beside_the_recipe),
	};

	return RUN_TESTS(tests);
}
