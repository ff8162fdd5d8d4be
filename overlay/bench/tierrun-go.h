/* What the two halves of a run share: what is around the workload, and the workload. */
#ifndef TIERRUN_GO_H
#define TIERRUN_GO_H

#include "tierrun.h"

struct go {
	struct tier_plan *p;
	struct tier_result *r;
	struct tier_child workload, eater;
	int signals;		/* signalfd */
	int told;		/* the signal that ended it */
	char *out, last[1024];	/* what the workload said */
	size_t n_out;
	char words[1024];	/* the line that it is saying */
	size_t n_words;
	double begun;
	bool migrates;		/* DAMON's schemes are this run's */
	struct tier_nodes now;	/* their amounts at the last sample */
	uint64_t oom_kills;	/* before */
	uint64_t outside;	/* bytes of the workload's that are not in its cgroup, at the last look */
};

/* Takes what signals came: g->told becomes the first that ends the run. */
void tier_hear_signals(struct go *g);

struct pollfd;
/* Standard input, of which the other end is held by who started this: g->told is SIGHUP when it is gone. */
void tier_look_at_input(struct go *g, struct pollfd *f);

/* Fails if the eater has ended by itself. */
int tier_look_at_eater(struct go *g);

/* From its start to its end, with samples; what it printed and why it failed go to g->r. Returns 0, or the exit status. */
int tier_run_workload(struct go *g);

/* How often the kernel ended something for want of memory, since it was booted. */
uint64_t tier_oom_kills(void);

#endif
