/*
 * chase: how long a load takes when nothing can be fetched ahead of it, by size of the working set.
 *
 * Each cache line holds the address of another one, and all of them are one random cycle: a load
 * can only begin when the one before it has come, and no prefetcher sees where it will go. Small
 * working sets show the caches, large ones the memory; the steps between them, where a cache ends.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench-run.h"
#include "bench-skew.h"

#define DEFAULT_SIZE	(256ull << 20)
#define LINE		64u
#define BATCH		1024		/* loads between two looks at the stop flag */
#define MAX_SETS	64

struct set {
	uint64_t bytes, loads;
	double at, secs, ns_per_load;
};

struct chase {
	uint64_t bytes, from;
	struct bench_shape shape, one;	/* of the whole, and of one working set */
	struct bench_mem mem;
	struct bench_run run;		/* all of it added up */
	struct set sets[MAX_SETS];
	int n_sets;
	uint64_t lines;			/* of the working set at hand */
	void *seen[BENCH_MAX_THREADS];	/* or the loads could be left out */
};

static void **line(const struct chase *c, uint64_t i)
{
	return (void **)((char *)c->mem.addr + i * LINE);
}

/* -- The cycle ------------------------------------------------------------------------------- */

/* Sattolo's shuffle in place: every result is one cycle through all lines, each as likely. */
static void make_cycle(struct chase *c)
{
	uint64_t state = bench_random_begin(c->shape.seed, 0), other;
	void *swap;

	for (uint64_t i = 0; i < c->lines; i++)
		*line(c, i) = line(c, i);
	for (uint64_t i = c->lines - 1; i > 0; i--) {
		other = bench_below(bench_random(&state), i);
		swap = *line(c, i);
		*line(c, i) = *line(c, other);
		*line(c, other) = swap;
	}
}

/* A lap before the clock starts: it warms the caches, and proves that it is one cycle. */
static int check_cycle(const struct chase *c)
{
	void **at = line(c, 0);
	uint64_t n = 0;

	do {
		at = __atomic_load_n(at, __ATOMIC_RELAXED);
		n++;
	} while (at != line(c, 0) && n <= c->lines);
	return n == c->lines ? 0 : bench_error(BENCH_FAILED, "a lap of %" PRIu64 " lines came home "
		"after %" PRIu64 ": memory, or its emulation, lost writes", c->lines, n);
}

/* -- What the threads do --------------------------------------------------------------------- */

static void fill(void *arg, int index)
{
	struct chase *c = arg;
	uint64_t from = bench_share(&c->shape, c->mem.bytes, index);

	memset((char *)c->mem.addr + from, 1, bench_share(&c->shape, c->mem.bytes, index + 1) - from);
}

static void settle(void *arg, int index)
{
	struct chase *c = arg;
	struct bench_mem part = { .addr = c->mem.addr, .bytes = c->lines * LINE };

	(void)index;
	bench_mem_settle(&part);
}

static void work(struct bench_run *run, int index)
{
	struct chase *c = run->arg;
	void **at = line(c, bench_share(&c->shape, c->lines, index));
	uint64_t n;

	while ((n = bench_run_next(run, index, BATCH)))
		while (n--)
			at = __atomic_load_n(at, __ATOMIC_RELAXED);
	__atomic_store_n(&c->seen[index], (void *)at, __ATOMIC_RELAXED);
}

/* -- The run --------------------------------------------------------------------------------- */

static int together(struct chase *c, void (*part)(void *, int))
{
	struct bench_team team = { (int)c->shape.threads, part, NULL, c };
	double unused;

	return bench_team_run(&team, NULL, &unused);
}

static int make_memory(struct chase *c)
{
	double began = bench_now();
	int rc;

	if ((rc = bench_run_map(&c->shape, c->bytes, &c->mem)) || (rc = together(c, fill)))
		return rc;
	c->run.alloc_secs = bench_now() - began;
	return bench_run_ready(&c->shape, &c->mem);
}

/* What is the same for each working set's run, and for their sum. */
static struct bench_run run_of(struct chase *c, const struct bench_shape *shape)
{
	return (struct bench_run){
		.shape = shape, .mem = &c->mem, .work = work, .work_type = "loads", .arg = c,
		.looks = { { "", c->mem.addr, c->mem.bytes } }, .alloc_secs = c->run.alloc_secs,
	};
}

static void add_up(struct chase *c, const struct bench_run *run, struct set *set)
{
	if (set == c->sets) {
		c->run.began_at = run->began_at;
		c->run.begin[0] = run->begin[0];
	}
	c->run.secs += run->secs;
	c->run.done += run->done;
	c->run.end[0] = run->end[0];
	c->run.has_pages[0] = run->has_pages[0];
	c->run.huge_bytes = run->huge_bytes;
	set->at = run->began_at - c->run.began_at;
	set->secs = run->secs;
	set->loads = run->done;
	set->ns_per_load = run->secs * (double)c->shape.threads * 1e9 / (double)run->done;
}

static int run_set(struct chase *c, struct set *set)
{
	struct bench_run run = run_of(c, &c->one);
	int rc;

	c->lines = set->bytes / LINE;
	make_cycle(c);
	if ((rc = together(c, settle)) || (rc = check_cycle(c)))
		return rc;
	rc = bench_run(&run);
	if (!rc && !run.done)
		rc = bench_error(BENCH_FAILED, "no time for a single load: give more --seconds");
	if (!rc)
		add_up(c, &run, set);
	bench_run_free(&run);
	return rc;
}

static int run_all(struct chase *c)
{
	int rc = make_memory(c);

	c->run = run_of(c, &c->shape);
	for (int i = 0; !rc && i < c->n_sets; i++)
		rc = run_set(c, &c->sets[i]);
	return rc;
}

/* -- The result ------------------------------------------------------------------------------ */

static void print_json(const struct chase *c)
{
	bench_json_begin(&c->run, c->bytes);
	printf(",\"line_bytes\":%u,\"sets\":[", LINE);
	for (int i = 0; i < c->n_sets; i++)
		printf("%s{\"bytes\":%" PRIu64 ",\"ns_per_load\":%.4f,\"loads\":%" PRIu64 ",\"secs\":%"
		       ".6f,\"at\":%.6f}", i ? "," : "", c->sets[i].bytes, c->sets[i].ns_per_load,
		       c->sets[i].loads, c->sets[i].secs, c->sets[i].at);
	putchar(']');
	bench_json_end(&c->run);
}

static void print_text(const struct chase *c)
{
	char buf[32];

	printf("memory: %s, %s pages\n", bench_human(c->bytes, buf),
	       c->shape.hugepage ? "huge" : "small");
	if (c->run.has_pages[0])
		bench_print_pages(&c->run.end[0]);
	for (int i = 0; i < c->n_sets; i++)
		printf("%12s %10.2f ns a load\n", bench_human(c->sets[i].bytes, buf),
		       c->sets[i].ns_per_load);
	bench_print_run(&c->run);
}

/* -- Options --------------------------------------------------------------------------------- */

/* From the smallest, doubling, and SIZE itself as the last. Time is shared out alike. */
static int plan(struct chase *c, const char *from)
{
	int rc = bench_parse_size(from, &c->from);

	if (rc)
		return rc;
	if (c->from > c->bytes)
		return bench_error(BENCH_USAGE, "--from %s is more than the whole: give at most %"
				   PRIu64 "KiB", from, c->bytes >> 10);
	for (uint64_t bytes = c->from; bytes < c->bytes; bytes *= 2)
		c->sets[c->n_sets++].bytes = bytes;
	c->sets[c->n_sets++].bytes = c->bytes;
	c->one = c->shape;
	c->one.seconds /= c->n_sets;
	c->one.interval = 0;
	return 0;
}

static int parse(struct chase *c, int argc, char **argv)
{
	const char *from = "4KiB";
	const struct bench_option options[] = {
		{ "from", BENCH_TEXT, &from, "the smallest working set (4KiB); the next are twice\n"
		  "                   as large, up to SIZE, and each gets its part of --seconds", 0, 0 },
		{ 0 },
	};
	const struct bench_usage usage = {
		"[SIZE]", "Time of a load that depends on the one before, over random cache lines of\n"
		"working sets up to SIZE (256MiB).", options, NULL,
	};
	int rc = bench_shape_parse(&c->shape, NULL, &usage, argc, argv, &c->bytes);

	return rc ? rc : plan(c, from);
}

int main(int argc, char **argv)
{
	static struct chase c = { .bytes = DEFAULT_SIZE, .shape.threads = 1 };
	int rc;

	bench_name = "chase";
	if ((rc = parse(&c, argc, argv)))
		return rc;
	if (!(rc = run_all(&c)))
		(c.shape.json ? print_json : print_text)(&c);
	bench_mem_unmap(&c.mem);
	return bench_finish(rc);
}
