/*
 * How much to eat, where it is told by what shall be left: of a workload's memory, F parts shall find
 * room on the node, and S parts not.
 */
#ifndef MEMEATER_RATIO_H
#define MEMEATER_RATIO_H

#include <stdint.h>

struct ratio {
	const char *text, *resident_text;	/* as given: "1:4", "8GiB"; NULL: not given */
	uint64_t fast, slow;			/* the parts */
	uint64_t resident;			/* the workload's memory */
	uint64_t available, keep, eat;		/* there was, shall be left, is to be eaten */
};

/* Reads the two texts, of which neither or both are to be given. */
int ratio_parse(struct ratio *r);
/* Of what is available on the node, the rest is computed, or it is said what would fit. */
int ratio_solve(struct ratio *r, int node, uint64_t available);

#endif
