/* stream: are wrong results noticed, wherever they are, and right ones taken? */
#include "harness.h"

int stream_main(int argc, char **argv);
#define main stream_main
#include "../../overlay/bench/stream.c"
#undef main

#define N 999

static struct stream s;

/* A run of so many repetitions by two threads. */
static void run_for(uint64_t repetitions)
{
	s = (struct stream){ .bytes = ARRAYS * N * WORD, .n = N, .shape = { .threads = 2, .work = repetitions,
									    .node = BENCH_ANY_NODE } };
	assert_int_equal(run_all(&s), 0);
	assert_int_equal(s.repetitions, repetitions);
}

static void end_run(void)
{
	bench_run_free(&s.run);
	bench_mem_unmap(&s.mem);
}

static void results_are_right_after_one_repetition_and_after_many(void **state)
{
	(void)state;
	run_for(1);
	/* By hand: c = 1, b = s, c = 1 + s, a = s + s(1 + s) = 1. */
	assert_true(fabs(s.a[N - 1] - 1) < 1e-12 && fabs(s.b[0] - FACTOR) < 1e-12 && fabs(s.c[7] - 1 - FACTOR) < 1e-12);
	end_run();
	run_for(20000);
	assert_true(fabs(s.a[N / 2] - 1) < 1e-8);
	end_run();
}

static void one_wrong_element_is_noticed_wherever_it_is(void **state)
{
	static const uint64_t where[] = { 0, 1, N / 2, N - 1 };

	(void)state;
	assert_non_null(freopen("/dev/null", "w", stderr));
	run_for(3);
	for (size_t i = 0; i < COUNT(where); i++) {
		double *arrays[] = { s.a, s.b, s.c };

		for (size_t j = 0; j < COUNT(arrays); j++) {
			double right = arrays[j][where[i]];
			const double wrong[] = { right * 1.00001, 0, -right, NAN, INFINITY };

			for (size_t k = 0; k < COUNT(wrong); k++) {
				arrays[j][where[i]] = wrong[k];
				assert_int_equal(check_results(&s), BENCH_FAILED);
			}
			arrays[j][where[i]] = right;
			assert_int_equal(check_results(&s), 0);
		}
	}
	end_run();
}

static void the_first_of_several_repetitions_is_not_counted(void **state)
{
	struct times t = { 0 };

	(void)state;
	note_time(&t, 9, 0);
	assert_true(t.n == 1 && t.least == 9 && t.most == 9);
	note_time(&t, 2, 1);
	note_time(&t, 3, 2);
	note_time(&t, 1, 3);
	assert_true(t.n == 3 && t.least == 1 && t.most == 3 && t.sum == 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_right_after_one_repetition_and_after_many),
		cmocka_unit_test(one_wrong_element_is_noticed_wherever_it_is),
		cmocka_unit_test(the_first_of_several_repetitions_is_not_counted),
	};

	return RUN_TESTS(tests);
}
