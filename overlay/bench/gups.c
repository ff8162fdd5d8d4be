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

#include "bench.h"

#define DEFAULT_SECONDS	10
#define BATCH		1024		/* updates between two looks at the stop flag */
#define GAMMA		0x9e3779b97f4a7c15ull

struct options {
	uint64_t bytes, threads, updates, seed;	/* updates 0: run for seconds */
	double seconds;
	int node;
	bool hugepage, verify, json;
};

/* Each on cache lines of its own: a counter that moved between CPUs would be what is measured. */
struct worker {
	uint64_t random, quota, updates, wrong, checksum;
} __attribute__((aligned(BENCH_CACHE_LINE)));

struct gups {
	struct options opt;
	struct bench_mem mem;
	uint64_t *table;
	uint64_t words;
	struct worker *workers;
	double alloc_secs, secs;
	uint64_t updates, wrong, checksum, huge_bytes;
	struct bench_pages pages;
	bool has_pages;
	bool stop __attribute__((aligned(BENCH_CACHE_LINE)));	/* workers poll it: read only */
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
static void rewind_worker(struct gups *g, int index, uint64_t quota)
{
	struct worker *w = &g->workers[index];

	w->random = mix(mix(g->opt.seed) + (uint64_t)index);
	w->quota = quota;
	w->updates = 0;
}

/* -- What the threads do --------------------------------------------------------------------- */

/* The part of total that belongs to thread index starts here. */
static uint64_t share(const struct gups *g, uint64_t total, int index)
{
	return (uint64_t)((unsigned __int128)total * (unsigned)index / g->opt.threads);
}

static void fill(void *arg, int index)
{
	struct gups *g = arg;
	uint64_t end = share(g, g->words, index + 1);

	for (uint64_t i = share(g, g->words, index); i < end; i++)
		g->table[i] = i;
}

static void update(void *arg, int index)
{
	struct gups *g = arg;
	struct worker *w = &g->workers[index];
	uint64_t (*const run)(uint64_t *, uint64_t, uint64_t, uint64_t) =
		g->opt.verify && g->opt.threads > 1 ? update_atomic : update_plain;
	uint64_t count;

	/* No clock here: under emulation, reading one can cost as much as the whole batch. */
	while (w->updates < w->quota && !__atomic_load_n(&g->stop, __ATOMIC_RELAXED)) {
		count = w->quota - w->updates;
		count = count < BATCH ? count : BATCH;
		w->random = run(g->table, g->words, w->random, count);
		w->updates += count;
	}
}

static void stop_in_time(void *arg)
{
	struct gups *g = arg;

	bench_sleep_until(bench_now() + g->opt.seconds);
	__atomic_store_n(&g->stop, true, __ATOMIC_RELAXED);
}

/* A sum that depends on what stands where, and not on who adds it up. */
static void sum_up(void *arg, int index)
{
	struct gups *g = arg;
	uint64_t end = share(g, g->words, index + 1), sum = 0;

	for (uint64_t i = share(g, g->words, index); i < end; i++)
		sum += mix(g->table[i] + i * GAMMA);
	g->workers[index].checksum = sum;
}

static void compare(void *arg, int index)
{
	struct gups *g = arg;
	uint64_t end = share(g, g->words, index + 1), wrong = 0;

	for (uint64_t i = share(g, g->words, index); i < end; i++)
		wrong += g->table[i] != i;
	g->workers[index].wrong = wrong;
}

/* -- The run --------------------------------------------------------------------------------- */

static int together(struct gups *g, void (*work)(void *, int), void (*meanwhile)(void *),
		    double *secs)
{
	struct bench_team team = { (int)g->opt.threads, work, meanwhile, g };

	return bench_team_run(&team, secs);
}

static int check_node(struct gups *g)
{
	uint64_t total = g->mem.bytes / bench_page_size();
	int rc;

	if (!bench_pages_count(&g->mem, &g->pages) && (rc = bench_pages_ask(&g->mem, &g->pages)))
		return rc;
	if (g->pages.on[g->opt.node] == total)
		return 0;
	return bench_error(BENCH_FAILED, "only %" PRIu64 " of %" PRIu64 " pages are on node %d: "
			   "something moves them, stop it or leave --node out",
			   g->pages.on[g->opt.node], total, g->opt.node);
}

/* Maps and first-touches the table, and looks whether it is what was asked for. */
static int make_table(struct gups *g)
{
	const struct options *o = &g->opt;
	double began, unused;
	int rc;

	if (o->node != BENCH_ANY_NODE && (rc = bench_node_check(o->node)))
		return rc;
	if ((rc = bench_mem_room(o->bytes, o->node)))
		return rc;
	began = bench_now();
	if ((rc = bench_mem_map(&g->mem, o->bytes, o->hugepage, o->node)))
		return rc;
	g->table = g->mem.addr;
	g->words = o->bytes / sizeof(*g->table);
	if ((rc = together(g, fill, NULL, &unused)))
		return rc;
	g->alloc_secs = bench_now() - began;

	if (o->hugepage && !bench_mem_huge(&g->mem))
		return bench_error(BENCH_FAILED, "the table got no huge page: is it under 2MiB, or "
				   "/sys/kernel/mm/transparent_hugepage/enabled at 'never'?");
	return o->node == BENCH_ANY_NODE ? 0 : check_node(g);
}

static void settle(void *arg, int index)
{
	struct gups *g = arg;

	(void)index;
	bench_mem_settle(&g->mem);
}

static int run_updates(struct gups *g)
{
	double unused;
	bool counted = g->opt.updates;
	int rc;

	if ((rc = together(g, settle, NULL, &unused)))
		return rc;
	for (int i = 0; i < (int)g->opt.threads; i++)
		rewind_worker(g, i, counted ? share(g, g->opt.updates, i + 1) -
			      share(g, g->opt.updates, i) : UINT64_MAX);
	if ((rc = together(g, update, counted ? NULL : stop_in_time, &g->secs)))
		return rc;
	for (int i = 0; i < (int)g->opt.threads; i++)
		g->updates += g->workers[i].updates;
	/* At the end, as they may have been promoted or demoted while it ran. */
	g->has_pages = bench_pages_count(&g->mem, &g->pages);
	g->huge_bytes = bench_mem_huge(&g->mem);
	return 0;
}

/* The same numbers XORed in a second time leave each word as it was filled. */
static int verify(struct gups *g)
{
	double unused;
	int rc;

	if ((rc = together(g, sum_up, NULL, &unused)))
		return rc;
	for (int i = 0; i < (int)g->opt.threads; i++)
		rewind_worker(g, i, g->workers[i].updates);
	g->stop = false;
	if ((rc = together(g, update, NULL, &unused)) || (rc = together(g, compare, NULL, &unused)))
		return rc;
	for (int i = 0; i < (int)g->opt.threads; i++) {
		g->checksum += g->workers[i].checksum;
		g->wrong += g->workers[i].wrong;
	}
	return 0;
}

/* -- The result ------------------------------------------------------------------------------ */

static void print_text(const struct gups *g)
{
	const struct options *o = &g->opt;
	double rate = (double)g->updates / g->secs / 1e9;
	char buf[32];

	printf("table: %s, %s pages\n", bench_human(o->bytes, buf), o->hugepage ? "huge" : "small");
	if (o->hugepage)
		printf("in huge pages: %s\n", bench_human(g->huge_bytes, buf));
	if (g->has_pages)
		bench_print_pages(&g->pages);
	printf("threads: %" PRIu64 "\n"
	       "elapsed: %.3f s\n"
	       "updates: %" PRIu64 "\n"
	       "GUPS: %.9f\n"
	       "GUPS per thread: %.9f\n"
	       "allocation: %.3f s\n",
	       o->threads, g->secs, g->updates, rate, rate / (double)o->threads, g->alloc_secs);
	if (o->verify)
		printf("verify: %s, %" PRIu64 " of %" PRIu64 " words wrong, checksum %016" PRIx64
		       "\n", g->wrong ? "failed" : "ok", g->wrong, g->words, g->checksum);
	bench_print_block(g->secs, g->updates, "GUPS", g->alloc_secs);
}

static void print_json(const struct gups *g)
{
	const struct options *o = &g->opt;
	double rate = (double)g->updates / g->secs;

	printf("{\"name\":\"gups\",\"size_bytes\":%" PRIu64 ",\"threads\":%" PRIu64
	       ",\"hugepage\":%s,\"huge_bytes\":%" PRIu64 ",\"node\":", o->bytes, o->threads,
	       o->hugepage ? "true" : "false", g->huge_bytes);
	if (o->node == BENCH_ANY_NODE)
		printf("null");
	else
		printf("%d", o->node);
	printf(",\"seed\":%" PRIu64 ",\"secs\":%.9f,\"updates\":%" PRIu64
	       ",\"updates_per_sec\":%.3f,\"gups\":%.12f,\"gups_per_thread\":%.12f"
	       ",\"alloc_secs\":%.9f,\"pages_per_node\":", o->seed, g->secs, g->updates, rate,
	       rate / 1e9, rate / 1e9 / (double)o->threads, g->alloc_secs);
	if (g->has_pages)
		bench_json_pages(&g->pages);
	else
		printf("null");
	if (o->verify)
		printf(",\"verify\":{\"ok\":%s,\"wrong_words\":%" PRIu64 ",\"words\":%" PRIu64
		       ",\"checksum\":\"%016" PRIx64 "\"}", g->wrong ? "false" : "true", g->wrong,
		       g->words, g->checksum);
	puts("}");
}

static int run(struct gups *g)
{
	int rc = make_table(g);

	if (!rc)
		rc = run_updates(g);
	if (!rc && g->opt.verify)
		rc = verify(g);
	if (rc)
		return rc;
	if (g->opt.json)
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

static int parse(struct options *o, int argc, char **argv)
{
	/* Counts and seeds go up to what a double, and so every reader of JSON, holds exactly. */
	const uint64_t most = 1ull << 53;
	const struct bench_option options[] = {
		{ "threads", BENCH_NUMBER, &o->threads,
		  "threads that share the table (as many as CPUs it may run on)",
		  1, BENCH_MAX_THREADS },
		{ "seconds", BENCH_SECONDS, &o->seconds, "how long to run (10)", 1, 0 },
		{ "updates", BENCH_NUMBER, &o->updates,
		  "run for N updates over all threads instead", 1, most },
		{ "hugepage", BENCH_FLAG, &o->hugepage,
		  "table in transparent huge pages (else: surely in small ones)", 0, 0 },
		{ "node", BENCH_NODE, &o->node,
		  "bind the table, and nothing else, to node N", 0, 0 },
		{ "seed", BENCH_NUMBER, &o->seed, "of the random sequence (1)", 0, most },
		{ "verify", BENCH_FLAG, &o->verify,
		  "repeat the updates, which must restore the table; updates by\n"
		  "                 several threads are atomic then, and so are slower", 0, 0 },
		{ "json", BENCH_FLAG, &o->json,
		  "one JSON object on one line instead of text", 0, 0 },
		{ 0 },
	};
	const struct bench_usage usage = {
		"SIZE", "Random read-modify-write of 8-byte words over a table of SIZE.", options,
	};
	int rc = bench_parse(&usage, argc, argv, &o->bytes);

	if (rc)
		return rc;
	if (o->updates && o->seconds > 0)
		return bench_error(BENCH_USAGE, "--updates and --seconds exclude each other: give "
				   "one of them");
	if (!o->updates && !(o->seconds > 0))
		o->seconds = DEFAULT_SECONDS;
	return 0;
}

int main(int argc, char **argv)
{
	struct gups g = { .opt = { .node = BENCH_ANY_NODE, .seed = 1 } };
	int rc;

	bench_name = "gups";
	g.opt.threads = (uint64_t)bench_cpus();
	if ((rc = parse(&g.opt, argc, argv)))
		return rc;
	g.workers = aligned_alloc(BENCH_CACHE_LINE, g.opt.threads * sizeof(*g.workers));
	if (!g.workers)
		return bench_error(BENCH_FAILED, "no memory for %" PRIu64 " threads: ask for fewer",
				   g.opt.threads);
	memset(g.workers, 0, g.opt.threads * sizeof(*g.workers));
	rc = run(&g);
	bench_mem_unmap(&g.mem);
	free(g.workers);
	return bench_finish(rc);
}
