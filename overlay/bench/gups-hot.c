/* Which words gups goes to, and what it does to them: see gups-hot.h for the contract. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gups-hot.h"

#define WORD		sizeof(uint64_t)
#define DEFAULT_PROB	0.9

/* -- Options --------------------------------------------------------------------------------- */

static int needs_a_hot_set(const struct gups_pattern *p)
{
	const char *option = p->prob >= 0 ? "hot-prob" : p->at ? "hot-at" : p->move_at > 0 ?
		"move-at" : NULL;

	return !option ? 0 : bench_error(BENCH_USAGE, "--%s without a hot set: give --hot-frac too",
					 option);
}

/* Whole pages, so that a page is in the hot set or is not. */
static int measure_out(struct gups_pattern *p, const struct bench_shape *shape, uint64_t bytes)
{
	uint64_t unit = bench_page_size(), hot;

	if (shape->hugepage && (double)bytes * p->frac >= (double)BENCH_HUGE_PAGE)
		unit = BENCH_HUGE_PAGE;
	hot = (uint64_t)((double)bytes * p->frac / (double)unit + 0.5) * unit;
	if (!hot || hot >= bytes)
		return bench_error(BENCH_USAGE, "--hot-frac %g of %" PRIu64 " bytes leaves no whole "
				   "page in the hot set, or none beside it: give a larger table",
				   p->frac, bytes);
	p->hot_words = hot / WORD;
	/* Where it ends on a page that is the table's last but one, if that is not a whole one. */
	p->last_place = (bytes - hot) / unit * unit / WORD;
	return 0;
}

static int find_place(struct gups_pattern *p, uint64_t bytes)
{
	uint64_t offset;
	char buf[32];
	int rc;

	if (!p->at || !strcmp(p->at, "first")) {
		p->first_place = 0;
		return 0;
	}
	if (!strcmp(p->at, "last")) {
		p->first_place = p->last_place;
		return 0;
	}
	/* One line of an error is enough, and bench_parse_size() has its own. */
	if (!isdigit((unsigned char)*p->at))
		return bench_error(BENCH_USAGE, "--hot-at '%s' is no place: give first, last or an "
				   "offset as 512MiB", p->at);
	if ((rc = bench_parse_size(p->at, &offset)))
		return rc;
	if (offset % bench_page_size())
		return bench_error(BENCH_USAGE, "--hot-at %s is within a page: give a multiple of "
				   "%zuKiB", p->at, bench_page_size() >> 10);
	if (offset > bytes || p->hot_words * WORD > bytes - offset)
		return bench_error(BENCH_USAGE, "--hot-at %s is beyond the table: the hot set has "
				   "%s, give %" PRIu64 "KiB at most", p->at,
				   bench_human(p->hot_words * WORD, buf), p->last_place * WORD >> 10);
	p->first_place = offset / WORD;
	return 0;
}

static int check_move(const struct gups_pattern *p, const struct bench_shape *shape)
{
	if (!shape->work && p->move_at >= shape->seconds)
		return bench_error(BENCH_USAGE, "--move-at %g is not before the end: give less than "
				   "the %g seconds of the run", p->move_at, shape->seconds);
	return 0;
}

int gups_hot_check(struct gups_pattern *p, const struct bench_shape *shape, uint64_t bytes)
{
	int rc;

	p->words = p->hot_words = bytes / WORD;
	p->hot_below = 1ull << 32;
	p->read_below = (uint64_t)(p->read_ratio * 0x1p32 + 0.5);
	if ((rc = bench_skew_parse("skew", p->skew_text, &p->skew)))
		return rc;
	p->is_hot = p->frac >= 0;
	if (!p->is_hot && (rc = needs_a_hot_set(p)))
		return rc;
	if (p->is_hot) {
		if (!(p->frac > 0 && p->frac < 1))
			return bench_error(BENCH_USAGE, "--hot-frac %g is out of range: give a "
					   "fraction above 0 and below 1", p->frac);
		if ((rc = measure_out(p, shape, bytes)) || (rc = find_place(p, bytes)) ||
		    (rc = check_move(p, shape)))
			return rc;
		if (p->prob < 0)
			p->prob = DEFAULT_PROB;
		p->hot_below = (uint64_t)(p->prob * 0x1p32 + 0.5);
	}
	p->place = p->first_place;
	bench_skew_over(&p->skew, p->hot_words);
	p->plain = !p->is_hot && p->skew.kind == BENCH_UNIFORM && !p->read_below;
	return 0;
}

/* To the end that is the further away. */
void gups_hot_move(struct gups_pattern *p, double since)
{
	uint64_t other = p->first_place <= p->last_place / 2 ? p->last_place : 0;

	__atomic_store_n(&p->place, other, __ATOMIC_RELAXED);
	p->moved_at = since;
}

/* -- Accesses -------------------------------------------------------------------------------- */

/*
 * What to access is drawn for some accesses in advance, and then they are done. Drawing takes
 * branches that can't be foreseen and tens of instructions, and a processor would hardly ever
 * have two accesses under way at once.
 */
#define AHEAD 128

struct access {
	uint64_t at, random;
};

/*
 * A number that decides is not used for the place too. The cold words are those before the hot set
 * and those after it, in one row.
 */
static uint64_t draw(const struct gups_pattern *p, uint64_t place, uint64_t state, uint64_t count,
		     struct access *to, uint64_t *n_hot)
{
	const uint64_t hot_words = p->hot_words, cold_words = p->words - hot_words;
	const bool skewed = p->skew.kind != BENCH_UNIFORM;
	uint64_t random, at, hots = 0;
	bool hot;

	for (uint64_t i = 0; i < count; i++) {
		random = bench_random(&state);
		hot = random >> 32 < p->hot_below;
		hots += hot;
		if (hot && skewed) {
			at = place + bench_skew_rank(&p->skew, &state);
		} else {
			at = bench_below(bench_random(&state), hot ? hot_words : cold_words);
			at += hot ? place : at >= place ? hot_words : 0;
		}
		to[i] = (struct access){ at, random };
	}
	*n_hot += hots;
	return state;
}

/*
 * Updates as in gups.c. read_below and atomic are known where it is compiled, so that
 * there is nothing in the loop that is never done.
 */
static inline __attribute__((always_inline)) void
carry_out(uint64_t *table, const struct access *accesses, uint64_t count, bool atomic,
	  uint64_t read_below, struct gups_tally *tally)
{
	uint64_t reads = 0, sum = 0;

	for (uint64_t i = 0; i < count; i++) {
		uint64_t *word = table + accesses[i].at, random = accesses[i].random;

		if (read_below && (uint32_t)random < read_below) {
			sum += __atomic_load_n(word, __ATOMIC_RELAXED);
			reads++;
		} else if (atomic) {
			__atomic_fetch_xor(word, random, __ATOMIC_RELAXED);
		} else {
			*word ^= random;
		}
	}
	tally->reads += reads;
	tally->sum += sum;
}

uint64_t gups_hot_access(const struct gups_pattern *p, uint64_t *table, uint64_t place, bool atomic,
			 uint64_t state, uint64_t count, struct gups_tally *tally)
{
	struct access ahead[AHEAD];
	uint64_t n;

	for (; count; count -= n) {
		n = count < AHEAD ? count : AHEAD;
		state = draw(p, place, state, n, ahead, &tally->hot);
		if (atomic)
			carry_out(table, ahead, n, true, p->read_below, tally);
		else if (p->read_below)
			carry_out(table, ahead, n, false, p->read_below, tally);
		else
			carry_out(table, ahead, n, false, 0, tally);
	}
	return state;
}

/* -- The result ------------------------------------------------------------------------------ */

void gups_hot_json(const struct gups_pattern *p, const struct gups_tally *all)
{
	printf(",\"skew\":\"%s\",\"read_ratio\":%g,\"reads\":%" PRIu64, p->skew_text, p->read_ratio,
	       all->reads);
	if (!p->is_hot)
		return;
	printf(",\"hot_frac\":%g,\"hot_prob\":%g,\"hot_bytes\":%zu,\"hot_offset\":%zu,\"hot_work\":%"
	       PRIu64 ",\"moves\":[", p->frac, p->prob, (size_t)p->hot_words * WORD,
	       (size_t)p->first_place * WORD, all->hot);
	if (p->moved_at > 0)
		printf("{\"at\":%.6f,\"offset\":%zu}", p->moved_at, (size_t)p->place * WORD);
	putchar(']');
}

void gups_hot_print(const struct gups_pattern *p, const struct gups_tally *all, uint64_t accesses)
{
	char size[32], from[32];

	if (p->is_hot)
		printf("hot set: %s at %s, %.1f %% of the accesses\n",
		       bench_human(p->hot_words * WORD, size),
		       bench_human(p->first_place * WORD, from),
		       100 * (double)all->hot / (double)accesses);
	if (p->moved_at > 0)
		printf("moved: at %.1f s, to %s\n", p->moved_at, bench_human(p->place * WORD, from));
	if (p->skew.kind != BENCH_UNIFORM)
		printf("skew: %s\n", p->skew_text);
	if (p->read_below)
		printf("reads: %" PRIu64 "\n", all->reads);
}
