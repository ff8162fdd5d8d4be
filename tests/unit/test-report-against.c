/* vmctl report --against: hot sets, how much of them was on fast nodes, and when. */
#include "report-sample.h"

#include "report-content.h"
#include "report-data.h"

static struct results before, after;
static struct report a, b;
static struct comparison c;

/* Of a hundred pages so many at the end, and four fifths of them at so many seconds of 20; 0: not then, and if at all at the end. */
static void add(struct results *list, const char *args, int repetition, int end, int secs)
{
	add_sample(list, (struct sample){ .repetition = repetition, .rate = 1e6, .args = args,
		.pages = keep("\"hot_pages_begin\":{\"1\":100},\"hot_pages_end\":{\"0\":%d,\"1\":%d}", end, 100 - end),
		.intervals = secs ? keep("[{\"at\":%d,\"secs\":1,\"work\":1,\"rate\":1,\"hot_pages_per_node\":{\"0\":80,\"1\":20}}]", secs) : NULL });
}

static void compare(void)
{
	report_make(&a, &before, &after);
	report_make(&b, &after, &before);
	comparison_make(&c, &a, &b);
}

static void drop(void)
{
	comparison_free(&c);
	report_free(&a);
	report_free(&b);
	results_free(&before);
	results_free(&after);
}

static const char *text(void)
{
	struct doc d = { 0 };
	char *md;

	part_comparison(&d, &c);
	md = doc_markdown(&d);
	strv_take(&kept, md);
	doc_free(&d);
	return md;
}

static void a_hot_set_that_came_later_or_less_differs(void **state)
{
	const char *md;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		add(&before, "1G", i, 98 + i % 2, 2 + i % 2);
		add(&after, "1G", i, 84 + i % 2, 8 + i % 2);
	}
	compare();
	md = text();
	assert_contains(md, "Of 1 with a hot set, its share on fast nodes at the end differs by more than its spread in 1, and the time until four fifths of it were there in 1.");
	assert_contains(md, "| hot set: % on fast nodes at the end | 98.7 \xc2\xb1 0.6 (n = 3) | 84.7 \xc2\xb1 0.6 (n = 3) | -14.0 \xc2\xb1 1.3 | - | differs |");
	assert_contains(md, "| hot set: seconds until four fifths there (emulated speed) | 2.7 \xc2\xb1 0.6 (n = 3) | 8.7 \xc2\xb1 0.6 (n = 3) | "
			"+6.0 \xc2\xb1 1.3 | +225.0 % | differs |");
	drop();
}

static void one_that_is_alike_is_among_all_figures_alone(void **state)
{
	const char *md, *all;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		add(&before, "1G", i, 90 + i, 5 + i);
		add(&after, "1G", i, 91 + i, 4 + i);
	}
	compare();
	md = text();
	all = strstr(md, "All figures compared");
	assert_non_null(all);
	assert_contains(md, "differs by more than its spread in 0, and the time until four fifths of it were there in 0.");
	assert_contains(md, "No figure differs by more than its spread.");
	assert_lacks(keep("%.*s", (int)(all - md), md), "| hot set:");
	assert_contains(all, "| no difference beyond the spread |");
	assert_contains(all, "| hot set: % on fast nodes at the end |");
	drop();
}

static void times_are_not_compared_where_a_run_never_got_there(void **state)
{
	const char *md;
	char *json;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		add(&before, "1G", i, 95, 2);
		add(&after, "1G", i, i == 3 ? 10 : 95, i == 3 ? 0 : 8);
		add(&before, "2G", i, 95, 4);
		add(&after, "2G", i, 5, 0);
	}
	compare();
	md = text();
	assert_contains(md, "in 1, and the time until four fifths of it were there in 0.");
	assert_contains(md, "| 2.0 \xc2\xb1 0.0 (n = 3) | 8.0 (in 2 of 3 runs) | - | - | not all runs got there |");
	assert_contains(md, "| 4.0 \xc2\xb1 0.0 (n = 3) | never | - | - | not all runs got there |");
	strv_take(&kept, json = report_json(&a, &c));
	assert_contains(json, "\"verdict\": \"no spread known\"");
	drop();
}

static void without_a_hot_set_nothing_is_said_of_one(void **state)
{
	(void)state;
	for (int i = 1; i <= 2; i++) {
		add_sample(&before, (struct sample){ .repetition = i, .rate = 1e6 });
		add_sample(&after, (struct sample){ .repetition = i, .rate = 2e6 });
	}
	compare();
	assert_lacks(text(), "hot set");
	drop();
}

#define SET(bytes, ns) "{\"bytes\":" #bytes ",\"ns_per_load\":" #ns "}"
#define LOOP(name, gb) "{\"name\":\"" name "\",\"avg_gb_per_sec\":" #gb "}"
#define PHASE(name, rate, fast) "{\"name\":\"" name "\",\"secs\":5,\"rate\":" #rate ",\"hot\":\"a\",\"hot_pages_per_node\":{\"0\":" #fast ",\"1\":10}}"

static void add_parts(struct results *list, const char *workload, int repetition, const char *parts)
{
	add_sample(list, (struct sample){ .workload = workload, .args = "4M", .repetition = repetition, .rate = 1e6, .pages = keep("\"pages_begin\":null,%s", parts) });
}

/* What the whole says nothing of: one working set is slower, one loop, and one phase. */
static void the_parts_of_a_work_are_compared_too(void **state)
{
	const char *md;
	char *json;

	(void)state;
	for (int i = 1; i <= 2; i++) {
		add_parts(&before, "chase", i, i == 1 ? "\"sets\":[" SET(4096, 2) "," SET(65536, 10) "]" : "\"sets\":[" SET(4096, 3) "," SET(65536, 10.2) "]");
		add_parts(&after, "chase", i, i == 1 ? "\"sets\":[" SET(4096, 3) "," SET(65536, 20) "]" : "\"sets\":[" SET(4096, 2) "," SET(65536, 20.2) "]");
		add_parts(&before, "stream", i, i == 1 ? "\"kernels\":[" LOOP("copy", 5) "]" : "\"kernels\":[" LOOP("copy", 5.1) "]");
		add_parts(&after, "stream", i, i == 1 ? "\"kernels\":[" LOOP("copy", 4) "]" : "\"kernels\":[" LOOP("copy", 4.1) "]");
		add_parts(&before, "phases", i, i == 1 ? "\"phases\":[" PHASE("even", 1e9, 90) "]" : "\"phases\":[" PHASE("even", 1.1e9, 90) "]");
		add_parts(&after, "phases", i, i == 1 ? "\"phases\":[" PHASE("even", 3e9, 30) "]" : "\"phases\":[" PHASE("even", 3.1e9, 30) "]");
	}
	compare();
	md = text();
	assert_contains(md, "Of 5 figures of single working sets, loops and phases, 4 differ by more than their spread.");
	assert_contains(md, "| ns per load of 64 KiB (emulated speed) | 10.10 \xc2\xb1 0.14 (n = 2) | 20.10 \xc2\xb1 0.14 (n = 2) |");
	assert_contains(md, "| copy, GB/s (emulated speed) |");
	assert_contains(md, "| phase 1, even: throughput, GUPS (emulated speed) | 1.050");
	assert_contains(md, "| phase 1, even: % of its hottest region on fast nodes at its end | 90.0 \xc2\xb1 0.0 (n = 2) | 75.0 \xc2\xb1 0.0 (n = 2) |");
	assert_contains(strstr(md, "All figures compared"), "| ns per load of 4 KiB (emulated speed) |");
	strv_take(&kept, json = report_json(&a, &c));
	assert_contains(json, "\"of\": \"loop\"");
	assert_contains(json, "\"name\": \"64 KiB\"");
	drop();
}

/* Of another version, or of a set that was cut short. */
static void a_part_that_one_side_lacks_is_no_difference(void **state)
{
	const char *md;

	(void)state;
	for (int i = 1; i <= 2; i++) {
		add_parts(&before, "chase", i, "\"sets\":[" SET(4096, 2) "," SET(65536, 10) "]");
		add_parts(&after, "chase", i, "\"sets\":[" SET(4096, 2) "]");
	}
	compare();
	md = text();
	assert_contains(md, "Of 2 figures of single working sets, loops and phases, 0 differ by more than their spread.");
	assert_contains(md, "| ns per load of 64 KiB (emulated speed) | 10 \xc2\xb1 0 (n = 2) | - | - | - | no spread known |");
	drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hot_set_that_came_later_or_less_differs),
		cmocka_unit_test(one_that_is_alike_is_among_all_figures_alone),
		cmocka_unit_test(times_are_not_compared_where_a_run_never_got_there),
		cmocka_unit_test(without_a_hot_set_nothing_is_said_of_one),
		cmocka_unit_test(the_parts_of_a_work_are_compared_too),
		cmocka_unit_test(a_part_that_one_side_lacks_is_no_difference),
	};

	return RUN_TESTS(tests);
}
