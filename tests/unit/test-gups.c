/* Which words gups goes to: the shares of hot set, cold part and reads, and where the hot set lies. */
#include "harness.h"

#include <math.h>

int gups_main(int argc, char **argv);
#define main gups_main
#include "../../overlay/bench/gups-hot.c"
#include "../../overlay/bench/gups.c"
#undef main

#define WORDS (8u << 20)
#define TABLE (WORDS * 8ull)
#define ACCESSES 200000

static uint64_t *table;

/* A pattern over the table, of a run of ten seconds. */
static struct gups_pattern pattern_of(const struct gups_pattern *options)
{
	const struct bench_shape shape = { .threads = 1, .seconds = 10 };
	struct gups_pattern p = *options;

	p.skew_text = p.skew_text ? p.skew_text : "uniform";
	p.frac = p.frac > 0 ? p.frac : -1;
	p.prob = p.prob > 0 ? p.prob : -1;
	assert_int_equal(gups_hot_check(&p, &shape, TABLE), 0);
	return p;
}

/* Words that differ from 0 in [from, to). */
static double changed(uint64_t from, uint64_t to)
{
	uint64_t n = 0;

	for (uint64_t i = from; i < to; i++)
		n += table[i] != 0;
	return (double)n;
}

/* How many of `words` are hit by so many accesses that go to each alike. */
static double expected(double accesses, double words)
{
	return words * (1 - exp(-accesses / words));
}

/* Within five standard deviations of a count. */
static void assert_about(double n, double want)
{
	if (fabs(n - want) > 5 * sqrt(want) + 1)
		fail_msg("%.0f, and it should be about %.0f", n, want);
}

static struct gups_tally do_accesses(const struct gups_pattern *p)
{
	struct gups_tally tally = { 0 };

	memset(table, 0, TABLE);
	gups_hot_access(p, table, p->place, false, 1, ACCESSES, &tally);
	return tally;
}

static void the_share_of_the_hot_set_goes_to_it_and_the_rest_beside_it(void **state)
{
	static const struct { const char *at; uint64_t first; } places[] = {
		{ NULL, 0 }, { "first", 0 }, { "last", WORDS - WORDS / 8 }, { "24MiB", 3u << 20 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		struct gups_pattern p = pattern_of(&(struct gups_pattern){ .frac = 0.125, .prob = 0.7, .at = places[i].at });
		struct gups_tally tally = do_accesses(&p);
		uint64_t first = places[i].first, end = first + WORDS / 8;
		double cold = WORDS - WORDS / 8;

		assert_int_equal(p.first_place, first);
		assert_about((double)tally.hot, 0.7 * ACCESSES);
		assert_about(changed(first, end), expected(0.7 * ACCESSES, WORDS / 8));
		/* Alike on both sides of it, and right up to its edges. */
		assert_about(changed(0, first), expected(0.3 * ACCESSES, cold) * (double)first / cold);
		assert_about(changed(end, WORDS), expected(0.3 * ACCESSES, cold) * (double)(WORDS - end) / cold);
	}
}

static void all_or_none_of_the_accesses_may_be_hot(void **state)
{
	struct gups_pattern all = pattern_of(&(struct gups_pattern){ .frac = 0.25, .prob = 1 });
	struct gups_pattern none = pattern_of(&(struct gups_pattern){ .frac = 0.25, .prob = 1e-300 });

	(void)state;
	assert_int_equal(do_accesses(&all).hot, ACCESSES);
	assert_true(changed(WORDS / 4, WORDS) == 0);
	assert_int_equal(do_accesses(&none).hot, 0);
	assert_true(changed(0, WORDS / 4) == 0 && changed(WORDS / 4, WORDS) > 0);
}

static void reads_leave_the_words_as_they_are(void **state)
{
	struct gups_pattern half = pattern_of(&(struct gups_pattern){ .read_ratio = 0.5 });
	struct gups_pattern all = pattern_of(&(struct gups_pattern){ .read_ratio = 1 });
	struct gups_tally tally = do_accesses(&half);

	(void)state;
	assert_about((double)tally.reads, 0.5 * ACCESSES);
	assert_about(changed(0, WORDS), expected((double)(ACCESSES - tally.reads), WORDS));
	assert_int_equal(do_accesses(&all).reads, ACCESSES);
	assert_true(changed(0, WORDS) == 0);
}

static void a_skew_is_laid_over_the_hot_set_or_the_table(void **state)
{
	struct gups_pattern hot = pattern_of(&(struct gups_pattern){ .frac = 0.5, .prob = 0.5, .at = "last",
								    .skew_text = "selfsimilar:0.1" });
	struct gups_pattern whole = pattern_of(&(struct gups_pattern){ .skew_text = "selfsimilar:0.1" });
	double begin, rest;

	(void)state;
	do_accesses(&hot);
	/* A tenth of the accesses to the hot set is for its last nine tenths, nearly all on words of their own. */
	rest = changed(WORDS / 2 + WORDS / 20, WORDS);
	assert_true(rest > 0.08 * ACCESSES / 2 && rest < 0.1 * ACCESSES / 2 + 500);
	assert_about(changed(0, WORDS / 2), expected(0.5 * ACCESSES, WORDS / 2));
	do_accesses(&whole);
	begin = changed(0, WORDS / 10);
	rest = changed(WORDS / 10, WORDS);
	assert_true(rest > 0.08 * ACCESSES && rest < 0.1 * ACCESSES + 500 && begin > 0);
}

static void it_moves_to_the_end_that_is_further_away(void **state)
{
	static const struct { const char *at; uint64_t to; } cases[] = {
		{ "first", WORDS - WORDS / 8 }, { "last", 0 }, { "24MiB", WORDS - WORDS / 8 }, { "40MiB", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct gups_pattern p = pattern_of(&(struct gups_pattern){ .frac = 0.125, .prob = 1, .at = cases[i].at });

		gups_hot_move(&p, 1.5);
		assert_int_equal(p.place, cases[i].to);
		do_accesses(&p);
		assert_true(changed(p.place, p.place + WORDS / 8) == changed(0, WORDS));
	}
}

/* What makes --verify possible: the same state makes the same accesses, grouped as one likes. */
static void the_same_accesses_again_restore_the_table(void **state)
{
	struct gups_pattern p = pattern_of(&(struct gups_pattern){ .frac = 0.125, .prob = 0.9, .skew_text = "zipf:1",
								  .read_ratio = 0.25 });
	struct gups_tally tally = { 0 };
	uint64_t s = 99, again = 99;

	(void)state;
	memset(table, 0, TABLE);
	for (int i = 0; i < 1000; i++)
		s = gups_hot_access(&p, table, p.place, false, s, 77, &tally);
	assert_true(changed(0, WORDS) > 0);
	again = gups_hot_access(&p, table, p.place, true, again, 77000, &tally);
	assert_true(s == again);
	assert_true(changed(0, WORDS) == 0);
}

/* A gups of two threads whose table is the test's. */
static struct gups gups_with(const struct gups_pattern *options)
{
	return (struct gups){ .bytes = TABLE, .shape = { .threads = 2, .seconds = 10 }, .pattern = pattern_of(options),
			      .mem = { .addr = table, .bytes = TABLE }, .table = table, .words = WORDS };
}

static void all_beside_the_hot_set_is_touched_before_it(void **state)
{
	struct gups g = gups_with(&(struct gups_pattern){ .frac = 0.125, .at = "24MiB" });
	uint64_t first = 3u << 20, end = first + WORDS / 8;

	(void)state;
	memset(table, 0, TABLE);
	for (int i = 0; i < 2; i++)
		fill_cold(&g, i);
	assert_true(changed(first, end) == 0);
	assert_true(changed(0, WORDS) == WORDS - WORDS / 8 - 1);	/* word 0 is 0 */
	for (int i = 0; i < 2; i++)
		fill_hot(&g, i);
	for (uint64_t i = 0; i < WORDS; i++)
		assert_true(table[i] == i);
}

static void pages_are_asked_for_where_the_hot_set_moved_to(void **state)
{
	struct gups g = gups_with(&(struct gups_pattern){ .frac = 0.125, .at = "last", .move_at = 2 });

	(void)state;
	describe_run(&g);
	assert_ptr_equal(g.run.looks[1].addr, table + WORDS - WORDS / 8);
	assert_int_equal(g.run.looks[1].bytes, TABLE / 8);
	assert_true(g.run.next_due == 2);
	g.run.due(&g.run, 2.1);
	assert_ptr_equal(g.run.looks[1].addr, table);
	assert_int_equal(g.run.values[0].now, 0);
	assert_true(g.run.next_due == 0 && g.pattern.moved_at == 2.1);
}

static void the_hot_set_is_whole_pages(void **state)
{
	struct gups_pattern small = pattern_of(&(struct gups_pattern){ .frac = 0.00005 });
	struct gups_pattern odd = pattern_of(&(struct gups_pattern){ .frac = 0.123456 });

	(void)state;
	assert_int_equal(small.hot_words, 512);
	assert_int_equal(odd.hot_words % 512, 0);
	assert_true(fabs((double)odd.hot_words / WORDS - 0.123456) < 0.0001);
	assert_true(odd.prob == 0.9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_share_of_the_hot_set_goes_to_it_and_the_rest_beside_it),
		cmocka_unit_test(all_or_none_of_the_accesses_may_be_hot),
		cmocka_unit_test(reads_leave_the_words_as_they_are),
		cmocka_unit_test(a_skew_is_laid_over_the_hot_set_or_the_table),
		cmocka_unit_test(it_moves_to_the_end_that_is_further_away),
		cmocka_unit_test(the_same_accesses_again_restore_the_table),
		cmocka_unit_test(all_beside_the_hot_set_is_touched_before_it),
		cmocka_unit_test(pages_are_asked_for_where_the_hot_set_moved_to),
		cmocka_unit_test(the_hot_set_is_whole_pages),
	};

	table = calloc(WORDS, sizeof(*table));
	return table ? RUN_TESTS(tests) : 1;
}
