/* The screen that `make lab` ends with. */
#include "sample.h"

#include "../../vmctl/summary.h"

static const char *summary(struct sample *s, const char *report, const char *mtree, size_t n)
{
	static const struct node_gups gups[] = { { 0, 0.00345 }, { 1, 0.00339 } };
	struct look l = { .m = s->m, .man = s->man, .host = s->host, .mtree = (char *)mtree };
	char *text;

	view_parse(&l.view, report);
	text = summary_text(&l, gups, n, "build/vmctl");
	view_free(&l.view);
	strv_take(&kept, text);
	return text;
}

static void a_newcomer_sees_all_of_it(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	assert_golden("summary-cxl-small.txt", summary(&s, sample_report(), SAMPLE_MTREE, 2));
	sample_free(&s);
}

static void both_nodes_are_named_with_size_and_tier(void **state)
{
	const char *text;
	struct sample s;

	(void)state;
	sample_make(&s);
	text = summary(&s, sample_report(), SAMPLE_MTREE, 2);
	assert_contains(text, "node 0      2 GiB, CPUs 0-1, memory tier 4\n");
	assert_contains(text, "node 1      1 GiB, no CPU, memory tier 22, CXL\n");
	sample_free(&s);
}

static void a_missing_fast_path_is_said_loudly(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	assert_contains(summary(&s, sample_report(), "", 2), "NO fast path: slow memory in 1 of 1 regions");
	sample_free(&s);
}

static void gups_that_were_not_measured_are_left_out(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s);
	assert_lacks(summary(&s, sample_report(), SAMPLE_MTREE, 0), "GUPS");
	assert_lacks(summary(&s, sample_report(), SAMPLE_MTREE, 1), "over");
	sample_free(&s);
}

static void a_machine_without_cxl_has_no_word_of_it(void **state)
{
	const char *text;
	struct sample s;

	(void)state;
	sample_make_from(&s, put_file("plain.yaml", "image: x\nmemory: 2GiB\n"));
	text = summary(&s, sample_report(), "", 0);
	assert_lacks(text, "fast path");
	assert_lacks(text, "region");
	assert_lacks(text, "; \n");
	sample_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_newcomer_sees_all_of_it),
		cmocka_unit_test(both_nodes_are_named_with_size_and_tier),
		cmocka_unit_test(a_missing_fast_path_is_said_loudly),
		cmocka_unit_test(gups_that_were_not_measured_are_left_out),
		cmocka_unit_test(a_machine_without_cxl_has_no_word_of_it),
	};

	return RUN_TESTS(tests);
}
