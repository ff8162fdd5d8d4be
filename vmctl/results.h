/* Results of runs, read from files as docs/results.md describes them. What a file does not say is NAN, NULL, or an empty list:
 * nothing is 0 that was not counted. */
#pragma once
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "text.h"

#define RESULT_FORMAT 1

enum result_status { RESULT_DONE, RESULT_FAILED, RESULT_INTERRUPTED };

/* What makes two runs the same but for their repetition. */
struct run_key {
	char *machine, *workload, *args, *scheme, *scope, *ratio, *skew;
	char *knobs; /* those that were asked for beside the scheme's own: "NAME=VALUE NAME=VALUE", by name */
	double threads;
};

struct counters {
	char **names;
	double *values;
	size_t n;
};

/* Pages by node, in the order of the nodes. n 0: it was not looked. */
struct node_pages {
	struct node_count {
		long node;
		double pages;
	} *v;
	size_t n;
};

struct result_node {
	double node, total, free, tier;
	char *cpus;
};

struct result_knob {
	char *name, *file, *before, *asked, *during, *after;
};

struct result_damon {
	char *action;
	double source, target, nr_tried, sz_tried, nr_applied, sz_applied, qt_exceeds;
};

/* Read while it ran. Counters stand as they were, not as differences. */
struct result_sample {
	double at, promoted, demoted, migrated; /* seconds since the work began; pages            */
	struct node_pages anon;                 /* anonymous memory, of all that runs in the guest */
};

/* A stretch of the work that ended at `at`. */
struct result_interval {
	double at, secs, work, rate;
	struct node_pages pages, hot; /* hot: those of the hot set */
};

/* What a load took, of a working set. */
struct result_latency {
	double bytes, ns;
};

/* A loop over arrays, as stream's copy: so many GB (10^9 bytes) a second. */
struct result_kernel {
	char *name;
	double best, average, least;
};

/* A part of the work with a pattern of its own; pages are those of the region that it went to most, at its end. */
struct result_phase {
	char *name, *hot;
	double secs, rate;
	struct node_pages pages;
};

struct provenance {
	char *date, *tierlab, *experiment_path, *experiment_sha256, *machine_path, *machine_sha256, *image, *image_sha256;
	char *kernel_sha256, *qemu, *accelerator, *host, *cpu_model, *host_kernel, *topology;
	double fast_path, cpus, memory; /* fast_path: 0 or 1 */
};

struct result {
	char *path, *sha256; /* sha256: of the file's text */
	enum result_status status;
	char *error;
	struct run_key key;
	char *id, *experiment, *case_name; /* case_name: what the experiment calls this part of it */
	double repetition, interval_secs, warm_up_secs, seed;
	struct provenance from;

	char *kernel, *cmdline, *cpus, *cgroup;
	double eaten_node, eaten, sampler_cpu_secs;
	double fast, slow; /* the nodes that the runner took for these */
	struct counters begin, end;
	struct result_node *nodes;
	struct result_knob *knobs;
	struct result_damon *damon;
	struct result_sample *samples;
	size_t n_nodes, n_knobs, n_damon, n_samples;
	struct strv notes;

	char *work_type;
	double secs, work, rate, alloc_secs, size_bytes; /* rate: units of work a second */
	struct result_interval *intervals;
	struct result_latency *latencies;
	struct result_kernel *kernels;
	struct result_phase *phases;
	size_t n_intervals, n_latencies, n_kernels, n_phases;
	struct node_pages pages_begin, pages_end, hot_begin, hot_end;
	double moved_at; /* when the hot set moved; NAN: it did not */
};

struct results {
	struct result **v;
	size_t n;
};

/* Reads one file's text; path is for messages. NULL: it is no result that this program can read. */
struct result *result_parse(const char *path, const char *text, struct err *e);
void result_drop(struct result *r);
static inline void result_cleanup(struct result **r) { result_drop(*r); }

/* Fills what was asked for from the words that tierrun was started with, and those of the workload; r has no such yet. */
void result_run_from_words(struct result *r, const struct strv *tierrun, const struct strv *command);

/* Of "NAME=VALUE" each, which it sorts, the words of struct run_key; NULL if there are none. The caller's to free. */
char *knob_words(struct strv *pairs);

/* Reads all that is below the folder (or the file) into the list: files whose name ends in .json, in the order of their
 * paths. skipped gets a line for each that is no result, or the same run as another. -1: the folder can't be read. */
int results_load(struct results *list, const char *path, struct strv *skipped, struct err *e);
void results_free(struct results *list);

/* How much the counter grew in the run; NAN where it was not read at both ends. */
double result_delta(const struct result *r, const char *counter);
double counters_get(const struct counters *c, const char *name);
/* All of them that begin so, added up; NAN: there is none. */
double counters_sum(const struct counters *c, const char *prefix);
/* A knob by its name; NULL: it was not looked at. */
const struct result_knob *result_knob(const struct result *r, const char *name);
const char *result_status_name(enum result_status s);
