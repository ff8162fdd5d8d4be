/* What every workload can be told, and the memory that it asks for: see bench-run.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench-run.h"

#define DEFAULT_SECONDS		10
#define SHORTEST_INTERVAL	0.01

static int check_shape(struct bench_shape *s, const char *work_option)
{
	if (s->work && s->seconds > 0)
		return bench_error(BENCH_USAGE, "--%s and --seconds exclude each other: give one "
				   "of them", work_option);
	if (s->interval > 0 && s->interval < SHORTEST_INTERVAL)
		return bench_error(BENCH_USAGE, "--interval %gms is too short to note anything: "
				   "give at least 10ms, or 0 for none", s->interval * 1000);
	if (!s->work && !(s->seconds > 0))
		s->seconds = DEFAULT_SECONDS;
	return 0;
}

int bench_shape_parse(struct bench_shape *s, const char *work_option,
		      const struct bench_usage *own, int argc, char **argv, uint64_t *bytes)
{
	/* Counts and seeds go up to what a double, and so every reader of JSON, holds exactly. */
	const uint64_t most = 1ull << 53;
	const struct bench_option shared[] = {
		{ "threads", BENCH_NUMBER, &s->threads,
		  s->threads ? "threads that share the memory (1)" :
		  "threads that share the memory (as many as CPUs it may run on)",
		  1, BENCH_MAX_THREADS },
		{ "seconds", BENCH_SECONDS, &s->seconds, s->seconds > 0 ?
		  "how long to run at most" : "how long to run (10)", 1, 0 },
		{ "interval", BENCH_SECONDS, &s->interval,
		  "note rate and pages per node every S (1), 0: never", 0, 0 },
		{ "hugepage", BENCH_FLAG, &s->hugepage,
		  "memory in transparent huge pages (else: surely in small ones)", 0, 0 },
		{ "node", BENCH_NODE, &s->node,
		  "bind the memory, and nothing else, to node N", 0, 0 },
		{ "seed", BENCH_NUMBER, &s->seed, "of the random sequence (1)", 0, most },
		{ "json", BENCH_FLAG, &s->json,
		  "one JSON object on one line instead of text", 0, 0 },
		{ "footprint", BENCH_FLAG, &s->footprint,
		  "only print how many bytes it will need", 0, 0 },
		{ work_option, BENCH_NUMBER, &s->work,
		  "run for N of them over all threads instead of --seconds", 1, most },
		{ 0 },
	};
	struct bench_usage usage = *own;
	int rc;

	*s = (struct bench_shape){ .threads = s->threads ? s->threads : (uint64_t)bench_cpus(),
				   .seed = 1, .interval = 1, .node = BENCH_ANY_NODE,
				   .seconds = s->seconds, .sizes_itself = s->sizes_itself };
	usage.shared = shared;
	rc = bench_parse(&usage, argc, argv, bytes);
	if (!rc && !(rc = check_shape(s, work_option)) && !s->sizes_itself)
		bench_shape_footprint(s, *bytes);
	return rc;
}

void bench_shape_footprint(const struct bench_shape *s, uint64_t bytes)
{
	if (!s->footprint)
		return;
	printf("%" PRIu64 "\n", bytes);
	exit(bench_finish(0));
}

uint64_t bench_share(const struct bench_shape *shape, uint64_t total, int index)
{
	return (uint64_t)((unsigned __int128)total * (unsigned)index / shape->threads);
}

/* -- Memory ---------------------------------------------------------------------------------- */

int bench_run_map(const struct bench_shape *s, uint64_t bytes, struct bench_mem *mem)
{
	int rc = s->node == BENCH_ANY_NODE ? 0 : bench_node_check(s->node);

	if (!rc)
		rc = bench_mem_room(bytes, s->node);
	return rc ? rc : bench_mem_map(mem, bytes, s->hugepage, s->node);
}

static int check_node(const struct bench_mem *mem, int node)
{
	uint64_t total = mem->bytes / bench_page_size();
	struct bench_pages pages;
	int rc;

	if (!bench_pages_count(mem, &pages) && (rc = bench_pages_ask(mem, &pages)))
		return rc;
	if (pages.on[node] == total)
		return 0;
	return bench_error(BENCH_FAILED, "only %" PRIu64 " of %" PRIu64 " pages are on node %d: "
			   "something moves them, stop it or leave --node out", pages.on[node],
			   total, node);
}

static void settle(void *arg, int index)
{
	(void)index;
	bench_mem_settle(arg);
}

int bench_run_ready(const struct bench_shape *s, const struct bench_mem *mem)
{
	struct bench_team team = { (int)s->threads, settle, NULL, (void *)(uintptr_t)mem };
	double unused;
	int rc;

	if (s->hugepage && !bench_mem_huge(mem))
		return bench_error(BENCH_FAILED, "the memory got no huge page: is it under 2MiB, or "
				   "/sys/kernel/mm/transparent_hugepage/enabled at 'never'?");
	if (s->node != BENCH_ANY_NODE && (rc = check_node(mem, s->node)))
		return rc;
	return bench_team_run(&team, NULL, &unused);
}
