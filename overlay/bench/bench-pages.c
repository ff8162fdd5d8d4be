/* Where memory really is: see bench.h for the contract. */
#define _GNU_SOURCE	/* getline */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>

#include "bench.h"

/* The line of a mapping in a file of /proc/self that lists them by their first address. */
static bool starts_in(const struct bench_mem *mem, const char *line)
{
	uintptr_t at = strtoul(line, NULL, 16), first = (uintptr_t)mem->addr;

	return at >= first && at < first + mem->bytes;
}

uint64_t bench_mem_huge(const struct bench_mem *mem)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	char line[512];
	uint64_t kib, sum = 0;
	bool ours = false;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		/* A mapping's head is "7f00-7f80 rw-p ...", its lines are "Key: value". */
		if (isxdigit((unsigned char)line[0]) && line[strcspn(line, "-:")] == '-')
			ours = starts_in(mem, line);
		else if (ours && sscanf(line, "AnonHugePages: %" SCNu64, &kib) == 1)
			sum += kib << 10;
	}
	fclose(file);
	return sum;
}

bool bench_pages_count(const struct bench_mem *mem, struct bench_pages *pages)
{
	FILE *file = fopen("/proc/self/numa_maps", "re");
	char *line = NULL, *word, *rest;
	size_t room = 0;
	uint64_t count, sum = 0;
	unsigned int node;

	memset(pages, 0, sizeof(*pages));
	if (!file)
		return false;
	while (getline(&line, &room, file) > 0) {
		if (!starts_in(mem, line))
			continue;
		for (word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest))
			if (sscanf(word, "N%u=%" SCNu64, &node, &count) == 2 &&
			    node < BENCH_MAX_NODES) {
				pages->on[node] += count;
				sum += count;
			}
	}
	free(line);
	fclose(file);
	pages->elsewhere = mem->bytes / bench_page_size() - sum;
	return true;
}

/*
 * The last step may be a short one: its page stands for what is left. Pages are asked for in
 * batches, as the kernel goes through the process's mappings anew with each call.
 */
bool bench_pages_sample(const void *addr, uint64_t bytes, uint64_t step, struct bench_pages *pages)
{
	enum { BATCH = 4096 };
	static void *at[BATCH];
	static int status[BATCH];
	uint64_t page = bench_page_size(), total = bytes / page, n, stands_for;

	memset(pages, 0, sizeof(*pages));
	for (uint64_t first = 0; first < total; first += n * step) {
		n = (total - first + step - 1) / step;
		n = n < BATCH ? n : BATCH;
		for (uint64_t i = 0; i < n; i++)
			at[i] = (char *)(uintptr_t)addr + (first + i * step) * page;
		if (syscall(SYS_move_pages, 0, n, at, NULL, status, 0) < 0)
			return false;
		for (uint64_t i = 0; i < n; i++) {
			stands_for = total - first - i * step;
			stands_for = stands_for < step ? stands_for : step;
			if (status[i] >= 0 && status[i] < BENCH_MAX_NODES)
				pages->on[status[i]] += stands_for;
			else
				pages->elsewhere += stands_for;
		}
	}
	return true;
}

int bench_pages_ask(const struct bench_mem *mem, struct bench_pages *pages)
{
	if (bench_pages_sample(mem->addr, mem->bytes, 1, pages))
		return 0;
	return bench_error(BENCH_FAILED, "move_pages: %s: NUMA calls are not allowed here, run it "
			   "where they are", strerror(errno));
}

int bench_node_limit(void)
{
	static int limit;
	FILE *file = limit ? NULL : fopen("/sys/devices/system/node/possible", "re");
	int first, last = 0;
	char between;

	if (!file)
		return limit ? limit : 1;
	/* "0", "0-3" or "0,2-3": the last number is the highest. */
	while (fscanf(file, "%d", &first) == 1) {
		last = first;
		if (fscanf(file, "%c", &between) != 1)
			break;
	}
	fclose(file);
	limit = last >= 0 && last < BENCH_MAX_NODES ? last + 1 : BENCH_MAX_NODES;
	return limit;
}
