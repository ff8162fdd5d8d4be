/*
 * kswapd, which makes room on the fast node by demotion: see tierrun.h.
 *
 * After 16 tries without a page freed it gives a node up until somebody else frees one there (mm/vmscan.c,
 * pgdat->kswapd_failures; "node_unreclaimable" in /proc/zoneinfo). A run without demotion that fills the node is enough. From then
 * on NUMA balancing has candidates for promotion and promotes none of them, in all later runs, with no word of it. So a node that
 * was given up is woken before a run: a few pages of a file are put there, and taken away by memory.reclaim.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "bench-zones.h"
#include "tierrun.h"

#define CGROUP	"tierrun-wake"
#define RECLAIM	"4M"

uint64_t tier_given_up(void)
{
	struct bench_zone *zones;
	size_t n = bench_zones(-1, &zones);
	uint64_t nodes = 0;

	for (size_t i = 0; i < n; i++)
		if (zones[i].given_up && zones[i].node < 64)
			nodes |= 1ull << zones[i].node;
	free(zones);
	return nodes;
}

/* Pages of a file, on the node, charged to the cgroup. */
static bool fill(int node, const char *file)
{
	char out[128];
	char *argv[] = { "dd", "if=/dev/zero", out, "bs=1M", "count=8", "conv=fsync", NULL };
	struct tier_child c;

	snprintf(out, sizeof(out), "of=%s", file);
	return !tier_start(&c, argv, node, CGROUP) && !tier_wait(&c);
}

static void wake(int node)
{
	char file[] = "/var/tmp/tierrun.XXXXXX";
	int fd = mkstemp(file);
	bench_path path;

	if (fd < 0)
		return;
	close(fd);
	if (fill(node, file))
		bench_write(bench_at(path, "/sys/fs/cgroup/" CGROUP "/memory.reclaim"), RECLAIM);
	unlink(file);
}

int tier_wake_kswapd(struct tier_result *r)
{
	uint64_t nodes = tier_given_up(), left;
	bench_path path;
	int rc;

	if (!nodes)
		return 0;
	/* Without cgroup v2 there is no such file, and no harm to a run that promotes nothing. */
	if (bench_exists(bench_at(path, "/sys/fs/cgroup/cgroup.controllers"))) {
		if ((rc = tier_cgroup_make(CGROUP)))
			return rc;
		for (int node = 0; node < 64; node++)
			if (nodes & 1ull << node)
				wake(node);
		rmdir(bench_at(path, "/sys/fs/cgroup/" CGROUP));
	}
	left = tier_given_up();
	for (int node = 0; node < 64; node++)
		if (nodes & 1ull << node)
			tier_note(r, left & 1ull << node ? "kswapd had given node %d up after an earlier run, and was not woken: nothing makes room "
				  "there for promotion. Reboot before you trust this run." :
				  "kswapd had given node %d up after an earlier run; it was woken before this one.", node);
	return 0;
}
