/* Two sets of runs, one against the other: what differs by more than its spread. */
#pragma once
#include "report.h"

/* A figure of a part of the work. */
enum part_of {
	PART_LATENCY,    /* of loads from a working set: ns                                           */
	PART_LOOP,       /* over arrays, its average: GB/s                                            */
	PART_PHASE_RATE, /* units of work a second in a phase                                         */
	PART_PHASE_HOT,  /* of its hottest region the share on fast nodes at its end, from 0 to 1     */
};

struct part {
	enum part_of of;
	char *name; /* "64 KiB", "triad", "2, d is hot" */
	struct spread a, b;
	struct difference d;
};

struct pair {
	const struct group *a, *b;
	struct difference d[N_METRICS]; /* b - a, in units of work a second, pages, shares or seconds */
	struct part *parts;             /* of those that a has                                        */
	size_t n_parts;
};

struct comparison {
	struct pair *pairs; /* of what is in both    */
	const struct group **only_a, **only_b;
	size_t n_pairs, n_only_a, n_only_b;
};

/* What is compared: runs of the same machine, workload, arguments, scheme, scope, ratio, threads, skew and knobs; where either set has it
 * with one setting of the knobs alone, these may differ. Groups of which no run is done are in neither. Both reports have to outlive it. */
void comparison_make(struct comparison *c, const struct report *a, const struct report *b);
void comparison_free(struct comparison *c);

/* A part of comparison_make: fills in the pair's parts. */
void parts_make(struct pair *p);

/* Had each run, where it was looked, four fifths of its hot set on fast nodes at some time? If not, no times are compared. */
bool all_got_there(const struct group *g);

/* How many of the pairs have that verdict on it. */
size_t comparison_count(const struct comparison *c, enum metric m, enum verdict v);
const char *verdict_name(enum verdict v); /* for programs */
const char *part_name(enum part_of of);   /* for programs */
