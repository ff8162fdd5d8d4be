/*
 * The zones of memory, as /proc/zoneinfo has them (mm/vmstat.c, zoneinfo_show_print), below bench_root.
 */
#ifndef BENCH_ZONES_H
#define BENCH_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All in pages. */
struct bench_zone {
	int node;
	uint64_t free, managed;
	uint64_t low, high;	/* watermarks */
	uint64_t protection;	/* lowmem_reserve, the largest: what it keeps from those that could use another zone */
	uint64_t kept;		/* by CPUs, in their lists */
	bool given_up;		/* by kswapd, as is its whole node */
};

/*
 * The zones of the node, of all if it is -1: how many, and in *zones an array to be freed, NULL for none, or where the kernel does not
 * show any.
 */
size_t bench_zones(int node, struct bench_zone **zones);

#endif
