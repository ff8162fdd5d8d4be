/*
 * Which words gups goes to, and what it does to them: a hot set, a skew, reads.
 *
 * Where there is no hot set, the whole table is one that every access goes to.
 */
#ifndef GUPS_HOT_H
#define GUPS_HOT_H

#include "bench-run.h"
#include "bench-skew.h"

struct gups_pattern {
	/* Options, see gups_hot_check(). */
	double frac, prob, read_ratio, move_at;		/* below 0: not given */
	const char *at, *skew_text;

	/* What they come to, in words. */
	bool is_hot;		/* there is a hot set */
	bool plain;		/* uniform updates of all the table: nothing to decide */
	uint64_t words, hot_words, first_place, last_place;
	uint64_t hot_below, read_below;			/* of 2^32 */
	struct bench_skew skew;
	double moved_at;				/* since the start; 0: not moved */
	uint64_t place __attribute__((aligned(BENCH_CACHE_LINE)));	/* changes once at most */
};

/* What a thread has done, beside the number of accesses. */
struct gups_tally {
	uint64_t reads, hot, sum;	/* sum: of what was read, or it would not have to be */
};

#define GUPS_PATTERN_DEFAULTS \
	{ .frac = -1, .prob = -1, .read_ratio = 0, .move_at = 0, .skew_text = "uniform" }

/* Do the options go together, and with a table of bytes? Works out the rest. */
int gups_hot_check(struct gups_pattern *p, const struct bench_shape *shape, uint64_t bytes);
/* The other place. For bench_run's due(). */
void gups_hot_move(struct gups_pattern *p, double since);
/* count accesses with the hot set at place; returns the state that the next ones begin with. */
uint64_t gups_hot_access(const struct gups_pattern *p, uint64_t *table, uint64_t place, bool atomic,
			 uint64_t state, uint64_t count, struct gups_tally *tally);
/* ,"skew":... */
void gups_hot_json(const struct gups_pattern *p, const struct gups_tally *all);
void gups_hot_print(const struct gups_pattern *p, const struct gups_tally *all, uint64_t accesses);

#endif
