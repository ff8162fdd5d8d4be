/*
 * Access patterns in the format of masim's configuration files (github.com/sjp38/masim), read from
 * text: nothing is opened or mapped here.
 *
 * Paragraphs are separated by blank lines, and lines that begin with # are not there. The first
 * paragraph has a region a line: name, bytes[, file with its first data, or none]. Each further
 * one is a phase: its name, its milliseconds, and then a line for each pattern: region, 1 (random) or
 * 0 (sequential), stride in bytes, probability[, ro, wo or rw]. The probability is relative to
 * the others of the phase. Without the last field a pattern only writes, as masim's default is.
 */
#ifndef BENCH_MASIM_H
#define BENCH_MASIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MASIM_LONGEST_FILE	(1u << 20)
#define MASIM_MOST_REGIONS	4096u

enum masim_mode { MASIM_WRITE, MASIM_READ, MASIM_BOTH };

struct masim_region {
	const char *name, *data;	/* data: the file's name, or NULL */
	uint64_t bytes;
	uint64_t offset;		/* from the first region's start, each begins a page */
	unsigned int line;
};

struct masim_access {
	unsigned int region;		/* its number */
	bool random;
	enum masim_mode mode;
	uint64_t stride, probability;
	uint64_t below;			/* a number below the phase's sum, and not below the one before */
	uint64_t at;			/* of a sequential one: where it goes on */
};

struct masim_phase {
	const char *name;
	uint64_t ms;
	size_t first, n;		/* of its accesses */
	uint64_t sum;			/* of their probabilities */
	size_t hottest;			/* the first of those with the highest one */
	unsigned int line;
};

struct masim {
	struct masim_region *regions;
	struct masim_access *accesses;
	struct masim_phase *phases;
	size_t n_regions, n_accesses, n_phases;
	uint64_t bytes;			/* of all regions, in whole pages */
	uint64_t ms;			/* of all phases */
	char *text;			/* what the names point into */
};

/*
 * Reads the text of len bytes, which is copied; file is for messages, "FILE:LINE: what, what to do".
 * Returns as bench_parse() does. Free it in any case.
 */
int masim_parse(struct masim *m, const char *file, const char *text, size_t len, size_t page);
void masim_free(struct masim *m);

#endif
