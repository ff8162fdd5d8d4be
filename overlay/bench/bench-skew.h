/*
 * Random numbers, and which of n items an access goes to: all alike, or few of them far more often.
 *
 *	uniform
 *	zipf:THETA	item of rank k (from 1) with probability proportional to 1 / k^THETA
 *	selfsimilar:H	a share 1-H of the accesses goes to the first share H of the items, and so
 *			again within that share: H 0.2 is "80 % to 20 %", 0.5 is uniform
 *
 * selfsimilar is that of J. Gray et al., "Quickly generating billion-record synthetic databases",
 * SIGMOD 1994. Both are exact for every parameter and number of items, and nearly all is done in
 * integers, as an access to memory costs less than one power, and under emulation a hundredth of it:
 * ranks are put into blocks, a block is drawn by M. D. Vose's alias method ("A linear algorithm for
 * generating random numbers with a given distribution", IEEE TSE 17(9), 1991), and a rank in it
 * by rejection, where one in some twenty has to compute its weight.
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

#define BENCH_SKEW_COLUMNS	1024

struct bench_skew {
	enum bench_skew_kind kind;
	double parameter;
	/* Set by bench_skew_over(). */
	uint64_t n;
	double power;	/* selfsimilar: a share x of the items gets x^power of the accesses */
	double sure;	/* nowhere is a rank's weight less than this share of its block's first one's */
	uint64_t column[BENCH_SKEW_COLUMNS];	/* the alias in the low bits, the share above them */
};

/* Reads "zipf:0.99"; option is for the message. Returns as bench_parse() does. */
int bench_skew_parse(const char *option, const char *text, struct bench_skew *skew);
/* The items are n from now on. */
void bench_skew_over(struct bench_skew *skew, uint64_t n);
/* The rank of an item, from 0, by one number from the state or more. */
uint64_t bench_skew_rank(const struct bench_skew *skew, uint64_t *state);

#endif
