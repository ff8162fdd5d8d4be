/* Skewed choice among items: see bench-skew.h for the contract and the sources. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench-skew.h"

/* -- Reading --------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum bench_skew_kind kind;
	double above, most;	/* the parameter's range, the lower end not in it */
	const char *example;
} skews[] = {
	{ "uniform", BENCH_UNIFORM, 0, 0, NULL },
	{ "zipf", BENCH_ZIPF, 0, 5, "zipf:0.99" },
	{ "selfsimilar", BENCH_SELFSIMILAR, 0, 0.5, "selfsimilar:0.2" },
};

int bench_skew_parse(const char *option, const char *text, struct bench_skew *skew)
{
	size_t len = strcspn(text, ":");
	const char *number = text[len] ? text + len + 1 : NULL;
	char *end = NULL;
	size_t i, n = sizeof(skews) / sizeof(*skews);

	for (i = 0; i < n; i++)
		if (strlen(skews[i].name) == len && !strncmp(text, skews[i].name, len))
			break;
	if (i == n)
		return bench_error(BENCH_USAGE, "--%s '%s' is unknown: give uniform, zipf:THETA or "
				   "selfsimilar:H", option, text);
	*skew = (struct bench_skew){ .kind = skews[i].kind };
	if (!skews[i].example)
		return !number ? 0 : bench_error(BENCH_USAGE, "--%s '%s': %s takes no number, leave "
						 "it out", option, text, skews[i].name);
	/* strtod() also knows "inf", "nan", signs, blanks and hexadecimal. */
	if (number && isdigit((unsigned char)*number) && tolower((unsigned char)number[1]) != 'x')
		skew->parameter = strtod(number, &end);
	if (!end || end == number || *end)
		return bench_error(BENCH_USAGE, "--%s '%s' has no number: write it as %s", option,
				   text, skews[i].example);
	if (!(skew->parameter > skews[i].above && skew->parameter <= skews[i].most))
		return bench_error(BENCH_USAGE, "--%s '%s' is out of range: give a number above %g, "
				   "up to %g", option, text, skews[i].above, skews[i].most);
	return 0;
}

/* -- Blocks ---------------------------------------------------------------------------------- */

/*
 * Ranks count from 1 here. Those before 64 are a block each, and from there on the ranks between
 * two powers of 2 are 16 blocks, so that the weights within one differ little.
 */
#define FIRST_WIDE	64u
#define SINGLES		(FIRST_WIDE - 1)
#define PER_DOUBLING	16u
#define COLUMN_BITS	10
#define COLUMN_MASK	(BENCH_SKEW_COLUMNS - 1u)
#define SUMMED_BELOW	65536		/* weights are added up one by one below this rank */

struct block {
	uint64_t first, width;
};

static inline struct block block_of(uint64_t i, uint64_t n)
{
	unsigned int doubling = (unsigned int)(i - SINGLES) / PER_DOUBLING;
	struct block b;

	if (i < SINGLES)
		return (struct block){ i + 1, 1 };
	b.width = (uint64_t)(FIRST_WIDE / PER_DOUBLING) << doubling;
	b.first = ((uint64_t)FIRST_WIDE << doubling) + (i - SINGLES) % PER_DOUBLING * b.width;
	/* The last block ends where the items do. */
	if (b.first + b.width > n + 1)
		b.width = b.first <= n ? n + 1 - b.first : 0;
	return b;
}

/* expm1 and log1p lose nothing where numbers that are nearly equal would be subtracted. */
static double weight(const struct bench_skew *s, double k)
{
	if (s->kind == BENCH_ZIPF)
		return exp(-s->parameter * log(k));
	return -exp(s->power * log(k)) * expm1(s->power * log1p(-1 / k));
}

/* The integral of x^-theta from a to b. */
static double area(double theta, double a, double b)
{
	double ratio = log(b / a), y = (1 - theta) * ratio;

	return exp((1 - theta) * log(a)) * (fabs(y) < 1e-8 ? ratio : expm1(y) / (1 - theta));
}

/* Far out the sum is the integral and two terms of Euler and Maclaurin: the next is below 1e-16. */
static double block_weight(const struct bench_skew *s, const struct block *block)
{
	double a = (double)block->first, b = a + (double)block->width, theta = s->parameter, sum = 0;

	if (block->first < SUMMED_BELOW) {
		for (double k = a; k < b; k++)
			sum += weight(s, k);
		return sum;
	}
	/* Ranks up to k have k^power. */
	if (s->kind == BENCH_SELFSIMILAR)
		return exp(s->power * log(a - 1)) * expm1(s->power * log((b - 1) / (a - 1)));
	return area(theta, a, b) + (weight(s, a) - weight(s, b)) / 2 +
		theta * (weight(s, a) / a - weight(s, b) / b) / 12;
}

/* -- Drawing --------------------------------------------------------------------------------- */

/*
 * Each column holds a share of its own block, and is filled up to the same height with one other:
 * what is too small takes from what is too large until all are level.
 */
static void level_columns(struct bench_skew *s, double *height)
{
	uint16_t small[BENCH_SKEW_COLUMNS], large[BENCH_SKEW_COLUMNS], low, high;
	int n_small = 0, n_large = 0;
	double sum = 0, share;

	for (int i = 0; i < BENCH_SKEW_COLUMNS; i++)
		sum += height[i];
	for (uint16_t i = 0; i < BENCH_SKEW_COLUMNS; i++) {
		height[i] *= BENCH_SKEW_COLUMNS / sum;
		s->column[i] = UINT64_MAX & ~(uint64_t)COLUMN_MASK;
		s->column[i] |= i;
		if (height[i] < 1)
			small[n_small++] = i;
		else
			large[n_large++] = i;
	}
	while (n_small && n_large) {
		low = small[--n_small];
		high = large[n_large - 1];
		share = height[low] * 0x1p54;
		s->column[low] = (uint64_t)share << COLUMN_BITS | high;
		height[high] -= 1 - height[low];
		if (height[high] < 1) {
			n_large--;
			small[n_small++] = high;
		}
	}
}

void bench_skew_over(struct bench_skew *s, uint64_t n)
{
	double height[BENCH_SKEW_COLUMNS] = { 0 }, lowest;
	struct block b;

	s->n = n;
	if (s->kind == BENCH_UNIFORM)
		return;
	if (s->kind == BENCH_SELFSIMILAR)
		s->power = log1p(-s->parameter) / log(s->parameter);
	s->sure = 1;
	for (uint64_t i = 0; i < BENCH_SKEW_COLUMNS; i++) {
		b = block_of(i, n);
		if (b.first > n)
			break;
		height[i] = block_weight(s, &b);
		lowest = weight(s, (double)(b.first + b.width - 1)) / weight(s, (double)b.first);
		s->sure = lowest < s->sure ? lowest : s->sure;
	}
	level_columns(s, height);
}

static uint64_t skewed(const struct bench_skew *s, uint64_t *state)
{
	uint64_t random = bench_random(state), i = random >> (64 - COLUMN_BITS), k;
	struct block b;
	double height;

	/* Low bits say which side of the column: the high ones said which column. */
	if (random << COLUMN_BITS >= (s->column[i] & ~(uint64_t)COLUMN_MASK))
		i = s->column[i] & COLUMN_MASK;
	b = block_of(i, s->n);
	if (b.width == 1)
		return b.first - 1;
	for (;;) {
		k = b.first + bench_below(bench_random(state), b.width);
		height = (double)(bench_random(state) >> 11) * 0x1p-53;
		if (height < s->sure ||
		    height * weight(s, (double)b.first) < weight(s, (double)k))
			return k - 1;
	}
}

uint64_t bench_skew_rank(const struct bench_skew *s, uint64_t *state)
{
	if (s->kind == BENCH_UNIFORM)
		return bench_below(bench_random(state), s->n);
	return skewed(s, state);
}
