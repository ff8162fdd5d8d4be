/* vmctl report: statistics, what is averaged with what, two sets compared. */
#include "report-sample.h"

#include "report-compare.h"

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

#define KNOBS(words) "\"warm_up_secs\":0,\"knobs\":\"" words "\""

static void runs_with_other_knobs_are_not_averaged(void **state)
{
	cleanup(results_free) struct results a = { 0 };
	cleanup(report_free) struct report p;

	(void)state;
	for (int i = 1; i <= 2; i++) {
		add_sample(&a, (struct sample){ .repetition = i, .rate = 1e6, .run = KNOBS("hot_threshold_ms=1000 lru_gen_enabled=0") });
		add_sample(&a, (struct sample){ .repetition = i, .rate = 3e6, .run = KNOBS("hot_threshold_ms=50 lru_gen_enabled=0") });
	}
	report_make(&p, &a, NULL);
	assert_int_equal(p.n_groups, 2);
	assert_int_equal(p.groups[0].n, 2);
	assert_string_equal(p.groups[0].what, "hot_threshold_ms=50");
	assert_near(p.groups[0].m[M_RATE].mean, 3e6);
	assert_string_equal(p.groups[1].what, "hot_threshold_ms=1000");
}

/* One setting against another is compared; where a set has two, it is not known which. */
static void sets_with_other_knobs_are_compared_where_each_has_one(void **state)
{
	cleanup(results_free) struct results a = { 0 }, b = { 0 };

	(void)state;
	add_sample(&a, (struct sample){ .repetition = 1, .rate = 1e6, .run = KNOBS("hot_threshold_ms=1000") });
	add_sample(&b, (struct sample){ .repetition = 1, .rate = 3e6, .run = KNOBS("hot_threshold_ms=50") });
	for (size_t n = 1; n <= 2; n++) {
		cleanup(report_free) struct report p, q;
		cleanup(comparison_free) struct comparison c;

		report_make(&p, &a, &b);
		report_make(&q, &b, &a);
		comparison_make(&c, &p, &q);
		assert_int_equal(c.n_pairs, n == 1);
		assert_int_equal(c.n_only_b, n == 1 ? 0 : 2);
		add_sample(&b, (struct sample){ .repetition = 1, .rate = 3e6, .run = KNOBS("hot_threshold_ms=70") });
	}
}

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
		cmocka_unit_test(repetitions_come_together_and_failures_do_not_count),
		cmocka_unit_test(groups_stand_in_the_order_of_sizes),
		cmocka_unit_test(labels_have_what_varies),
		cmocka_unit_test(units_fit_the_rates),
		cmocka_unit_test(runs_with_other_knobs_are_not_averaged),
		cmocka_unit_test(sets_with_other_knobs_are_compared_where_each_has_one),
		cmocka_unit_test(sets_are_compared_by_what_was_run),
	};

	return RUN_TESTS(tests);
}
