/* Tables of what came out: throughput, pages moved, DAMON's schemes, the notes' own, latencies. */
#include <string.h>

#include "report-charts.h"
#include "report-content.h"
#include "units.h"

#define PAGE 4096.0
#define MAX_CASES 8 /* columns of a notes table */

static char *warm_up_text(const struct report *p)
{
	double most = 0;

	for (size_t i = 0; i < p->n_groups; i++)
		for (size_t j = 0; j < p->groups[i].n; j++)
			most = fmax(most, p->groups[i].runs[j]->warm_up_secs);
	return most > 0 ? strf(" Intervals of the warm-up (%.4g s at most) are left out.", most) : xstrdup("");
}

void part_throughput(struct doc *d, const struct report *p)
{
	auto_free char *warm_up = warm_up_text(p), *text = strf("Bars and table have the mean of the runs that are done; the spread, a line on the bar, "
								 "is their sample standard deviation, and needs two runs.%s", warm_up);
	struct grid *g;

	doc_heading(d, 2, "throughput", "Throughput");
	doc_add(d, B_TEXT, text);
	charts_throughput(d, p);
	g = doc_grid(d, (const char *const[]){ "what", ">n", ">mean", ">spread", ">from \xe2\x80\x93 to", "unit", NULL });
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *o = &p->groups[i];
		auto_free char *mean = mean_text(&o->m[M_RATE], o->unit_size), *sd = spread_text(&o->m[M_RATE], o->unit_size);
		auto_free char *range = range_text(&o->m[M_RATE], o->unit_size), *unit = axis_title(o->unit, o->speed);

		grid_cell(g, o->label);
		grid_cellf(g, "%zu", o->m[M_RATE].n);
		grid_cell(g, mean);
		grid_cell(g, sd);
		grid_cell(g, range);
		grid_cell(g, o->m[M_RATE].n ? unit : "-");
	}
	speed_notes(d, p);
}

/* ---- pages that moved ---- */

static const enum metric moved[] = { M_PROMOTED, M_CANDIDATES, M_DEMOTED, M_DAMON_UP, M_DAMON_DOWN, M_MIGRATED, M_FAILED };
#define MOVED (sizeof(moved) / sizeof(*moved))

void part_moves(struct doc *d, const struct report *p)
{
	struct grid *g;

	doc_heading(d, 2, "moves", "Promotions and demotions");
	doc_add(d, B_TEXT, "Pages of 4 KiB a run, mean and sample standard deviation. By the kernel: pgpromote_success, pgpromote_candidate and all of "
		"pgdemote_*. By DAMON: what its schemes applied to (sz_applied), which pgpromote_success does not count. Migrated in all and failed: "
		"pgmigrate_success and pgmigrate_fail. A dash: not counted. In the charts the kernel's part has its full colour, and DAMON's a light one.");
	charts_migrations(d, p);
	g = doc_grid(d, (const char *const[]){ "what", ">n", NULL });
	for (size_t m = 0; m < MOVED; m++) {
		auto_free char *name = strf(">%s", metrics[moved[m]].title);

		grid_column(g, name);
	}
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *o = &p->groups[i];

		grid_cell(g, o->label);
		grid_cellf(g, "%zu", o->n);
		for (size_t m = 0; m < MOVED; m++) {
			const struct spread *s = &o->m[moved[m]];

			if (!s->n)
				grid_cell(g, "-");
			else if (s->n == 1 || s->sd == 0)
				grid_cellf(g, "%.0f", s->mean);
			else
				grid_cellf(g, "%.0f \xc2\xb1 %.0f", s->mean, s->sd);
		}
	}
}

static void damon_size(struct grid *g, double bytes)
{
	char size[SIZE_TEXT];

	grid_cell(g, isnan(bytes) ? "-" : size_human((uint64_t)bytes, size));
}

static void damon_number(struct grid *g, double n)
{
	if (isnan(n))
		grid_cell(g, "-");
	else
		grid_cellf(g, "%.0f", n);
}

void part_damon(struct doc *d, const struct report *p)
{
	struct grid *g = NULL;

	for (size_t i = 0; i < p->n_groups; i++) {
		const struct result *r = p->groups[i].median;

		for (size_t j = 0; r && j < r->n_damon; j++) {
			const struct result_damon *s = &r->damon[j];

			if (!g) {
				doc_heading(d, 2, "damon", "DAMON's schemes");
				g = doc_grid(d, (const char *const[]){ "what", "action", ">from node", ">to node", ">tried", ">applied", ">pages applied",
								       ">quota exceeded", NULL });
			}
			grid_cell(g, p->groups[i].label);
			grid_cell(g, s->action);
			damon_number(g, s->source);
			damon_number(g, s->target);
			damon_size(g, s->sz_tried);
			damon_size(g, s->sz_applied);
			damon_number(g, s->sz_applied / PAGE);
			damon_number(g, s->qt_exceeds);
		}
	}
	if (g)
		doc_add(d, B_TEXT, "Of each combination, the run whose throughput is in the middle.");
}

/* ---- the notes' own table ---- */

static bool one_table(const struct group *a, const struct group *b)
{
	return str_same(a->key->machine, b->key->machine) && str_same(a->key->workload, b->key->workload) && str_same(a->unit, b->unit) && str_same(a->series, b->series);
}

static void add_counters(struct strv *rows, const struct result *r)
{
	for (size_t i = 0; i < r->end.n; i++)
		if (!strv_has(rows, r->end.names[i]))
			strv_add(rows, r->end.names[i]);
}

static void counter_cell(struct grid *g, const struct group *o, const char *counter)
{
	double *values = xcalloc(o->n, sizeof(*values));
	struct spread s;

	for (size_t i = 0; i < o->n; i++)
		values[i] = result_delta(o->runs[i], counter);
	s = spread_of(values, o->n);
	if (s.n)
		grid_cellf(g, "%.0f", s.mean);
	else
		grid_cell(g, "-");
	free(values);
}

static void times_rows(struct grid *g, const struct group *const *cases, size_t n)
{
	const char *emulated = cases[0]->speed == SPEED_OWN ? "" : " (emulated)";
	bool one_run = true;

	grid_cellf(g, "secs%s", emulated);
	for (size_t i = 0; i < n; i++) {
		double sum = 0;

		for (size_t j = 0; j < cases[i]->n; j++)
			sum += cases[i]->runs[j]->secs;
		if (isnan(sum))
			grid_cell(g, "-");
		else
			grid_cellf(g, "%.3f", sum / (double)cases[i]->n);
		one_run = one_run && cases[i]->n == 1;
	}
	grid_cellf(g, "%s%s", cases[0]->unit, emulated);
	for (size_t i = 0; i < n; i++) {
		auto_free char *rate = mean_text(&cases[i]->m[M_RATE], cases[i]->unit_size);

		grid_cell(g, rate);
	}
	if (one_run)
		return;
	grid_cell(g, "mean of runs");
	for (size_t i = 0; i < n; i++)
		grid_cellf(g, "%zu", cases[i]->n);
}

static void notes_table(struct doc *d, const struct group *const *cases, size_t n)
{
	auto_free char *head = strf("%s%s%s, %s", cases[0]->key->workload ? cases[0]->key->workload : "", cases[0]->key->machine ? " on " : "",
				    cases[0]->key->machine ? cases[0]->key->machine : "", cases[0]->series);
	auto_strv rows = { 0 };
	struct grid *g;

	for (const char *const *c = notes_counters; *c; c++)
		strv_add(&rows, *c);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < cases[i]->n; j++)
			add_counters(&rows, cases[i]->runs[j]);
	doc_heading(d, 3, NULL, head);
	g = doc_grid(d, (const char *const[]){ "counter", NULL });
	for (size_t i = 0; i < n; i++) {
		auto_free char *name = strf(">%s", *cases[i]->what ? cases[i]->what : "all");

		grid_column(g, name);
	}
	for (size_t r = 0; r < rows.n; r++) {
		grid_cell(g, rows.v[r]);
		for (size_t i = 0; i < n; i++)
			counter_cell(g, cases[i], rows.v[r]);
	}
	times_rows(g, cases, n);
}

void part_notes(struct doc *d, const struct report *p)
{
	const struct group **cases = xcalloc(MAX_CASES, sizeof(*cases));
	bool *shown = xcalloc(p->n_groups, sizeof(*shown));

	doc_heading(d, 2, "counters", "Counters");
	doc_add(d, B_TEXT, "How much each counter of /proc/vmstat grew from before the workload's start until after its end. A dash: the kernel does "
		"not have it.");
	for (size_t i = 0; i < p->n_groups; i++) {
		size_t n = 0;

		for (size_t j = i; j < p->n_groups && n < MAX_CASES; j++)
			if (!shown[j] && p->groups[j].n && one_table(&p->groups[i], &p->groups[j])) {
				shown[j] = true;
				cases[n++] = &p->groups[j];
			}
		if (n)
			notes_table(d, cases, n);
		i -= n == MAX_CASES; /* what did not fit has its own table */
	}
	speed_notes(d, p);
	free(cases);
	free(shown);
}

/* ---- latency ---- */

void part_latency(struct doc *d, const struct report *p)
{
	struct grid *g;

	if (!has_latencies(p))
		return;
	doc_heading(d, 2, "latency", "Latency");
	charts_latency(d, p);
	speed_notes(d, p);
	doc_fold(d, "The figures", false);
	g = doc_grid(d, (const char *const[]){ "what", ">working set", ">n", ">ns per load", ">spread", NULL });
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *o = &p->groups[i];

		for (size_t l = 0; o->n && l < o->runs[0]->n_latencies; l++) {
			auto_free char *mean = NULL, *sd = NULL;
			char size[SIZE_TEXT];
			struct spread s = latency_spread(o, o->runs[0]->latencies[l].bytes);

			mean = mean_text(&s, 1);
			sd = spread_text(&s, 1);
			grid_cell(g, o->label);
			grid_cell(g, size_human((uint64_t)o->runs[0]->latencies[l].bytes, size));
			grid_cellf(g, "%zu", s.n);
			grid_cell(g, mean);
			grid_cell(g, sd);
		}
	}
	doc_add(d, B_CLOSE, NULL);
}
