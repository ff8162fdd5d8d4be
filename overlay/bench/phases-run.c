/* What phases does: see phases-run.h for the contract. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench-skew.h"
#include "phases-run.h"

#define BATCH		1024u		/* accesses by one pattern, until one is chosen anew */
#define ASKED_PAGES	1024u		/* of a region, by which its share is known to some 1.5 % */

/* -- Accesses -------------------------------------------------------------------------------- */

struct place {
	volatile char *base;
	uint64_t bytes, stride, at;
	uint64_t state;			/* of the random numbers */
	uint64_t count;
};

static inline void touch(volatile char *byte, enum masim_mode mode)
{
	if (mode == MASIM_WRITE)
		*byte = 1;
	else if (mode == MASIM_READ)
		(void)*byte;
	else
		*byte = (char)(*byte + 1);
}

/* Made into a loop for each kind: none of them asks in between of which kind it is. */
static inline __attribute__((always_inline)) void access_bytes(struct place *p, bool random,
							       enum masim_mode mode)
{
	struct place here = *p;

	for (uint64_t n = here.count; n; n--) {
		if (random) {
			here.at = bench_below(bench_random(&here.state), here.bytes);
			touch(here.base + here.at, mode);
			continue;
		}
		touch(here.base + here.at, mode);
		here.at += here.stride;
		here.at = here.at < here.bytes ? here.at : 0;
	}
	*p = here;
}

static uint64_t access_by(struct phases *p, struct masim_access *a, uint64_t state, uint64_t count)
{
	const struct masim_region *r = &p->pattern.regions[a->region];
	struct place place = { .base = (volatile char *)p->mem.addr + r->offset, .bytes = r->bytes,
			       .stride = a->stride, .at = a->at, .state = state, .count = count };

	switch (a->mode) {
	case MASIM_WRITE:
		a->random ? access_bytes(&place, true, MASIM_WRITE) :
			    access_bytes(&place, false, MASIM_WRITE);
		break;
	case MASIM_READ:
		a->random ? access_bytes(&place, true, MASIM_READ) :
			    access_bytes(&place, false, MASIM_READ);
		break;
	case MASIM_BOTH:
		a->random ? access_bytes(&place, true, MASIM_BOTH) :
			    access_bytes(&place, false, MASIM_BOTH);
		break;
	}
	a->at = place.at;
	return place.state;
}

void phases_work(struct bench_run *run, int index)
{
	struct phases *p = run->arg;
	uint64_t state = bench_random_begin(p->shape.seed, index), n, drawn;
	const struct masim_phase *phase;
	struct masim_access *a;

	while ((n = bench_run_next(run, index, BATCH))) {
		phase = &p->pattern.phases[__atomic_load_n(&p->now, __ATOMIC_RELAXED)];
		a = &p->pattern.accesses[phase->first];
		for (drawn = bench_below(bench_random(&state), phase->sum); drawn >= a->below; a++)
			;
		state = access_by(p, a, state, n);
	}
}

/* -- First touch ----------------------------------------------------------------------------- */

/* A file that is shorter than its region leaves zeros behind it; of a longer one the begin is taken. */
static int fill_from(const struct phases *p, const struct masim_region *r, char *base)
{
	FILE *file = fopen(r->data, "re");
	int err = errno;

	if (file) {
		errno = 0;
		(void)!fread(base, 1, r->bytes, file);
		err = ferror(file) ? errno : 0;
		fclose(file);
		if (!err)
			return 0;
	}
	return bench_error(BENCH_FAILED, "%s:%u: data file '%.200s': %s: name one that can be read, or none",
			   p->file, r->line, r->data, strerror(err));
}

int phases_fill(struct phases *p)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < p->pattern.n_regions; i++) {
		const struct masim_region *r = &p->pattern.regions[i];
		char *base = (char *)p->mem.addr + r->offset;

		memset(base, 0, r->bytes);
		if (r->data)
			rc = fill_from(p, r, base);
	}
	return rc;
}

/* -- Notes ----------------------------------------------------------------------------------- */

/* For some pages of the phase's hottest region: asking takes a moment of the worker's time, too. */
static void note_hot(struct phases *p, struct ran *ran)
{
	const struct masim_phase *phase = &p->pattern.phases[ran->phase];
	const struct masim_region *r = &p->pattern.regions[p->pattern.accesses[phase->hottest].region];
	uint64_t page = bench_page_size(), bytes = (r->bytes + page - 1) / page * page;
	size_t nodes = (size_t)bench_node_limit() * sizeof(*ran->hot_pages);
	struct bench_pages pages;

	ran->one_in = bytes / page / ASKED_PAGES;
	ran->one_in += !ran->one_in;
	if (!bench_pages_sample((char *)p->mem.addr + r->offset, bytes, ran->one_in, &pages))
		return;
	ran->hot_pages = malloc(nodes);
	if (ran->hot_pages)
		memcpy(ran->hot_pages, pages.on, nodes);
}

static uint64_t done(const struct phases *p)
{
	return __atomic_load_n(&p->run.counters[0].done, __ATOMIC_RELAXED);
}

static void begin_next(struct phases *p, double since, uint64_t before)
{
	size_t phase = p->n_ran % p->pattern.n_phases, room = p->n_ran;
	struct ran *more = p->ran;

	/* Room doubles when it is a power of 2. */
	if (!(room & (room - 1)))
		more = realloc(p->ran, (room ? 2 * room : 1) * sizeof(*more));
	if (!more) {
		p->no_memory = true;
		return;
	}
	p->ran = more;
	p->ran[p->n_ran++] = (struct ran){ .phase = phase, .at = since, .before = before };
	p->planned += (double)p->pattern.phases[phase].ms / 1000;
	__atomic_store_n(&p->now, phase, __ATOMIC_RELAXED);
}

static void count_up(struct ran *ran, double since, uint64_t done)
{
	ran->secs = since > ran->at ? since - ran->at : 0;
	ran->work = done - ran->before;
}

void phases_first(struct phases *p)
{
	begin_next(p, 0, 0);
}

/*
 * Of what the worker does meanwhile nothing is lost: one count ends a phase and begins the next, and
 * looking where pages are comes after both.
 */
void phases_next(struct phases *p, double since)
{
	uint64_t now = done(p);
	size_t ended = p->n_ran - 1;

	if (p->no_memory)
		return;
	count_up(&p->ran[ended], since, now);
	begin_next(p, since, now);
	note_hot(p, &p->ran[ended]);
}

void phases_last(struct phases *p, double since)
{
	struct ran *ran = p->n_ran ? &p->ran[p->n_ran - 1] : NULL;

	if (!ran || p->no_memory)
		return;
	count_up(ran, since, done(p));
	note_hot(p, ran);
}
