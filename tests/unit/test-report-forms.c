/* vmctl report: the forms that it is written in. */
#include "report-sample.h"

#include "report-charts.h"
#include "report-content.h"
#include "report-data.h"
#include "report-plot.h"

static struct results list, others;
static struct report report, other;

#define DAMON "[{\"action\":\"migrate_hot\",\"source\":1,\"target\":0,\"sz_tried\":9437184,\"sz_applied\":8388608,\"nr_tried\":9,\"nr_applied\":8,\"qt_exceeds\":2}]"
#define LATENCIES "\"pages_begin\":null,\"sets\":[{\"bytes\":4096,\"ns_per_load\":1.5},{\"bytes\":8192,\"ns_per_load\":3}]"

/* The notes' four cases, one scheme beside, one run that failed, and a workload of latencies. */
static void make_report(void)
{
	for (int i = 1; i <= 3; i++) {
		add_sample(&list, (struct sample){ .repetition = i, .rate = 20e6 + i * 1e5, .run = "\"warm_up_secs\":0" });
		add_sample(&list, (struct sample){ .repetition = i, .rate = 25e6 + i * 1e5, .scheme = "damon", .damon = DAMON });
	}
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 18e6, .args = "5G --seconds 10", .notes = "[\"At the end kswapd had given node 1 up: a, b.\"]" });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 15e6, .ratio = "eat:6000MiB" });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 9e6, .args = "7G --seconds 10",
					   .status = "\"failed\",\"error\":\"a | b, \\\"c\\\" <i>\"," });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 4e6, .workload = "chase", .args = "8K", .scheme = "none", .pages = LATENCIES });
	report_make(&report, &list, NULL);
}

static void drop_report(void)
{
	report_free(&report);
	results_free(&list);
}

static const char *kept_text(char *text)
{
	strv_take(&kept, text);
	return text;
}

static void csv(void **state)
{
	(void)state;
	make_report();
	assert_golden("report.csv", kept_text(report_csv(&report)));
	drop_report();
}

static void json(void **state)
{
	(void)state;
	make_report();
	assert_golden("report.json", kept_text(report_json(&report, NULL)));
	drop_report();
}

static void markdown(void **state)
{
	struct doc d = { 0 };

	(void)state;
	make_report();
	content_page(&d, &report, NULL);
	assert_golden("report.md", kept_text(doc_markdown(&d)));
	doc_free(&d);
	drop_report();
}

static void notes_table(void **state)
{
	struct doc d = { 0 };

	(void)state;
	make_report();
	content_notes(&d, &report);
	assert_golden("report-notes.md", kept_text(doc_markdown(&d)));
	doc_free(&d);
	drop_report();
}

static void comparison(void **state)
{
	struct comparison c;
	struct doc d = { 0 };

	(void)state;
	make_report();
	for (int i = 1; i <= 3; i++) {
		add_sample(&others, (struct sample){ .repetition = i, .rate = 20e6 + i * 1e5 });
		add_sample(&others, (struct sample){ .repetition = i, .rate = 35e6 + i * 1e5, .scheme = "damon", .damon = DAMON });
		add_sample(&others, (struct sample){ .repetition = i, .rate = 1e6, .scheme = "hmsdk" });
	}
	add_sample(&others, (struct sample){ .repetition = 1, .rate = 99e6, .ratio = "eat:6000MiB" });
	report_make(&other, &others, &list);
	comparison_make(&c, &report, &other);
	part_comparison(&d, &c);
	assert_golden("report-against.md", kept_text(doc_markdown(&d)));
	comparison_free(&c);
	doc_free(&d);
	report_free(&other);
	results_free(&others);
	drop_report();
}

/* ---- the page ---- */

static void text_is_escaped_in_the_page(void **state)
{
	struct doc d = { 0 };
	const char *html;

	(void)state;
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1e6, .workload = "<script>alert(1)</script>", .args = "a&b \\u001b[31m",
					   .status = "\"failed\",\"error\":\"</td><img src=x>\"," });
	report_make(&report, &list, NULL);
	content_page(&d, &report, NULL);
	html = kept_text(doc_html(&d, "a </title> b"));
	assert_lacks(html, "<script");
	assert_lacks(html, "<img");
	assert_lacks(html, "\x1b");
	assert_contains(html, "&lt;script&gt;alert(1)");
	assert_contains(html, "<title>a &lt;/title&gt; b</title>");
	assert_contains(html, "&lt;/td&gt;&lt;img src=x&gt;");
	doc_free(&d);
	drop_report();
}

static void the_page_names_no_other_place(void **state)
{
	struct doc d = { 0 };
	const char *html;

	(void)state;
	make_report();
	content_page(&d, &report, NULL);
	html = kept_text(doc_html(&d, "x"));
	assert_lacks(html, "http");
	assert_lacks(html, "src=");
	assert_lacks(html, "@import");
	assert_lacks(html, "<td/>");
	assert_contains(html, "<a href=\"#provenance\">");
	assert_contains(html, "<h2 id=\"provenance\">");
	doc_free(&d);
	drop_report();
}

static void emulated_speed_is_told_wherever_a_time_stands(void **state)
{
	static const char *const parts[] = { "## Throughput", "## Counters", "## Latency", "## Every run" };
	struct doc d = { 0 };
	const char *md;

	(void)state;
	make_report();
	content_page(&d, &report, NULL);
	md = kept_text(doc_markdown(&d));
	for (size_t i = 0; i < COUNT(parts); i++) {
		const char *at = strstr(md, parts[i]), *end = at ? strstr(at + 3, "\n## ") : NULL;

		assert_non_null(at);
		assert_contains(keep("%.*s", end ? (int)(end - at) : 9999, at), "> Emulated memory has emulated speed");
	}
	for (size_t i = 0, n = 0; i < d.n; i++)
		if (d.v[i].kind == B_CHART && ++n && !str_starts(d.v[i].id, "chart-migrations"))
			assert_contains(d.v[i].text, "(emulated speed)");
	doc_free(&d);
	drop_report();
}

static void a_real_server_has_its_own_speed(void **state)
{
	struct doc d = { 0 };

	(void)state;
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1e6, .provenance = "\"host\":{\"name\":\"server\"}" });
	report_make(&report, &list, NULL);
	content_page(&d, &report, NULL);
	assert_lacks(kept_text(doc_markdown(&d)), "mulated");
	for (size_t i = 0; i < d.n; i++)
		if (d.v[i].kind == B_CHART)
			assert_lacks(d.v[i].text, "mulated");
	doc_free(&d);
	drop_report();
}

/* ---- charts ---- */

static void what_is_quoted_is_no_command(void **state)
{
	(void)state;
	assert_string_equal(kept_text(plot_quoted("it's `x` @y \"z\"")), "'it''s `x` @y \"z\"'");
	assert_string_equal(kept_text(plot_quoted("two\nlines\r\x1b")), "'two'.\"\\n\".'lines'");
}

static void names_in_a_picture_are_its_own(void **state)
{
	const char *svg = "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 8 8\"\n xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">"
		"<title>p</title><path id='a' stroke='black'/><use xlink:href='#a' fill=\"black\"/><g style=\"fill:url(#b)\"><text>id='a' black</text></g></svg>\nrest";

	(void)state;
	assert_string_equal(kept_text(plot_inline(svg, "c-1")),
			    "<svg id=\"c-1\" role=\"img\" aria-labelledby=\"c-1-caption\" \n viewBox=\"0 0 8 8\"\n  ><path id='c-1-a' stroke='currentColor'/>"
			    "<use href='#c-1-a' fill=\"currentColor\"/><g style=\"fill:url(#c-1-b)\"><text>id='a' black</text></g></svg>");
	/* what is defined stays where it is used, and only there; groups with nothing in them go */
	assert_string_equal(kept_text(plot_inline("<svg><defs><path id='x'/></defs><g a>\n</g>\n<g b>\n<path/></g></svg>", "c")),
			    "<svg id=\"c\" role=\"img\" aria-labelledby=\"c-caption\"><g b>\n<path/></g></svg>");
	assert_string_equal(kept_text(plot_inline("<svg><defs><path id='x'/></defs><use xlink:href='#x'/></svg><use/>", "c")),
			    "<svg id=\"c\" role=\"img\" aria-labelledby=\"c-caption\"><defs><path id='c-x'/></defs><use href='#c-x'/></svg>");
	assert_null(plot_inline("gnuplot failed", "c"));
	assert_null(plot_inline("<svg cut off", "c"));
}

static void a_scheme_keeps_its_colour(void **state)
{
	static const char *const schemes[] = { "damon", "hmsdk", "none", "autonuma", "autonuma+damon", "autonuma+hmsdk" };

	(void)state;
	for (size_t n = 1; n <= COUNT(schemes); n++) {
		for (size_t i = 0; i < n; i++)
			add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .scheme = schemes[i] });
		report_make(&report, &list, NULL);
		assert_string_equal(series_colour(&report, "damon"), "#009e73");
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < i; j++)
				assert_string_not_equal(series_colour(&report, schemes[i]), series_colour(&report, schemes[j]));
		drop_report();
	}
}

static void add_chase(const char *machine, const char *ratio, double ns, bool fast)
{
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 4e6, .workload = "chase", .args = "8K", .scheme = "none", .ratio = ratio,
		.run = keep("\"warm_up_secs\":0,\"machine\":\"%s\"", machine),
		.provenance = keep("\"qemu\":{\"accelerator\":\"tcg\"},\"fast_path\":%s", fast ? "true" : "false"),
		.pages = keep("\"pages_begin\":null,\"sets\":[{\"bytes\":4096,\"ns_per_load\":1.5},{\"bytes\":8192,\"ns_per_load\":%g}]", ns) });
}

/* With QEMU's fast path and without: lines of one chart, and what it costs in words. */
static void latencies_of_two_machines_share_a_chart(void **state)
{
	struct doc d = { 0 };

	(void)state;
	add_chase("cxl", "membind:0", 100, true);
	add_chase("cxl", "membind:1", 110, true);
	add_chase("cxl-x2", "membind:0", 200, false);
	add_chase("cxl-x2", "membind:1", 5000, false);
	report_make(&report, &list, NULL);
	charts_latency(&d, &report);
	assert_int_equal(d.n, 3);
	assert_string_equal(d.v[0].id, "chart-latency-1");
	assert_contains(d.v[0].text, "cxl: membind:1");
	assert_contains(d.v[0].text, "cxl-x2: membind:1");
	assert_contains(d.v[1].text, "cxl, chase 8K: of 8 KiB, a load from node 1 takes 110 ns, 1.10 times what one from node 0 takes.");
	assert_contains(d.v[2].text, "cxl-x2, chase 8K: of 8 KiB, a load from node 1 takes 5000 ns, 25.00 times what one from node 0 takes. This machine has CXL");
	doc_free(&d);
	drop_report();
}

/* Forty cases do not fit into one chart, and none gets lost. */
static void many_cases_make_more_charts(void **state)
{
	struct doc d = { 0 };
	size_t charts = 0, bars = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		add_sample(&list, (struct sample){ .repetition = 1, .rate = 1e6, .args = keep("%dG --seconds 10", i + 1) });
	report_make(&report, &list, NULL);
	charts_throughput(&d, &report);
	for (size_t i = 0; i < d.n; i++) {
		const char *at = strstr(d.v[i].text, "<< EOD\n");

		charts++;
		for (at = strchr(at, '\n') + 1; !str_starts(at, "EOD"); at = strchr(at, '\n') + 1)
			bars++;
		assert_string_equal(d.v[i].id, keep("chart-throughput-%zu", charts));
	}
	assert_int_equal(charts, 5);
	assert_int_equal(bars, 40);
	doc_free(&d);
	drop_report();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv),
		cmocka_unit_test(json),
		cmocka_unit_test(markdown),
		cmocka_unit_test(notes_table),
		cmocka_unit_test(comparison),
		cmocka_unit_test(text_is_escaped_in_the_page),
		cmocka_unit_test(the_page_names_no_other_place),
		cmocka_unit_test(emulated_speed_is_told_wherever_a_time_stands),
		cmocka_unit_test(a_real_server_has_its_own_speed),
		cmocka_unit_test(what_is_quoted_is_no_command),
		cmocka_unit_test(names_in_a_picture_are_its_own),
		cmocka_unit_test(a_scheme_keeps_its_colour),
		cmocka_unit_test(latencies_of_two_machines_share_a_chart),
		cmocka_unit_test(many_cases_make_more_charts),
	};

	return RUN_TESTS(tests);
}
