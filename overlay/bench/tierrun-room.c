/*
 * How much of a workload a node takes before the rest goes elsewhere: see tierrun.h.
 *
 * That is not MemAvailable. An allocation that may go to several nodes turns to the next one when a zone's free pages are down to its
 * low watermark: nothing is reclaimed for it, so the file cache stays where it is. And each CPU keeps pages for itself that are in no
 * MemFree: together as many as the low watermark, 54 MiB on a node of 2 GiB. A third of that is still with them when the rest is gone
 * (measured there: 3300 to 6900 of 13,838 pages).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tierrun.h"

struct zone {
	uint64_t free, kept, low, managed, protection;	/* kept: by CPUs */
};

static uint64_t largest(const char *list)
{
	uint64_t most = 0, one;
	int n;

	for (; sscanf(list, "%*[ (,]%" SCNu64 "%n", &one, &n) == 1; list += n)
		most = one > most ? one : most;
	return most;
}

static uint64_t gives(const struct zone *z)
{
	uint64_t stays = z->low + z->protection + (z->kept < z->low / 3 ? z->kept : z->low / 3);
	uint64_t free = z->free + z->kept;

	return z->managed && free > stays ? free - stays : 0;
}

uint64_t tier_node_room(int node)
{
	uint64_t pages = 0, value;
	struct zone zone = { 0 };
	char *line = NULL, *at;
	size_t size = 0;
	bench_path path;
	int now = -1;
	FILE *f = fopen(bench_at(path, "/proc/zoneinfo"), "re");

	while (f && getline(&line, &size, f) > 0) {
		if (sscanf(line, "Node %d, zone", &now) == 1) {
			pages += gives(&zone);
			zone = (struct zone){ 0 };
		} else if (now != node) {
			continue;
		} else if (sscanf(line, " pages free %" SCNu64, &value) == 1) {
			zone.free = value;
		} else if (sscanf(line, " count: %" SCNu64, &value) == 1) {
			zone.kept += value;
		} else if (sscanf(line, " low %" SCNu64, &value) == 1) {
			zone.low = value;
		} else if (sscanf(line, " managed %" SCNu64, &value) == 1) {
			zone.managed = value;
		} else if ((at = strstr(line, "protection:"))) {
			zone.protection = largest(at + strlen("protection:"));
		}
	}
	free(line);
	if (f)
		fclose(f);
	return (pages + gives(&zone)) * bench_page_size();
}
