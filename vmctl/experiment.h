/* An experiment: what is to be run on which machines, in how many ways. What the user wrote, read by a table and held against the
 * rules; matrix.h makes runs of it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "yamlmap.h"

/* Each list is a dimension: every value is run with every value of the others. */
struct dimensions {
	char **workloads, **schemes, **scopes, **ratios, **threads, **skews;
	size_t n_workloads, n_schemes, n_scopes, n_ratios, n_threads, n_skews;
};

/* A part of the matrix that has its own values; what it leaves out, the experiment's hold. */
struct bench_case {
	char *name;
	struct dimensions d;
};

struct experiment {
	char *name; /* the file's, without .yaml */
	char *about;
	char **machines;
	size_t n_machines;
	struct dimensions d;
	struct bench_case *cases;
	size_t n_cases;
	long repetitions, seed;
	uint64_t interval_ms, warm_up_ms, timeout_ms;
	char **knobs, **counters; /* knobs: "NAME = VALUE", see knob_pair */
	size_t n_knobs, n_counters;
	struct ydoc *doc;
};

extern const struct ymap experiment_map; /* for the manual's test */

/* Does the scheme, or one of those joined by '+', look at a cgroup or at all memory? NULL has none. */
bool scheme_has_scope(const char *scheme);
/* The knobs that tierrun knows (overlay/bench/tierrun-knobs.c), up to a NULL. */
extern const char *const knob_names[];
/* An experiment's knob as NAME=VALUE. The caller's to free. */
char *knob_pair(const char *knob);

/* A workload of the suite, and which dimensions it has. */
struct workload {
	const char *name;
	bool threads, skew, repeats; /* repeats: it takes a seed                         */
	bool file;                   /* its first argument is a file, which goes along   */
};
const struct workload *workload_find(const char *words);

/* Reads and checks it. A message names the place in the file, and what would satisfy the rule. */
struct experiment *experiment_load(const char *path, struct err *e);
void experiment_free(struct experiment *x);
static inline void experiment_cleanup(struct experiment **x) { experiment_free(*x); }
