/* The skews of the bench suite: do items come as often as they should? */
#include "harness.h"

#include <math.h>

#include "../../overlay/bench/bench.h"
#include "../../overlay/bench/bench-skew.h"

#define DRAWS 2000000

static struct bench_skew skew_of(const char *text, uint64_t n)
{
	struct bench_skew s;

	assert_int_equal(bench_skew_parse("skew", text, &s), 0);
	bench_skew_over(&s, n);
	return s;
}

/* The exact probability that the rank is below k, for every k, by adding up; reached[n] is 1. */
static void exact(const struct bench_skew *s, double *reached)
{
	double sum = 0;

	reached[0] = 0;
	for (uint64_t k = 1; k <= s->n; k++) {
		double x = (double)k / (double)s->n;

		if (s->kind == BENCH_ZIPF)
			reached[k] = sum += pow((double)k, -s->parameter);
		else if (s->kind == BENCH_SELFSIMILAR)
			reached[k] = pow(x, log(1 - s->parameter) / log(s->parameter));
		else
			reached[k] = x;
	}
	for (uint64_t k = 1; s->kind == BENCH_ZIPF && k <= s->n; k++)
		reached[k] /= sum;
}

/*
 * How far the draws are from what is expected, in standard deviations: chi-square, brought to the
 * normal distribution by Wilson and Hilferty. Neighbours are put together until a cell expects 20.
 */
static double deviation(const struct bench_skew *s, const double *reached, uint64_t seed)
{
	uint64_t *count = calloc(s->n, sizeof(*count)), state = bench_random_begin(seed, 0), seen = 0, from = 0;
	double chi2 = 0, cells = 0, expected, df;

	for (int i = 0; i < DRAWS; i++) {
		uint64_t rank = bench_skew_rank(s, &state);

		assert_true(rank < s->n);
		count[rank]++;
	}
	for (uint64_t k = 0; k < s->n; k++) {
		seen += count[k];
		expected = (reached[k + 1] - reached[from]) * DRAWS;
		if (expected < 20 || (1 - reached[k + 1]) * DRAWS < 20) {
			if (k + 1 < s->n)
				continue;
			if (!(expected > 0))
				break;
		}
		chi2 += ((double)seen - expected) * ((double)seen - expected) / expected;
		cells++;
		from = k + 1;
		seen = 0;
	}
	free(count);
	df = cells - 1;
	assert_true(df >= 2);
	return (cbrt(chi2 / df) - (1 - 2 / (9 * df))) / sqrt(2 / (9 * df));
}

/* Each of them with three seeds: a fault of the method shows in all, chance in one of some hundreds. */
static void items_come_as_often_as_the_exact_probabilities_say(void **state)
{
	static const struct { const char *text; uint64_t n; } cases[] = {
		{ "uniform", 1000 }, { "zipf:0.01", 1000 }, { "zipf:0.5", 1000 }, { "zipf:0.8", 100000 },
		{ "zipf:0.99", 1000 }, { "zipf:0.99", 1000000 }, { "zipf:1", 1000 }, { "zipf:1", 1000000 },
		{ "zipf:1.0000001", 100000 }, { "zipf:0.9999999999", 100000 }, { "zipf:1.2", 100000 },
		{ "zipf:2", 1000 }, { "zipf:3.5", 1000000 }, { "zipf:5", 100 }, { "zipf:0.99", 3 },
		{ "selfsimilar:0.2", 1000 }, { "selfsimilar:0.01", 100000 }, { "selfsimilar:0.5", 1000 },
		{ "selfsimilar:0.37", 1000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench_skew s = skew_of(cases[i].text, cases[i].n);
		double *reached = calloc(s.n + 1, sizeof(*reached)), most = 0;

		exact(&s, reached);
		for (uint64_t seed = 1; seed <= 3; seed++) {
			double d = deviation(&s, reached, seed);

			most = d > most ? d : most;
		}
		free(reached);
		if (most > 4)
			fail_msg("%s over %lu: %.1f standard deviations off", cases[i].text, (unsigned long)s.n, most);
	}
}

/* The test itself: draws of one skew must not pass for another that is only a little different. */
static void a_skew_that_is_a_little_off_is_found_out(void **state)
{
	static const struct { const char *drawn, *taken_for; } cases[] = {
		{ "zipf:0.99", "zipf:1" }, { "zipf:1", "zipf:0.99" }, { "uniform", "zipf:0.02" },
		{ "selfsimilar:0.2", "selfsimilar:0.205" },
	};
	double reached[1001];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench_skew drawn = skew_of(cases[i].drawn, 1000), other = skew_of(cases[i].taken_for, 1000);

		exact(&other, reached);
		assert_true(deviation(&drawn, reached, 1) > 4);
	}
}

static void eighty_percent_go_to_twenty_and_so_again_within_them(void **state)
{
	struct bench_skew s = skew_of("selfsimilar:0.2", 1000000);
	uint64_t random = bench_random_begin(1, 0);
	double first = 0, within = 0;

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		uint64_t rank = bench_skew_rank(&s, &random);

		first += rank < 200000;
		within += rank < 40000;
	}
	assert_true(fabs(first / DRAWS - 0.8) < 0.002);
	assert_true(fabs(within / DRAWS - 0.64) < 0.002);
}

static void one_item_and_very_many_are_fine(void **state)
{
	static const char *const texts[] = { "uniform", "zipf:0.5", "zipf:1", "zipf:5", "selfsimilar:0.2" };
	uint64_t random = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct bench_skew one = skew_of(texts[i], 1), many = skew_of(texts[i], 1ull << 45);

		for (int draw = 0; draw < 10000; draw++) {
			assert_int_equal(bench_skew_rank(&one, &random), 0);
			assert_true(bench_skew_rank(&many, &random) < 1ull << 45);
		}
	}
}

static void the_same_seed_draws_the_same_items(void **state)
{
	struct bench_skew s = skew_of("zipf:0.99", 100000);
	uint64_t a = bench_random_begin(7, 1), b = bench_random_begin(7, 1), c = bench_random_begin(7, 2);
	int same = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t rank = bench_skew_rank(&s, &a);

		assert_int_equal(rank, bench_skew_rank(&s, &b));
		same += rank == bench_skew_rank(&s, &c);
	}
	assert_true(same < 200);
}

static void what_is_no_skew_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "zipf", "zipf:", "zipf:0", "zipf:-1", "zipf:5.1", "zipf:nan", "zipf:inf", "zipf:0x1", "zipf:1x",
		"zipf: 1", "zip:1", "zipfs:1", "selfsimilar:0", "selfsimilar:0.51", "selfsimilar", "uniform:1", ":1",
	};
	struct bench_skew s;

	(void)state;
	assert_non_null(freopen("/dev/null", "w", stderr));
	for (size_t i = 0; i < COUNT(bad); i++)
		if (bench_skew_parse("skew", bad[i], &s) != BENCH_USAGE)
			fail_msg("'%s' was taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_as_often_as_the_exact_probabilities_say),
		cmocka_unit_test(a_skew_that_is_a_little_off_is_found_out),
		cmocka_unit_test(eighty_percent_go_to_twenty_and_so_again_within_them),
		cmocka_unit_test(one_item_and_very_many_are_fine),
		cmocka_unit_test(the_same_seed_draws_the_same_items),
		cmocka_unit_test(what_is_no_skew_is_refused),
	};

	return RUN_TESTS(tests);
}
