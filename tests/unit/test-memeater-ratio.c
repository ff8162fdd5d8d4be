/* memeater --ratio: what is left holds the fast part, and what can't be met is refused with a size that can. */
#include "harness.h"

#include <fcntl.h>

#include "../../overlay/bench/bench.h"
#include "../../overlay/bench/memeater-ratio.c"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

static struct ratio r;

/* What it says is looked at, and need not be shown; what cmocka says has to be. */
static int quietly(const char *text, const char *resident, uint64_t available)
{
	int shown = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY), rc;

	dup2(null, STDERR_FILENO);
	r = (struct ratio){ .text = text, .resident_text = resident };
	rc = ratio_parse(&r);
	if (!rc && available)
		rc = ratio_solve(&r, 3, available);
	dup2(shown, STDERR_FILENO);
	close(shown);
	close(null);
	return rc;
}

static void what_is_left_holds_the_fast_part(void **state)
{
	static const struct {
		const char *text, *resident;
		uint64_t available, keep;
	} met[] = {
		{ "1:1", "4GiB", 8 * GIB, 2 * GIB },
		{ "1:4", "10GiB", 8 * GIB, 2 * GIB },
		{ "2:1", "3GiB", 8 * GIB, 2 * GIB },
		{ "1:1000000", "1GiB", 8 * GIB, 1073 },
		{ "1:3", "8GiB", 2 * GIB + MIB, 2 * GIB },
		{ "1000000:1", "4194304T", 1ull << 63, 4611681406745981158ull },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(met); i++) {
		uint64_t rest = met[i].available - met[i].keep;

		assert_int_equal(quietly(met[i].text, met[i].resident, met[i].available), 0);
		assert_int_equal(r.keep, met[i].keep);
		assert_int_equal(r.eat % bench_page_size(), 0);
		/* With its page tables it never takes from what is to be kept, and little is left over. */
		assert_true(r.eat + r.eat / 512 <= rest);
		assert_true(r.eat + r.eat / 512 + 2 * bench_page_size() > rest);
	}
}

static void what_would_fit_does_fit(void **state)
{
	static const char *const texts[] = { "1:1", "1:4", "3:1", "7:5" };
	const char *said, *size;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(quietly(texts[i], "900GiB", 5 * GIB + 12345), BENCH_FAILED);
		assert_non_null(strstr(bench_last_error(), "node 3 has 5.0 GiB to give"));
		said = strstr(bench_last_error(), "--resident ");
		assert_non_null(said);
		size = keep("%.*s", (int)strcspn(said + 11, " "), said + 11);
		assert_int_equal(quietly(texts[i], size, 5 * GIB + 12345), 0);
		assert_int_equal(quietly(texts[i], keep("%lluMiB", strtoull(size, NULL, 10) + 8), 5 * GIB + 12345),
				 BENCH_FAILED);
	}
	assert_int_equal(quietly("1:1", "1GiB", MIB / 2), BENCH_FAILED);
	assert_non_null(strstr(bench_last_error(), "no --resident fits"));
}

static void what_is_no_ratio_is_refused(void **state)
{
	static const char *const bad[] = { "", "1", ":", "1:", ":1", "0:1", "1:-1", "-1:1", " 1:1", "1: 1", "1:1x",
					   "1:1:1", "1.5:1", "1000001:1", "1:99999999999999999999999", "a:b" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(quietly(bad[i], "1GiB", 0), BENCH_USAGE);
	assert_int_equal(quietly("1:1", NULL, 0), BENCH_USAGE);
	assert_int_equal(quietly(NULL, "1GiB", 0), BENCH_USAGE);
	assert_int_equal(quietly("1:1", "12", 0), BENCH_USAGE);
	assert_int_equal(quietly(NULL, NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_holds_the_fast_part),
		cmocka_unit_test(what_would_fit_does_fit),
		cmocka_unit_test(what_is_no_ratio_is_refused),
	};

	return RUN_TESTS(tests);
}
