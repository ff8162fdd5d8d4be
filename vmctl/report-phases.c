/* Work in phases: where the pages were that each went to most. */
#include <stdlib.h>
#include <string.h>

#include "report-charts.h"
#include "report-content.h"

#define MOST_PHASES 24 /* of a combination in the table: those that repeat them make many */

size_t phases_of(const struct group *g, const struct result_phase **phases)
{
	size_t n = 0;

	*phases = NULL;
	for (size_t i = 0; i < g->n; i++)
		if (g->runs[i]->n_phases > n) {
			*phases = g->runs[i]->phases;
			n = g->runs[i]->n_phases;
		}
	return n;
}

static double share(const struct result *r, const struct result_phase *p) { return hot_share(r, &p->pages); }
static double rate(const struct result *r, const struct result_phase *p) { return (void)r, p->rate; }
static double secs(const struct result *r, const struct result_phase *p) { return (void)r, p->secs; }

struct spread phase_spread(const struct group *g, size_t i, const struct result_phase *phase, enum phase_figure f)
{
	static double (*const of[])(const struct result *, const struct result_phase *) = { [PHASE_HOT] = share, [PHASE_RATE] = rate, [PHASE_SECS] = secs };
	double *values = xcalloc(g->n, sizeof(*values));
	struct spread s;

	for (size_t j = 0; j < g->n; j++) {
		const struct result *r = g->runs[j];

		values[j] = i < r->n_phases && str_same(r->phases[i].name, phase->name) ? of[f](r, &r->phases[i]) : NAN;
	}
	s = spread_of(values, g->n);
	free(values);
	return s;
}

static void row(struct grid *g, const struct group *o, size_t i, const struct result_phase *phase)
{
	struct spread hot = phase_spread(o, i, phase, PHASE_HOT), rates = phase_spread(o, i, phase, PHASE_RATE), time = phase_spread(o, i, phase, PHASE_SECS);
	auto_free char *speed = mean_text(&rates, o->unit_size), *sd = spread_text(&rates, o->unit_size), *unit = axis_title(o->unit, o->speed);

	grid_cell(g, o->label);
	grid_cell(g, phase->name);
	grid_cellf(g, "%zu", rates.n);
	if (time.n)
		grid_cellf(g, "%.1f", time.mean);
	else
		grid_cell(g, "-");
	grid_cell(g, phase->hot);
	share_cells(g, &hot);
	grid_cell(g, speed);
	grid_cell(g, sd);
	grid_cell(g, unit);
}

void part_phases(struct doc *d, const struct report *p)
{
	const struct result_phase *phases;
	struct grid *g = NULL;
	size_t most = 0;

	for (size_t i = 0; i < p->n_groups; i++) {
		size_t n = phases_of(&p->groups[i], &phases);

		if (n && !g) {
			doc_heading(d, 2, "phases", "Phases");
			doc_add(d, B_TEXT, "Of each phase, as it was run: the region that most accesses went to, and how much of that one was on fast nodes when the "
				"phase ended, in percent of its pages. All are means of the runs, with their spread.");
			g = doc_grid(d, (const char *const[]){ "what", "phase", ">n", ">seconds", "hottest region", ">% of it at the end", ">spread", ">rate", ">spread", "unit", NULL });
		}
		for (size_t j = 0; j < n && j < MOST_PHASES; j++)
			row(g, &p->groups[i], j, &phases[j]);
		most = n > most ? n : most;
	}
	if (most > MOST_PHASES) {
		auto_free char *text = strf("The first %d of %zu phases; --json has all of them.", MOST_PHASES, most);

		doc_add(d, B_TEXT, text);
	}
	if (g)
		speed_notes(d, p);
}
