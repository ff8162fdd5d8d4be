/*
 * A workload's run: threads that work until told to stop, and what is noted of it meanwhile.
 *
 *	static void work(struct bench_run *run, int index)
 *	{
 *		uint64_t n;
 *
 *		while ((n = bench_run_next(run, index, BATCH)))
 *			... n units of work ...
 *	}
 *
 * and, with a run whose first part is filled in:
 *
 *	bench_shape_parse() → bench_run_map() → first touch → bench_run_ready() → bench_run() →
 *	bench_json_begin(), own keys, bench_json_end() or bench_print_run() → bench_run_free()
 *
 * Every workload's JSON has the same keys this way, see README.
 */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "bench.h"

#define BENCH_MAX_LOOKS		4
#define BENCH_MAX_VALUES	4

/* What every workload can be told. */
struct bench_shape {
	uint64_t threads, seed;
	uint64_t work;			/* units over all threads; 0: run for seconds */
	double seconds;
	double interval;		/* 0: note nothing meanwhile */
	int node;
	bool hugepage, json;
	bool footprint;			/* only say how much it will need */
	bool sizes_itself;		/* set before: what SIZE says is not yet what it will need */
};

/*
 * Takes the options of the shape, which are set to their defaults first, and the workload's own of
 * usage. The default of threads is as many as CPUs, or 1 if shape->threads is 1 before. work_option
 * names the one that gives a count of work instead of seconds ("updates"); NULL: there is none.
 * seconds stay what they were before, where they are not given, or are 10 if they were 0.
 */
int bench_shape_parse(struct bench_shape *shape, const char *work_option,
		      const struct bench_usage *usage, int argc, char **argv, uint64_t *bytes);
/*
 * Prints the bytes and ends the process, if that is what was asked for. A workload that sizes itself
 * calls it when it knows them; for the others bench_shape_parse() has.
 */
void bench_shape_footprint(const struct bench_shape *shape, uint64_t bytes);

struct bench_run;

/* Each on cache lines of its own: a counter that moved between CPUs would be what is measured. */
struct bench_counter {
	uint64_t done;		/* published: who notes reads it */
	uint64_t given, quota;	/* the thread's own */
} __attribute__((aligned(BENCH_CACHE_LINE)));

/*
 * Memory whose pages per node are noted: as KEYpages_per_node in each interval, KEYpages_begin and
 * KEYpages_end. The whole of run->mem is counted (numa_maps), a part of it is asked for
 * (move_pages). A workload may change addr in due().
 */
struct bench_look {
	const char *key;	/* "" for the table, "hot_" */
	const void *addr;
	uint64_t bytes;
};

/* A number of the workload's own that each interval holds as it was at its end. */
struct bench_value {
	const char *key;
	uint64_t now;		/* changed in due() alone */
	const char *(*name)(const struct bench_run *run, uint64_t value);	/* said instead; or NULL */
};

struct bench_interval {
	double at, secs;	/* when it ended, since began_at; how long it was */
	uint64_t work;
	uint64_t value[BENCH_MAX_VALUES];
	uint64_t *pages[BENCH_MAX_LOOKS];	/* per node; NULL: not looked at */
	uint64_t step[BENCH_MAX_LOOKS];		/* pages that each one asked for stood for */
};

struct bench_run {
	/* The workload fills in this part. Looks and values end with a NULL key. */
	const struct bench_shape *shape;
	const struct bench_mem *mem;
	void (*work)(struct bench_run *run, int index);
	/*
	 * Called in a thread that does no work, when the time since the start is next_due (0:
	 * never), which it moves on.
	 */
	void (*due)(struct bench_run *run, double since);
	double next_due;
	struct bench_look looks[BENCH_MAX_LOOKS + 1];
	struct bench_value values[BENCH_MAX_VALUES + 1];
	const char *work_type;		/* "GUPS": the name of a rate, or of a unit of work */
	double alloc_secs;
	void *arg;

	/* bench_run() fills in this one. */
	double began_at, secs;		/* began_at by bench_now() */
	uint64_t done, huge_bytes;
	struct bench_interval *intervals;
	size_t n_intervals;
	struct bench_pages begin[BENCH_MAX_LOOKS], end[BENCH_MAX_LOOKS];
	bool has_pages[BENCH_MAX_LOOKS];
	struct bench_counter *counters;	/* one a thread; stays until bench_run_free() */
	struct bench_notes *notes;	/* the note-taker's own */

	bool stop __attribute__((aligned(BENCH_CACHE_LINE)));	/* workers poll it: read only */
};

/* Looks whether the node can give it, and maps: the workload is the one that touches. */
int bench_run_map(const struct bench_shape *shape, uint64_t bytes, struct bench_mem *mem);
/*
 * When all was touched: is it where it should be, in huge pages if asked for? Then lets each
 * thread settle (bench_mem_settle).
 */
int bench_run_ready(const struct bench_shape *shape, const struct bench_mem *mem);
/* Runs the team, and takes notes. A run may be run once. */
int bench_run(struct bench_run *run);
void bench_run_free(struct bench_run *run);
/* The part of total that belongs to thread index starts here. */
uint64_t bench_share(const struct bench_shape *shape, uint64_t total, int index);

/*
 * For the worker: publishes what it was given last as done, and gives at most batch more, or 0 when
 * it shall return. No clock: under emulation, reading one can cost as much as the whole batch.
 */
static inline uint64_t bench_run_next(struct bench_run *run, int index, uint64_t batch)
{
	struct bench_counter *c = &run->counters[index];
	uint64_t done = c->done + c->given, left = c->quota - done;

	__atomic_store_n(&c->done, done, __ATOMIC_RELAXED);
	c->given = left < batch ? left : batch;
	if (__atomic_load_n(&run->stop, __ATOMIC_RELAXED))
		c->given = 0;
	return c->given;
}

/* -- Results --------------------------------------------------------------------------------- */

/* {"name":...: all but the intervals and the end, with no comma after it. */
void bench_json_begin(const struct bench_run *run, uint64_t bytes);
/* ,"intervals":[...]} */
void bench_json_end(const struct bench_run *run);
/* A line for each interval, and the mbench block. */
void bench_print_run(const struct bench_run *run);

#endif
