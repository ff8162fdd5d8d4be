/* vmctl report: what the counters say. Of each rule, a run of which it holds, and one that is next to it and of which it does not. */
#include "report-sample.h"

#include "file.h"
#include "report-content.h"

static struct results list;
static struct report report;

/* The sentence of the rule about the samples; NULL: it does not hold. */
static const char *said_of(const char *rule, const struct sample *samples, size_t n)
{
	char *text;

	for (size_t i = 0; i < n; i++)
		add_sample(&list, samples[i]);
	report_make(&report, &list, NULL);
	assert_int_equal(report.n_groups, 1);
	text = sentence_of(rule, &report.groups[0]);
	report_free(&report);
	results_free(&list);
	if (text)
		strv_take(&kept, text);
	return text;
}

static const char *said(const char *rule, struct sample s)
{
	s.repetition = s.repetition ? s.repetition : 1;
	s.rate = s.rate ? s.rate : 1e6;
	return said_of(rule, &s, 1);
}

#define ZERO_END "\"pgpromote_success\":100,\"pgpromote_candidate\":100,\"pgdemote_kswapd\":100,\"pgdemote_direct\":100,\"pgscan_kswapd\":100," \
	"\"pgscan_direct\":100,\"numa_hint_faults\":100,\"numa_pte_updates\":100,\"pgmigrate_success\":100,\"pgmigrate_fail\":100"
#define HOT(tried, applied, exceeds) "[{\"action\":\"migrate_hot\",\"source\":1,\"target\":0,\"sz_tried\":" #tried ",\"sz_applied\":" #applied \
	",\"qt_exceeds\":" #exceeds "}]"

/* One row: of the first sample the rule says all that, of the second nothing. */
static const struct row {
	const char *rule, *says;
	struct sample holds, not;
} rows[] = {
	{ "one-tier", "No page could be promoted or demoted by the kernel: both nodes are in one tier (memory_tier4).",
	  { .nodes = ONE_TIER }, { .nodes = TWO_TIERS } },
	{ "balancing-off", "numa_balancing was 0", { .end = ZERO_END, .knobs = BALANCING("0") }, { .knobs = BALANCING("0") } },
	{ "balancing-off", "not asked to", { .end = ZERO_END, .knobs = BALANCING("0") }, { .end = ZERO_END, .knobs = BALANCING("2") } },
	{ "balancing-plain", "numa_balancing was 1", { .end = ZERO_END, .knobs = BALANCING("1") }, { .end = ZERO_END, .knobs = BALANCING("2") } },
	{ "not-counted", "does not count pgpromote_success", { .end = "\"pgmigrate_success\":100" }, { .end = ZERO_END } },
	{ "bound", "bound to node 0 (membind)", { .ratio = "membind:0" }, { .ratio = "1:2" } },
	{ "nothing-slow", "nothing to promote", { .pages = "\"pages_begin\":{\"0\":9},\"pages_end\":{\"0\":9}" },
	  { .pages = "\"pages_begin\":{\"0\":9,\"1\":1},\"pages_end\":{\"0\":9}" } },
	{ "nothing-slow", "nothing to promote", { .pages = "\"pages_begin\":{\"0\":9,\"1\":0},\"pages_end\":{\"0\":9}" },
	  { .pages = "\"pages_begin\":{\"0\":9},\"pages_end\":{\"0\":9}", .intervals = "[{\"at\":1,\"secs\":1,\"pages_per_node\":{\"1\":3}}]" } },
	{ "nothing-slow", "nothing to promote", { .pages = "\"pages_begin\":{\"0\":9},\"pages_end\":{\"0\":9}" },
	  { .pages = "\"pages_begin\":null,\"pages_end\":null" } },
	{ "no-hint-faults", "did not look at any page", { .end = ZERO_END }, { .end = ZERO_END, .scheme = "damon" } },
	{ "no-hint-faults", "none of them was touched again",
	  { .end = "\"pgpromote_success\":100,\"numa_hint_faults\":100,\"numa_pte_updates\":700" }, { .end = SAMPLE_END } },
	{ "kernel-moved", "The kernel promoted 1000 pages (3.9 MiB) and demoted 400 pages (1.6 MiB).", { 0 }, { .end = ZERO_END } },
	{ "kernel-moved", "The kernel promoted 1 page (4 KiB).", { .end = "\"pgpromote_success\":101" }, { .end = "\"pgpromote_success\":100" } },
	{ "free-room", "More pages were promoted than were candidates (1000 and 900)", { 0 },
	  { .end = "\"pgpromote_success\":1100,\"pgpromote_candidate\":1100" } },
	{ "rate-limit", "Of 9900 pages that were hot enough (pgpromote_candidate) 1000 were promoted",
	  { .end = "\"pgpromote_success\":1100,\"pgpromote_candidate\":10000" }, { .end = "\"pgpromote_success\":1100,\"pgpromote_candidate\":1500" } },
	{ "demotion-off", "demotion_enabled was off", { .end = ZERO_END, .knobs = "[{\"name\":\"demotion_enabled\",\"during\":\"false\"}]" },
	  { .end = ZERO_END, .knobs = "[{\"name\":\"demotion_enabled\",\"during\":\"true\"}]" } },
	{ "no-pressure", "no node ran short of memory", { .end = ZERO_END }, { .end = "\"pgdemote_kswapd\":100,\"pgscan_kswapd\":101,\"pgscan_direct\":100" } },
	{ "damon-moved", "DAMON moved 65536 pages (256 MiB) to faster memory, by its schemes' own count (sz_applied).",
	  { .scheme = "damon", .end = ZERO_END, .damon = HOT(300000000, 268435456, 0) }, { .scheme = "damon", .damon = HOT(5, 0, 0) } },
	{ "damon-zero", "pgpromote_success is rightly 0", { .scheme = "damon", .end = ZERO_END, .damon = HOT(300000000, 268435456, 0) },
	  { .scheme = "autonuma+damon", .end = ZERO_END, .damon = HOT(300000000, 268435456, 0) } },
	{ "damon-idle", "no region had the access pattern", { .scheme = "damon", .damon = HOT(0, 0, 0) }, { .scheme = "damon", .damon = HOT(4096, 4096, 0) } },
	{ "damon-idle", "it found 8 KiB that its schemes look for, and none of it could be moved", { .scheme = "damon", .damon = HOT(8192, 0, 0) },
	  { .scheme = "damon" } },
	{ "damon-quota", "DAMON's quota held back work 7 times", { .scheme = "hmsdk", .damon = HOT(9, 9, 7) }, { .scheme = "hmsdk", .damon = HOT(9, 9, 0) } },
	{ "damon-absent", "what DAMON did is not known", { .scheme = "hmsdk" }, { .scheme = "autonuma" } },
	{ "many-failed", "50 % of all page migrations failed (pgmigrate_fail 1000)", { .end = "\"pgmigrate_success\":1100,\"pgmigrate_fail\":1100" },
	  { .end = "\"pgmigrate_success\":1100,\"pgmigrate_fail\":150" } },
	{ "contradiction", "1000 pages were promoted and 400 demoted, which pgmigrate_success has as 1399 only",
	  { .end = "\"pgpromote_success\":1100,\"pgdemote_kswapd\":500,\"pgdemote_direct\":100,\"pgmigrate_success\":1499" },
	  { .end = "\"pgpromote_success\":1100,\"pgdemote_kswapd\":500,\"pgdemote_direct\":100,\"pgmigrate_success\":1500" } },
	{ "gaps", "The samples have 1 gap, the longest of 4.0 s where one was due every 1.0 s", { .samples = "[{\"at\":0},{\"at\":1},{\"at\":5},{\"at\":6}]" },
	  { .samples = "[{\"at\":0},{\"at\":1},{\"at\":3},{\"at\":4}]" } },
	{ "no-warm-up", "without its warm-up of 9.0 s", { .run = "\"warm_up_secs\":9", .intervals = "[{\"at\":1,\"secs\":1,\"work\":1,\"rate\":1}]" },
	  { .run = "\"warm_up_secs\":0.5", .intervals = "[{\"at\":1,\"secs\":0.5,\"work\":1,\"rate\":1}]" } },
	{ "no-warm-up", "notes no intervals", { .run = "\"warm_up_secs\":9" }, { .run = "\"warm_up_secs\":0" } },
	{ "knob-refused", "numa_balancing was to be 2 and was 0 while it ran.",
	  { .knobs = "[{\"name\":\"numa_balancing\",\"asked\":\"2\",\"during\":\"0\"}]" }, { .knobs = BALANCING("2") } },
	{ "knob-refused", "lru_gen_enabled was to be y and was 0x0000", { .knobs = "[{\"name\":\"lru_gen_enabled\",\"asked\":\"y\",\"during\":\"0x0000\"}]" },
	  { .knobs = "[{\"name\":\"lru_gen_enabled\",\"asked\":\"y\",\"during\":\"0x0007\"},{\"name\":\"demotion_enabled\",\"asked\":\"1\",\"during\":\"true\"},"
		     "{\"name\":\"thp_enabled\",\"asked\":\"never\",\"during\":\"always madvise [never]\"},{\"name\":\"x\",\"asked\":\"\",\"during\":\"3\"}]" } },
	{ "knob-left", "numa_balancing was 0 before the run and is 2 after it", { .knobs = "[{\"name\":\"numa_balancing\",\"before\":\"0\",\"after\":\"2\"}]" },
	  { .knobs = BALANCING("2") } },
};

static void each_rule_holds_of_one_and_not_of_the_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *yes = said(rows[i].rule, rows[i].holds), *no = said(rows[i].rule, rows[i].not);

		if (!yes || !strstr(yes, rows[i].says))
			fail_msg("%s says '%s', not '%s'", rows[i].rule, yes ? yes : "nothing", rows[i].says);
		if (no)
			fail_msg("%s says of the other: %s", rows[i].rule, no);
	}
}

static void figures_of_several_runs_are_means(void **state)
{
	const struct sample two[] = {
		{ .repetition = 1, .rate = 1e6, .end = "\"pgpromote_success\":200" }, { .repetition = 2, .rate = 1e6, .end = "\"pgpromote_success\":400" },
	};

	(void)state;
	assert_string_equal(said_of("kernel-moved", two, 2), "The kernel promoted 200 pages (800 KiB) in the mean of 2 runs.");
}

static void a_zero_is_one_of_all_runs(void **state)
{
	const struct sample two[] = {
		{ .repetition = 1, .rate = 1e6, .end = ZERO_END, .knobs = BALANCING("0") },
		{ .repetition = 2, .rate = 1e6, .end = SAMPLE_END, .knobs = BALANCING("0") },
	};

	(void)state;
	assert_null(said_of("balancing-off", two, 2));
}

static void failures_and_mixtures_are_told(void **state)
{
	const struct sample bad[] = { { .repetition = 1, .rate = 1e6 }, { .repetition = 2, .rate = 1e6, .status = "\"failed\"," } };
	const struct sample good[] = { { .repetition = 1, .rate = 1e6 }, { .repetition = 2, .rate = 1e6 } };
#define PATH(tierlab, fast) "\"qemu\":{\"version\":\"11.1.3\",\"accelerator\":\"tcg\"},\"tierlab\":\"" tierlab "\",\"fast_path\":" fast
	const struct sample emulated[] = { { .repetition = 1, .rate = 1e6, .provenance = PATH("0.1", "true") }, { .repetition = 2, .rate = 1e6, .provenance = PATH("0.2", "false") } };
	const struct sample unknown[] = { { .repetition = 1, .rate = 1e6, .provenance = PATH("0.1", "null") }, { .repetition = 2, .rate = 1e6, .provenance = PATH("0.1", "true") } };
	const struct sample mixed[] = { { .repetition = 1, .rate = 1e6 },
		{ .repetition = 2, .rate = 1e6, .provenance = "\"qemu\":{\"version\":\"12\",\"accelerator\":\"tcg\"},\"image\":{\"sha256\":\"ff\"}" } };

	(void)state;
	assert_contains(said_of("some-failed", bad, 2), "1 of 2 runs is not done");
	assert_null(said_of("some-failed", good, 2));
	assert_contains(said_of("mixed", mixed, 2), "(image, QEMU)");
	assert_contains(said_of("mixed", emulated, 2), "(tierlab, fast path)");
	assert_null(said_of("mixed", unknown, 2));
	assert_null(said_of("mixed", good, 2));
}

static void the_same_words_stand_once(void **state)
{
	struct sentences s;
	size_t balancing = 0;

	(void)state;
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .end = ZERO_END, .knobs = BALANCING("0") });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .end = ZERO_END, .knobs = BALANCING("0"), .args = "5G --seconds 10" });
	report_make(&report, &list, NULL);
	sentences_make(&s, &report);
	for (size_t i = 0; i < s.n; i++)
		if (!strcmp(s.v[i].rule, "balancing-off")) {
			balancing++;
			assert_int_equal(s.v[i].labels.n, 2);
			assert_string_equal(s.v[i].labels.v[1], "gups 5G");
			assert_false(s.v[i].warning);
		}
	assert_int_equal(balancing, 1);
	sentences_free(&s);
	report_free(&report);
	results_free(&list);
}

/* ---- the runner's notes ---- */

#define WOKEN "kswapd had given node 0 up after an earlier run; it was woken before this one."
#define LEFT "kswapd had given node 0 up after an earlier run, and was not woken: nothing makes room there for promotion. " \
	"Reboot before you trust this run."
#define AT_END "At the end kswapd had given node 1 up: it found nothing there that it could free or demote."
#define UNTUNED "This kernel does not tune DAMON's intervals and quotas (Linux 6.16 does): damon is the same as hmsdk here."

static const char *page(void)
{
	struct doc d = { 0 };
	char *text;

	report_make(&report, &list, NULL);
	part_sentences(&d, &report);
	strv_take(&kept, text = doc_markdown(&d));
	doc_free(&d);
	report_free(&report);
	results_free(&list);
	return text;
}

static void a_runs_notes_are_told_with_whose_they_are(void **state)
{
	const char *text;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		add_sample(&list, (struct sample){ .repetition = i, .rate = 1, .scheme = "damon", .notes = "[\"" UNTUNED "\"]",
						   .status = i == 3 ? "\"failed\"," : NULL });
		add_sample(&list, (struct sample){ .repetition = i, .rate = 1, .notes = i == 2 ? "[\"" LEFT "\",\"" AT_END "\"]" : "[\"" WOKEN "\"]" });
	}
	text = page();
	assert_contains(text, "- **Mind:** " UNTUNED " (the runner's own note: gups 1G --seconds 10, damon)\n");
	assert_contains(text, "- **Mind:** " LEFT " (the runner's own note: gups 1G --seconds 10, autonuma, 1 of 3 runs)\n");
	assert_contains(text, "- **Mind:** " AT_END " (the runner's own note: gups 1G --seconds 10, autonuma, 1 of 3 runs)\n");
	assert_contains(text, "- " WOKEN " (the runner's own note: gups 1G --seconds 10, autonuma, 2 of 3 runs)\n");
	assert_true(strstr(text, AT_END) < strstr(text, WOKEN));
}

static void a_note_of_all_runs_names_none(void **state)
{
	(void)state;
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .notes = "[\"" AT_END "\"]" });
	assert_contains(page(), "- **Mind:** " AT_END " (the runner's own note)\n");
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .notes = "[\"" AT_END "\"]" });
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .notes = "[\"" AT_END "\"]", .scheme = "none" });
	assert_contains(page(), "- **Mind:** " AT_END " (the runner's own note: all combinations)\n");
	add_sample(&list, (struct sample){ .repetition = 1, .rate = 1, .notes = "[\"" AT_END "\"]" });
	add_sample(&list, (struct sample){ .repetition = 2, .rate = 1 });
	assert_contains(page(), "- **Mind:** " AT_END " (the runner's own note: gups 1G --seconds 10, 1 of 2 runs)\n");
}

/* The marks are taken from the words, which are tierrun's. */
static void the_notes_are_worded_as_the_runner_words_them(void **state)
{
	static const char *const words[][2] = {
		{ "overlay/bench/tierrun-kswapd.c", "and was not woken" }, { "overlay/bench/tierrun-go.c", "At the end kswapd had given node" },
		{ "overlay/bench/tierrun-go.c", "This kernel does not tune DAMON" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		char *source = file_read(words[i][0], 1 << 20, NULL, &why);

		if (!source)
			fail_msg("%s", why.msg);
		strv_take(&kept, source);
		assert_contains(source, words[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_holds_of_one_and_not_of_the_other),
		cmocka_unit_test(figures_of_several_runs_are_means),
		cmocka_unit_test(a_zero_is_one_of_all_runs),
		cmocka_unit_test(failures_and_mixtures_are_told),
		cmocka_unit_test(the_same_words_stand_once),
		cmocka_unit_test(a_runs_notes_are_told_with_whose_they_are),
		cmocka_unit_test(a_note_of_all_runs_names_none),
		cmocka_unit_test(the_notes_are_worded_as_the_runner_words_them),
	};

	return RUN_TESTS(tests);
}
