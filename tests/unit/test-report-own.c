/* vmctl report: what some workloads alone have: where a hot set was, and stream's loops. */
#include "report-sample.h"

#include "report-charts.h"
#include "report-content.h"
#include "report-data.h"

static struct results list;
static struct report report;

#define HOT_PAGES(begin, end) "\"hot_pages_begin\":" begin ",\"hot_pages_end\":" end
#define LOOK(at, fast, slow) "{\"at\":" #at ",\"secs\":5,\"work\":5,\"rate\":1,\"hot_pages_per_node\":{\"0\":" #fast ",\"1\":" #slow "}}"
#define NO_LOOK(at) "{\"at\":" #at ",\"secs\":5,\"work\":5,\"rate\":1,\"hot_pages_per_node\":null}"
#define STAYED HOT_PAGES("{\"1\":100}", "{\"0\":2,\"1\":98}")
#define CAME HOT_PAGES("{\"0\":10,\"1\":90}", "{\"0\":100}")

static void add_hot(int repetition, const char *pages, const char *intervals)
{
	add_sample(&list, (struct sample){ .repetition = repetition, .rate = 1e6, .pages = pages, .intervals = intervals });
}

static void drop(void)
{
	report_free(&report);
	results_free(&list);
}

/* What the rule says of the samples in the list, which then is empty; "": nothing. */
static const char *said(void)
{
	char *text;

	report_make(&report, &list, NULL);
	text = report.groups[0].n ? sentence_of("hot-set", &report.groups[0]) : NULL;
	drop();
	if (!text)
		return "";
	strv_take(&kept, text);
	return text;
}

static const char *said_of(const char *pages, const char *intervals)
{
	add_hot(1, pages, intervals);
	return said();
}

static void the_time_is_that_of_the_first_look_with_four_fifths(void **state)
{
	static const struct {
		const char *pages, *intervals;
		double secs, watched;
	} rows[] = {
		{ CAME, "[" LOOK(5, 79, 21) "," LOOK(10, 80, 20) "," LOOK(15, 10, 90) "," LOOK(20, 99, 1) "]", 10, 20 },
		{ CAME, "[" NO_LOOK(5) "," LOOK(15, 100, 0) "]", 15, 15 },
		/* nobody looked before the end */
		{ CAME, "[" NO_LOOK(5) "," NO_LOOK(15) "]", 10, 10 },
		{ STAYED, "[" LOOK(5, 1, 99) "," LOOK(15, 2, 98) "]", NAN, 15 },
		{ HOT_PAGES("{\"0\":80,\"1\":20}", "{\"0\":80,\"1\":20}"), "[" LOOK(5, 80, 20) "]", 0, 10 },
		/* where it was before it moved is another place */
		{ HOT_PAGES("{\"0\":100}", "{\"0\":90,\"1\":10}") ",\"moves\":[{\"at\":5,\"offset\":4096}]",
		  "[" LOOK(5, 100, 0) "," LOOK(8, 0, 100) "," LOOK(10, 90, 10) "]", 5, 5 },
		{ HOT_PAGES("null", "null"), "[" NO_LOOK(5) "]", NAN, NAN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sample s = { .repetition = 1, .rate = 1, .pages = rows[i].pages, .intervals = rows[i].intervals };
		cleanup(result_cleanup) struct result *r = sample(&s);
		double secs = hot_secs_until(r), watched = hot_secs_watched(r);

		if (secs != rows[i].secs && !(isnan(secs) && isnan(rows[i].secs)))
			fail_msg("row %zu: %g seconds, not %g", i, secs, rows[i].secs);
		if (watched != rows[i].watched && !(isnan(watched) && isnan(rows[i].watched)))
			fail_msg("row %zu: looked for %g seconds, not %g", i, watched, rows[i].watched);
	}
}

static void nonsense_is_not_known(void **state)
{
	static const char *const values[] = { "7", "\"x\"", "[]", "{}", "null", "[[1]]", "[{\"at\":[]}]", "{\"0\":{}}", "{\"0\":0}", "true", "1e999" };
	static const char *const keys[] = { "hot_pages_begin", "hot_pages_end", "moves", "kernels", "phases", "intervals" };

	(void)state;
	for (size_t k = 0; k < COUNT(keys); k++)
		for (size_t i = 0; i < COUNT(values); i++) {
			struct doc d = { 0 };

			add_hot(1, keep("\"x\":0,\"%s\":%s", keys[k], values[i]), k == COUNT(keys) - 1 ? "[{\"hot_pages_per_node\":[1]}]" : NULL);
			report_make(&report, &list, NULL);
			assert_true(isnan(report.groups[0].m[M_HOT_END].mean) && isnan(report.groups[0].m[M_HOT_SECS].mean));
			content_page(&d, &report, NULL);
			for (size_t b = 0; b < d.n; b++)
				assert_false(d.v[b].kind == B_HEADING && d.v[b].id && (!strcmp(d.v[b].id, "hot-set") || !strcmp(d.v[b].id, "kernels")));
			doc_free(&d);
			drop();
		}
}

static void shares_are_of_nodes_that_are_fast_by_their_tier(void **state)
{
	static const char *const one_node = "[{\"node\":0,\"cpus\":\"0-1\",\"total\":2147483648,\"tier\":4},{\"node\":1,\"cpus\":\"\",\"total\":0}]";
	struct sample s = { .repetition = 1, .rate = 1, .pages = HOT_PAGES("{\"0\":25,\"1\":75}", "{\"0\":100}") };
	cleanup(result_cleanup) struct result *two = sample(&s), *alike = NULL, *one = NULL, *none = NULL;

	(void)state;
	assert_true(hot_share_begin(two) == 0.25 && hot_share_end(two) == 1);
	/* where no node is slower than another it says nothing */
	s.nodes = ONE_TIER;
	alike = sample(&s);
	assert_true(isnan(hot_share_begin(alike)) && isnan(hot_share_end(alike)));
	s.nodes = one_node;
	one = sample(&s);
	assert_true(isnan(hot_share_begin(one)) && isnan(hot_secs_until(one)));
	s = (struct sample){ .repetition = 1, .rate = 1 };
	none = sample(&s);
	assert_true(isnan(hot_share_begin(none)) && isnan(hot_share_end(none)));
}

static void where_the_hot_set_went_is_said(void **state)
{
	(void)state;
	assert_string_equal(said_of(CAME, "[" LOOK(5, 79, 21) "," LOOK(15, 100, 0) "]"),
			    "The hot set came to the fast node: 100 % at the end, four fifths after 15 s (emulated speed).");
	assert_string_equal(said_of(STAYED, "[]"), "The hot set stayed on the slow node: 2 % of it on the fast node at the end.");
	assert_string_equal(said_of(HOT_PAGES("{\"0\":90,\"1\":10}", "{\"0\":85,\"1\":15}"), "[]"),
			    "The hot set was on the fast node from the beginning: 90 % then, 85 % at the end.");
	assert_string_equal(said_of(HOT_PAGES("{\"0\":10,\"1\":90}", "{\"0\":50,\"1\":50}"), "[]"),
			    "The hot set came in part to the fast node: 10 % at the beginning, 50 % at the end.");
	assert_string_equal(said_of(HOT_PAGES("{\"0\":40,\"1\":60}", "{\"0\":42,\"1\":58}"), "[]"),
			    "The hot set stayed in part on the fast node: 40 % at the beginning, 42 % at the end.");
	assert_string_equal(said_of(HOT_PAGES("{\"0\":90,\"1\":10}", "{\"0\":3,\"1\":97}"), "[]"),
			    "The hot set left the fast node: 90 % at the beginning, 3 % at the end.");
	assert_string_equal(said_of(HOT_PAGES("null", "null"), "[]"), "");
	assert_string_equal(said_of(NULL, "[]"), "");
}

static void of_a_hot_set_that_moved_only_its_new_place_counts(void **state)
{
	static const char moved[] = ",\"moves\":[{\"at\":2,\"offset\":4096}]";

	(void)state;
	assert_string_equal(said_of(keep("%s%s", HOT_PAGES("{\"0\":100}", "{\"0\":90,\"1\":10}"), moved), "[" LOOK(1, 100, 0) "," LOOK(8, 90, 10) "]"),
			    "The hot set moved while it ran, and came to the fast node: 90 % at the end, four fifths 6.0 s after it had moved (emulated speed).");
	assert_string_equal(said_of(keep("%s%s", HOT_PAGES("{\"0\":100}", "{\"1\":100}"), moved), "[" LOOK(1, 100, 0) "]"),
			    "The hot set moved while it ran, and was then on the slow node: 0 % of it on the fast node at the end.");
}

static void runs_that_never_got_there_are_told(void **state)
{
	(void)state;
	add_hot(1, CAME, "[" LOOK(4, 90, 10) "]");
	add_hot(2, CAME, "[" LOOK(8, 90, 10) "]");
	add_hot(3, HOT_PAGES("{\"1\":100}", "{\"0\":70,\"1\":30}"), "[" LOOK(4, 50, 50) "]");
	assert_string_equal(said(), "The hot set came to the fast node: 90 % at the end, four fifths after 6.0 s (emulated speed), in 2 of 3 runs; means of 3 runs.");
}

#define LOOPS(copy, triad) "\"pages_begin\":null,\"kernels\":[{\"name\":\"copy\",\"best_gb_per_sec\":9.5,\"avg_gb_per_sec\":" copy \
	",\"min_gb_per_sec\":1.25},{\"name\":\"triad\",\"best_gb_per_sec\":12,\"avg_gb_per_sec\":" triad ",\"min_gb_per_sec\":2}]"

/* Three that came, one scheme under which it stayed, one that nobody looked at, and two runs of stream. */
static void make_report(void)
{
	add_hot(1, CAME, "[" LOOK(5, 79, 21) "," LOOK(10, 80, 20) "]");
	add_hot(2, CAME, "[" LOOK(5, 90, 10) "," LOOK(10, 95, 5) "]");
	add_hot(3, HOT_PAGES("{\"0\":4,\"1\":96}", "{\"0\":70,\"1\":30}"), "[" LOOK(5, 60, 40) "]");
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1e6, .scheme = "none", .knobs = BALANCING("0"), .pages = STAYED });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1e6, .args = "2G", .pages = HOT_PAGES("{\"1\":100}", "null") });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1e9, .args = "3G", .workload = "stream", .pages = LOOPS("8", "9.75") });
	add_sample(&list, (struct sample){ .repetition = 2, .rate = 1e9, .args = "3G", .workload = "stream", .pages = LOOPS("7", "10.25") });
	report_make(&report, &list, NULL);
}

static void tables(void **state)
{
	struct doc d = { 0 };
	char *text;

	(void)state;
	make_report();
	part_hot(&d, &report);
	part_kernels(&d, &report);
	text = doc_markdown(&d);
	strv_take(&kept, text);
	assert_golden("report-own.md", text);
	doc_free(&d);
	drop();
}

static void the_page_has_them_and_programs_have_the_figures(void **state)
{
	struct doc d = { 0 };
	char *html, *csv, *json;

	(void)state;
	make_report();
	content_page(&d, &report, NULL);
	strv_take(&kept, html = doc_html(&d, "x"));
	strv_take(&kept, csv = report_csv(&report));
	strv_take(&kept, json = report_json(&report, NULL));
	assert_contains(html, "<h2 id=\"hot-set\">");
	assert_contains(html, "<h2 id=\"kernels\">");
	assert_contains(html, "The hot set stayed on the slow node");
	assert_contains(csv, "migrate_failed,hot_fast_begin,hot_fast_end,hot_fast_secs,");
	assert_contains(csv, ",10,0.1,1,10,");
	assert_contains(json, "\"hot_fast_secs\": {\n        \"n\": 2,\n        \"mean\": 7.5,");
	assert_contains(json, "\"rule\": \"hot-set\"");
	doc_free(&d);
	drop();
}

static const char *hot_chart(void)
{
	struct doc d = { 0 };
	char *text;

	make_report();
	charts_hot(&d, &report);
	assert_int_equal(d.n, 1);
	assert_string_equal(d.v[0].id, "chart-hot-1");
	text = xstrdup(d.v[0].text);
	strv_take(&kept, text);
	doc_free(&d);
	drop();
	return text;
}

static void a_chart_has_a_line_for_each_run_with_all_that_was_looked_at(void **state)
{
	const char *script = hot_chart();

	(void)state;
	assert_contains(script, "$h0_0 << EOD\n0 0\n10 2\nEOD\n");
	assert_contains(script, "$h1_0 << EOD\n0 10\n5 79\n10 80\nEOD\n");
	assert_contains(script, "$h1_2 << EOD\n0 4\n5 60\n10 70\nEOD\n");
	assert_contains(script, "$h2_0 << EOD\n0 0\nEOD\n");
	assert_lacks(script, "$h3_");
	/* one line of each combination is thick and has a name */
	assert_contains(script, "dt 1 pt 7 ps 0.35 lc rgb '#808080' title '1G --seconds 10, none'");
	assert_contains(script, "$h1_1 using 1:2 with linespoints lw 2 dt 1 pt 7 ps 0.35 lc rgb '#0072b2' title '1G --seconds 10, autonuma'");
	assert_contains(script, "$h1_0 using 1:2 with lines lw 1 dt 1 lc rgb '#600072b2' notitle,");
	assert_contains(script, "dt 2 pt 7 ps 0.35 lc rgb '#0072b2' title '2G, autonuma'");
	assert_contains(script, "emulated speed");
	assert_lacks(script, "it moved");
}

static void a_chart_says_when_the_hot_set_moved(void **state)
{
	struct doc d = { 0 };

	(void)state;
	add_hot(1, CAME ",\"moves\":[{\"at\":2.5,\"offset\":4096}]", "[" NO_LOOK(1) "," LOOK(5, 30, 70) "]");
	report_make(&report, &list, NULL);
	charts_hot(&d, &report);
	assert_int_equal(d.n, 1);
	assert_contains(d.v[0].text, "$h0_0 << EOD\n0 10\n5 30\n10 100\nEOD\n");
	assert_contains(d.v[0].text, "'it moved' at 2.5,");
	doc_free(&d);
	drop();
}

static void without_such_a_workload_there_is_no_table(void **state)
{
	struct doc d = { 0 };
	char *json;

	(void)state;
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1e6 });
	report_make(&report, &list, NULL);
	part_hot(&d, &report);
	part_kernels(&d, &report);
	part_phases(&d, &report);
	assert_int_equal(d.n, 0);
	strv_take(&kept, json = report_json(&report, NULL));
	assert_lacks(json, "hot_");
	assert_lacks(json, "phases");
	drop();
}

/* A server of one tier, on which the runner was told which node is slow, or took the one without processors. */
static void fast_and_slow_are_those_that_the_runner_took(void **state)
{
	struct sample s = { .repetition = 1, .rate = 1e6, .nodes = ONE_TIER, .pages = "\"hot_pages_begin\":{\"1\":100},\"hot_pages_end\":{\"0\":100}" };
	cleanup(result_cleanup) struct result *one = sample(&s), *told = NULL;

	(void)state;
	s.notes = "[],\"fast\":0,\"slow\":1";
	told = sample(&s);
	assert_false(node_is_slow(one, 1));
	assert_true(isnan(hot_share_end(one)));
	assert_true(node_is_slow(told, 1));
	assert_false(node_is_slow(told, 0));
	assert_near(hot_share_begin(told), 0);
	assert_near(hot_share_end(told), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_is_that_of_the_first_look_with_four_fifths),
		cmocka_unit_test(nonsense_is_not_known),
		cmocka_unit_test(shares_are_of_nodes_that_are_fast_by_their_tier),
		cmocka_unit_test(where_the_hot_set_went_is_said),
		cmocka_unit_test(of_a_hot_set_that_moved_only_its_new_place_counts),
		cmocka_unit_test(runs_that_never_got_there_are_told),
		cmocka_unit_test(tables),
		cmocka_unit_test(the_page_has_them_and_programs_have_the_figures),
		cmocka_unit_test(a_chart_has_a_line_for_each_run_with_all_that_was_looked_at),
		cmocka_unit_test(a_chart_says_when_the_hot_set_moved),
		cmocka_unit_test(without_such_a_workload_there_is_no_table),
		cmocka_unit_test(fast_and_slow_are_those_that_the_runner_took),
	};

	return RUN_TESTS(tests);
}
