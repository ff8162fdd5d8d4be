/*
 * Random numbers, and which of n items an access goes to: all alike, or few of them far more often.
 *
 *	uniform
 *	zipf:THETA	item of rank k (from 1) with probability proportional to 1 / k^THETA
 *	selfsimilar:H	a share 1-H of the accesses goes to the first share H of the items, and so
 *			again within that share: H 0.2 is "80 % to 20 %", 0.5 is uniform
 *
 * zipf is exact for every THETA, by rejection-inversion: W. Hörmann and G. Derflinger,
 * "Rejection-inversion to generate variates from monotone discrete distributions", ACM TOMACS 6(3),
 * 1996. selfsimilar is that of J. Gray et al., "Quickly generating billion-record synthetic
 * databases", SIGMOD 1994.
 */
#ifndef BENCH_SKEW_H
#define BENCH_SKEW_H

#include <stdint.h>

#define BENCH_GAMMA 0x9e3779b97f4a7c15ull

/* splitmix64: no number waits for the one before it, as it would with xorshift's long chain. */
static inline uint64_t bench_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static inline uint64_t bench_random(uint64_t *state)
{
	return bench_mix(*state += BENCH_GAMMA);
}

/* The state of thread index begins at a place of its own in the one 2^64 long sequence. */
static inline uint64_t bench_random_begin(uint64_t seed, int index)
{
	return bench_mix(bench_mix(seed) + (uint64_t)index);
}

/* A random number brought below n, which may be anything: by multiply and shift, not by a mask. */
static inline uint64_t bench_below(uint64_t random, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)random * n) >> 64);
}

enum bench_skew_kind { BENCH_UNIFORM, BENCH_ZIPF, BENCH_SELFSIMILAR };

struct bench_skew {
	enum bench_skew_kind kind;
	double parameter;
	/* Set by bench_skew_over(). */
	uint64_t n;
	double top, range, always;	/* zipf: the area that is drawn from, and what needs no check */
	double power;			/* selfsimilar */
};

/* Reads "zipf:0.99"; option is for the message. Returns as bench_parse() does. */
int bench_skew_parse(const char *option, const char *text, struct bench_skew *skew);
/* The items are n from now on. */
void bench_skew_over(struct bench_skew *skew, uint64_t n);
/* The rank of an item, from 0, by one or (zipf, now and then) more numbers from the state. */
uint64_t bench_skew_rank(const struct bench_skew *skew, uint64_t *state);

#endif
