/* vmctl report: results as structs, statistics, what is averaged with what, two sets compared. */
#include "report-sample.h"

#include "report-compare.h"

#define assert_near(a, b) do { double a_ = (a), b_ = (b); if (!(fabs(a_ - b_) <= 1e-6 * fabs(b_) + 1e-12)) fail_msg("%.12g is not %.12g", a_, b_); } while (0)

/* ---- statistics ---- */

static void mean_and_sample_deviation(void **state)
{
	const double v[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	struct spread s = spread_of(v, COUNT(v));

	(void)state;
	assert_int_equal(s.n, 8);
	assert_near(s.mean, 5);
	assert_near(s.sd, sqrt(32.0 / 7));
	assert_near(s.min, 2);
	assert_near(s.max, 9);
}

static void one_value_has_no_spread(void **state)
{
	const double v[] = { 3, NAN };
	struct spread s = spread_of(v, 2), none = spread_of(v + 1, 1);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_near(s.mean, 3);
	assert_true(isnan(s.sd));
	assert_int_equal(none.n, 0);
	assert_true(isnan(none.mean) && isnan(none.min) && isnan(none.max));
}

/* A published example of Welch's test (two samples of unequal spread). */
static void welch_interval(void **state)
{
	const double a[] = { 27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4 };
	const double b[] = { 27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4 };
	struct spread x = spread_of(a, COUNT(a)), y = spread_of(b, COUNT(b));
	struct difference d = difference_of(&x, &y);

	(void)state;
	assert_near(x.mean, 20.82);
	/* 23.6533 - 20.82 = 2.8333; df 27.9, of which the table has 25: 2.060 */
	assert_near(y.mean, 354.8 / 15);
	assert_near(d.mean, 354.8 / 15 - 20.82);
	assert_near(d.half, 2.060 * sqrt(x.sd * x.sd / 15 + y.sd * y.sd / 15));
	assert_int_equal(d.verdict, DIFFERENT);
}

static void what_overlaps_is_alike(void **state)
{
	const double a[] = { 10, 11, 12 }, b[] = { 11, 12, 13 };
	struct spread x = spread_of(a, 3), y = spread_of(b, 3);

	(void)state;
	assert_int_equal(difference_of(&x, &y).verdict, ALIKE);
	assert_near(difference_of(&x, &y).mean, 1);
}

static void a_single_run_never_differs(void **state)
{
	const double a[] = { 10 }, b[] = { 1000, 1001 };
	struct spread x = spread_of(a, 1), y = spread_of(b, 2);

	(void)state;
	assert_int_equal(difference_of(&x, &y).verdict, NOT_KNOWN);
	assert_int_equal(difference_of(&y, &x).verdict, NOT_KNOWN);
	assert_true(isnan(difference_of(&x, &y).half));
}

static void without_any_spread_every_difference_counts(void **state)
{
	const double a[] = { 5, 5 }, b[] = { 6, 6 };
	struct spread x = spread_of(a, 2), y = spread_of(b, 2);

	(void)state;
	assert_int_equal(difference_of(&x, &y).verdict, DIFFERENT);
	assert_int_equal(difference_of(&x, &x).verdict, ALIKE);
}

static void t_is_never_too_small(void **state)
{
	(void)state;
	assert_near(t_95(1), 12.706);
	assert_near(t_95(2.99), 4.303);
	assert_near(t_95(29), 2.060);
	assert_near(t_95(1e9), 1.980);
	for (double d = 1; d < 200; d += 0.5)
		assert_true(t_95(d + 0.5) <= t_95(d) && t_95(d) >= 1.96);
}

/* ---- reading ---- */

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
		"\"guest\":{\"tierrun\":[\"tierrun\",\"--scheme\",\"autonuma+damon\",\"--scope=global\",\"--eat\",\"2GiB\",\"--\",\"gups\",\"--ratio\",\"x\"],"
		"\"command\":[\"/opt/bench/gups\",\"1G\",\"--seconds\",\"5\",\"--json\",\"--interval\",\"1\",\"--seed\",\"7\"],\"warm_up_secs\":2,\"workload\":{\"rate\":7,\"interval_secs\":1}}}", &why);

	(void)state;
	assert_non_null(r);
	assert_string_equal(r->key.machine, "server");
	assert_string_equal(r->key.workload, "gups");
	assert_string_equal(r->key.args, "1G --seconds 5");
	assert_string_equal(r->key.scheme, "autonuma+damon");
	assert_string_equal(r->key.scope, "global");
	assert_string_equal(r->key.ratio, "eat:2GiB");
	assert_true(isnan(r->key.threads));
	assert_near(r->warm_up_secs, 2);
	assert_int_equal(result_speed(r), SPEED_OWN);
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

/* ---- groups ---- */

static void repetitions_come_together_and_failures_do_not_count(void **state)
{
	cleanup(results_free) struct results list = { 0 };
	cleanup(report_free) struct report p;

	(void)state;
	add_sample(&list, (struct sample){ .repetition = 2, .rate = 30e6 });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 10e6 });
	add_sample(&list, (struct sample){ .repetition = 3, .rate = 80e6 });
	add_sample(&list, (struct sample){ .repetition = 4, .rate = 999e6, .status = "\"failed\",\"error\":\"killed\"," });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 5e6, .scheme = "none" });
	report_make(&p, &list, NULL);
	assert_int_equal(p.n_groups, 2);
	assert_int_equal(p.n_done, 4);
	assert_int_equal(p.n_bad, 1);
	assert_string_equal(p.groups[0].series, "none");
	assert_string_equal(p.groups[1].series, "autonuma");
	assert_int_equal(p.groups[1].n, 3);
	assert_near(p.groups[1].m[M_RATE].mean, 40e6);
	assert_int_equal(p.groups[1].median->repetition, 2);
	assert_string_equal(p.groups[1].unit, "GUPS");
	assert_near(p.groups[1].m[M_PROMOTED].mean, 1000);
	assert_near(p.groups[1].m[M_DEMOTED].mean, 400);
}

static void groups_stand_in_the_order_of_sizes(void **state)
{
	static const char *const args[] = { "1T", "512M --seconds 10", "10G --seconds 10", "1G --seconds 10", "2G --seconds 10" };
	cleanup(results_free) struct results list = { 0 };
	cleanup(report_free) struct report p;

	(void)state;
	for (size_t i = 0; i < COUNT(args); i++)
		add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .args = args[i] });
	report_make(&p, &list, NULL);
	assert_string_equal(p.groups[0].key->args, "512M --seconds 10");
	assert_string_equal(p.groups[1].key->args, "1G --seconds 10");
	assert_string_equal(p.groups[3].key->args, "10G --seconds 10");
	assert_string_equal(p.groups[4].key->args, "1T");
}

static void labels_have_what_varies(void **state)
{
	cleanup(results_free) struct results list = { 0 };
	cleanup(report_free) struct report p;

	(void)state;
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1 });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .ratio = "eat:6000MiB" });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .args = "7G --seconds 10", .scheme = "damon" });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .args = "9G --seconds 10", .run = "\"case\":\"too large\",\"warm_up_secs\":0" });
	report_make(&p, &list, NULL);
	assert_string_equal(p.groups[0].label, "gups 1G, autonuma");
	assert_string_equal(p.groups[1].label, "gups 1G, 6000MiB eaten, autonuma");
	assert_string_equal(p.groups[2].label, "gups 7G, damon");
	assert_string_equal(p.groups[3].what, "too large");
}

static void units_fit_the_rates(void **state)
{
	cleanup(results_free) struct results list = { 0 };
	cleanup(report_free) struct report p;

	(void)state;
	list.v = xcalloc(2, sizeof(*list.v));
	list.v[list.n++] = result_parse("a", "{\"format\":1,\"status\":\"done\",\"run\":{\"workload\":\"chase\"},\"guest\":{\"workload\":"
					"{\"work_type\":\"loads\",\"rate\":4200000}}}", &why);
	list.v[list.n++] = result_parse("b", "{\"format\":1,\"status\":\"done\",\"run\":{\"workload\":\"stream\"},\"guest\":{\"workload\":"
					"{\"work_type\":\"bytes\",\"rate\":4e9}}}", &why);
	report_make(&p, &list, NULL);
	assert_string_equal(p.groups[0].unit, "M loads/s");
	assert_near(p.groups[0].unit_size, 1e6);
	assert_string_equal(p.groups[1].unit, "GB/s");
}

/* ---- one set against another ---- */

static void sets_are_compared_by_what_was_run(void **state)
{
	cleanup(results_free) struct results a = { 0 }, b = { 0 };
	cleanup(report_free) struct report p, q;
	cleanup(comparison_free) struct comparison c;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		add_sample(&a, (struct sample){ .repetition = i, .rate = 10e6 + i * 1e4 });
		add_sample(&b, (struct sample){ .repetition = i, .rate = 12e6 + i * 1e4 });
		add_sample(&a, (struct sample){ .repetition = i, .rate = 10e6 + i * 1e6, .scheme = "damon" });
		add_sample(&b, (struct sample){ .repetition = i, .rate = 10.5e6 + i * 1e6, .scheme = "damon" });
	}
	add_sample(&a, (struct sample){ .repetition = 1, .rate = 1, .scheme = "none" });
	add_sample(&b, (struct sample){ .repetition = 1, .rate = 9e9, .scheme = "none" });
	add_sample(&a, (struct sample){ .repetition = 1, .rate = 1, .ratio = "1:2" });
	add_sample(&b, (struct sample){ .repetition = 1, .rate = 1, .scheme = "hmsdk" });
	add_sample(&b, (struct sample){ .repetition = 1, .rate = 1, .args = "8G", .status = "\"failed\"," });
	report_make(&p, &a, &b);
	report_make(&q, &b, &a);
	comparison_make(&c, &p, &q);
	assert_int_equal(c.n_pairs, 3);
	assert_int_equal(comparison_count(&c, M_RATE, DIFFERENT), 1);
	assert_int_equal(comparison_count(&c, M_RATE, ALIKE), 1);
	assert_int_equal(comparison_count(&c, M_RATE, NOT_KNOWN), 1);
	assert_int_equal(c.n_only_a, 1);
	assert_string_equal(c.only_a[0]->key->ratio, "1:2");
	assert_int_equal(c.n_only_b, 1);
	assert_string_equal(c.only_b[0]->key->scheme, "hmsdk");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mean_and_sample_deviation),
		cmocka_unit_test(one_value_has_no_spread),
		cmocka_unit_test(welch_interval),
		cmocka_unit_test(what_overlaps_is_alike),
		cmocka_unit_test(a_single_run_never_differs),
		cmocka_unit_test(without_any_spread_every_difference_counts),
		cmocka_unit_test(t_is_never_too_small),
		cmocka_unit_test(unknown_is_not_zero),
		cmocka_unit_test(what_is_no_result_is_named),
		cmocka_unit_test(without_vmctl_the_runners_words_count),
		cmocka_unit_test(nonsense_is_not_known),
		cmocka_unit_test(the_warm_up_is_left_out),
		cmocka_unit_test(speed_is_told_from_provenance),
		cmocka_unit_test(damon_directions),
		cmocka_unit_test(repetitions_come_together_and_failures_do_not_count),
		cmocka_unit_test(groups_stand_in_the_order_of_sizes),
		cmocka_unit_test(labels_have_what_varies),
		cmocka_unit_test(units_fit_the_rates),
		cmocka_unit_test(sets_are_compared_by_what_was_run),
	};

	return RUN_TESTS(tests);
}
