/* Experiments: what a file may say, and the runs that come of it. */
#include <math.h>

#include "harness.h"

#include "bench-estimate.h"
#include "matrix.h"
#include "../../overlay/bench/tierrun.h"

static struct experiment *load(const char *text)
{
	why = (struct err){ "" };
	return experiment_load(put_file("x.yaml", text), &why);
}

static struct experiment *loaded(const char *text)
{
	struct experiment *x = load(text);

	if (!x)
		fail_msg("%s", why.msg);
	return x;
}

/* The labels of all runs, a line each. */
static const char *labels(const char *text)
{
	struct experiment *x = loaded(text);
	const char *all = "";
	struct matrix m;

	matrix_make(&m, x);
	for (size_t i = 0; i < m.n; i++)
		all = keep("%s%s\n", all, m.v[i].label);
	matrix_free(&m);
	experiment_free(x);
	return all;
}

/* The words of tierrun for the first run. */
static const char *command(const char *text)
{
	struct experiment *x = loaded(text);
	auto_strv argv = { 0 };
	const char *all = "";
	struct matrix m;

	matrix_make(&m, x);
	matrix_command(&m, &m.v[0], NULL, &argv);
	for (size_t i = 0; i < argv.n; i++)
		all = keep("%s%s%s", all, i ? " " : "", argv.v[i]);
	matrix_free(&m);
	experiment_free(x);
	return all;
}

static void refused(const char *text, const char *message)
{
	struct experiment *x = load(text);

	if (x)
		fail_msg("accepted: %s", text);
	assert_contains(why.msg, message);
	assert_int_equal(why.status, 4);
}

static void one_workload_is_one_run(void **state)
{
	(void)state;
	assert_string_equal(labels("workloads: gups 256M\n"), "gups-256M-none-r1\n");
	assert_string_equal(command("workloads: gups 256M\n"), "--scheme none --interval 1000ms --seed 1 -- gups 256M");
}

static void every_list_is_a_dimension(void **state)
{
	(void)state;
	assert_string_equal(labels("workloads: [gups 1G, btree 1G]\nschemes: [none, autonuma]\nthreads: [1, 2]\n"),
			    "gups-1G-none-t1-r1\ngups-1G-autonuma-t1-r1\ngups-1G-none-t2-r1\ngups-1G-autonuma-t2-r1\n"
			    "btree-1G-none-t1-r1\nbtree-1G-autonuma-t1-r1\nbtree-1G-none-t2-r1\nbtree-1G-autonuma-t2-r1\n");
}

static void repetitions_are_outermost(void **state)
{
	(void)state;
	assert_string_equal(labels("workloads: [gups 1G, stream 1G]\nrepetitions: 2\n"),
			    "gups-1G-none-r1\nstream-1G-none-r1\ngups-1G-none-r2\nstream-1G-none-r2\n");
}

static void a_dimension_that_a_workload_lacks_makes_no_further_runs(void **state)
{
	(void)state;
	assert_string_equal(labels("workloads: [chase 1G]\nthreads: [1, 2]\nskews: [uniform, zipf:0.9]\n"), "chase-1G-none-t1-r1\nchase-1G-none-t2-r1\n");
	assert_string_equal(labels("workloads: [gups 1G]\nschemes: [none, hmsdk]\nscopes: [cgroup, global]\n"),
			    "gups-1G-none-r1\ngups-1G-hmsdk-cgroup-r1\ngups-1G-hmsdk-global-r1\n");
}

static void a_case_has_its_own_values_and_else_the_experiments(void **state)
{
	(void)state;
	assert_string_equal(labels("schemes: [autonuma]\nworkloads: [gups 1G]\ncases:\n  - name: plain\n  - {name: eaten, ratios: \"eat:6000MiB\"}\n"
				   "  - {name: both, schemes: autonuma+hmsdk, scopes: global}\n"),
			    "plain-gups-1G-autonuma-r1\neaten-gups-1G-autonuma-eat-6000MiB-r1\nboth-gups-1G-autonuma+hmsdk-global-r1\n");
}

static void tierrun_is_told_all_of_it(void **state)
{
	(void)state;
	assert_string_equal(command("workloads: gups 1G --hot-frac 0.1\nschemes: hmsdk\nratios: [1:2]\nthreads: [2]\nskews: [zipf:0.99]\nknobs: "
				    "{numa_balancing: 2}\ncounters: [pgfault]\ninterval: 500ms\nwarm-up: 5s\ntimeout: 2m\nseed: 7\n"),
			    "--scheme hmsdk --scope cgroup --ratio 1:2 --knob numa_balancing=2 --counter pgfault --interval 500ms --warm-up 5000ms "
			    "--timeout 120000ms --seed 7 -- gups 1G --hot-frac 0.1 --threads 2 --skew zipf:0.99");
	assert_contains(command("workloads: stream 1G\nratios: [membind:1]\n"), "--membind 1 --interval 1000ms -- stream 1G");
	assert_contains(command("workloads: stream 1G\nratios: [\"eat:6000MiB\"]\n"), "--eat fast:6000MiB ");
}

static void ids_are_of_all_that_a_run_depends_on(void **state)
{
	static const char *const texts[] = {
		"workloads: gups 1G\n", "workloads: gups 2G\n", "workloads: gups 1G\nschemes: autonuma\n", "workloads: gups 1G\nratios: [1:1]\n",
		"workloads: gups 1G\nseed: 2\n", "workloads: gups 1G\nknobs: {swappiness: 1}\n", "workloads: gups 1G\ncounters: [pgfault]\n",
		"workloads: gups 1G\ninterval: 2s\n", "workloads: gups 1G\nwarm-up: 2s\n", "workloads: gups 1G\nthreads: 1\n",
	};
	char ids[COUNT(texts) + 1][17];

	(void)state;
	for (size_t i = 0; i <= COUNT(texts); i++) {
		struct experiment *x = loaded(texts[i % COUNT(texts)]);
		const char *where[] = { "machine", i == COUNT(texts) ? "other" : "image", NULL };
		struct matrix m;

		matrix_make(&m, x);
		matrix_identify(&m, where);
		memcpy(ids[i], m.v[0].id, sizeof(ids[i]));
		matrix_free(&m);
		experiment_free(x);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(ids[i], ids[k]);
	}
}

static void a_wrong_value_is_named_with_its_place(void **state)
{
	(void)state;
	refused("schemes: none\n", "nothing to run");
	refused("workloads: [gups 1G, gupps 1G]\n", "x.yaml:1:22: 'gupps' is not a workload (did you mean 'gups'?)");
	refused("workloads: gups 1G --threads 4\n", "--threads is not for a workload's own words here");
	refused("workloads: gups 1G --hot-frac 0.1 --thr=4\n", "--threads is not for a workload's own words here");
	refused("workloads: gups 1G; reboot'\n", "plain words");
	refused("workloads: gups 1G\nschemes: [nona]\n", "x.yaml:2:11: 'nona' is not a scheme (did you mean 'none'?)");
	refused("workloads: gups 1G\nschemes: [none+damon]\n", "each scheme once, and none by itself");
	refused("workloads: gups 1G\nschemes: [damon+damon]\n", "each scheme once");
	refused("workloads: gups 1G\nschemes: [hmsdk+damon]\n", "one of the two");
	refused("workloads: gups 1G\nschemes: ['+']\n", "a scheme is missing beside the +");
	refused("workloads: gups 1G\nschemes: [autonuma+]\n", "x.yaml:2:11: 'autonuma+': a scheme is missing beside the +");
	refused("workloads: [gups 1G, gups  1G]\n", "single blanks");
	refused("workloads: phases --repeat 2 a.masim\n", "phases needs a file, which comes first");
	refused("workloads: phases\n", "phases needs a file");
	refused("workloads: ['gups 8M ']\n", "single blanks");
	refused("workloads: gups 1G\nknobs: {scan_size_mb: 0}\n", "the kernel divides by it");
	refused("workloads: gups 1G\nknobs: {swappiness: ''}\n", "swappiness has no value");
	refused("workloads: gups 1G\ncounters: [pgfault, '']\n", "x.yaml:2:21: '' can't be a counter");
	refused("workloads: gups 1G\nknobs:\n  swappiness: 1\n  swapiness: 2\n", "x.yaml:4:3: 'swapiness' is not a knob (did you mean 'swappiness'?)");
	refused("workloads: gups 1G\nschemes: [none, none]\n", "'none' stands twice in schemes");
	refused("workloads: gups 1G\nscopes: [process]\n", "'process' is not a scope");
	for (const char *const *r = (const char *const[]){ "0:1", "1", "1:", ":1", "1:2:3", "membind:", "membind:x", "eat:", "eat:6000M", "eat:-1MiB", "eat:0MiB", "eat:512B", "00:1", "-1:2", NULL }; *r; r++)
		refused(keep("workloads: gups 1G\nratios: ['%s']\n", *r), "x.yaml:2:10: '");
	for (const char *const *t = (const char *const[]){ "0", "-1", "two", "1.5", "9999999999999999999999", NULL }; *t; t++)
		refused(keep("workloads: gups 1G\nthreads: [%s]\n", *t), "is not a number of threads");
	for (const char *const *k = (const char *const[]){ "zipf", "zipf:", "zipf:0", "zipf:-1", "zipf:9", "zipf:nan", "zipf:0x1", "zipf: 1", "zipf:+1", "selfsimilar:0.6", "selfsimilar:0.2x", "pareto:1", NULL }; *k; k++)
		refused(keep("workloads: gups 1G\nskews: ['%s']\n", *k), "is not a skew");
	refused("workloads: gups 1G\ninterval: 10ms\n", "take 100ms or more");
	refused("workloads: gups 1G\nwarm-up: 2001h\n", "x.yaml:2:10: that is longer than any run: take 2000h at most");
	refused("cases:\n  - name: a\n", "case 'a' has no workloads");
	refused("workloads: gups 1G\ncases:\n  - name: a\n  - name: a\n", "two cases are called 'a'");
	refused("workloads: gups 1G\nrepetitions: 0\n", "repetitions");
	refused("workload: gups 1G\n", "did you mean 'workloads'?");
}

static void what_gups_takes_is_taken(void **state)
{
	(void)state;
	for (const char *const *k = (const char *const[]){ "zipf:0.99", "zipf:5", "selfsimilar:0.5", "uniform", NULL }; *k; k++)
		experiment_free(loaded(keep("workloads: gups 1G\nskews: ['%s']\n", *k)));
}

static void knobs_are_those_of_the_runner(void **state)
{
	size_t n = 0;

	(void)state;
	for (; knob_names[n] && tier_knob_name(n); n++)
		assert_string_equal(knob_names[n], tier_knob_name(n));
	assert_null(knob_names[n]);
	assert_null(tier_knob_name(n));
}

#define GIB_AND_HALF "# x\na, 1073741824\nb , 536870912, none\n\n\n# y\nfirst\n2000\na, 1, 4096, 1, ro\n \t\nsecond\n#z\n 3500\nb, 0, 4096, 1\n"

static void a_guess_of_the_time_is_from_the_words_and_the_file(void **state)
{
	static const struct {
		const char *words, *pattern;
		double seconds;
	} rows[] = {
		{ "gups 1G", NULL, 4 + 12 + 10 },
		{ "gups 512M --seconds 5", NULL, 4 + 6 + 5 },
		{ "gups 512MiB --seconds=500ms", NULL, 4 + 6 + 0.5 },
		{ "phases x.masim", NULL, 4 + 10 },
		{ "phases x.masim", GIB_AND_HALF, 4 + 18 + 5.5 },
		{ "phases x.masim --repeat 3", GIB_AND_HALF, 4 + 18 + 16.5 },
		{ "phases x.masim --repeat=3 --seconds 12", GIB_AND_HALF, 4 + 18 + 12 },
		{ "phases x.masim --seconds 40", GIB_AND_HALF, 4 + 18 + 5.5 },
		/* what is no pattern tells nothing */
		{ "phases x.masim --seconds 7", "nonsense", 4 + 7 },
		{ "phases x.masim", "a,nan\n\np\n1e999\n", 4 + 10 },
		{ "phases x.masim", "", 4 + 10 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		double s = estimate_seconds(rows[i].words, rows[i].pattern);

		if (fabs(s - rows[i].seconds) > 1e-9)
			fail_msg("row %zu: %g seconds, not %g", i, s, rows[i].seconds);
	}
}

static void what_comes_with_tierlab_is_right(void **state)
{
	struct strv names = { 0 };

	(void)state;
	assert_int_equal(list_dir("recipes/experiments", ".yaml", &names, &why), 0);
	assert_true(names.n >= 2);
	for (size_t i = 0; i < names.n; i++) {
		struct experiment *x = experiment_load(keep("recipes/experiments/%s.yaml", names.v[i]), &why);

		if (!x)
			fail_msg("%s", why.msg);
		assert_true(x->n_machines > 0);
		assert_non_null(x->about);
		experiment_free(x);
	}
	strv_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_workload_is_one_run),
		cmocka_unit_test(every_list_is_a_dimension),
		cmocka_unit_test(repetitions_are_outermost),
		cmocka_unit_test(a_dimension_that_a_workload_lacks_makes_no_further_runs),
		cmocka_unit_test(a_case_has_its_own_values_and_else_the_experiments),
		cmocka_unit_test(tierrun_is_told_all_of_it),
		cmocka_unit_test(ids_are_of_all_that_a_run_depends_on),
		cmocka_unit_test(a_wrong_value_is_named_with_its_place),
		cmocka_unit_test(what_gups_takes_is_taken),
		cmocka_unit_test(knobs_are_those_of_the_runner),
		cmocka_unit_test(a_guess_of_the_time_is_from_the_words_and_the_file),
		cmocka_unit_test(what_comes_with_tierlab_is_right),
	};

	return RUN_TESTS(tests);
}
