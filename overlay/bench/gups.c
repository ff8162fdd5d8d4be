/*
 * gups: random updates of 8-byte words, uniform over a table, counted in billions a second.
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

#include "bench-run.h"

#define BATCH		1024		/* updates between two looks at the stop flag */
#define GAMMA		0x9e3779b97f4a7c15ull

struct worker {
	uint64_t wrong, checksum;
} __attribute__((aligned(BENCH_CACHE_LINE)));

struct gups {
	uint64_t bytes;
	bool verify;
	struct bench_shape shape;
	struct bench_mem mem;
	struct bench_run run;
	uint64_t *table;
	uint64_t words;
	struct worker *workers;
	uint64_t wrong, checksum;
};

/* splitmix64: no update waits for the one before it, as it would with xorshift's long chain. */
static inline uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static inline uint64_t *pick(uint64_t *table, uint64_t words, uint64_t random)
{
	return table + (uint64_t)(((unsigned __int128)random * words) >> 64);
}

/*
 * Relaxed loads and stores are plain instructions, and tell the compiler that other threads look:
 * none may be left out.
 */
static uint64_t update_plain(uint64_t *table, uint64_t words, uint64_t state, uint64_t count)
{
	while (count--) {
		uint64_t random = mix(state += GAMMA);
		uint64_t *word = pick(table, words, random);

		__atomic_store_n(word, __atomic_load_n(word, __ATOMIC_RELAXED) ^ random,
				 __ATOMIC_RELAXED);
	}
	return state;
}

static uint64_t update_atomic(uint64_t *table, uint64_t words, uint64_t state, uint64_t count)
{
	while (count--) {
		uint64_t random = mix(state += GAMMA);

		__atomic_fetch_xor(pick(table, words, random), random, __ATOMIC_RELAXED);
	}
	return state;
}

/* The state of thread index begins at a place of its own in the one 2^64 long sequence. */
static uint64_t first_state(const struct gups *g, int index)
{
	return mix(mix(g->shape.seed) + (uint64_t)index);
}

/* -- What the threads do --------------------------------------------------------------------- */

static void fill(void *arg, int index)
{
	struct gups *g = arg;
	uint64_t end = bench_share(&g->shape, g->words, index + 1);

	for (uint64_t i = bench_share(&g->shape, g->words, index); i < end; i++)
		g->table[i] = i;
}

static uint64_t update(struct gups *g, uint64_t state, uint64_t count)
{
	return (g->verify && g->shape.threads > 1 ? update_atomic : update_plain)
		(g->table, g->words, state, count);
}

static void work(struct bench_run *run, int index)
{
	struct gups *g = run->arg;
	uint64_t state = first_state(g, index), n;

	while ((n = bench_run_next(run, index, BATCH)))
		state = update(g, state, n);
}

static void repeat(void *arg, int index)
{
	struct gups *g = arg;

	update(g, first_state(g, index), g->run.counters[index].done);
}

/* A sum that depends on what stands where, and not on who adds it up. */
static void sum_up(void *arg, int index)
{
	struct gups *g = arg;
	uint64_t end = bench_share(&g->shape, g->words, index + 1), sum = 0;

	for (uint64_t i = bench_share(&g->shape, g->words, index); i < end; i++)
		sum += mix(g->table[i] + i * GAMMA);
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

/* Maps and first-touches the table, and looks whether it is what was asked for. */
static int make_table(struct gups *g)
{
	double began = bench_now();
	int rc;

	if ((rc = bench_run_map(&g->shape, g->bytes, &g->mem)))
		return rc;
	g->table = g->mem.addr;
	g->words = g->bytes / sizeof(*g->table);
	if ((rc = together(g, fill)))
		return rc;
	g->run.alloc_secs = bench_now() - began;
	return bench_run_ready(&g->shape, &g->mem);
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
	if (g->verify)
		printf(",\"verify\":{\"ok\":%s,\"wrong_words\":%" PRIu64 ",\"words\":%" PRIu64
		       ",\"checksum\":\"%016" PRIx64 "\"}", g->wrong ? "false" : "true", g->wrong,
		       g->words, g->checksum);
	bench_json_end(&g->run);
}

static int run(struct gups *g)
{
	int rc = make_table(g);

	g->run.shape = &g->shape;
	g->run.mem = &g->mem;
	g->run.work = work;
	g->run.work_type = "GUPS";
	g->run.arg = g;
	g->run.looks[0] = (struct bench_look){ "", g->mem.addr, g->mem.bytes };
	if (!rc)
		rc = bench_run(&g->run);
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

int main(int argc, char **argv)
{
	struct gups g = { 0 };
	const struct bench_option options[] = {
		{ "verify", BENCH_FLAG, &g.verify,
		  "repeat the updates, which must restore the table; updates by\n"
		  "                   several threads are atomic then, and so are slower", 0, 0 },
		{ 0 },
	};
	const struct bench_usage usage = {
		"SIZE", "Random read-modify-write of 8-byte words over a table of SIZE.", options,
		NULL,
	};
	int rc;

	bench_name = "gups";
	if ((rc = bench_shape_parse(&g.shape, "updates", &usage, argc, argv, &g.bytes)))
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
