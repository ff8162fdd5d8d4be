/*
 * gups: random updates of 8-byte words, over a table or a hot set in it, counted in billions a
 * second.
 *
 * An update is HPCC RandomAccess's: read a word, XOR a random number into it, write it back. The
 * table may have any size, as the random number is brought into range by multiply and shift, not
 * by a mask. Threads share the table and do not synchronise, so that two may lose an update now
 * and then, as HPCC allows too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gups-hot.h"

#define BATCH		1024		/* updates between two looks at the stop flag */

struct worker {
	struct gups_tally tally;
	uint64_t moved_after;	/* accesses that it did before it saw that the hot set had moved */
	uint64_t wrong, checksum;
} __attribute__((aligned(BENCH_CACHE_LINE)));

struct gups {
	uint64_t bytes;
	bool verify;
	struct bench_shape shape;
	struct gups_pattern pattern;
	struct bench_mem mem;
	struct bench_run run;
	uint64_t *table;
	uint64_t words;
	struct worker *workers;
	uint64_t wrong, checksum;
	struct gups_tally all;
};

/*
 * Threads that meet on a word may lose an update, as HPCC allows: an ordinary statement, as that is
 * one instruction where a relaxed load and store are three.
 */
static uint64_t update_plain(uint64_t *table, uint64_t words, uint64_t state, uint64_t count)
{
	while (count--) {
		uint64_t random = bench_random(&state);

		table[bench_below(random, words)] ^= random;
	}
	return state;
}

static uint64_t update_atomic(uint64_t *table, uint64_t words, uint64_t state, uint64_t count)
{
	while (count--) {
		uint64_t random = bench_random(&state);

		__atomic_fetch_xor(table + bench_below(random, words), random, __ATOMIC_RELAXED);
	}
	return state;
}

/* -- What the threads do --------------------------------------------------------------------- */

static void fill_part(struct gups *g, int index, uint64_t from, uint64_t to)
{
	uint64_t end = from + bench_share(&g->shape, to - from, index + 1);

	for (uint64_t i = from + bench_share(&g->shape, to - from, index); i < end; i++)
		g->table[i] = i;
}

/* Before the hot set, which so begins on the slow node when the fast one is full by then. */
static void fill_cold(void *arg, int index)
{
	struct gups *g = arg;
	const struct gups_pattern *p = &g->pattern;

	fill_part(g, index, 0, p->first_place);
	fill_part(g, index, p->first_place + p->hot_words, p->words);
}

static void fill_hot(void *arg, int index)
{
	struct gups *g = arg;

	fill_part(g, index, g->pattern.first_place, g->pattern.first_place + g->pattern.hot_words);
}

static uint64_t access_words(struct gups *g, int index, uint64_t place, uint64_t state,
			     uint64_t count)
{
	bool atomic = g->verify && g->shape.threads > 1;

	if (!g->pattern.plain)
		return gups_hot_access(&g->pattern, g->table, place, atomic, state, count,
				       &g->workers[index].tally);
	return (atomic ? update_atomic : update_plain)(g->table, g->words, state, count);
}

static void work(struct bench_run *run, int index)
{
	struct gups *g = run->arg;
	struct worker *w = &g->workers[index];
	uint64_t state = bench_random_begin(g->shape.seed, index), n, place, done = 0;

	w->moved_after = UINT64_MAX;
	while ((n = bench_run_next(run, index, BATCH))) {
		place = __atomic_load_n(&g->pattern.place, __ATOMIC_RELAXED);
		if (place != g->pattern.first_place && w->moved_after == UINT64_MAX)
			w->moved_after = done;
		state = access_words(g, index, place, state, n);
		done += n;
	}
}

/* The same again, batch by batch: what an access draws doesn't depend on how they are grouped. */
static void repeat(void *arg, int index)
{
	struct gups *g = arg;
	uint64_t done = g->run.counters[index].done, before = g->workers[index].moved_after, state;

	before = before < done ? before : done;
	state = bench_random_begin(g->shape.seed, index);
	state = access_words(g, index, g->pattern.first_place, state, before);
	access_words(g, index, g->pattern.place, state, done - before);
}

/* A sum that depends on what stands where, and not on who adds it up. */
static void sum_up(void *arg, int index)
{
	struct gups *g = arg;
	uint64_t end = bench_share(&g->shape, g->words, index + 1), sum = 0;

	for (uint64_t i = bench_share(&g->shape, g->words, index); i < end; i++)
		sum += bench_mix(g->table[i] + i * BENCH_GAMMA);
	g->workers[index].checksum = sum;
}

static void compare(void *arg, int index)
{
	struct gups *g = arg;
	uint64_t end = bench_share(&g->shape, g->words, index + 1), wrong = 0;

	for (uint64_t i = bench_share(&g->shape, g->words, index); i < end; i++)
		wrong += g->table[i] != i;
	g->workers[index].wrong = wrong;
}

/* -- The run --------------------------------------------------------------------------------- */

static int together(struct gups *g, void (*part)(void *, int))
{
	struct bench_team team = { (int)g->shape.threads, part, NULL, g };
	double unused;

	return bench_team_run(&team, NULL, &unused);
}

static void move(struct bench_run *run, double since)
{
	struct gups *g = run->arg;

	gups_hot_move(&g->pattern, since);
	run->looks[1].addr = g->table + g->pattern.place;
	run->values[0].now = g->pattern.place * sizeof(*g->table);
	run->next_due = 0;
}

static void describe_run(struct gups *g)
{
	const struct gups_pattern *p = &g->pattern;
	struct bench_run *run = &g->run;

	run->shape = &g->shape;
	run->mem = &g->mem;
	run->work = work;
	run->work_type = "GUPS";
	run->arg = g;
	run->looks[0] = (struct bench_look){ "", g->mem.addr, g->mem.bytes };
	if (!p->is_hot)
		return;
	run->looks[1] = (struct bench_look){ "hot_", g->table + p->place,
					     p->hot_words * sizeof(*g->table) };
	run->values[0] = (struct bench_value){ .key = "hot_offset",
						.now = p->place * sizeof(*g->table) };
	run->due = move;
	run->next_due = p->move_at;
}

/* Maps and first-touches the table, and looks whether it is what was asked for. */
static int make_table(struct gups *g)
{
	double began = bench_now();
	int rc;

	if ((rc = bench_run_map(&g->shape, g->bytes, &g->mem)))
		return rc;
	g->table = g->mem.addr;
	g->words = g->bytes / sizeof(*g->table);
	if ((rc = together(g, fill_cold)) || (rc = together(g, fill_hot)))
		return rc;
	g->run.alloc_secs = bench_now() - began;
	return bench_run_ready(&g->shape, &g->mem);
}

static void add_up_tallies(struct gups *g)
{
	for (int i = 0; i < (int)g->shape.threads; i++) {
		g->all.reads += g->workers[i].tally.reads;
		g->all.hot += g->workers[i].tally.hot;
	}
}

/* The same numbers XORed in a second time leave each word as it was filled. */
static int verify(struct gups *g)
{
	int rc;

	if ((rc = together(g, sum_up)) || (rc = together(g, repeat)) || (rc = together(g, compare)))
		return rc;
	for (int i = 0; i < (int)g->shape.threads; i++) {
		g->checksum += g->workers[i].checksum;
		g->wrong += g->workers[i].wrong;
	}
	return 0;
}

/* -- The result ------------------------------------------------------------------------------ */

static void print_text(const struct gups *g)
{
	const struct bench_run *run = &g->run;
	double rate = (double)run->done / run->secs / 1e9;
	char buf[32];

	printf("table: %s, %s pages\n", bench_human(g->bytes, buf),
	       g->shape.hugepage ? "huge" : "small");
	if (g->shape.hugepage)
		printf("in huge pages: %s\n", bench_human(run->huge_bytes, buf));
	if (run->has_pages[0])
		bench_print_pages(&run->end[0]);
	printf("threads: %" PRIu64 "\n"
	       "elapsed: %.3f s\n"
	       "updates: %" PRIu64 "\n"
	       "GUPS: %.9f\n"
	       "GUPS per thread: %.9f\n"
	       "allocation: %.3f s\n",
	       g->shape.threads, run->secs, run->done, rate, rate / (double)g->shape.threads,
	       run->alloc_secs);
	gups_hot_print(&g->pattern, &g->all, run->done);
	if (g->verify)
		printf("verify: %s, %" PRIu64 " of %" PRIu64 " words wrong, checksum %016" PRIx64
		       "\n", g->wrong ? "failed" : "ok", g->wrong, g->words, g->checksum);
	bench_print_run(run);
}

static void print_json(const struct gups *g)
{
	double rate = (double)g->run.done / g->run.secs;

	bench_json_begin(&g->run, g->bytes);
	printf(",\"updates\":%" PRIu64 ",\"updates_per_sec\":%.3f,\"gups\":%.12f"
	       ",\"gups_per_thread\":%.12f", g->run.done, rate, rate / 1e9,
	       rate / 1e9 / (double)g->shape.threads);
	gups_hot_json(&g->pattern, &g->all);
	if (g->verify)
		printf(",\"verify\":{\"ok\":%s,\"wrong_words\":%" PRIu64 ",\"words\":%" PRIu64
		       ",\"checksum\":\"%016" PRIx64 "\"}", g->wrong ? "false" : "true", g->wrong,
		       g->words, g->checksum);
	bench_json_end(&g->run);
}

static int run(struct gups *g)
{
	int rc = make_table(g);

	describe_run(g);
	if (!rc)
		rc = bench_run(&g->run);
	if (!rc)
		add_up_tallies(g);
	if (!rc && g->verify)
		rc = verify(g);
	if (rc)
		return rc;
	if (g->shape.json)
		print_json(g);
	else
		print_text(g);
	if (g->wrong)
		return bench_error(BENCH_FAILED, "verify: %" PRIu64 " of %" PRIu64 " words did not "
				   "keep what was written: memory, or its emulation, lost it",
				   g->wrong, g->words);
	return 0;
}

/* -- Options --------------------------------------------------------------------------------- */

static int parse(struct gups *g, int argc, char **argv)
{
	struct gups_pattern *p = &g->pattern;
	const struct bench_option options[] = {
		{ "hot-frac", BENCH_FRACTION, &p->frac,
		  "a hot set: this fraction of the table (0.1)", 0, 0 },
		{ "hot-prob", BENCH_FRACTION, &p->prob,
		  "the share of accesses that goes there (0.9)", 0, 0 },
		{ "hot-at", BENCH_TEXT, &p->at,
		  "where it is: first, last or an offset as 512MiB (first)", 0, 0 },
		{ "move-at", BENCH_SECONDS, &p->move_at,
		  "after S it moves to the end that is further away, once", 1, 0 },
		{ "skew", BENCH_TEXT, &p->skew_text,
		  "uniform, zipf:THETA or selfsimilar:H, in the hot set or,\n"
		  "                   without one, over the table (uniform)", 0, 0 },
		{ "read-ratio", BENCH_FRACTION, &p->read_ratio,
		  "the share of accesses that only read (0)", 0, 0 },
		{ "verify", BENCH_FLAG, &g->verify,
		  "repeat the updates, which must restore the table; updates by\n"
		  "                   several threads are atomic then, and so are slower", 0, 0 },
		{ 0 },
	};
	const struct bench_usage usage = {
		"SIZE", "Random read-modify-write of 8-byte words over a table of SIZE.", options,
		NULL,
	};
	int rc = bench_shape_parse(&g->shape, "updates", &usage, argc, argv, &g->bytes);

	return rc ? rc : gups_hot_check(p, &g->shape, g->bytes);
}

int main(int argc, char **argv)
{
	struct gups g = { .pattern = GUPS_PATTERN_DEFAULTS };
	int rc;

	bench_name = "gups";
	if ((rc = parse(&g, argc, argv)))
		return rc;
	g.workers = aligned_alloc(BENCH_CACHE_LINE, g.shape.threads * sizeof(*g.workers));
	if (!g.workers)
		return bench_error(BENCH_FAILED, "no memory for %" PRIu64 " threads: ask for fewer",
				   g.shape.threads);
	memset(g.workers, 0, g.shape.threads * sizeof(*g.workers));
	rc = run(&g);
	bench_run_free(&g.run);
	bench_mem_unmap(&g.mem);
	free(g.workers);
	return bench_finish(rc);
}
