/* tierrun's parts that need no run: is what a workload prints JSON, which nodes are the two, what does one give, does a knob say what
 * was asked. */
#include "harness.h"

#include <fcntl.h>

#include "../../overlay/bench/tierrun.h"
#include "../../vmctl/report.h"

/* -- JSON ------------------------------------------------------------------------------------ */

static void what_is_json_is_taken(void **state)
{
	static const char *const good[] = {
		"{}", " { } \n", "{\"a\":1}", "{\"a\":[]}", "{\"a\":[1,2,{\"b\":null}],\"c\":true,\"d\":false}", "{\"a\":-0.5e-3}", "{\"a\":0}",
		"{\"a\":1E+9}", "{\"\":\"\"}", "{\"a\":\"\\u00e4\\\\\\\"\\/\\b\\f\\n\\r\\t\"}", "{\"a\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!tier_json_ok(good[i]))
			fail_msg("refused: %s", good[i]);
}

/* A result that has one of these in it could not be read by anybody. */
static void what_is_no_json_object_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "1", "[]", "\"a\"", "{", "}", "{}}", "{} {}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":[1,]}",
		"{\"a\":[1 2]}", "{\"a\":[1}", "{\"a\":01}", "{\"a\":0x10}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":-}",
		"{\"a\":nan}", "{\"a\":inf}", "{\"a\":-inf}", "{\"a\":truer}", "{\"a\":\"}", "{\"a\":\"\n\"}", "{\"a\":\"\\q\"}", "{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\\", "{\"a\":\"\\u1", "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xe2\x82\"}", "{\"a\":\"\xf5\x80\x80\x80\"}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (tier_json_ok(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

static void nothing_is_too_deep_or_too_short(void **state)
{
	char deep[20003] = "{\"a\":", whole[] = "{\"a\":[1,-2.5e3,{\"b\":\"\\u00e4\"}],\"c\":null}";

	(void)state;
	memset(deep + 5, '[', sizeof(deep) - 6);
	assert_false(tier_json_ok(deep));
	/* Cut anywhere, it is none; and nothing behind its end is read, which the sanitizer sees. */
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		char *part = strndup(whole, n);

		assert_false(tier_json_ok(part));
		assert_true(tier_json_number(part, "c") == 0);
		free(part);
	}
}

static void a_number_is_of_the_object_itself(void **state)
{
	const char *json = "{\"phases\":[{\"rate\":1}],\"text\":\"\\\"rate\\\":2\", \"rate\" : 3.5 ,\"rates\":4,\"word\":\"x\"}";

	(void)state;
	assert_true(tier_json_number(json, "rate") == 3.5);
	assert_true(tier_json_number(json, "rates") == 4);
	assert_true(tier_json_number(json, "word") == 0);
	assert_true(tier_json_number(json, "began_at") == 0);
	assert_true(tier_json_number("no object", "rate") == 0);
}

static void any_bytes_become_a_string_that_reads_back(void **state)
{
	static const char *const cases[][2] = {
		{ "plain", "\"plain\"" }, { "a\"b\\c", "\"a\\\"b\\\\c\"" }, { "1\n\t\x7f", "\"1\\u000a\\u0009\\u007f\"" },
		{ "\xc3\xa4", "\"\xc3\xa4\"" }, { "cut \xe2\x82", "\"cut \\ufffd\\ufffd\"" }, { "\xff", "\"\\ufffd\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = NULL;
		size_t n;
		FILE *f = open_memstream(&text, &n);

		tier_json_text(f, cases[i][0]);
		fclose(f);
		assert_string_equal(text, cases[i][1]);
		assert_true(tier_json_ok(keep("{\"a\":%s}", text)));
		free(text);
	}
}

/* -- Nodes, rooms and knobs, on a tree of files ----------------------------------------------- */

static void put(const char *path, const char *text)
{
	char *file = (char *)keep("%s%s", scratch, path), *slash = file + strlen(scratch);
	FILE *f;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		mkdir(file, 0755);
		*slash = '/';
	}
	f = fopen(file, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	bench_root = scratch;
}

/* node, its tier, its CPUs, has it memory */
static struct tier_nodes nodes_of(int n, const struct tier_node *v)
{
	struct tier_nodes nodes = { .n = n };

	memcpy(nodes.v, v, (size_t)n * sizeof(*v));
	return nodes;
}

static void the_two_nodes_are_chosen_by_tier_and_then_by_cpus(void **state)
{
	static const struct {
		struct tier_node v[4];
		int n, fast, slow, want_fast, want_slow;
	} cases[] = {
		{ { { 0, 4, "0-1", .memory = true }, { 1, 22, "", .memory = true } }, 2, -1, -1, 0, 1 },
		/* The next tier, and not the last; a node without memory is none. */
		{ { { 0, 4, "0-1", .memory = true }, { 1, 9, "", .memory = false }, { 2, 56, "", .memory = true }, { 3, 22, "", .memory = true } },
		  4, -1, -1, 0, 3 },
		/* Two sockets and CXL. */
		{ { { 0, 4, "0-1", .memory = true }, { 1, 4, "2-3", .memory = true }, { 2, 22, "", .memory = true } }, 3, -1, -1, 0, 2 },
		{ { { 0, 4, "0-1", .memory = true }, { 1, 4, "2-3", .memory = true }, { 2, 22, "", .memory = true } }, 3, 1, -1, 1, 2 },
		{ { { 0, 4, "0-1", .memory = true }, { 1, 4, "2-3", .memory = true } }, 2, -1, 1, 0, 1 },
		/* A kernel that knows no tiers. */
		{ { { 0, -1, "0-1", .memory = true }, { 1, -1, "", .memory = true } }, 2, -1, -1, 0, 1 },
		/* Two nodes with CPUs of one tier: neither is the slow one. */
		{ { { 0, 4, "0", .memory = true }, { 1, 4, "1", .memory = true } }, 2, -1, -1, 0, -1 },
		/* The one below the fast node that was given. */
		{ { { 0, 4, "0", .memory = true }, { 1, 5, "1", .memory = true }, { 2, 9, "", .memory = true } }, 3, 1, -1, 1, 2 },
		/* The first has CPUs and no memory. */
		{ { { 0, -1, "0-1", .memory = false }, { 1, 4, "2", .memory = true }, { 2, 8, "", .memory = true } }, 3, -1, -1, 1, 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tier_nodes nodes = nodes_of(cases[i].n, cases[i].v);
		int fast = cases[i].fast, slow = cases[i].slow;

		tier_nodes_choose(&nodes, &fast, &slow);
		if (fast != cases[i].want_fast || slow != cases[i].want_slow)
			fail_msg("case %zu: fast %d and slow %d", i, fast, slow);
	}
}

/* A node of two zones as /proc/zoneinfo shows it, and another node behind it. */
static const char zones[] =
	"Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 5\n"
	"  pages free     3000\n        boost    0\n        min      84\n        low      100\n        high     126\n        managed  3840\n"
	"        protection: (0, 1974, 1975, 1973)\n      nr_free_pages 3000\n  pagesets\n    cpu: 0\n              count: 30\n"
	"              high:  52\n              high_min: 52\n  node_unreclaimable:  0\n"
	"Node 0, zone    DMA32\n  pages free     100000\n        min      11071\n        low      12000\n        high     16605\n"
	"        managed  505532\n        protection: (0, 0, 0, 0)\n  pagesets\n    cpu: 0\n              count: 6000\n              high:  6919\n"
	"    cpu: 1\n              count: 3000\n              high:  6919\n"
	"Node 0, zone   Normal\n  pages free     7\n        low      0\n        managed  0\n        protection: (0, 0, 0, 0)\n"
	"Node 1, zone   Normal\n  pages free     500\n        low      600\n        managed  9000\n        protection: (0, 0, 0, 0)\n";

static void a_node_gives_what_is_above_the_low_watermark(void **state)
{
	const uint64_t dma = 3000 + 30 - 100 - 1975 - 30, dma32 = 100000 + 9000 - 12000 - 12000 / 3;

	(void)state;
	put("/proc/zoneinfo", zones);
	assert_int_equal(tier_node_room(0), (dma + dma32) * bench_page_size());
	assert_int_equal(tier_node_room(1), 0);
	assert_int_equal(tier_node_room(2), 0);
}

static void counters_that_the_kernel_lacks_are_absent(void **state)
{
	static struct tier_counters c;
	static struct tier_counts counts;

	(void)state;
	tier_counters_default(&c);
	assert_int_equal(c.n, 25);
	assert_int_equal(tier_counters_add(&c, "pgfault"), 0);
	put("/proc/vmstat", "nr_free_pages 1\nnuma_hit 18446744073709551614\npgfault 0\nnuma_hit_not 3\n");
	tier_counters_read(&c, &counts);
	for (int i = 0; i < c.n; i++)
		assert_true(counts.has[i] == (!strcmp(c.name[i], "numa_hit") || !strcmp(c.name[i], "pgfault")));
	assert_true(counts.v[0] == UINT64_MAX - 1);
	/* Again, by the lines that are known from the first time. */
	put("/proc/vmstat", "nr_free_pages 2\nnuma_hit 7\npgfault 8\nnuma_hit_not 3\n");
	tier_counters_read(&c, &counts);
	assert_true(counts.v[0] == 7 && counts.has[0]);
}

static void a_knob_is_what_was_asked_however_it_is_written(void **state)
{
	static const struct {
		const char *asked, *says;
		bool ok;
	} cases[] = {
		{ "1", "true", true },
		{ "1", "false", false },
		{ "0", "false", true },
		{ "7", "0x0007", true },
		{ "y", "0x0003", true },
		{ "y", "0x0000", false },
		{ "0x7", "0x0003", false },
		{ "madvise", "always [madvise] never", true },
		{ "madvise", "[always] madvise never", false },
		{ "10", "10", true },
		{ "10", "100", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (tier_says(cases[i].asked, cases[i].says) != cases[i].ok)
			fail_msg("%s, and it says %s", cases[i].asked, cases[i].says);
}

/* vmctl's table and the runner's counters are lists in two programs that share no code. */
static void the_usual_counters_are_those_of_the_report(void **state)
{
	struct tier_counters c;
	int n = 0;

	(void)state;
	tier_counters_default(&c);
	for (; notes_counters[n]; n++) {
		assert_true(n < c.n);
		assert_string_equal(notes_counters[n], c.name[n]);
	}
	assert_int_equal(n, c.n);
}

/* Made since it was looked: what the journal has is killed and removed at the end. */
static void a_cgroup_that_is_there_is_anothers(void **state)
{
	static const struct tier_settings none;
	char control[64] = "";
	bench_path path;
	bool found;

	(void)state;
	put("/sys/fs/cgroup/cgroup.subtree_control", "cpu memory\n");
	put("/sys/fs/cgroup/theirs/cgroup.kill", "0");
	put("/run/tierrun/lock", "");
	assert_int_equal(tier_journal_begin(&none, NULL), 0);
	assert_int_equal(tier_cgroup_make("theirs"), BENCH_FAILED);
	assert_contains(bench_last_error(), "/sys/fs/cgroup/theirs: it is there already");
	assert_int_equal(tier_journal_undo(&found), 0);
	bench_read(bench_at(path, "/sys/fs/cgroup/theirs/cgroup.kill"), control, sizeof(control));
	assert_string_equal(control, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_counters_are_those_of_the_report),
		cmocka_unit_test(what_is_json_is_taken),
		cmocka_unit_test(what_is_no_json_object_is_refused),
		cmocka_unit_test(nothing_is_too_deep_or_too_short),
		cmocka_unit_test(a_number_is_of_the_object_itself),
		cmocka_unit_test(any_bytes_become_a_string_that_reads_back),
		cmocka_unit_test(the_two_nodes_are_chosen_by_tier_and_then_by_cpus),
		cmocka_unit_test(a_node_gives_what_is_above_the_low_watermark),
		cmocka_unit_test(counters_that_the_kernel_lacks_are_absent),
		cmocka_unit_test(a_knob_is_what_was_asked_however_it_is_written),
		cmocka_unit_test(a_cgroup_that_is_there_is_anothers),
	};

	return RUN_TESTS(tests);
}
