/* Which physical memory a node has: see tiermig.h. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "tiermig.h"

#define NODE		"/sys/devices/system/node/node%d"
#define BLOCK_SIZE	"/sys/devices/system/memory/block_size_bytes"

void damon_ranges_add(struct damon_ranges *ranges, uint64_t start, uint64_t end)
{
	struct damon_range *more;

	if (start >= end)
		return;
	more = realloc(ranges->at, sizeof(*more) * (size_t)(ranges->count + 1));
	if (!more)
		exit(bench_error(BENCH_FAILED, "no memory left for a list of %d ranges",
				 ranges->count));
	more[ranges->count++] = (struct damon_range){ start, end };
	ranges->at = more;
}

void damon_ranges_free(struct damon_ranges *ranges)
{
	free(ranges->at);
	*ranges = (struct damon_ranges){ NULL, 0 };
}

static int by_start(const void *a, const void *b)
{
	const struct damon_range *l = a, *r = b;

	return (l->start > r->start) - (l->start < r->start);
}

/* Sorts, and makes one range of those that touch or overlap. */
static void tidy(struct damon_ranges *ranges)
{
	struct damon_range *last = ranges->at;

	if (!ranges->count)
		return;
	qsort(ranges->at, (size_t)ranges->count, sizeof(*ranges->at), by_start);
	for (int i = 1; i < ranges->count; i++) {
		if (ranges->at[i].start > last->end)
			*++last = ranges->at[i];
		else if (ranges->at[i].end > last->end)
			last->end = ranges->at[i].end;
	}
	ranges->count = (int)(last - ranges->at) + 1;
}

static int block_size(uint64_t *bytes)
{
	bench_path path;

	if (bench_read_number(bench_at(path, BLOCK_SIZE), 16, bytes) && *bytes)
		return 0;
	return bench_error(BENCH_FAILED, "%s: can't be read: the kernel needs "
			   "CONFIG_MEMORY_HOTPLUG to say where a node's memory is", BLOCK_SIZE);
}

/* Only a block that is online has pages. */
static int add_block(struct damon_ranges *ranges, int node, const char *name, uint64_t size)
{
	uint64_t index;
	bench_path path;
	char state[32];

	if (!bench_read(bench_at(path, NODE "/%s/state", node, name), state, sizeof(state)))
		return bench_error(BENCH_FAILED, "%s: %s", bench_shown(path), strerror(errno));
	if (strcmp(state, "online"))
		return 0;
	if (!bench_read_number(bench_at(path, NODE "/%s/phys_index", node, name), 16, &index) ||
	    index >= UINT64_MAX / size)
		return bench_error(BENCH_FAILED, "%s: is not the number of a memory block",
				   bench_shown(path));
	damon_ranges_add(ranges, index * size, (index + 1) * size);
	return 0;
}

static bool is_block(const char *name)
{
	return !strncmp(name, "memory", 6) && name[6] &&
	       strspn(name + 6, "0123456789") == strlen(name + 6);
}

static int online_blocks(int node, struct damon_ranges *ranges)
{
	struct dirent *entry;
	bench_path path;
	uint64_t size;
	DIR *dir;
	int rc = block_size(&size);

	if (rc)
		return rc;
	dir = opendir(bench_at(path, NODE, node));
	if (!dir)
		return bench_error(BENCH_FAILED, "%s: %s: name a node of this machine",
				   bench_shown(path), strerror(errno));
	while (!rc && (entry = readdir(dir)))
		if (is_block(entry->d_name))
			rc = add_block(ranges, node, entry->d_name, size);
	closedir(dir);
	tidy(ranges);
	return rc;
}

/*
 * System RAM at every depth: that of a CXL region stands below its window, the region and the DAX device, as "System
 * RAM (kmem)". Nothing for one who may not know addresses: all of them are 0 then.
 */
static void system_ram(struct damon_ranges *ram)
{
	bench_path path;
	FILE *file = fopen(bench_at(path, "/proc/iomem"), "re");
	uint64_t start, last;
	char line[256], name[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %127[^\n]", &start, &last, name) == 3 &&
		    !strncmp(name, "System RAM", 10) && last > start && last != UINT64_MAX)
			damon_ranges_add(ram, start, last + 1);
	if (file)
		fclose(file);
	tidy(ram);
}

/* The part of one range that is in the others, in whole pages. */
static void add_common(struct damon_ranges *to, const struct damon_range *range,
		       const struct damon_ranges *others)
{
	uint64_t page = bench_page_size(), start, end;

	for (int i = 0; i < others->count; i++) {
		start = others->at[i].start > range->start ? others->at[i].start : range->start;
		end = others->at[i].end < range->end ? others->at[i].end : range->end;
		damon_ranges_add(to, (start + page - 1) / page * page, end / page * page);
	}
}

/*
 * A memory block is 128 MiB or more, and the first and last ones below 4 GiB have holes: firmware tables, and what the
 * PC never had. DAMON finds nothing there, calls it cold and spends quota on it. damo, and so HMSDK, takes only System
 * RAM too. Where iomem has nothing of a block, the block is taken whole.
 */
int damon_node_ranges(int node, struct damon_ranges *ranges)
{
	struct damon_ranges blocks = { NULL, 0 }, ram = { NULL, 0 };
	int rc = online_blocks(node, &blocks), before;

	if (!rc)
		system_ram(&ram);
	for (int i = 0; !rc && i < blocks.count; i++) {
		before = ranges->count;
		add_common(ranges, &blocks.at[i], &ram);
		if (ranges->count == before)
			damon_ranges_add(ranges, blocks.at[i].start, blocks.at[i].end);
	}
	if (!rc && !ranges->count)
		rc = bench_error(BENCH_FAILED, "node %d has no memory online: bring its blocks "
				 "online (" NODE "/memory*/state), or name another node", node, node);
	damon_ranges_free(&blocks);
	damon_ranges_free(&ram);
	return rc;
}

int damon_node_of(uint64_t address)
{
	bench_path path;
	uint64_t size;

	if (!bench_read_number(bench_at(path, BLOCK_SIZE), 16, &size) || !size)
		return -1;
	for (int node = 0; node < BENCH_MAX_NODES; node++)
		if (bench_exists(bench_at(path, NODE "/memory%" PRIu64, node, address / size)))
			return node;
	return -1;
}
