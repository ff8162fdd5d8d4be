/* Runs a team of threads and takes notes of it meanwhile: see bench-run.h for the contract. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench-run.h"

#define LOOKS_SHARE	0.01	/* of the time, at most, is spent looking where pages are */
#define FEWEST_SAMPLES	1024	/* a share is known to some 1.5 % with as many pages asked for */

/*
 * Workers that are through wake the note-taker: a count of work may be done at any time. The time
 * that looks cost and the intervals' times are by bench_now().
 */
struct bench_notes {
	pthread_mutex_t lock;
	pthread_cond_t through;
	int working;
	double started, last_at;	/* of the interval that runs */
	uint64_t last_work;
	double cost[BENCH_MAX_LOOKS];	/* of the whole look, at the begin */
	double spent[BENCH_MAX_LOOKS];	/* since the start */
	size_t room;
	int nodes, looks;
	bool no_memory;
};

/* -- Looking where pages are ----------------------------------------------------------------- */

static bool is_whole(const struct bench_run *run, const struct bench_look *look)
{
	return run->mem && look->addr == run->mem->addr && look->bytes == run->mem->bytes;
}

static bool look_at(const struct bench_run *run, int i, uint64_t step, struct bench_pages *pages)
{
	const struct bench_look *look = &run->looks[i];

	if (is_whole(run, look))
		return bench_pages_count(run->mem, pages);
	return bench_pages_sample(look->addr, look->bytes, step, pages);
}

static void look_begin(struct bench_run *run)
{
	double began;

	for (int i = 0; i < run->notes->looks; i++) {
		began = bench_now();
		run->has_pages[i] = look_at(run, i, 1, &run->begin[i]);
		run->notes->cost[i] = bench_now() - began;
	}
}

/*
 * The step that keeps the look within its share of the time since the start; 0: it has to wait.
 * numa_maps can't be read by halves.
 */
static uint64_t affordable(const struct bench_run *run, int i, double now)
{
	const struct bench_notes *n = run->notes;
	double left = (now - n->started) * LOOKS_SHARE / n->looks - n->spent[i];
	uint64_t pages = run->looks[i].bytes / bench_page_size(), step;

	if (n->cost[i] <= left)
		return 1;
	if (is_whole(run, &run->looks[i]) || left <= 0 || pages < FEWEST_SAMPLES)
		return 0;
	step = (uint64_t)(n->cost[i] / left) + 1;
	return step <= pages / FEWEST_SAMPLES ? step : 0;
}

static void keep_pages(const struct bench_run *run, struct bench_interval *to, int i, uint64_t step,
		       const struct bench_pages *pages)
{
	size_t bytes = (size_t)run->notes->nodes * sizeof(*pages->on);

	to->step[i] = step;
	to->pages[i] = malloc(bytes);
	if (to->pages[i])
		memcpy(to->pages[i], pages->on, bytes);
}

static void look_meanwhile(struct bench_run *run, struct bench_interval *to)
{
	struct bench_notes *n = run->notes;
	struct bench_pages pages;
	double began;

	for (int i = 0; i < n->looks; i++) {
		began = bench_now();
		to->step[i] = run->has_pages[i] ? affordable(run, i, began) : 0;
		if (!to->step[i] || !look_at(run, i, to->step[i], &pages))
			continue;
		n->spent[i] += bench_now() - began;
		/* A table may have become dearer to walk, as when huge pages were split. */
		if (to->step[i] == 1)
			n->cost[i] = bench_now() - began;
		keep_pages(run, to, i, to->step[i], &pages);
	}
}

/* -- Intervals ------------------------------------------------------------------------------- */

static uint64_t done_so_far(const struct bench_run *run)
{
	uint64_t sum = 0;

	for (int i = 0; i < (int)run->shape->threads; i++)
		sum += __atomic_load_n(&run->counters[i].done, __ATOMIC_RELAXED);
	return sum;
}

/* Ends the interval that runs. at is absolute until the run's own begin is known. */
static struct bench_interval *end_interval(struct bench_run *run, double now, uint64_t work)
{
	struct bench_notes *n = run->notes;
	struct bench_interval *more, *now_ended;

	if (run->n_intervals == n->room) {
		more = realloc(run->intervals, 2 * (n->room + 32) * sizeof(*more));
		if (!more) {
			n->no_memory = true;
			return NULL;
		}
		run->intervals = more;
		n->room = 2 * (n->room + 32);
	}
	now_ended = &run->intervals[run->n_intervals++];
	*now_ended = (struct bench_interval){ .at = now, .secs = now - n->last_at,
					      .work = work - n->last_work };
	for (int i = 0; i < BENCH_MAX_VALUES && run->values[i].key; i++)
		now_ended->value[i] = run->values[i].now;
	n->last_at = now;
	n->last_work = work;
	return now_ended;
}

/* True: all workers are through. */
static bool wait_until(struct bench_notes *n, double when)
{
	struct timespec t = { .tv_sec = (time_t)when };
	bool through;
	int rc = 0;

	t.tv_nsec = (long)((when - (double)t.tv_sec) * 1e9);
	pthread_mutex_lock(&n->lock);
	while (n->working && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&n->through, &n->lock, &t);
	through = !n->working;
	pthread_mutex_unlock(&n->lock);
	return through;
}

static double earliest(double a, double b)
{
	return a > 0 && (a < b || !(b > 0)) ? a : b;
}

/*
 * What falls due at the same time: first what the workload does, then the notes. The last interval
 * is ended when all have come home. Late notes don't make the next one late.
 */
static void take_notes(void *arg)
{
	struct bench_run *run = arg;
	struct bench_notes *n = run->notes;
	const struct bench_shape *s = run->shape;
	double end = s->work ? 0 : s->seconds, interval = s->interval, next = interval;
	struct bench_interval *ended;
	double when, now;

	n->started = n->last_at = bench_now();
	for (;;) {
		when = earliest(end, earliest(next, run->next_due));
		if (wait_until(n, n->started + (when > 0 ? when : 1e9)))
			return;
		now = bench_now() - n->started;
		if (end > 0 && now >= end) {
			__atomic_store_n(&run->stop, true, __ATOMIC_RELAXED);
			return;
		}
		if (next > 0 && now >= next) {
			ended = end_interval(run, n->started + now, done_so_far(run));
			if (ended)
				look_meanwhile(run, ended);
			while (next <= now)
				next += interval;
		}
		if (run->next_due > 0 && now >= run->next_due)
			run->due(run, now);
	}
}

static void work(void *arg, int index)
{
	struct bench_run *run = arg;
	struct bench_notes *n = run->notes;

	run->work(run, index);
	pthread_mutex_lock(&n->lock);
	if (!--n->working)
		pthread_cond_signal(&n->through);
	pthread_mutex_unlock(&n->lock);
}

/* -- The run --------------------------------------------------------------------------------- */

static int prepare(struct bench_run *run)
{
	const struct bench_shape *s = run->shape;
	size_t bytes = s->threads * sizeof(*run->counters);
	pthread_condattr_t monotonic;
	struct bench_notes *n;

	run->counters = aligned_alloc(BENCH_CACHE_LINE, bytes);
	run->notes = n = calloc(1, sizeof(*n));
	if (!run->counters || !n)
		return bench_error(BENCH_FAILED, "no memory for %" PRIu64 " threads: ask for fewer",
				   s->threads);
	memset(run->counters, 0, bytes);
	for (int i = 0; i < (int)s->threads; i++)
		run->counters[i].quota = s->work ? bench_share(s, s->work, i + 1) -
			bench_share(s, s->work, i) : UINT64_MAX;
	pthread_mutex_init(&n->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&n->through, &monotonic);
	n->working = (int)s->threads;
	n->nodes = bench_node_limit();
	while (n->looks < BENCH_MAX_LOOKS && run->looks[n->looks].key)
		n->looks++;
	return 0;
}

int bench_run(struct bench_run *run)
{
	struct bench_team team = { (int)run->shape->threads, work, take_notes, run };
	struct bench_interval *last;
	int rc = prepare(run);

	if (rc)
		return rc;
	look_begin(run);
	if ((rc = bench_team_run(&team, &run->began_at, &run->secs)))
		return rc;
	run->done = done_so_far(run);
	last = run->shape->interval > 0 ?
		end_interval(run, run->began_at + run->secs, run->done) : NULL;
	if (run->notes->no_memory)
		return bench_error(BENCH_FAILED, "no memory for notes of %zu intervals: give a "
				   "longer --interval", run->n_intervals);
	/* The first to begin did so a moment before the note-taker looked at its clock. */
	for (size_t i = 0; i < run->n_intervals; i++)
		run->intervals[i].at -= run->began_at;
	if (run->n_intervals)
		run->intervals[0].secs = run->intervals[0].at;
	/* At the end, as they may have been promoted or demoted while it ran. */
	for (int i = 0; i < run->notes->looks; i++)
		if ((run->has_pages[i] = look_at(run, i, 1, &run->end[i]) && run->has_pages[i]) && last)
			keep_pages(run, last, i, 1, &run->end[i]);
	if (run->mem)
		run->huge_bytes = bench_mem_huge(run->mem);
	return 0;
}

void bench_run_free(struct bench_run *run)
{
	for (size_t i = 0; i < run->n_intervals; i++)
		for (int j = 0; j < BENCH_MAX_LOOKS; j++)
			free(run->intervals[i].pages[j]);
	free(run->intervals);
	free(run->counters);
	free(run->notes);
	run->intervals = NULL;
	run->counters = NULL;
	run->notes = NULL;
	run->n_intervals = 0;
}
