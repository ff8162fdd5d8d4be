/* Two sets of runs, one against the other: what differs by more than its spread. */
#pragma once
#include "report.h"

struct pair {
	const struct group *a, *b;
	struct difference d[N_METRICS]; /* b - a, in units of work a second, pages, shares or seconds */
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

/* Had each run, where it was looked, four fifths of its hot set on fast nodes at some time? If not, no times are compared. */
bool all_got_there(const struct group *g);

/* How many of the pairs have that verdict on it. */
size_t comparison_count(const struct comparison *c, enum metric m, enum verdict v);
const char *verdict_name(enum verdict v); /* for programs */
