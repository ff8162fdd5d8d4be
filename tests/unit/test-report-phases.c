/* vmctl report: work in phases, and where the pages were that each went to most. */
#include "report-sample.h"

#include "report-content.h"
#include "report-data.h"

static struct results list;
static struct report report;

static void drop(void)
{
	report_free(&report);
	results_free(&list);
}

#define RAN(name, hot, rate, pages) "{\"name\":\"" name "\",\"at\":1,\"secs\":5,\"work\":1,\"rate\":" #rate ",\"hot\":\"" hot "\",\"hot_pages_per_node\":" pages "}"

static void add_phases(int repetition, const char *phases)
{
	add_sample(&list, (struct sample){ .workload = "phases", .args = "x.masim", .repetition = repetition, .rate = 1e6,
					   .pages = keep("\"pages_begin\":null,\"phases\":%s", phases) });
}

/* The third run ended early, and of its first phase nobody knows where pages were. */
static void each_phase_has_a_row_with_where_its_pages_were(void **state)
{
	struct doc d = { 0 };
	char *md, *json;

	(void)state;
	add_phases(1, "[" RAN("even", "a", 1e9, "{\"0\":100}") "," RAN("d is hot", "d", 2e9, "{\"0\":80,\"1\":20}") "]");
	add_phases(2, "[" RAN("even", "a", 2e9, "{\"0\":50,\"1\":50}") "," RAN("d is hot", "d", 2e9, "{\"0\":90,\"1\":10}") "]");
	add_phases(3, "[" RAN("even", "a", 3e9, "null") "]");
	report_make(&report, &list, NULL);
	part_phases(&d, &report);
	strv_take(&kept, md = doc_markdown(&d));
	assert_contains(md, "## Phases");
	assert_contains(md, "| phases x.masim | even | 3 | 5.0 | a | 75.0 | \xc2\xb1 35.4 | 2.000 | \xc2\xb1 1.000 | GUPS (emulated speed) |");
	assert_contains(md, "| d is hot | 2 | 5.0 | d | 85.0 | \xc2\xb1 7.1 |");
	assert_contains(md, "Emulated memory has emulated speed");
	doc_free(&d);
	strv_take(&kept, json = report_json(&report, NULL));
	assert_contains(json, "\"phases\": [\n        {\n          \"name\": \"even\",\n          \"hot\": \"a\",");
	assert_contains(json, "\"mean\": 0.75,");
	drop();
}

static void of_phases_without_end_the_first_ones_are_shown(void **state)
{
	struct doc d = { 0 };
	auto_text many = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		text_addf(&many, "%s" RAN("p", "a", 1, "{\"0\":1}"), i ? "," : "[");
	text_puts(&many, "]");
	add_phases(1, many.s);
	report_make(&report, &list, NULL);
	part_phases(&d, &report);
	for (size_t i = 0; i < d.n; i++)
		if (d.v[i].kind == B_GRID)
			assert_int_equal(grid_rows(&d.v[i].grid), 24);
	assert_string_equal(d.v[3].text, "The first 24 of 1000 phases; --json has all of them.");
	doc_free(&d);
	drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_phase_has_a_row_with_where_its_pages_were),
		cmocka_unit_test(of_phases_without_end_the_first_ones_are_shown),
	};

	return RUN_TESTS(tests);
}
