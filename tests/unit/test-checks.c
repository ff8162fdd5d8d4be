/* The checks: all hold when all is well, and each deviation makes its own check fail and no other. */
#include "sample.h"


/* The checks of the sample with another report, alias map and QEMU. */
static struct checks made(struct sample *s, const char *report, const char *mtree, int qemu)
{
	struct view w;
	struct checks c;

	view_parse(&w, report);
	checks_make(&c, s->m, &s->man, &(struct seen){ .view = &w, .mtree = mtree, .qemu_version = qemu, .host_cpus = 2 });
	view_free(&w);
	return c;
}

/* The names of the checks that do not hold: "region 0; node 1 tier". */
static const char *failing(const struct checks *c)
{
	auto_text t = { 0 };

	for (size_t i = 0; i < c->n; i++)
		if (!c->v[i].ok)
			text_addf(&t, "%s%s", t.n ? "; " : "", c->v[i].name);
	return keep("%s", t.s ? t.s : "");
}

static const struct check *find(const struct checks *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].name, name))
			return &c->v[i];
	fail_msg("there is no check '%s'", name);
	return NULL;
}

static void all_hold_when_all_is_well(void **state)
{
	auto_text t = { 0 };
	struct sample s;
	struct checks c;

	(void)state;
	sample_make(&s);
	c = made(&s, sample_report(), SAMPLE_MTREE, 11001);
	for (size_t i = 0; i < c.n; i++)
		text_addf(&t, "%s | %s | %s | %s\n", c.v[i].name, c.v[i].ok ? "ok" : "FAIL", c.v[i].expected, c.v[i].seen);
	assert_golden("checks-cxl-small.txt", t.s);
	assert_string_equal(failing(&c), "");
	assert_true(checks_ok(&c));
	checks_free(&c);
	sample_free(&s);
}

static void each_deviation_fails_its_own_check(void **state)
{
	static const struct { const char *from, *to, *fails, *seen; } cases[] = {
		{ "status:ok", "status:failed: no decoder", "guest set-up", "failed: no decoder" },
		{ "osrelease:6.12.117", "osrelease:6.12.1", "kernel", "6.12.1" },
		{ "CONFIG_CXL_REGION=y\n", "", "kernel options", "2 live, not CXL_REGION=y" },
		{ "CONFIG_CXL_REGION=y\n", "CONFIG_CXL_REGION=m\n", "kernel options", "2 live, not CXL_REGION=y" },
		{ "# CONFIG_SOUND is not set", "CONFIG_SOUND=m", "kernel options", "2 live, not SOUND=n" },
		{ "cpu/online:0-1", "cpu/online:0", "CPUs", "0" },
		{ "MemTotal:        1966588", "MemTotal:        1066588", "node 0 memory", NULL },
		{ "MemTotal:        1966588", "MemTotal:        2966588", "node 0 memory", NULL },
		{ "has_memory:0-1", "has_memory:0", "nodes with memory", "0" },
		{ "decoder0.0/size:0x100000000", "decoder0.0/size:0x80000000", "window 0", "2GiB" },
		{ "decoder0.0/size:0x100000000\n", "", "window 0", "none" },
		{ "mem0/ram/size:0x40000000", "mem0/ram/size:0x20000000", "device mem0", "512MiB" },
		{ "0000:34:00.0/0000:35:00.0/mem0\n", "0000:4c:00.0/0000:4d:00.0/mem0\n", "device mem0", "none" },
		{ "region0/size:0x40000000", "region0/size:0x20000000", "region 0", "512MiB ram, 1 way, committed" },
		{ "region0/commit:1", "region0/commit:0", "region 0", "1GiB ram, 1 way, not committed" },
		{ "region0/mode:ram", "region0/mode:pmem", "region 0", "1GiB pmem, 1 way, committed" },
		{ "region0/interleave_ways:1", "region0/interleave_ways:2", "region 0", NULL },
		{ "blocks:node1:online:Normal:8", "blocks:node1:online:Normal:7\nblocks:node1:offline:Movable:1",
		  "node 1 online", "896MiB" },
		{ "blocks:node1:online:Normal:8", "blocks:node1:online:Normal:8\nblocks:node1:offline:Movable:1",
		  "node 1 memory", "1152MiB" },
		{ "node1/cpulist:", "node1/cpulist:1", "node 1 CPUs", "1" },
		{ "memory_tier22/nodelist:1\n", "", "node 1 tier", "none" },
	};
	struct sample s;

	(void)state;
	sample_make(&s);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct checks c = made(&s, edited(sample_report(), cases[i].from, cases[i].to), SAMPLE_MTREE, 11001);

		assert_false(checks_ok(&c));
		if (strcmp(failing(&c), cases[i].fails))
			fail_msg("with '%s' these fail: %s", cases[i].to, failing(&c));
		if (cases[i].seen)
			assert_string_equal(find(&c, cases[i].fails)->seen, cases[i].seen);
		checks_free(&c);
	}
	sample_free(&s);
}

static void a_tier_shared_with_node_0_is_none_of_its_own(void **state)
{
	const char *report = edited(sample_report(), "memory_tier22/nodelist:1\n", "memory_tier4/nodelist:0-1\n");
	struct sample s;
	struct checks c;

	(void)state;
	sample_make(&s);
	c = made(&s, report, SAMPLE_MTREE, 11001);
	assert_string_equal(failing(&c), "node 1 tier");
	assert_contains(find(&c, "node 1 tier")->seen, "nodes 0-1");
	checks_free(&c);
	sample_free(&s);
}

static void one_of_several_spellings_is_enough(void **state)
{
	const char *report = edited(sample_report(), "CONFIG_MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO=y",
				    "CONFIG_MEMORY_HOTPLUG_DEFAULT_ONLINE=y");
	struct sample s;
	struct checks c;

	(void)state;
	sample_make(&s);
	c = made(&s, report, SAMPLE_MTREE, 11001);
	assert_string_equal(failing(&c), "");
	checks_free(&c);
	sample_free(&s);
}

static void the_fast_path_is_looked_for_where_qemu_has_one(void **state)
{
	struct sample s;
	struct checks c;

	(void)state;
	sample_make(&s);
	c = made(&s, sample_report(), "", 11001);
	assert_string_equal(failing(&c), "fast path");
	assert_string_equal(find(&c, "fast path")->seen, "0 aliases of RAM");
	checks_free(&c);
	c = made(&s, sample_report(), "", 10002);
	assert_string_equal(failing(&c), "");
	checks_free(&c);
	sample_free(&s);
}

static void an_alias_that_is_shown_twice_counts_once(void **state)
{
	(void)state;
	assert_int_equal(fast_regions(""), 0);
	assert_int_equal(fast_regions(SAMPLE_MTREE), 1);
	assert_int_equal(fast_regions(SAMPLE_MTREE "address-space: memory\n" SAMPLE_MTREE), 1);
	assert_int_equal(fast_regions("x alias cxl-direct-mapping-alias-0 @a\r\nx alias cxl-direct-mapping-alias-1 @b\r\n"), 2);
	/* the number is not promised to be one of the whole machine: what it is an alias of tells two apart */
	assert_int_equal(fast_regions("x alias cxl-direct-mapping-alias-0 @a 0-f\nx alias cxl-direct-mapping-alias-0 @b 0-f\n"), 2);
}

/* What QEMU 11.1.3 says of two windows that lead to the same host bridge. */
static void an_alias_in_a_window_that_is_not_its_own_does_not_count(void **state)
{
	static const char mtree[] =
		"    0000000110000000-000000020fffffff (prio 0, i/o): cxl-fixed-memory-region\n"
		"    0000000210000000-000000030fffffff (prio 0, i/o): cxl-fixed-memory-region\n"
		"      0000000210000000-000000024fffffff (prio 0, ram): alias cxl-direct-mapping-alias-0 @cxl-ram-mem1 0-3fffffff\n"
		"[DETECTED OVERFLOW!]       0000000110000000-000000014fffffff (prio 0, ram): alias cxl-direct-mapping-alias-0 @cxl-ram-mem0 "
		"0-3fffffff\n";

	(void)state;
	assert_int_equal(fast_regions(mtree), 1);
}

static void a_guest_that_says_nothing_fails_and_crashes_nobody(void **state)
{
	struct sample s;
	struct checks c;

	(void)state;
	sample_make(&s);
	c = made(&s, "", "", 11001);
	assert_false(checks_ok(&c));
	assert_string_equal(find(&c, "guest set-up")->seen, "no report");
	assert_string_equal(find(&c, "region 0 memory")->seen, "no node");
	checks_free(&c);
	sample_free(&s);
}

static void no_check_at_all_is_not_well(void **state)
{
	(void)state;
	assert_false(checks_ok(&(struct checks){ 0 }));
}

static void memory_that_is_to_stay_offline_may(void **state)
{
	const char *report = sample_report();
	struct sample s;
	struct checks c;

	(void)state;
	sample_make(&s);
	s.m->cxl.regions[0].online = ONLINE_NO;
	report = edited(report, "blocks:node1:online:Normal:8", "blocks:node1:offline:Movable:8");
	report = edited(report, "has_memory:0-1", "has_memory:0");
	report = edited(report, "memory_tier22/nodelist:1\n", "");
	c = made(&s, report, SAMPLE_MTREE, 11001);
	assert_string_equal(failing(&c), "");
	checks_free(&c);
	sample_free(&s);
}

static void a_machine_without_cxl_is_checked_too(void **state)
{
	struct sample s;
	struct checks c;

	(void)state;
	sample_make_from(&s, put_file("plain.yaml", "image: x\nmemory: 2GiB\n"));
	c = made(&s, edited(sample_report(), "has_memory:0-1", "has_memory:0"), "", 11001);
	assert_string_equal(failing(&c), "");
	checks_free(&c);
	sample_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_hold_when_all_is_well),
		cmocka_unit_test(each_deviation_fails_its_own_check),
		cmocka_unit_test(a_tier_shared_with_node_0_is_none_of_its_own),
		cmocka_unit_test(one_of_several_spellings_is_enough),
		cmocka_unit_test(the_fast_path_is_looked_for_where_qemu_has_one),
		cmocka_unit_test(an_alias_that_is_shown_twice_counts_once),
		cmocka_unit_test(an_alias_in_a_window_that_is_not_its_own_does_not_count),
		cmocka_unit_test(a_guest_that_says_nothing_fails_and_crashes_nobody),
		cmocka_unit_test(no_check_at_all_is_not_well),
		cmocka_unit_test(memory_that_is_to_stay_offline_may),
		cmocka_unit_test(a_machine_without_cxl_is_checked_too),
	};

	return RUN_TESTS(tests);
}
