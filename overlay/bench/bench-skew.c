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

/* -- Zipf ------------------------------------------------------------------------------------ */

/*
 * area() is the integral of x^-theta from 1 to x, where() its inverse. Written with expm1 and log1p
 * they lose nothing near theta 1, where they become log and exp.
 */
static double area(double theta, double x)
{
	double log_x = log(x), y = (1 - theta) * log_x;

	return fabs(y) < 1e-8 ? log_x * (1 + y / 2) : expm1(y) / (1 - theta);
}

static double where(double theta, double a)
{
	double y = (1 - theta) * a;

	/* Rounding may take it past the end of what an area can be. */
	if (y < -1)
		y = -1;
	return exp(fabs(y) < 1e-8 ? a * (1 - y / 2) : log1p(y) / (1 - theta));
}

static double weight(double theta, double k)
{
	return exp(-theta * log(k));
}

/*
 * The bar of rank k is as wide as 1 and as high as weight(k). It is put where the curve between
 * k - 1/2 and k + 1/2 has an area that is a little larger (the curve is convex), so a number drawn
 * from the area leads to k, and the excess is rejected. The first bar is cut to size and has none.
 */
static uint64_t zipf(const struct bench_skew *s, uint64_t *state)
{
	double theta = s->parameter, a, x, k;

	for (;;) {
		a = s->top + (double)(bench_random(state) >> 11) * 0x1p-53 * s->range;
		x = where(theta, a);
		k = floor(x + 0.5);
		if (k < 1)
			k = 1;
		else if (k > (double)s->n)
			k = (double)s->n;
		if (k - x <= s->always || a >= area(theta, k + 0.5) - weight(theta, k))
			return (uint64_t)k - 1;
	}
}

/* -- All ------------------------------------------------------------------------------------- */

void bench_skew_over(struct bench_skew *s, uint64_t n)
{
	double theta = s->parameter;

	s->n = n;
	if (s->kind == BENCH_ZIPF) {
		s->top = area(theta, (double)n + 0.5);
		s->range = area(theta, 1.5) - 1 - s->top;
		/* Left of this distance from k the check would accept in any case; least for k 2. */
		s->always = 2 - where(theta, area(theta, 2.5) - weight(theta, 2));
	} else if (s->kind == BENCH_SELFSIMILAR) {
		s->power = log(theta) / log1p(-theta);
	}
}

uint64_t bench_skew_rank(const struct bench_skew *s, uint64_t *state)
{
	double u;
	uint64_t rank;

	switch (s->kind) {
	case BENCH_ZIPF:
		return zipf(s, state);
	case BENCH_SELFSIMILAR:
		u = (double)(bench_random(state) >> 11) * 0x1p-53;
		rank = (uint64_t)((double)s->n * pow(u, s->power));
		return rank < s->n ? rank : s->n - 1;
	case BENCH_UNIFORM:
		break;
	}
	return bench_below(bench_random(state), s->n);
}
