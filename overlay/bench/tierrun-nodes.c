/* NUMA nodes, their tiers, and the kernel's counters: see tierrun.h. */
#define _GNU_SOURCE	/* strchrnul */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tierrun.h"

#define NODES "/sys/devices/system/node"
#define TIERS "/sys/devices/virtual/memory_tiering"

/* Is the number in a list as the kernel writes it, "0-3,7"? */
static bool listed(const char *list, int number)
{
	while (*list) {
		char *end;
		long first = strtol(list, &end, 10), last = *end == '-' ? strtol(end + 1, &end, 10) : first;

		if (end == list)
			return false;
		if (number >= first && number <= last)
			return true;
		list = *end == ',' ? end + 1 : end;
	}
	return false;
}

/* Bytes of a line "Node 0 KEY:  123 kB"; 0: there is none. The search goes on from *at, as the lines stand in the file. */
static uint64_t amount(const char **at, const char *key)
{
	const char *found = strstr(*at, key);

	if (!found)
		return 0;
	*at = found + strlen(key);
	return strtoull(*at, NULL, 10) * 1024;
}

static void read_meminfo(struct tier_node *n)
{
	static char text[8192];
	bench_path path;
	FILE *f = fopen(bench_at(path, NODES "/node%d/meminfo", n->node), "re");
	size_t got = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	const char *at = text;

	if (f)
		fclose(f);
	text[got] = '\0';
	n->total = amount(&at, "MemTotal:");
	n->free = amount(&at, "MemFree:");
	n->file = amount(&at, "FilePages:");
	n->anon = amount(&at, "AnonPages:");
}

static int tier_of(int node)
{
	struct dirent *entry;
	char list[TIER_TEXT];
	bench_path path;
	int tier = -1, number;
	DIR *dir = opendir(bench_at(path, TIERS));

	while (dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "memory_tier%d", &number) == 1 &&
		    bench_read(bench_at(path, TIERS "/%.200s/nodelist", entry->d_name), list, sizeof(list)) && listed(list, node))
			tier = number;
	if (dir)
		closedir(dir);
	return tier;
}

int tier_nodes_read(struct tier_nodes *nodes)
{
	char online[TIER_TEXT], memory[TIER_TEXT];
	bench_path path;

	nodes->n = 0;
	if (!bench_read(bench_at(path, NODES "/online"), online, sizeof(online)) ||
	    !bench_read(bench_at(path, NODES "/has_memory"), memory, sizeof(memory)))
		return bench_error(BENCH_FAILED, "can't read %s: %s: the kernel needs CONFIG_NUMA=y", path, strerror(errno));
	for (int i = 0; i < BENCH_MAX_NODES && nodes->n < TIER_MAX_NODES; i++) {
		struct tier_node *n = &nodes->v[nodes->n];

		if (!listed(online, i))
			continue;
		*n = (struct tier_node){ .node = i, .tier = tier_of(i), .memory = listed(memory, i) };
		bench_read(bench_at(path, NODES "/node%d/cpulist", i), n->cpus, sizeof(n->cpus));
		read_meminfo(n);
		nodes->n++;
	}
	return 0;
}

void tier_nodes_update(struct tier_nodes *nodes)
{
	for (int i = 0; i < nodes->n; i++)
		read_meminfo(&nodes->v[i]);
}

const struct tier_node *tier_node_of(const struct tier_nodes *nodes, int node)
{
	for (int i = 0; i < nodes->n; i++)
		if (nodes->v[i].node == node)
			return &nodes->v[i];
	return NULL;
}

/* Tiers count from fast to slow (include/linux/memory-tiers.h). */
void tier_nodes_choose(const struct tier_nodes *nodes, int *fast, int *slow)
{
	const struct tier_node *best = tier_node_of(nodes, *fast), *next = NULL;

	for (int i = 0; i < nodes->n && !best; i++)
		if (nodes->v[i].memory && *nodes->v[i].cpus)
			best = &nodes->v[i];
	for (int i = 0; best && i < nodes->n; i++) {
		const struct tier_node *n = &nodes->v[i];

		if (n == best || !n->memory)
			continue;
		if (n->tier > best->tier && (!next || next->tier <= best->tier || n->tier < next->tier))
			next = n;
		else if (!next && !*n->cpus)
			next = n;
	}
	*fast = *fast == BENCH_ANY_NODE && best ? best->node : *fast;
	*slow = *slow == BENCH_ANY_NODE && next ? next->node : *slow;
}

/* -- Counters -------------------------------------------------------------------------------- */

static const char *const usual[] = {
	"numa_hit", "numa_miss", "numa_foreign", "numa_interleave", "numa_local", "numa_other",
	"pgpromote_success", "pgpromote_candidate",
	"pgdemote_kswapd", "pgdemote_direct", "pgdemote_khugepaged", "pgdemote_proactive",
	"pgscan_kswapd", "pgscan_direct", "pgsteal_kswapd", "pgsteal_direct", "pgactivate", "pgdeactivate",
	"numa_pte_updates", "numa_huge_pte_updates", "numa_hint_faults", "numa_hint_faults_local", "numa_pages_migrated",
	"pgmigrate_success", "pgmigrate_fail",
};

void tier_counters_default(struct tier_counters *c)
{
	c->n = 0;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		c->name[c->n++] = usual[i];
}

int tier_counters_add(struct tier_counters *c, const char *name)
{
	for (int i = 0; i < c->n; i++)
		if (!strcmp(c->name[i], name))
			return 0;
	if (c->n == TIER_MAX_COUNTERS)
		return bench_error(BENCH_USAGE, "more than %d counters", TIER_MAX_COUNTERS);
	if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name))
		return bench_error(BENCH_USAGE, "'%.60s' can't be a counter of /proc/vmstat: a-z, 0-9 and _", name);
	c->name[c->n++] = name;
	return 0;
}

static int index_of(const struct tier_counters *c, const char *line, size_t n)
{
	for (int i = 0; i < c->n; i++)
		if (strlen(c->name[i]) == n && !strncmp(c->name[i], line, n))
			return i;
	return -1;
}

/* Lines stay where they are while a kernel runs: what is looked for is compared once with each, and later with its own alone. */
void tier_counters_read(const struct tier_counters *c, struct tier_counts *counts)
{
	static char text[32768];
	static const struct tier_counters *known;
	static int at[1024];	/* index in c of the counter on a line; -1: none */
	bench_path path;
	FILE *f = fopen(bench_at(path, "/proc/vmstat"), "re");
	size_t got = f ? fread(text, 1, sizeof(text) - 1, f) : 0, n;
	int number = 0;

	if (f)
		fclose(f);
	text[got] = '\0';
	memset(counts, 0, sizeof(*counts));
	for (char *line = text, *end; *line && number < 1024; line = *end ? end + 1 : end, number++) {
		end = strchrnul(line, '\n');
		if (known == c && at[number] < 0)
			continue;
		n = strcspn(line, " \n");
		if (known != c && (at[number] = index_of(c, line, n)) < 0)
			continue;
		counts->v[at[number]] = strtoull(line + n, NULL, 10);
		counts->has[at[number]] = true;
	}
	if (got)
		known = c;
}

int tier_counters_check(const struct tier_counters *c)
{
	struct tier_counts counts;

	tier_counters_read(c, &counts);
	for (int i = sizeof(usual) / sizeof(usual[0]); i < c->n; i++)
		if (!counts.has[i])
			return bench_error(BENCH_FAILED, "the kernel has no counter '%s': /proc/vmstat has those that there are", c->name[i]);
	return 0;
}
