/*
 * phases: accesses as a file in masim's format says them: which regions there are, and how often each
 * is accessed in which phase. So it is known before what is hot, and when that changes: what a
 * tiering policy makes of it can be seen.
 *
 * The worker chooses a pattern of the phase by its probability for each 1024 accesses (masim: for
 * each 131072). A random one goes to any byte of its region and has no use for the stride; a
 * sequential one goes on where it was, also when its phase comes again. Of a batch the thread does
 * not read the clock: who takes notes changes the phase.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phases-run.h"

#define NOT_GIVEN	1e10		/* of --seconds: more than bench_parse() takes */
#define MOST_REPEATS	1000000u

/* -- The run --------------------------------------------------------------------------------- */

static const char *phase_name(const struct bench_run *run, uint64_t value)
{
	const struct phases *p = run->arg;

	return p->pattern.phases[value].name;
}

/* The last one ends with the run. */
static double next_due(const struct phases *p)
{
	return p->no_memory || p->n_ran == p->pattern.n_phases * p->repeat ? 0 : p->planned;
}

static void next_phase(struct bench_run *run, double since)
{
	struct phases *p = run->arg;

	phases_next(p, since);
	run->values[0].now = p->now;
	run->next_due = next_due(p);
}

static void describe_run(struct phases *p)
{
	p->run = (struct bench_run){
		.shape = &p->shape, .mem = &p->mem, .work = phases_work, .due = next_phase,
		.work_type = "accesses", .arg = p, .alloc_secs = p->run.alloc_secs,
		.looks = { { "", p->mem.addr, p->mem.bytes } },
		.values = { { .key = "phase", .name = phase_name } },
	};
	phases_first(p);
	p->run.next_due = next_due(p);
}

static int make_regions(struct phases *p)
{
	double began = bench_now();
	int rc;

	if ((rc = bench_run_map(&p->shape, p->pattern.bytes, &p->mem)) || (rc = phases_fill(p)))
		return rc;
	p->run.alloc_secs = bench_now() - began;
	return bench_run_ready(&p->shape, &p->mem);
}

static int run_all(struct phases *p)
{
	int rc = make_regions(p);

	if (rc)
		return rc;
	describe_run(p);
	if (!(rc = bench_run(&p->run)))
		phases_last(p, p->run.secs);
	if (!rc && p->no_memory)
		rc = bench_error(BENCH_FAILED, "no memory for notes of %zu phases: give a smaller --repeat",
				 p->n_ran);
	return rc;
}

/* -- The result ------------------------------------------------------------------------------ */

static double rate(const struct ran *r)
{
	return r->secs > 0 ? (double)r->work / r->secs : 0;
}

static const char *hot_name(const struct phases *p, const struct ran *r)
{
	const struct masim *m = &p->pattern;

	return m->regions[m->accesses[m->phases[r->phase].hottest].region].name;
}

static const struct bench_pages *hot_pages(const struct ran *r)
{
	static struct bench_pages pages;

	memset(&pages, 0, sizeof(pages));
	memcpy(pages.on, r->hot_pages, (size_t)bench_node_limit() * sizeof(*pages.on));
	return &pages;
}

static void json_ran(const struct phases *p, const struct ran *r)
{
	printf("{\"name\":");
	bench_json_text(p->pattern.phases[r->phase].name);
	printf(",\"at\":%.6f,\"secs\":%.6f,\"work\":%" PRIu64 ",\"rate\":%.3f,\"hot\":", r->at, r->secs,
	       r->work, rate(r));
	bench_json_text(hot_name(p, r));
	printf(",\"hot_pages_per_node\":");
	if (r->hot_pages) {
		bench_json_pages(hot_pages(r));
		printf(",\"hot_pages_one_in\":%" PRIu64 "}", r->one_in);
	} else {
		printf("null}");
	}
}

static void print_json(const struct phases *p)
{
	bench_json_begin(&p->run, p->pattern.bytes);
	printf(",\"file\":");
	bench_json_text(p->file);
	printf(",\"repeat\":%" PRIu64 ",\"regions\":[", p->repeat);
	for (size_t i = 0; i < p->pattern.n_regions; i++) {
		printf("%s{\"name\":", i ? "," : "");
		bench_json_text(p->pattern.regions[i].name);
		printf(",\"bytes\":%" PRIu64 "}", p->pattern.regions[i].bytes);
	}
	printf("],\"phases\":[");
	for (size_t i = 0; i < p->n_ran; i++) {
		printf("%s", i ? "," : "");
		json_ran(p, &p->ran[i]);
	}
	putchar(']');
	bench_json_end(&p->run);
}

static void print_text(const struct phases *p)
{
	char buf[32];

	printf("regions: %zu, %s, %s pages\n", p->pattern.n_regions, bench_human(p->pattern.bytes, buf),
	       p->shape.hugepage ? "huge" : "small");
	if (p->run.has_pages[0])
		bench_print_pages(&p->run.end[0]);
	for (size_t i = 0; i < p->n_ran; i++) {
		const struct ran *r = &p->ran[i];

		printf("phase '%s': %.3f s, %" PRIu64 " accesses, %.0f a second; hottest is '%s'",
		       p->pattern.phases[r->phase].name, r->secs, r->work, rate(r), hot_name(p, r));
		if (r->hot_pages) {
			printf(", ");
			bench_print_where(hot_pages(r));
		}
		putchar('\n');
	}
	bench_print_run(&p->run);
}

/* -- The file and the options ---------------------------------------------------------------- */

static int read_pattern(struct phases *p)
{
	char *text = malloc(MASIM_LONGEST_FILE + 1);
	FILE *file = text ? fopen(p->file, "re") : NULL;
	size_t len = 0;
	int rc = 0;

	if (file)
		len = fread(text, 1, MASIM_LONGEST_FILE + 1, file);
	if (!file || ferror(file))
		rc = bench_error(BENCH_FAILED, "%s: %s: name a file in masim's format", p->file,
				 strerror(errno));
	if (file)
		fclose(file);
	if (!rc)
		rc = masim_parse(&p->pattern, p->file, text, len, bench_page_size());
	free(text);
	return rc;
}

static int plan(struct phases *p)
{
	double whole;
	int rc;

	if (p->shape.threads > 1)
		return bench_error(BENCH_USAGE, "--threads %" PRIu64 ": a pattern is one thread's: run it "
				   "several times instead", p->shape.threads);
	if ((rc = read_pattern(p)))
		return rc;
	whole = (double)p->pattern.ms / 1000 * (double)p->repeat;
	p->shape.seconds = p->shape.seconds < whole ? p->shape.seconds : whole;
	bench_shape_footprint(&p->shape, p->pattern.bytes);
	return 0;
}

static int parse(struct phases *p, int argc, char **argv)
{
	const struct bench_option options[] = {
		{ "FILE", BENCH_ARGUMENT, &p->file, "an access pattern in masim's format", 0, 0 },
		{ "repeat", BENCH_NUMBER, &p->repeat, "run all phases N times over (1)", 1, MOST_REPEATS },
		{ 0 },
	};
	const struct bench_usage usage = {
		"FILE", "Accesses regions of memory, phase by phase, as FILE says in the format of masim's\n"
		"configuration files.", options, NULL,
	};
	uint64_t unused = 0;
	int rc = bench_shape_parse(&p->shape, NULL, &usage, argc, argv, &unused);

	return rc ? rc : plan(p);
}

int main(int argc, char **argv)
{
	static struct phases p = { .repeat = 1, .shape = { .threads = 1, .seconds = NOT_GIVEN,
							   .sizes_itself = true } };
	int rc;

	bench_name = "phases";
	if (!(rc = parse(&p, argc, argv)) && !(rc = run_all(&p)))
		(p.shape.json ? print_json : print_text)(&p);
	for (size_t i = 0; i < p.n_ran; i++)
		free(p.ran[i].hot_pages);
	free(p.ran);
	bench_run_free(&p.run);
	bench_mem_unmap(&p.mem);
	masim_free(&p.pattern);
	return bench_finish(rc);
}
