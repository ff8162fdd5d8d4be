/* Sizes and durations. */
#include "harness.h"

#include "units.h"

static void every_size_unit_is_read(void **state)
{
	static const struct { const char *text; uint64_t bytes; } cases[] = {
		{ "0B", 0 }, { "256B", 256 }, { "1KiB", 1024 }, { "512MiB", 512 * MiB }, { "8GiB", 8 * GiB },
		{ "2TiB", 2 * TiB }, { "18446744073709551615B", UINT64_MAX }, { "0016KiB", 16 * KiB },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t v = 1;

		assert_ok(size_parse(cases[i].text, &v, &why));
		assert_true(v == cases[i].bytes);
	}
}

static void every_duration_unit_is_read(void **state)
{
	static const struct { const char *text; uint64_t ms; } cases[] = {
		{ "500ms", 500 }, { "30s", 30000 }, { "5m", 300000 }, { "2h", 7200000 }, { "0s", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t v = 1;

		assert_ok(duration_parse(cases[i].text, &v, &why));
		assert_true(v == cases[i].ms);
	}
}

static void a_bare_number_is_refused_and_the_cure_named(void **state)
{
	uint64_t v;

	(void)state;
	assert_fails(size_parse("8", &v, &why), "'8' has no unit: say 8MiB or 8GiB");
	assert_fails(duration_parse("30", &v, &why), "'30' has no unit: say 30");
}

static void a_foreign_unit_is_refused_and_the_known_ones_named(void **state)
{
	static const char *const bad[] = { "8GB", "8gib", "8G", "8 GiB", "8GiBs", "1.5GiB", "8GiB " };
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_fails(size_parse(bad[i], &v, &why), "the unit is one of B, KiB, MiB, GiB, TiB");
	assert_fails(duration_parse("3w", &v, &why), "the unit is one of ms, s, m, h, d");
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const bad[] = { "", "-1GiB", "+1GiB", "GiB", ".5GiB", "0x10GiB ", " 1GiB", "eight" };
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_fails(size_parse(bad[i], &v, &why), "is not a size");
}

static void overflow_is_refused(void **state)
{
	uint64_t v;

	(void)state;
	assert_fails(size_parse("18446744073709551616B", &v, &why), "is too large");
	assert_fails(size_parse("16777216TiB", &v, &why), "is too large");
	assert_fails(size_parse("99999999999999999999999999999999TiB", &v, &why), "is too large");
	assert_ok(size_parse("16777215TiB", &v, &why));
	assert_fails(duration_parse("18446744073709551615h", &v, &why), "is too large");
}

static void sizes_are_written_so_that_they_read_back(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 1023, KiB, 1536 * MiB, GiB, 3 * TiB, GiB + 1, UINT64_MAX };
	char buf[SIZE_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint64_t v;

		assert_ok(size_parse(size_text(sizes[i], buf), &v, &why));
		assert_true(v == sizes[i]);
	}
	assert_string_equal(size_text(1536 * MiB, buf), "1536MiB");
	assert_string_equal(size_text(16 * GiB, buf), "16GiB");
}

static void people_get_rounded_figures(void **state)
{
	char buf[SIZE_TEXT];

	(void)state;
	assert_string_equal(size_human(1536 * MiB, buf), "1.5 GiB");
	assert_string_equal(size_human(8 * GiB, buf), "8 GiB");
	assert_string_equal(size_human(100, buf), "100 B");
	assert_string_equal(seconds_human(7.31, buf), "7.3 s");
	assert_string_equal(seconds_human(59.94, buf), "59.9 s");
	assert_contains(seconds_human(59.96, buf), "1:00");
	assert_contains(seconds_human(125, buf), "2:05");
	assert_contains(seconds_human(3725, buf), "1:02:05");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_unit_is_read),
		cmocka_unit_test(every_duration_unit_is_read),
		cmocka_unit_test(a_bare_number_is_refused_and_the_cure_named),
		cmocka_unit_test(a_foreign_unit_is_refused_and_the_known_ones_named),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(overflow_is_refused),
		cmocka_unit_test(sizes_are_written_so_that_they_read_back),
		cmocka_unit_test(people_get_rounded_figures),
	};

	return RUN_TESTS(tests);
}
