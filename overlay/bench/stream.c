/*
 * stream: how many bytes a second go through four simple loops over arrays, counted as
 * J. D. McCalpin's STREAM counts them: what the loop reads and writes, and not what a cache fetches
 * on top because of a write.
 */
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>

#include "bench-run.h"

#define ARRAYS		3
#define KERNELS		4
#define WORD		sizeof(double)
/*
 * After each repetition a is 2s + s^2 times what it was, which is 1 with this s: values neither grow
 * out of what a double holds nor shrink to where arithmetic is slow.
 */
#define FACTOR		0.41421356237309504880	/* the root of 2, less 1 */
#define TOLERANCE	1e-8
/*
 * Vectors where the processor surely has them, and none replaced by a call of memcpy(), which writes
 * past the caches when an array is large.
 */
#define KERNEL static __attribute__((noinline, optimize("O3", "no-tree-loop-distribute-patterns")))

struct times {
	double least, most, sum;
	uint64_t n;
};

struct stream {
	uint64_t bytes;
	struct bench_shape shape, run_shape;
	struct bench_mem mem;
	struct bench_run run;
	double *a, *b, *c;
	uint64_t n;				/* elements of an array */
	pthread_barrier_t barrier;
	bool more;				/* what the first thread decides for all */
	uint64_t repetitions;
	struct times times[KERNELS];
	double wrong[BENCH_MAX_THREADS];	/* the worst relative error a thread found */
};

/* -- The kernels ----------------------------------------------------------------------------- */

KERNEL void copy(double *restrict c, const double *restrict a, const double *restrict unused, uint64_t n)
{
	(void)unused;
	for (uint64_t i = 0; i < n; i++)
		c[i] = a[i];
}

KERNEL void scale(double *restrict b, const double *restrict c, const double *restrict unused, uint64_t n)
{
	(void)unused;
	for (uint64_t i = 0; i < n; i++)
		b[i] = FACTOR * c[i];
}

KERNEL void add(double *restrict c, const double *restrict a, const double *restrict b, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		c[i] = a[i] + b[i];
}

KERNEL void triad(double *restrict a, const double *restrict b, const double *restrict c, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		a[i] = b[i] + FACTOR * c[i];
}

/* Arrays by number: a is 0, b is 1, c is 2. touched: how many of them a loop goes over. */
static const struct kernel {
	const char *name;
	void (*run)(double *restrict, const double *restrict, const double *restrict, uint64_t);
	int to, from, and_from;
	unsigned int touched;
} kernels[KERNELS] = {
	{ "copy", copy, 2, 0, 0, 2 },
	{ "scale", scale, 1, 2, 2, 2 },
	{ "add", add, 2, 0, 1, 3 },
	{ "triad", triad, 0, 1, 2, 3 },
};

static uint64_t bytes_of(const struct stream *s, const struct kernel *k)
{
	return k->touched * s->n * WORD;
}

static uint64_t bytes_of_all(const struct stream *s)
{
	uint64_t sum = 0;

	for (int i = 0; i < KERNELS; i++)
		sum += bytes_of(s, &kernels[i]);
	return sum;
}

/* -- What the threads do --------------------------------------------------------------------- */

static void fill(void *arg, int index)
{
	struct stream *s = arg;
	uint64_t end = bench_share(&s->shape, s->n, index + 1);

	for (uint64_t i = bench_share(&s->shape, s->n, index); i < end; i++) {
		s->a[i] = 1;
		s->b[i] = 2;
		s->c[i] = 0;
	}
}

/* The first of several is not counted, as with STREAM: it warms up. */
static void note_time(struct times *t, double secs, uint64_t repetition)
{
	if (repetition == 1)
		*t = (struct times){ 0 };
	t->least = !t->n || secs < t->least ? secs : t->least;
	t->most = secs > t->most ? secs : t->most;
	t->sum += secs;
	t->n++;
}

/*
 * All begin and end a kernel together, and the first thread holds the clock. Work is bytes, and
 * counted by the first for all: the others' counters stay at nothing.
 */
static void work(struct bench_run *run, int index)
{
	struct stream *s = run->arg;
	uint64_t from = bench_share(&s->shape, s->n, index), each = bytes_of_all(s);
	uint64_t count = bench_share(&s->shape, s->n, index + 1) - from;
	double *const array[ARRAYS] = { s->a + from, s->b + from, s->c + from };
	double began = 0;

	for (;;) {
		if (!index)
			s->more = bench_run_next(run, 0, each);
		pthread_barrier_wait(&s->barrier);
		if (!s->more)
			return;
		for (int i = 0; i < KERNELS; i++) {
			const struct kernel *k = &kernels[i];

			if (!index)
				began = bench_now();
			pthread_barrier_wait(&s->barrier);
			k->run(array[k->to], array[k->from], array[k->and_from], count);
			pthread_barrier_wait(&s->barrier);
			if (!index)
				note_time(&s->times[i], bench_now() - began, s->repetitions);
		}
		if (!index)
			s->repetitions++;
	}
}

static double off(double is, double should)
{
	double error = fabs(is - should) / should;

	return error <= 1e300 ? error : 1e300;	/* not a number counts as wrong, too */
}

/* The same arithmetic on one element says what all have to be by now. */
static void compare(void *arg, int index)
{
	struct stream *s = arg;
	uint64_t end = bench_share(&s->shape, s->n, index + 1);
	double value[ARRAYS] = { 1, 2, 0 }, worst = 0;

	for (uint64_t i = 0; i < s->repetitions; i++)
		for (const struct kernel *k = kernels; k < kernels + KERNELS; k++)
			k->run(&value[k->to], &value[k->from], &value[k->and_from], 1);
	for (uint64_t i = bench_share(&s->shape, s->n, index); i < end; i++) {
		worst = fmax(worst, off(s->a[i], value[0]));
		worst = fmax(worst, off(s->b[i], value[1]));
		worst = fmax(worst, off(s->c[i], value[2]));
	}
	s->wrong[index] = worst;
}

/* -- The run --------------------------------------------------------------------------------- */

static int together(struct stream *s, void (*part)(void *, int))
{
	struct bench_team team = { (int)s->shape.threads, part, NULL, s };
	double unused;

	return bench_team_run(&team, NULL, &unused);
}

static int make_arrays(struct stream *s)
{
	double began = bench_now();
	int rc;

	if ((rc = bench_run_map(&s->shape, s->bytes, &s->mem)))
		return rc;
	s->a = s->mem.addr;
	s->b = s->a + s->n;
	s->c = s->b + s->n;
	if ((rc = together(s, fill)))
		return rc;
	s->run.alloc_secs = bench_now() - began;
	return bench_run_ready(&s->shape, &s->mem);
}

static int check_results(struct stream *s)
{
	double worst = 0;
	int rc = together(s, compare);

	for (int i = 0; i < (int)s->shape.threads; i++)
		worst = fmax(worst, s->wrong[i]);
	if (!rc && worst > TOLERANCE)
		rc = bench_error(BENCH_FAILED, "results are off by a share of %g after %" PRIu64
				 " repetitions: memory, or its emulation, lost writes", worst,
				 s->repetitions);
	return rc;
}

static int run_all(struct stream *s)
{
	struct bench_run *run = &s->run;
	int rc = make_arrays(s);

	if (rc)
		return rc;
	/* A repetition is of all threads, and the first one's part of the work has to be all of it. */
	s->run_shape = s->shape;
	if (__builtin_mul_overflow(s->shape.work, bytes_of_all(s) * s->shape.threads,
				   &s->run_shape.work))
		return bench_error(BENCH_USAGE, "--repetitions %" PRIu64 " of so much is more than "
				   "can be counted: give fewer", s->shape.work);
	run->shape = &s->run_shape;
	run->mem = &s->mem;
	run->work = work;
	run->work_type = "bytes";
	run->arg = s;
	run->looks[0] = (struct bench_look){ "", s->mem.addr, s->mem.bytes };
	if (pthread_barrier_init(&s->barrier, NULL, (unsigned int)s->shape.threads))
		return bench_error(BENCH_FAILED, "can't have a barrier: ask for fewer threads");
	rc = bench_run(run);
	pthread_barrier_destroy(&s->barrier);
	if (!rc && !s->repetitions)
		rc = bench_error(BENCH_FAILED, "no time for a single repetition: give more "
				 "--seconds");
	return rc ? rc : check_results(s);
}

/* -- The result ------------------------------------------------------------------------------ */

static double gb_per_sec(const struct stream *s, int kernel, double secs)
{
	return secs > 0 ? (double)bytes_of(s, &kernels[kernel]) / secs / 1e9 : 0;
}

static void print_json(const struct stream *s)
{
	bench_json_begin(&s->run, s->bytes);
	printf(",\"array_bytes\":%zu,\"repetitions\":%" PRIu64 ",\"kernels\":[", s->n * WORD,
	       s->repetitions);
	for (int i = 0; i < KERNELS; i++) {
		const struct times *t = &s->times[i];

		printf("%s{\"name\":\"%s\",\"bytes\":%" PRIu64 ",\"best_gb_per_sec\":%.4f,"
		       "\"avg_gb_per_sec\":%.4f,\"min_gb_per_sec\":%.4f}", i ? "," : "",
		       kernels[i].name, bytes_of(s, &kernels[i]), gb_per_sec(s, i, t->least),
		       gb_per_sec(s, i, t->sum / (double)t->n), gb_per_sec(s, i, t->most));
	}
	putchar(']');
	bench_json_end(&s->run);
}

static void print_text(const struct stream *s)
{
	char buf[32];

	printf("arrays: 3 of %s, %s pages\n", bench_human(s->n * WORD, buf),
	       s->shape.hugepage ? "huge" : "small");
	if (s->run.has_pages[0])
		bench_print_pages(&s->run.end[0]);
	printf("threads: %" PRIu64 "\nrepetitions: %" PRIu64 "\n%-8s %12s %12s %12s\n",
	       s->shape.threads, s->repetitions, "GB/s", "best", "average", "least");
	for (int i = 0; i < KERNELS; i++)
		printf("%-8s %12.3f %12.3f %12.3f\n", kernels[i].name,
		       gb_per_sec(s, i, s->times[i].least),
		       gb_per_sec(s, i, s->times[i].sum / (double)s->times[i].n),
		       gb_per_sec(s, i, s->times[i].most));
	printf("results: right\n");
	bench_print_run(&s->run);
}

static int parse(struct stream *s, int argc, char **argv)
{
	const uint64_t most = 1000000;
	const struct bench_option options[] = { { 0 } };
	const struct bench_usage usage = {
		"SIZE", "Copy, scale, add and triad over three arrays that are SIZE together.", options,
		NULL,
	};
	int rc = bench_shape_parse(&s->shape, "repetitions", &usage, argc, argv, &s->bytes);

	s->n = s->bytes / ARRAYS / WORD;
	if (!rc && s->shape.work > most)
		rc = bench_error(BENCH_USAGE, "--repetitions %" PRIu64 " is out of range: give one "
				 "from 1 to %" PRIu64, s->shape.work, most);
	return rc;
}

int main(int argc, char **argv)
{
	static struct stream s;
	int rc;

	bench_name = "stream";
	if ((rc = parse(&s, argc, argv)))
		return rc;
	if (!(rc = run_all(&s)))
		(s.shape.json ? print_json : print_text)(&s);
	bench_run_free(&s.run);
	bench_mem_unmap(&s.mem);
	return bench_finish(rc);
}
