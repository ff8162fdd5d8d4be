/* Memory on a chosen node: see bench.h for the contract. */
#define _GNU_SOURCE	/* madvise */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "bench.h"
#include "bench-zones.h"

#define SETTLE_ROUNDS	16	/* a TLB of 256 entries can double to 16 million */
#define SETTLE_SECONDS	1
#define PAGES_FLUSHED	64	/* from 34 on Linux flushes all (x86, tlb_single_page_flush_ceiling) */

#define MASK_WORDS	(BENCH_MAX_NODES / (8 * sizeof(unsigned long)))
#define MASK_BITS	(BENCH_MAX_NODES + 1)	/* the kernel takes one off what it is told */

struct nodemask {
	unsigned long word[MASK_WORDS];
};

/* -- Nodes ----------------------------------------------------------------------------------- */

size_t bench_page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* The value in bytes of a "key: N kB" line; prefixed by "Node N " in a node's file. 0: none. */
static uint64_t meminfo(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	char line[256], name[64];
	uint64_t kib, bytes = 0;

	if (!file)
		return 0;
	while (!bytes && fgets(line, sizeof(line), file))
		if ((sscanf(line, "Node %*d %63[^:]: %" SCNu64, name, &kib) == 2 ||
		     sscanf(line, "%63[^:]: %" SCNu64, name, &kib) == 2) && !strcmp(name, key))
			bytes = kib << 10;
	fclose(file);
	return bytes;
}

static uint64_t node_meminfo(int node, const char *key)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/meminfo", node);
	return meminfo(path, key);
}

/* What the kernel keeps of the node for itself: as it reckons MemAvailable, zone by zone. */
static uint64_t node_reserve(int node)
{
	struct bench_zone *zones;
	size_t n = bench_zones(node, &zones);
	uint64_t pages = 0, kept;

	for (size_t i = 0; i < n; i++) {
		kept = zones[i].high + zones[i].protection;
		pages += kept < zones[i].managed ? kept : zones[i].managed;
	}
	free(zones);
	return pages * bench_page_size();
}

uint64_t bench_node_available(int node)
{
	uint64_t reserve = node_reserve(node);
	uint64_t cache = node_meminfo(node, "Active(file)") + node_meminfo(node, "Inactive(file)");
	uint64_t bytes = node_meminfo(node, "MemFree");

	/* Some of the cache is always in use: half of it, or as much as the reserve. */
	bytes += cache - (cache / 2 < reserve ? cache / 2 : reserve);
	return bytes > reserve ? bytes - reserve : 0;
}

int bench_node_check(int node)
{
	char path[64];

	if (access("/sys/devices/system/node/node0", F_OK))
		return bench_error(BENCH_FAILED, "node %d: this kernel shows no NUMA nodes: leave "
				   "--node out, or run a kernel with CONFIG_NUMA", node);
	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", node);
	if (access(path, F_OK))
		return bench_error(BENCH_FAILED, "node %d does not exist: "
				   "see /sys/devices/system/node/online", node);
	if (!node_meminfo(node, "MemTotal"))
		return bench_error(BENCH_FAILED, "node %d has no memory: bring it online, or see "
				   "/sys/devices/system/node/has_memory", node);
	return 0;
}

/* Where the process was bound, by numactl --membind for instance. False: it may go anywhere. */
static bool bound_nodes(struct nodemask *mask)
{
	int mode = MPOL_DEFAULT;

	memset(mask, 0, sizeof(*mask));
	if (syscall(SYS_get_mempolicy, &mode, mask->word, MASK_BITS, NULL, 0))
		return false;
	return (mode & ~MPOL_MODE_FLAGS) == MPOL_BIND;
}

/* -- Memory ---------------------------------------------------------------------------------- */

int bench_mem_room(uint64_t bytes, int node)
{
	uint64_t need = bytes + bytes / 512;	/* with the page tables */
	uint64_t have = 0;
	char where[64] = "this machine", asked[32], there[32];
	struct nodemask mask;

	if (node != BENCH_ANY_NODE) {
		snprintf(where, sizeof(where), "node %d", node);
		have = bench_node_available(node);
	} else if (bound_nodes(&mask)) {
		snprintf(where, sizeof(where), "the process's memory policy");
		for (int i = 0; i < BENCH_MAX_NODES; i++)
			if (mask.word[i / 64] >> (i % 64) & 1)
				have += bench_node_available(i);
	} else {
		have = meminfo("/proc/meminfo", "MemAvailable");
	}
	if (need <= have)
		return 0;
	return bench_error(BENCH_FAILED, "%s asked, but %s has %s to give: ask for less, or free "
			   "some", bench_human(bytes, asked), where, bench_human(have, there));
}

/* Whoever takes most shall go first, if the estimate of what is free was wrong. */
static void offer_to_oom_killer(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");

	if (file) {
		fputs("1000", file);
		fclose(file);
	}
}

static int bind_to(const struct bench_mem *mem, int node)
{
	struct nodemask mask = { 0 };

	mask.word[node / 64] = 1ul << (node % 64);
	if (!syscall(SYS_mbind, mem->addr, mem->bytes, MPOL_BIND, mask.word, MASK_BITS,
		     MPOL_MF_STRICT))
		return 0;
	return bench_error(BENCH_FAILED, "mbind to node %d: %s: %s", node, strerror(errno),
			   errno == EINVAL ? "is the node outside this process's cpuset?" :
			   "NUMA calls are not allowed here, run it where they are");
}

/*
 * The inaccessible page at either end keeps the kernel from merging this mapping with another,
 * so that its line in numa_maps and smaps is about the table alone.
 */
int bench_mem_map(struct bench_mem *mem, uint64_t bytes, bool huge, int node)
{
	size_t page = bench_page_size(), align = huge ? BENCH_HUGE_PAGE : page;
	int rc;

	offer_to_oom_killer();
	mem->bytes = (bytes + page - 1) / page * page;
	mem->map_bytes = mem->bytes + align + 2 * page;
	mem->map = mmap(NULL, mem->map_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem->map == MAP_FAILED) {
		mem->map = NULL;
		return bench_error(BENCH_FAILED, "can't map %" PRIu64 " bytes: %s: ask for less",
				   bytes, strerror(errno));
	}
	mem->addr = (void *)(((uintptr_t)mem->map + page + align - 1) / align * align);
	if (mprotect(mem->addr, mem->bytes, PROT_READ | PROT_WRITE)) {
		rc = bench_error(BENCH_FAILED, "can't have %" PRIu64 " bytes: %s: ask for less",
				 bytes, strerror(errno));
	} else if (madvise(mem->addr, mem->bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) && huge) {
		rc = bench_error(BENCH_FAILED, "huge pages: %s: this kernel has none, leave "
				 "--hugepage out", strerror(errno));
	} else {
		rc = node == BENCH_ANY_NODE ? 0 : bind_to(mem, node);
	}
	if (rc)
		bench_mem_unmap(mem);
	return rc;
}

void bench_mem_unmap(struct bench_mem *mem)
{
	if (mem->map)
		munmap(mem->map, mem->map_bytes);
	memset(mem, 0, sizeof(*mem));
}

void bench_mem_settle(const struct bench_mem *mem)
{
	size_t page = bench_page_size(), n = PAGES_FLUSHED * page;
	double end = bench_now() + SETTLE_SECONDS;

	for (int round = 0; round < SETTLE_ROUNDS && bench_now() < end; round++) {
		char *flushed = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (size_t i = 0; i < mem->bytes; i += page)
			(void)__atomic_load_n((uint64_t *)((char *)mem->addr + i), __ATOMIC_RELAXED);
		if (flushed == MAP_FAILED)
			return;
		memset(flushed, 1, n);
		munmap(flushed, n);
	}
}
