/* Zones of memory: see bench-zones.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench-files.h"
#include "bench-zones.h"

static uint64_t largest(const char *list)
{
	uint64_t most = 0, one;
	int n;

	for (; sscanf(list, "%*[ (,]%" SCNu64 "%n", &one, &n) == 1; list += n)
		most = one > most ? one : most;
	return most;
}

/* Watermarks have no colon; the lists of the CPUs have a "high:" of their own. */
static void read_line(const char *line, struct bench_zone *z)
{
	const char *at;
	uint64_t value;

	if (sscanf(line, " pages free %" SCNu64, &value) == 1)
		z->free = value;
	else if (sscanf(line, " low %" SCNu64, &value) == 1)
		z->low = value;
	else if (sscanf(line, " high %" SCNu64, &value) == 1)
		z->high = value;
	else if (sscanf(line, " managed %" SCNu64, &value) == 1)
		z->managed = value;
	else if ((at = strstr(line, "protection:")))
		z->protection = largest(at + strlen("protection:"));
	else if (sscanf(line, " count: %" SCNu64, &value) == 1)
		z->kept += value;
	else if (sscanf(line, " node_unreclaimable: %" SCNu64, &value) == 1)
		z->given_up = value;
}

size_t bench_zones(int node, struct bench_zone **zones)
{
	struct bench_zone *all = NULL, *grown;
	size_t n = 0, size = 0;
	char *line = NULL;
	bench_path path;
	int now = -1;
	FILE *f = fopen(bench_at(path, "/proc/zoneinfo"), "re");

	while (f && getline(&line, &size, f) > 0) {
		if (sscanf(line, "Node %d, zone", &now) != 1) {
			if (n && all[n - 1].node == now)
				read_line(line, &all[n - 1]);
			continue;
		}
		if (node >= 0 && now != node)
			continue;
		grown = realloc(all, (n + 1) * sizeof(*all));
		if (!grown)
			break;
		all = grown;
		all[n++] = (struct bench_zone){ .node = now };
	}
	free(line);
	if (f)
		fclose(f);
	*zones = all;
	return n;
}
