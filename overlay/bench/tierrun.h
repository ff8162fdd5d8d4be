/*
 * tierrun: one run of a tiering experiment, on the machine that it runs on.
 *
 *	options ─> plan, checked ─> journal ─> knobs, eater, cgroup, scheme ─> workload, sampled
 *	                                                                   ─> all put back ─> result
 *
 * Nothing is changed before all was checked, and nothing before the journal says what was there:
 * whoever comes after a run that was killed puts it back.
 *
 * Errors are as in bench.h: a function that can fail has printed its one line and returns the exit
 * status. The last such line is also what the result says (tier_last_error).
 */
#ifndef TIERRUN_H
#define TIERRUN_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

#include "bench.h"
#include "bench-files.h"

enum { TIER_BUSY = 3 };	/* exit status: another run is at work */

#define TIER_MAX_KNOBS		32
#define TIER_MAX_COUNTERS	64
#define TIER_MAX_NODES		64
#define TIER_MAX_NOTES		32
#define TIER_TEXT		256	/* of a knob's value */

/* -- Knobs: tierrun-knobs.c ------------------------------------------------------------------ */

struct tier_knob {
	const char *name;
	const char *files[2];	/* where newer and older kernels have it */
	const char *needs;	/* the kernel option or version that brings it */
};

struct tier_setting {
	const struct tier_knob *knob;
	const char *file;	/* the one of the knob's that is there */
	char asked[TIER_TEXT], before[TIER_TEXT], during[TIER_TEXT], after[TIER_TEXT];
	bool set;
};

struct tier_settings {
	struct tier_setting v[TIER_MAX_KNOBS];
	int n;
};

/* The name of the knob of that number, from 0; NULL: there are no more. */
const char *tier_knob_name(size_t i);
void tier_list_knobs(void);
/* What was asked for of it last; NULL: nothing. */
const char *tier_asked(const struct tier_settings *s, const char *name);
/* Adds NAME=VALUE, or changes what was asked for of that knob. */
int tier_ask(struct tier_settings *s, const char *pair);
/* The same of a knob that a scheme wants, where the kernel has it. */
void tier_want(struct tier_settings *s, const char *name, const char *value);
/* Is each there? Reads what it is before. */
int tier_settings_check(struct tier_settings *s);
/* What a file says, as it would be written: "always [madvise] never" is madvise. */
void tier_plain(const char *said, char value[TIER_TEXT]);
/* Is what a knob's file says what was asked for? */
bool tier_says(const char *asked, const char *said);
/* Sets them, and reads each back. */
int tier_settings_set(struct tier_settings *s);
/* Puts back those that were set, the last first, and reads what they are then. */
int tier_settings_restore(struct tier_settings *s);

/* -- The journal: tierrun-journal.c ---------------------------------------------------------- */

/* Only one run at a time. The lock is held until the process ends. */
int tier_lock(void);
/* What there is to put back: knobs, and what was mounted for them (NULL: nothing). What is added goes to disk before the change is made. */
int tier_journal_begin(const struct tier_settings *s, const char *mounted);
int tier_journal_add(const char *what, const char *text);
void tier_journal_end(void);
bool tier_journal_there(void);
/* Puts back what a run that was killed left behind. *found: there was such. */
int tier_journal_undo(bool *found);

/* -- Nodes and counters: tierrun-nodes.c ----------------------------------------------------- */

struct tier_node {
	int node, tier;		/* tier -1: the kernel does not say */
	char cpus[TIER_TEXT];
	uint64_t total, free, anon, file;
	bool memory;
};

struct tier_nodes {
	struct tier_node v[TIER_MAX_NODES];
	int n;
};

int tier_nodes_read(struct tier_nodes *nodes);
/* Only what changes. */
void tier_nodes_update(struct tier_nodes *nodes);
/* Bytes that a node gives before allocations that may go elsewhere do: tierrun-room.c. */
uint64_t tier_node_room(int node);
const struct tier_node *tier_node_of(const struct tier_nodes *nodes, int node);
/* What is BENCH_ANY_NODE: the node with CPUs, and the one of the tier below the fast one's, or else the first without CPUs. It stays so where there is none. */
void tier_nodes_choose(const struct tier_nodes *nodes, int *fast, int *slow);

struct tier_counters {
	const char *name[TIER_MAX_COUNTERS];
	int n;
};
struct tier_counts {
	uint64_t v[TIER_MAX_COUNTERS];
	bool has[TIER_MAX_COUNTERS];
};

void tier_counters_default(struct tier_counters *c);
int tier_counters_add(struct tier_counters *c, const char *name);
/* Has the kernel each that was added? One of the usual ones that it lacks is absent. */
int tier_counters_check(const struct tier_counters *c);
void tier_counters_read(const struct tier_counters *c, struct tier_counts *counts);

/* -- Programs: tierrun-programs.c ------------------------------------------------------------ */

struct tier_child {
	pid_t pid;		/* 0: none */
	int out, err;		/* what it says; -1: closed */
	int status;		/* of waitpid(), when it is over */
	int more_ms;		/* that it may take longer to end than others */
};

/*
 * Starts argv[0], looked for beside this program and in PATH. bind: the only node that it may
 * have, or BENCH_ANY_NODE; cgroup: it begins in it ("" none). It ends with this process.
 */
int tier_start(struct tier_child *c, char *const *argv, int bind, const char *cgroup);
/* Waits for its end, whatever it says. Returns its exit status, or -1 if a signal ended it. */
int tier_wait(struct tier_child *c);
/* Ends it and what it started, and waits for it; what it said can still be read. */
void tier_stop(struct tier_child *c);
/* The same, and nothing more is read. */
void tier_end(struct tier_child *c);
/* The first line that there is to read by now, without its end; "" if there is none. */
void tier_first_line(int fd, char *line, size_t size);
/* Runs it to its end, and takes what it printed, as a text to free. quiet: that it failed is not said. */
int tier_run(char *const *argv, char **out, bool quiet);
/* What the last one said first on its standard error. */
const char *tier_run_said(void);
/* Makes a cgroup with the memory controller; what that changes is in the journal before. */
int tier_cgroup_make(const char *name);
/* The program's path as tier_start() would find it, in path; false: it is not there. */
bool tier_find_program(const char *name, bench_path path);
/* Does it lie beside this one? */
bool tier_of_suite(const char *name);

/* -- Samples: tierrun-samples.c -------------------------------------------------------------- */

struct tier_amounts {
	uint64_t free, anon, file;
};

struct tier_sample {
	double at;		/* bench_now() */
	struct tier_counts counts;
	struct tier_amounts *nodes;	/* in the order of the nodes */
};

struct tier_samples {
	struct tier_sample *v;
	size_t n;
};

/*
 * One more. False: no memory. DAMON is not asked: its answer comes only when its thread is between two regions, which can
 * be many seconds while it migrates; pgmigrate_success counts what it moves.
 */
bool tier_sample(struct tier_samples *s, const struct tier_counters *c, struct tier_nodes *nodes);
void tier_samples_free(struct tier_samples *s);
/* Does a kdamond run, whoever started it? */
bool tier_damon_on(void);
/* What DAMON's schemes have done, as JSON to free; NULL: nothing runs. */
char *tier_damon(void);

/* -- The run and its result ------------------------------------------------------------------ */

enum { TIER_AUTONUMA = 1, TIER_HMSDK = 2, TIER_DAMON = 4 };
#define TIER_MIGRATES (TIER_HMSDK | TIER_DAMON)

struct tier_plan {
	int schemes;		/* 0: none */
	bool global;
	int fast, slow, membind;
	uint64_t ratio_fast, ratio_slow;	/* 0: no ratio */
	int eat_node;
	uint64_t eat, resident;	/* bytes; 0: nothing, unknown */
	double interval, warm_up, timeout;
	const char *seed, *output, *cgroup;
	bool until_eof, mounted;	/* mounted: debugfs, by us */
	char **command;		/* the workload's, as given */
	char **argv;		/* tierrun's own */
	struct tier_settings settings;
	struct tier_counters counters;
};

struct tier_result {
	const char *status, *error;
	struct tier_nodes nodes;	/* before anything was taken */
	char **command;			/* the workload's, as it was run */
	char cgroup[TIER_TEXT];		/* "" none */
	uint64_t eaten;
	double began_at;		/* 0: unknown */
	time_t began;
	double gap;			/* the longest stretch without a sample, seconds; 0: none that is worth a word */
	double gap_at;
	int gaps;
	struct tier_counts begin, end;
	struct tier_samples samples;
	char *damon, *workload;		/* JSON */
	double sampler_cpu;
	char *notes[TIER_MAX_NOTES + 1];	/* the last one stays NULL */
	int n_notes;
};

void tier_note(struct tier_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Is it one whole JSON object? */
bool tier_json_ok(const char *text);
/* The number behind "key": anywhere in it; 0: there is none. */
double tier_json_number(const char *json, const char *key);
/* The text as a JSON string, with its quotes. */
void tier_json_text(FILE *f, const char *s);
/* The result as a text to free. */
char *tier_result_text(const struct tier_plan *p, const struct tier_result *r, size_t *n);
/* The same in a few lines for people. */
void tier_print(const struct tier_plan *p, const struct tier_result *r);

/* -- tierrun-kswapd.c ------------------------------------------------------------------------ */

/* The nodes (below 64, a bit each) that kswapd does not reclaim any more. */
uint64_t tier_given_up(void);
/* Has it begin again. */
int tier_wake_kswapd(struct tier_result *r);

/* -- tierrun-options.c ----------------------------------------------------------------------- */

enum tier_mode { TIER_RUN, TIER_CHECK, TIER_RESTORE, TIER_LIST };
int tier_options(struct tier_plan *p, int argc, char **argv, enum tier_mode *mode);

/* -- tierrun-check.c: before anything is changed --------------------------------------------- */

int tier_check_programs(const struct tier_plan *p);
/* Can the ratio be met, and is there memory enough? Settles how much is eaten. */
/* The error of a run that needs a slow node where there is none; what: its first words. */
int tier_no_slow_node(const struct tier_plan *p, const char *what);
int tier_check_memory(struct tier_plan *p, const struct tier_result *r);
int tier_check_cgroup(const struct tier_plan *p);

/* -- tierrun-go.c ---------------------------------------------------------------------------- */

/* The run itself, from the journal to when all is put back. *told: the signal that ended it, or 0. */
int tier_go(struct tier_plan *p, struct tier_result *r, int *told);

#endif
