#include "experiment.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "exits.h"
#include "machine.h"
#include "text.h"
#include "units.h"

#define CASE(f) offsetof(struct bench_case, f)
#define EXPERIMENT(f) offsetof(struct experiment, f)

#define DEFAULT_INTERVAL_MS 1000
#define LONGEST_MS (2000 * 3600 * UINT64_C(1000)) /* tierrun takes less than 10^7 s */
#define MAX_TEXT 400 /* of a workload's words */
#define MAX_COUNTERS 39 /* beside the usual 25: tierrun keeps 64 */

#define OUTER "the experiment's"

/* The same keys in a case and in the experiment around it, with what holds where they are left out. */
#define DIMENSIONS(at, words, scheme, scope, ratio, number, skew) \
	{ "workloads", Y_STRS, at(d.workloads), at(d.n_workloads), .fallback = words, \
	  .help = "programs of the bench suite with their arguments" }, \
	{ "schemes", Y_STRS, at(d.schemes), at(d.n_schemes), .fallback = scheme, \
	  .help = "tiering schemes: none, autonuma, hmsdk, damon, or several joined by +" }, \
	{ "scopes", Y_STRS, at(d.scopes), at(d.n_scopes), .fallback = scope, .help = "what hmsdk and damon look at: cgroup or global" }, \
	{ "ratios", Y_STRS, at(d.ratios), at(d.n_ratios), .fallback = ratio, \
	  .help = "memory: all, FAST:SLOW, membind:NODE, or eat:SIZE" }, \
	{ "threads", Y_STRS, at(d.threads), at(d.n_threads), .fallback = number, .help = "numbers of threads" }, \
	{ "skews", Y_STRS, at(d.skews), at(d.n_skews), .fallback = skew, .help = "uniform, zipf:THETA or selfsimilar:H" }

static const struct ymap case_map = {
	.what = "a case", .size = sizeof(struct bench_case), .keys = (const struct ykey[]){
		{ "name", Y_STR, CASE(name), .required = true, .help = "what tables and charts call it" },
		DIMENSIONS(CASE, OUTER, OUTER, OUTER, OUTER, OUTER, OUTER),
		{ 0 } }
};

const struct ymap experiment_map = {
	.what = "the experiment", .size = sizeof(struct experiment), .keys = (const struct ykey[]){
		{ "about", Y_STR, EXPERIMENT(about), .help = "what it is for, in a line" },
		{ "machines", Y_STRS, EXPERIMENT(machines), EXPERIMENT(n_machines),
		  .help = "machines to run it on, if the command line names none" },
		DIMENSIONS(EXPERIMENT, NULL, "none", "cgroup", "all", "the workload's own number", "the workload's own"),
		{ "cases", Y_LIST, EXPERIMENT(cases), EXPERIMENT(n_cases), .map = &case_map,
		  .help = "parts of the matrix with values of their own" },
		{ "repetitions", Y_INT, EXPERIMENT(repetitions), .min = 1, .max = 1000, .fallback = "1",
		  .help = "how often each is run" },
		{ "seed", Y_INT, EXPERIMENT(seed), .min = 0, .max = 1L << 31, .fallback = "1",
		  .help = "of the first repetition; each later one has the next" },
		{ "interval", Y_DURATION, EXPERIMENT(interval_ms), .fallback = "1s", .help = "time between two samples" },
		{ "warm-up", Y_DURATION, EXPERIMENT(warm_up_ms), .fallback = "0s",
		  .help = "time at the beginning that rates leave out" },
		{ "timeout", Y_DURATION, EXPERIMENT(timeout_ms), .fallback = "none", .help = "a run that takes longer has failed" },
		{ "knobs", Y_PAIRS, EXPERIMENT(knobs), EXPERIMENT(n_knobs), .help = "settings of the kernel's, for every run" },
		{ "counters", Y_STRS, EXPERIMENT(counters), EXPERIMENT(n_counters), .help = "more counters of /proc/vmstat" },
		{ 0 } }
};

static const struct workload workloads[] = {
	{ "gups", .threads = true, .skew = true, .repeats = true },
	{ "chase", .threads = true, .repeats = true },
	{ "stream", .threads = true },
	{ "phases", .repeats = true, .file = true },
	{ "btree", .threads = true, .skew = true, .repeats = true },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

const struct workload *workload_find(const char *words)
{
	size_t n = strcspn(words, " ");

	for (size_t i = 0; i < N(workloads); i++)
		if (strlen(workloads[i].name) == n && !strncmp(words, workloads[i].name, n))
			return &workloads[i];
	return NULL;
}

/* ---- the rules: one value each; NULL if it is right, and else what is wrong and what would be right ---- */

typedef char *rule_fn(const char *value);

/* Options that vmctl gives by itself: they are dimensions, or tierrun's. */
static const char *const own_options[] = { "--threads", "--skew", "--seed", "--interval", "--json" };

static char *rule_workload(const char *words)
{
	auto_free char *name = xstrndup(words, strcspn(words, " "));
	const char *names[N(workloads)];
	char hint[120];

	for (size_t i = 0; i < N(workloads); i++)
		names[i] = workloads[i].name;
	if (!workload_find(words))
		return strf("'%.60s' is not a workload%s: gups, chase, stream, phases or btree", name,
			    did_you_mean_text(hint, sizeof(hint), name, names, N(names)));
	if (workload_find(words)->file && (!words[strlen(name)] || words[strlen(name) + 1] == '-'))
		return strf("%s needs a file, which comes first, and options after it", name);
	for (const char *at = words; (at = strstr(at, " --")); at += 3) {
		size_t n = strcspn(++at, " =");

		for (size_t i = 0; i < N(own_options); i++) /* also cut short, as getopt takes them */
			if (n > 2 && !strncmp(own_options[i], at, n))
				return strf("%s is not for a workload's own words here: it is given by the experiment's keys", own_options[i]);
	}
	if (strlen(words) > MAX_TEXT || strpbrk(words, "\n\t\"'\\$`") || strstr(words, "  ") || str_ends(words, " "))
		return strf("a workload is plain words with single blanks between them, at most %d characters", MAX_TEXT);
	return NULL;
}

static char *rule_scheme(const char *value)
{
	static const char *const names[] = { "none", "autonuma", "hmsdk", "damon" };
	auto_free char *list = xstrdup(value);
	unsigned seen = 0;
	char hint[120];

	if (*value == '+' || str_ends(value, "+") || strstr(value, "++"))
		return strf("'%.60s': a scheme is missing beside the +", value);
	for (char *save = NULL, *word = strtok_r(list, "+", &save); word; word = strtok_r(NULL, "+", &save)) {
		size_t i = 0;

		while (i < N(names) && strcmp(names[i], word))
			i++;
		if (i == N(names))
			return strf("'%.60s' is not a scheme%s: none, autonuma, hmsdk, damon, or several joined by +", word,
				    did_you_mean_text(hint, sizeof(hint), word, names, N(names)));
		if (seen & 1u << i || (seen && i == 0) || seen & 1)
			return strf("'%.60s': each scheme once, and none by itself", value);
		seen |= 1u << i;
	}
	if ((seen & 12) == 12)
		return strf("'%.60s': hmsdk and damon both program DAMON for the same nodes: one of the two", value);
	return seen ? NULL : xstrdup("a scheme is none, autonuma, hmsdk, damon, or several joined by +");
}

char *knob_pair(const char *knob)
{
	const char *at = strstr(knob, " = ");

	return strf("%.*s=%s", (int)(at - knob), knob, at + 3);
}

bool scheme_has_scope(const char *scheme)
{
	return scheme && (strstr(scheme, "hmsdk") || strstr(scheme, "damon"));
}

static char *rule_scope(const char *value)
{
	return strcmp(value, "cgroup") && strcmp(value, "global") ? strf("'%.60s' is not a scope: cgroup or global", value) : NULL;
}

/* A whole number from 0 to max at s, which ends there or at the character stop. Returns where it ended, or NULL. */
static const char *number(const char *s, long max, char stop)
{
	char *end;
	long v = *s >= '0' && *s <= '9' ? strtol(s, &end, 10) : -1;

	return v >= 0 && v <= max && (*end == '\0' || *end == stop) ? end : NULL;
}

static bool is_split(const char *value)
{
	const char *slow = number(value, 1000, ':');

	return slow && *slow == ':' && (slow = number(slow + 1, 1000, '\0')) && strtol(value, NULL, 10) > 0;
}

static char *rule_ratio(const char *value)
{
	struct err e = { "" };
	uint64_t bytes;

	if (!strcmp(value, "all") || is_split(value))
		return NULL;
	if (str_starts(value, "membind:") && number(value + 8, 1023, '\0'))
		return NULL;
	if (str_starts(value, "eat:")) {
		if (size_parse(value + 4, &bytes, &e) < 0)
			return strf("'%.60s': %s", value, e.msg);
		return bytes >= 4096 ? NULL : strf("'%.60s' takes no page: `all` is the ratio for that", value);
	}
	return strf("'%.60s' is not a ratio: all, FAST:SLOW as 1:2 (FAST not 0), membind:NODE, or eat:SIZE as eat:6000MiB", value);
}

static char *rule_threads(const char *value)
{
	return number(value, 4096, '\0') && strtol(value, NULL, 10) > 0 ? NULL : strf("'%.60s' is not a number of threads: 1 to 4096", value);
}

static char *rule_skew(const char *value)
{
	const char *at = strchr(value, ':');
	char *end = NULL;
	bool plain = at && isdigit((unsigned char)at[1]) && !strchr(at, 'x') && !strchr(at, 'X'); /* strtod knows more than the workloads do */
	double v = plain ? strtod(at + 1, &end) : 0;
	bool whole = end && *end == '\0';

	if (!strcmp(value, "uniform") || (str_starts(value, "zipf:") && whole && v > 0 && v <= 5) ||
	    (str_starts(value, "selfsimilar:") && whole && v > 0 && v <= 0.5))
		return NULL;
	return strf("'%.60s' is not a skew: uniform, zipf:THETA (above 0, at most 5), selfsimilar:H (above 0, at most 0.5)", value);
}

static char *rule_counter(const char *value)
{
	return *value && strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(value) ? NULL :
	       strf("'%.60s' can't be a counter of /proc/vmstat: a-z, 0-9 and _", value);
}

const char *const knob_names[] = {
	"numa_balancing", "demotion_enabled", "zone_reclaim_mode", "lru_gen_enabled", "hot_threshold_ms", "scan_delay_ms", "scan_period_min_ms",
	"scan_period_max_ms", "scan_size_mb", "promote_rate_limit_MBps", "swappiness", "watermark_scale_factor", "thp_enabled", NULL,
};

static char *rule_knob(const char *knob)
{
	auto_free char *name = xstrndup(knob, strcspn(knob, " "));
	size_t n = 0;
	char hint[120];

	while (knob_names[n] && strcmp(knob_names[n], name))
		n++;
	if (str_ends(knob, " = "))
		return strf("%.60s has no value", name);
	if (!strcmp(knob, "scan_size_mb = 0"))
		return xstrdup("scan_size_mb: the kernel divides by it, and panics: give 1 or more");
	return knob_names[n] ? NULL : strf("'%.60s' is not a knob%s: `tierrun --list-knobs` in a guest names them", name,
					   did_you_mean_text(hint, sizeof(hint), name, knob_names, n));
}

static int check_list(const struct experiment *x, char **v, size_t n, const char *key, rule_fn *rule, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		auto_free char *wrong = rule(v[i]);

		if (wrong)
			return ydoc_err(x->doc, &v[i], e, "%s", wrong);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(v[i], v[k]))
				return ydoc_err(x->doc, &v[i], e, "'%.80s' stands twice in %s: leave one out (repetitions: runs it again)", v[i], key);
	}
	return 0;
}

static int check_dimensions(const struct experiment *x, const struct dimensions *d, struct err *e)
{
	const struct {
		const char *key;
		char **v;
		size_t n;
		rule_fn *rule;
	} lists[] = {
		{ "workloads", d->workloads, d->n_workloads, rule_workload },
		{ "schemes", d->schemes, d->n_schemes, rule_scheme },
		{ "scopes", d->scopes, d->n_scopes, rule_scope },
		{ "ratios", d->ratios, d->n_ratios, rule_ratio },
		{ "threads", d->threads, d->n_threads, rule_threads },
		{ "skews", d->skews, d->n_skews, rule_skew },
	};

	for (size_t i = 0; i < N(lists); i++)
		if (check_list(x, lists[i].v, lists[i].n, lists[i].key, lists[i].rule, e) < 0)
			return -1;
	return 0;
}

static int check(const struct experiment *x, struct err *e)
{
	const uint64_t *const times[] = { &x->interval_ms, &x->warm_up_ms, &x->timeout_ms };

	if (check_dimensions(x, &x->d, e) < 0)
		return -1;
	if (check_list(x, x->knobs, x->n_knobs, "knobs", rule_knob, e) < 0 || check_list(x, x->counters, x->n_counters, "counters", rule_counter, e) < 0)
		return -1;
	if (x->n_counters > MAX_COUNTERS)
		return ydoc_err(x->doc, &x->counters, e, "more than %d counters: the usual ones are there without being named", MAX_COUNTERS);
	if (!x->n_cases && !x->d.n_workloads)
		return ydoc_err(x->doc, x, e, "nothing to run: name workloads, as `workloads: [gups 256M]`");
	for (size_t i = 0; i < x->n_cases; i++) {
		const struct bench_case *c = &x->cases[i];

		if (check_dimensions(x, &c->d, e) < 0)
			return -1;
		if (!c->d.n_workloads && !x->d.n_workloads)
			return ydoc_err(x->doc, c, e, "case '%.60s' has no workloads, and neither has the experiment", c->name);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(c->name, x->cases[k].name))
				return ydoc_err(x->doc, &c->name, e, "two cases are called '%.60s': give each its own name", c->name);
	}
	if (ydoc_line(x->doc, &x->interval_ms) && x->interval_ms < 100)
		return ydoc_err(x->doc, &x->interval_ms, e, "samples less than 100ms apart would be what is measured: take 100ms or more");
	for (size_t i = 0; i < N(times); i++)
		if (*times[i] > LONGEST_MS)
			return ydoc_err(x->doc, times[i], e, "that is longer than any run: take 2000h at most");
	return 0;
}

struct experiment *experiment_load(const char *path, struct err *e)
{
	cleanup(experiment_cleanup) struct experiment *x = xcalloc(1, sizeof(*x));

	x->doc = ydoc_load(path, &experiment_map, x, e);
	if (!x->doc) {
		err_status(e, EXIT_FILE);
		return NULL;
	}
	x->name = machine_name(path);
	if (!ydoc_line(x->doc, &x->repetitions))
		x->repetitions = 1;
	if (!ydoc_line(x->doc, &x->seed))
		x->seed = 1;
	if (!ydoc_line(x->doc, &x->interval_ms))
		x->interval_ms = DEFAULT_INTERVAL_MS;
	if (check(x, e) == 0)
		return steal(x);
	err_status(e, EXIT_FILE);
	return NULL;
}

void experiment_free(struct experiment *x)
{
	if (!x)
		return;
	ydoc_free(x->doc);
	free(x->name);
	free(x);
}
