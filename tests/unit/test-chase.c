/* chase: is it one cycle through all lines, and does it notice when it is not? */
#include "harness.h"

int chase_main(int argc, char **argv);
#define main chase_main
#include "../../overlay/bench/chase.c"
#undef main

#define LINES 5000

static char memory[LINES * LINE] __attribute__((aligned(4096)));
static struct chase c;

static void make(uint64_t lines, uint64_t seed)
{
	c = (struct chase){ .mem = { .addr = memory, .bytes = sizeof(memory) }, .shape = { .threads = 1, .seed = seed } };
	c.lines = lines;
	make_cycle(&c);
}

static void a_lap_meets_each_line_once(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 3, 16, 64, LINES };
	static bool met[LINES];

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		void **at;

		make(sizes[i], 1);
		memset(met, 0, sizeof(met));
		at = line(&c, 0);
		for (uint64_t n = 0; n < sizes[i]; n++) {
			uint64_t number = (uint64_t)((char *)at - memory) / LINE;

			assert_true(number < sizes[i] && (uint64_t)((char *)at - memory) % LINE == 0);
			assert_false(met[number]);
			met[number] = true;
			at = *at;
		}
		assert_ptr_equal(at, line(&c, 0));
		assert_int_equal(check_cycle(&c), 0);
	}
}

/* A prefetcher that looks for strides finds none: steps of one line are as rare as any others. */
static void steps_are_random(void **state)
{
	int near = 0, forward = 0;

	(void)state;
	make(LINES, 1);
	for (uint64_t i = 0; i < LINES; i++) {
		ptrdiff_t step = ((char *)*line(&c, i) - (char *)line(&c, i)) / (int)LINE;

		near += step >= -2 && step <= 2;
		forward += step > 0;
	}
	assert_true(near < 20);
	assert_true(forward > LINES * 0.47 && forward < LINES * 0.53);
}

static void the_seed_decides_the_cycle(void **state)
{
	static char first[sizeof(memory)];

	(void)state;
	make(LINES, 1);
	memcpy(first, memory, sizeof(memory));
	make(LINES, 1);
	assert_memory_equal(first, memory, sizeof(memory));
	make(LINES, 2);
	assert_true(memcmp(first, memory, sizeof(memory)));
}

static void a_cycle_that_is_too_short_is_noticed(void **state)
{
	void **second;

	(void)state;
	assert_non_null(freopen("/dev/null", "w", stderr));
	make(LINES, 1);
	second = *line(&c, 0);
	*line(&c, 0) = *second;
	assert_int_equal(check_cycle(&c), BENCH_FAILED);
	make(LINES, 1);
	second = *line(&c, 0);
	*second = second;
	assert_int_equal(check_cycle(&c), BENCH_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lap_meets_each_line_once),
		cmocka_unit_test(steps_are_random),
		cmocka_unit_test(the_seed_decides_the_cycle),
		cmocka_unit_test(a_cycle_that_is_too_short_is_noticed),
	};

	return RUN_TESTS(tests);
}
