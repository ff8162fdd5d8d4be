/* Results of runs, read from their files: what each says, and what it does not. */
#include "report-sample.h"

static void unknown_is_not_zero(void **state)
{
	struct sample s = { .repetition = 1, .rate = 5, .end = "\"pgpromote_success\":100,\"pgmigrate_success\":\"many\"", .pages = "\"pages_begin\":null" };
	cleanup(result_cleanup) struct result *r = sample(&s);

	(void)state;
	assert_near(result_delta(r, "pgpromote_success"), 0);
	assert_true(isnan(result_delta(r, "pgmigrate_success")));
	assert_true(isnan(result_delta(r, "pgdemote_kswapd")));
	assert_true(isnan(metrics[M_DEMOTED].of(r)));
	assert_true(isnan(metrics[M_DAMON_UP].of(r)));
	assert_null(r->key.skew);
	assert_int_equal(r->pages_begin.n, 0);
}

static void what_is_no_result_is_named(void **state)
{
	(void)state;
	assert_null(result_parse("a.json", "{\"x\":1}", &why));
	assert_string_equal(why.msg, "a.json: is no result of a run");
	assert_null(result_parse("b.json", "{\"format\":1,", &why));
	assert_contains(why.msg, "b.json: is no JSON, or cut off");
	assert_null(result_parse("c.json", "{\"format\":2,\"status\":\"done\",\"run\":{}}", &why));
	assert_contains(why.msg, "c.json: has format 2, and this vmctl knows 1");
	assert_null(result_parse("d.json", "{\"format\":1,\"status\":\"so-so\",\"run\":{}}", &why));
	assert_contains(why.msg, "d.json: its status is 'so-so'");
	assert_null(result_parse("e.json", "[1,2]", &why));
	assert_null(result_parse("f.json", "", &why));
}

/* As tierrun writes it on a server. */
static void without_vmctl_the_runners_words_count(void **state)
{
	cleanup(result_cleanup) struct result *r = result_parse("x", "{\"format\":1,\"status\":\"done\",\"provenance\":{\"date\":\"d\",\"host\":{\"name\":\"server\"}},"
		"\"guest\":{\"tierrun\":[\"tierrun\",\"--scheme\",\"autonuma+damon\",\"--scope=global\",\"--eat\",\"2GiB\",\"--knob\",\"scan_size_mb=64\",\"--knob=hot_threshold_ms=50\",\"--\",\"gups\",\"--ratio\",\"x\"],"
		"\"command\":[\"/opt/bench/gups\",\"1G\",\"--seconds\",\"5\",\"--json\",\"--interval\",\"1\",\"--seed\",\"7\",\"--interval=2\",\"--seed=8\"],\"warm_up_secs\":2,\"workload\":{\"rate\":7,\"interval_secs\":1}}}", &why);

	(void)state;
	assert_non_null(r);
	assert_string_equal(r->key.machine, "server");
	assert_string_equal(r->key.workload, "gups");
	assert_string_equal(r->key.args, "1G --seconds 5");
	assert_string_equal(r->key.scheme, "autonuma+damon");
	assert_string_equal(r->key.scope, "global");
	assert_string_equal(r->key.ratio, "eat:2GiB");
	assert_string_equal(r->key.knobs, "hot_threshold_ms=50 scan_size_mb=64");
	assert_true(isnan(r->key.threads));
	assert_near(r->warm_up_secs, 2);
	assert_int_equal(result_speed(r), SPEED_OWN);
}

static void its_default_scope_is_that_of_schemes_that_have_one(void **state)
{
	static const struct { const char *scheme, *scope; } cases[] = { { "hmsdk", "cgroup" }, { "autonuma+damon", "cgroup" }, { "autonuma", NULL } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		cleanup(result_cleanup) struct result *r = result_parse("x", keep("{\"format\":1,\"status\":\"done\","
			"\"guest\":{\"tierrun\":[\"tierrun\",\"--scheme\",\"%s\",\"--\",\"gups\"],\"command\":[\"gups\",\"1G\"]}}", cases[i].scheme), &why);

		assert_non_null(r);
		if (cases[i].scope)
			assert_string_equal(r->key.scope, cases[i].scope);
		else
			assert_null(r->key.scope);
	}
}

/* Every part of another type than it should be. */
static void nonsense_is_not_known(void **state)
{
	static const char *const values[] = { "7", "\"x\"", "[]", "{}", "null", "[[1]]", "[{\"at\":[]}]", "{\"0\":{\"anon\":{}}}", "true", "NaN", "1e999" };
	static const char *const keys[] = { "nodes", "knobs", "counters", "samples", "damon", "workload", "notes", "eater", "cmdline" };

	(void)state;
	for (size_t k = 0; k < COUNT(keys); k++)
		for (size_t i = 0; i < COUNT(values); i++) {
			struct result *r = result_parse("x", keep("{\"format\":1,\"status\":\"done\",\"run\":{},\"guest\":{\"%s\":%s}}", keys[k], values[i]), &why);
			struct results one = { &r, 1 };
			struct report p;

			assert_non_null(r);
			report_make(&p, &one, NULL);
			assert_true(isnan(p.groups[0].m[M_RATE].mean));
			report_free(&p);
			result_drop(r);
		}
}

/* ---- rates ---- */

#define FOUR "[{\"at\":1,\"secs\":1,\"work\":10,\"rate\":10},{\"at\":2,\"secs\":1,\"work\":20,\"rate\":20}," \
	"{\"at\":3,\"secs\":1,\"work\":40,\"rate\":40},{\"at\":3.5,\"secs\":0.5,\"work\":30,\"rate\":60}]"

static double rate_after(const char *warm_up, bool *whole)
{
	struct sample s = { .repetition = 1, .rate = 28.5, .intervals = FOUR, .run = keep("\"warm_up_secs\":%s", warm_up) };
	cleanup(result_cleanup) struct result *r = sample(&s);

	return result_rate(r, whole);
}

static void the_warm_up_is_left_out(void **state)
{
	bool whole;

	(void)state;
	assert_near(rate_after("0", &whole), 28.5);
	assert_near(rate_after("2", &whole), 70 / 1.5);
	assert_false(whole);
	assert_near(rate_after("1.5", &whole), 70 / 1.5);
	assert_near(rate_after("9", &whole), 28.5);
	assert_true(whole);
}

static void speed_is_told_from_provenance(void **state)
{
	static const struct { const char *json; enum speed speed; } cases[] = {
		{ "\"host\":{\"name\":\"server\"}", SPEED_OWN },
		{ "\"qemu\":{\"accelerator\":\"kvm\"},\"fast_path\":true", SPEED_HOST },
		{ "\"qemu\":{\"accelerator\":\"tcg\"},\"fast_path\":true", SPEED_TCG },
		{ "\"qemu\":{\"accelerator\":\"tcg\"},\"fast_path\":false", SPEED_ACCESS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sample s = { .repetition = 1, .rate = 1, .provenance = cases[i].json };
		cleanup(result_cleanup) struct result *r = sample(&s);

		assert_int_equal(result_speed(r), cases[i].speed);
		assert_int_equal(speed_note(cases[i].speed) != NULL, cases[i].speed != SPEED_OWN);
	}
}

static void damon_directions(void **state)
{
	struct sample s = { .repetition = 1, .rate = 1, .damon =
		"[{\"action\":\"migrate_hot\",\"source\":1,\"target\":0,\"sz_applied\":40960},"
		"{\"action\":\"migrate_cold\",\"source\":1,\"target\":0,\"sz_applied\":4096},"
		"{\"action\":\"migrate_cold\",\"sz_applied\":8192},{\"action\":\"stat\",\"sz_applied\":999999}]" };
	cleanup(result_cleanup) struct result *r = sample(&s);

	(void)state;
	assert_near(metrics[M_DAMON_UP].of(r), 11);
	assert_near(metrics[M_DAMON_DOWN].of(r), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_is_not_zero),
		cmocka_unit_test(what_is_no_result_is_named),
		cmocka_unit_test(without_vmctl_the_runners_words_count),
		cmocka_unit_test(its_default_scope_is_that_of_schemes_that_have_one),
		cmocka_unit_test(nonsense_is_not_known),
		cmocka_unit_test(the_warm_up_is_left_out),
		cmocka_unit_test(speed_is_told_from_provenance),
		cmocka_unit_test(damon_directions),
	};

	return RUN_TESTS(tests);
}
