/* What phases notes of each phase that it ran, and the accesses themselves. */
#ifndef PHASES_RUN_H
#define PHASES_RUN_H

#include "bench-masim.h"
#include "bench-run.h"

/* A phase as it was run; with --repeat there are several of one. */
struct ran {
	size_t phase;
	double at, secs;		/* at: when it began, since the run did */
	uint64_t before, work;		/* accesses before it, and in it */
	uint64_t *hot_pages;		/* of its hottest region, per node, at its end; NULL: not known */
	uint64_t one_in;		/* so many does each page stand for that was asked for */
};

struct phases {
	const char *file;
	uint64_t repeat;
	struct masim pattern;
	struct bench_shape shape;
	struct bench_mem mem;
	struct bench_run run;
	size_t now;			/* the phase; who notes writes it, the worker reads it */
	double planned;			/* when it shall end */
	struct ran *ran;
	size_t n_ran;
	bool no_memory;
};

/* What the worker does. */
void phases_work(struct bench_run *run, int index);
/* Fills regions, in the order of the file. */
int phases_fill(struct phases *p);
/* The first phase begins; since so many seconds after it another does; and all are over. */
void phases_first(struct phases *p);
void phases_next(struct phases *p, double since);
void phases_last(struct phases *p, double since);

#endif
