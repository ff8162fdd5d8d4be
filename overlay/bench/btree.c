/*
 * btree: lookups in an index.
 *
 * A B+tree of 8-byte keys and values is built, and threads look keys up in it; some lookups also
 * write the value that they found. Unlike a table's, an access goes through nodes that depend on each
 * other, the upper ones of which are used by all: an index has a hot part of its own, even where each
 * key is as likely as any other.
 *
 * The tree's shape never changes once it is built, and a value is one aligned word that is read and
 * written whole. So threads need no lock: who reads sees the value from before or after a write, both
 * of which belong to the key, and of two who write the later one's stays.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench-run.h"
#include "bench-skew.h"
#include "btree-tree.h"

#define BATCH		128		/* lookups between two looks at the stop flag */
#define NOT_GIVEN	UINT64_MAX	/* of SIZE: beyond what bench_parse() takes */

/* A page, as what is hot is moved by pages, and what lies on disk is read by them. */
#define DEFAULT_NODE	4096u

struct worker {
	uint64_t reads, wrong;
} __attribute__((aligned(BENCH_CACHE_LINE)));

struct index {
	uint64_t size, keys, node_bytes;	/* as they were asked for */
	const char *skew_text;
	struct bench_skew skew;
	bool clustered;
	double read_ratio;
	uint64_t read_below;		/* a random number of 32 bits below it: only read */
	struct bench_shape shape;
	struct btree tree;
	struct bench_mem mem;
	struct bench_run run;
	struct worker *workers;
	struct worker all;
};

/* -- What the threads do --------------------------------------------------------------------- */

static void build(void *arg, int index)
{
	struct index *x = arg;

	btree_build(&x->tree, bench_share(&x->shape, x->tree.nodes, index),
		    bench_share(&x->shape, x->tree.nodes, index + 1));
}

/* Returns the state after it. */
static uint64_t look_up(struct index *x, struct worker *w, uint64_t state)
{
	uint64_t item = bench_skew_rank(&x->skew, &state), random = bench_random(&state), key;
	uint64_t *value;

	if (!x->clustered)
		item = btree_scatter(item, x->tree.keys);
	key = btree_key(&x->tree, item);
	value = btree_find(&x->tree, key);
	if (!value || !btree_belongs(key, __atomic_load_n(value, __ATOMIC_RELAXED)))
		w->wrong++;
	else if (random >> 32 >= x->read_below)
		__atomic_store_n(value, btree_value(key, (uint32_t)random), __ATOMIC_RELAXED);
	w->reads += random >> 32 < x->read_below;
	return state;
}

static void work(struct bench_run *run, int index)
{
	struct index *x = run->arg;
	uint64_t state = bench_random_begin(x->shape.seed, index), n;

	while ((n = bench_run_next(run, index, BATCH)))
		while (n--)
			state = look_up(x, &x->workers[index], state);
}

/* -- The run --------------------------------------------------------------------------------- */

static int make_tree(struct index *x)
{
	struct bench_team team = { (int)x->shape.threads, build, NULL, x };
	double began = bench_now(), unused;
	int rc;

	if ((rc = bench_run_map(&x->shape, btree_bytes(&x->tree), &x->mem)))
		return rc;
	x->tree.words = x->mem.addr;
	if ((rc = bench_team_run(&team, NULL, &unused)))
		return rc;
	x->run.alloc_secs = bench_now() - began;
	return bench_run_ready(&x->shape, &x->mem);
}

static int run_tree(struct index *x)
{
	double alloc_secs = x->run.alloc_secs;
	int rc;

	x->run = (struct bench_run){
		.shape = &x->shape, .mem = &x->mem, .work = work, .work_type = "lookups", .arg = x,
		.looks = { { "", x->mem.addr, x->mem.bytes } }, .alloc_secs = alloc_secs,
	};
	rc = bench_run(&x->run);
	for (int i = 0; i < (int)x->shape.threads; i++) {
		x->all.reads += x->workers[i].reads;
		x->all.wrong += x->workers[i].wrong;
	}
	return rc;
}

/* -- The result ------------------------------------------------------------------------------ */

static void print_text(const struct index *x)
{
	char buf[32];

	printf("tree: %" PRIu64 " keys in %" PRIu64 " nodes of %" PRIu64 " bytes, %d levels, %s, %s "
	       "pages\n", x->tree.keys, x->tree.nodes, x->tree.node_bytes, x->tree.height,
	       bench_human(btree_bytes(&x->tree), buf), x->shape.hugepage ? "huge" : "small");
	if (x->run.has_pages[0])
		bench_print_pages(&x->run.end[0]);
	printf("threads: %" PRIu64 "\nkeys chosen: %s, %s\nlookups: %" PRIu64 ", %" PRIu64 " of them "
	       "only read, %" PRIu64 " wrong\n", x->shape.threads, x->skew_text,
	       x->clustered ? "hot ones side by side" : "scattered", x->run.done, x->all.reads,
	       x->all.wrong);
	bench_print_run(&x->run);
}

static void print_json(const struct index *x)
{
	bench_json_begin(&x->run, btree_bytes(&x->tree));
	printf(",\"keys\":%" PRIu64 ",\"height\":%d,\"nodes\":%" PRIu64 ",\"node_bytes\":%" PRIu64
	       ",\"skew\":\"%s\",\"clustered\":%s,\"read_ratio\":%g,\"reads\":%" PRIu64
	       ",\"wrong\":%" PRIu64, x->tree.keys, x->tree.height, x->tree.nodes,
	       x->tree.node_bytes, x->skew_text, x->clustered ? "true" : "false", x->read_ratio,
	       x->all.reads, x->all.wrong);
	bench_json_end(&x->run);
}

static int report(const struct index *x)
{
	(x->shape.json ? print_json : print_text)(x);
	if (!x->all.wrong)
		return 0;
	return bench_error(BENCH_FAILED, "%" PRIu64 " of %" PRIu64 " lookups found no value or "
			   "another key's: memory, or its emulation, lost what was written",
			   x->all.wrong, x->run.done);
}

/* -- Options --------------------------------------------------------------------------------- */

static int plan(struct index *x)
{
	uint64_t b = x->node_bytes, keys = x->keys;

	if (b < BTREE_LEAST_NODE || b > BTREE_LARGEST_NODE || b & (b - 1))
		return bench_error(BENCH_USAGE, "--node-bytes %" PRIu64 " is no power of 2 from %u to "
				   "%u: give one, as 4096", b, BTREE_LEAST_NODE, BTREE_LARGEST_NODE);
	if (keys && x->size != NOT_GIVEN)
		return bench_error(BENCH_USAGE, "SIZE and --keys exclude each other: give one of them");
	if (!keys && x->size == NOT_GIVEN)
		return bench_error(BENCH_USAGE, "no size given: usage: btree SIZE or btree --keys N, "
				   "see btree --help");
	keys = keys ? keys : btree_keys_in(x->size, b);
	if (!keys)
		return bench_error(BENCH_USAGE, "the size is less than one node: give at least %"
				   PRIu64 "KiB, or smaller --node-bytes", (b + 1023) >> 10);
	btree_shape(&x->tree, keys, b);
	bench_skew_over(&x->skew, keys);
	x->read_below = (uint64_t)(x->read_ratio * 0x1p32 + 0.5);
	bench_shape_footprint(&x->shape, btree_bytes(&x->tree));
	return 0;
}

static int parse(struct index *x, int argc, char **argv)
{
	const struct bench_option options[] = {
		{ "keys", BENCH_NUMBER, &x->keys, "so many keys, instead of as many as SIZE holds",
		  1, BTREE_MAX_KEYS },
		{ "node-bytes", BENCH_NUMBER, &x->node_bytes,
		  "size of a node, a power of 2 (4096: a page)", 1, BTREE_LARGEST_NODE },
		{ "skew", BENCH_TEXT, &x->skew_text,
		  "how keys are chosen: uniform, zipf:THETA or\n"
		  "                   selfsimilar:H (uniform)", 0, 0 },
		{ "clustered", BENCH_FLAG, &x->clustered,
		  "hot keys are the lowest ones (else: scattered over all)", 0, 0 },
		{ "read-ratio", BENCH_FRACTION, &x->read_ratio,
		  "the share of lookups that only read; the others write the\n"
		  "                   value that they found (1)", 0, 0 },
		{ 0 },
	};
	const struct bench_usage usage = {
		"SIZE|--keys N", "Lookups of 8-byte keys in a B+tree with 8-byte values, which is as\n"
		"large as fits into SIZE, or has N keys.", options, NULL,
	};
	int rc = bench_shape_parse(&x->shape, "lookups", &usage, argc, argv, &x->size);

	if (!rc)
		rc = bench_skew_parse("skew", x->skew_text, &x->skew);
	return rc ? rc : plan(x);
}

int main(int argc, char **argv)
{
	static struct index x = { .size = NOT_GIVEN, .node_bytes = DEFAULT_NODE, .read_ratio = 1,
				  .skew_text = "uniform", .shape.sizes_itself = true };
	int rc;

	bench_name = "btree";
	if ((rc = parse(&x, argc, argv)))
		return rc;
	x.workers = aligned_alloc(BENCH_CACHE_LINE, x.shape.threads * sizeof(*x.workers));
	if (!x.workers)
		return bench_error(BENCH_FAILED, "no memory for %" PRIu64 " threads: ask for fewer",
				   x.shape.threads);
	memset(x.workers, 0, x.shape.threads * sizeof(*x.workers));
	if (!(rc = make_tree(&x)) && !(rc = run_tree(&x)))
		rc = report(&x);
	bench_run_free(&x.run);
	bench_mem_unmap(&x.mem);
	free(x.workers);
	return bench_finish(rc);
}
