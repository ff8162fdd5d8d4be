/* What a run gave, as JSON and as text: see bench-run.h for the contract. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench-run.h"

static double rate(uint64_t work, double secs)
{
	return secs > 0 ? (double)work / secs : 0;
}

/* NULL: where the kernel has no NUMA, or it was not looked. */
static void json_pages(const char *key, const char *rest, const struct bench_pages *pages)
{
	printf(",\"%s%s\":", key, rest);
	if (pages)
		bench_json_pages(pages);
	else
		printf("null");
}

/* The interval's pages of look i in the form of the others; NULL if there are none. */
static const struct bench_pages *interval_pages(const struct bench_run *run,
						const struct bench_interval *v, int i)
{
	static struct bench_pages pages;

	if (!v->pages[i])
		return NULL;
	memset(&pages, 0, sizeof(pages));
	memcpy(pages.on, v->pages[i], (size_t)bench_node_limit() * sizeof(uint64_t));
	for (int node = 0; node < BENCH_MAX_NODES; node++)
		pages.elsewhere -= pages.on[node];
	pages.elsewhere += run->looks[i].bytes / bench_page_size();
	return &pages;
}

static void json_interval(const struct bench_run *run, const struct bench_interval *v)
{
	printf("{\"at\":%.6f,\"secs\":%.6f,\"work\":%" PRIu64 ",\"rate\":%.3f", v->at, v->secs,
	       v->work, rate(v->work, v->secs));
	for (int i = 0; i < BENCH_MAX_VALUES && run->values[i].key; i++) {
		printf(",\"%s\":", run->values[i].key);
		if (run->values[i].name)
			bench_json_text(run->values[i].name(run, v->value[i]));
		else
			printf("%" PRIu64, v->value[i]);
	}
	for (int i = 0; i < BENCH_MAX_LOOKS && run->looks[i].key; i++) {
		json_pages(run->looks[i].key, "pages_per_node", interval_pages(run, v, i));
		if (v->step[i] > 1)
			printf(",\"%spages_one_in\":%" PRIu64, run->looks[i].key, v->step[i]);
	}
	putchar('}');
}

void bench_json_begin(const struct bench_run *run, uint64_t bytes)
{
	const struct bench_shape *s = run->shape;

	printf("{\"name\":\"%s\",\"size_bytes\":%" PRIu64 ",\"threads\":%" PRIu64 ",\"seed\":%"
	       PRIu64 ",\"node\":", bench_name, bytes, s->threads, s->seed);
	bench_json_node(s->node);
	printf(",\"hugepage\":%s,\"huge_bytes\":%" PRIu64 ",\"secs\":%.9f,\"work\":%" PRIu64
	       ",\"work_type\":\"%s\",\"rate\":%.3f,\"alloc_secs\":%.9f,\"interval_secs\":%.3f"
	       ",\"began_at\":%.6f", s->hugepage ? "true" : "false", run->huge_bytes, run->secs,
	       run->done, run->work_type, rate(run->done, run->secs), run->alloc_secs, s->interval,
	       run->began_at);
	for (int i = 0; i < BENCH_MAX_LOOKS && run->looks[i].key; i++) {
		const char *key = run->looks[i].key;
		bool has = run->has_pages[i];

		json_pages(key, "pages_per_node", has ? &run->end[i] : NULL);
		json_pages(key, "pages_begin", has ? &run->begin[i] : NULL);
		json_pages(key, "pages_end", has ? &run->end[i] : NULL);
	}
}

void bench_json_end(const struct bench_run *run)
{
	printf(",\"intervals\":[");
	for (size_t i = 0; i < run->n_intervals; i++) {
		if (i)
			putchar(',');
		json_interval(run, &run->intervals[i]);
	}
	puts("]}");
}

void bench_print_run(const struct bench_run *run)
{
	for (size_t i = 0; i < run->n_intervals; i++) {
		const struct bench_interval *v = &run->intervals[i];

		printf("at %.1f s: %.0f a second", v->at, rate(v->work, v->secs));
		for (int j = 0; j < BENCH_MAX_VALUES && run->values[j].key; j++)
			if (run->values[j].name)
				printf(", %s '%s'", run->values[j].key,
				       run->values[j].name(run, v->value[j]));
		for (int j = 0; j < BENCH_MAX_LOOKS && run->looks[j].key; j++)
			if (v->pages[j]) {
				printf(", %s", run->looks[j].key);
				bench_print_where(interval_pages(run, v, j));
			}
		putchar('\n');
	}
	bench_print_block(run->secs, run->done, run->work_type, run->alloc_secs);
}
