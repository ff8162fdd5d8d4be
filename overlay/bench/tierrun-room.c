/*
 * How much of a workload a node takes before the rest goes elsewhere: see tierrun.h.
 *
 * That is not MemAvailable. An allocation that may go to several nodes turns to the next one when a zone's free pages are down to its
 * low watermark: nothing is reclaimed for it, so the file cache stays where it is. And each CPU keeps pages for itself that are in no
 * MemFree: together as many as the low watermark, 54 MiB on a node of 2 GiB. A third of that is still with them when the rest is gone
 * (measured there: 3300 to 6900 of 13,838 pages).
 */
#include <stdlib.h>

#include "bench-zones.h"
#include "tierrun.h"

static uint64_t gives(const struct bench_zone *z)
{
	uint64_t stays = z->low + z->protection + (z->kept < z->low / 3 ? z->kept : z->low / 3);
	uint64_t free = z->free + z->kept;

	return z->managed && free > stays ? free - stays : 0;
}

uint64_t tier_node_room(int node)
{
	struct bench_zone *zones;
	size_t n = bench_zones(node, &zones);
	uint64_t pages = 0;

	for (size_t i = 0; i < n; i++)
		pages += gives(&zones[i]);
	free(zones);
	return pages * bench_page_size();
}
