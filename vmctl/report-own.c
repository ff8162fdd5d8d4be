/* Tables of what some workloads alone have: a hot set, loops over arrays. */
#include <stdlib.h>
#include <string.h>

#include "report-charts.h"
#include "report-content.h"

void share_cells(struct grid *g, const struct spread *s)
{
	auto_free char *none = spread_text(s, 1);

	if (s->n)
		grid_cellf(g, "%.1f", 100 * s->mean);
	else
		grid_cell(g, "-");
	if (s->n > 1)
		grid_cellf(g, "\xc2\xb1 %.1f", 100 * s->sd);
	else
		grid_cell(g, none);
}

/* Of those that got there; else how long none did. */
static void until_cell(struct grid *g, const struct group *o)
{
	const struct spread *s = &o->m[M_HOT_SECS];
	double watched = NAN;

	for (size_t i = 0; i < o->n; i++)
		watched = fmax(watched, hot_secs_watched(o->runs[i]));
	if (!s->n && isnan(watched))
		grid_cell(g, "-");
	else if (!s->n)
		grid_cellf(g, "never in %.0f s", watched);
	else if (s->n == 1)
		grid_cellf(g, "%.1f", s->mean);
	else
		grid_cellf(g, "%.1f \xc2\xb1 %.1f", s->mean, s->sd);
}

void part_hot(struct doc *d, const struct report *p)
{
	struct grid *g = NULL;

	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *o = &p->groups[i];
		const struct spread *begin = &o->m[M_HOT_BEGIN], *end = &o->m[M_HOT_END];

		if (!begin->n && !end->n)
			continue;
		if (!g) {
			doc_heading(d, 2, "hot-set", "Hot set");
			doc_add(d, B_TEXT, "How much of the hot set was on fast nodes, in percent of its pages, and how many seconds after the work began four fifths "
				"of it were there for the first time, as seen at the ends of intervals: the mean of the runs in which they were, and in how many. "
				"Of a hot set that moved, seconds since then, and what it had at the begin is that of its first place. In a chart thick "
				"lines are of the runs whose throughput is in the middle, a point is where it was looked, and thin lines are of the other runs.");
			charts_hot(d, p);
			g = doc_grid(d, (const char *const[]){ "what", ">n", ">% at the begin", ">spread", ">% at the end", ">spread", ">seconds until four fifths",
							       ">in runs", NULL });
		}
		grid_cell(g, o->label);
		grid_cellf(g, "%zu", begin->n > end->n ? begin->n : end->n);
		share_cells(g, begin);
		share_cells(g, end);
		until_cell(g, o);
		grid_cellf(g, "%zu", o->m[M_HOT_SECS].n);
	}
	if (g)
		speed_notes(d, p);
}

/* ---- stream's loops ---- */

struct spread kernel_spread(const struct group *o, const char *name, size_t member)
{
	double *values = xcalloc(o->n, sizeof(*values));
	struct spread s;

	for (size_t i = 0; i < o->n; i++) {
		values[i] = NAN;
		for (size_t k = 0; k < o->runs[i]->n_kernels; k++)
			if (o->runs[i]->kernels[k].name && !strcmp(o->runs[i]->kernels[k].name, name))
				values[i] = *(const double *)((const char *)&o->runs[i]->kernels[k] + member);
	}
	s = spread_of(values, o->n);
	free(values);
	return s;
}

static void kernel_row(struct grid *g, const struct group *o, const char *name)
{
	struct spread average = kernel_spread(o, name, offsetof(struct result_kernel, average));
	struct spread best = kernel_spread(o, name, offsetof(struct result_kernel, best));
	struct spread least = kernel_spread(o, name, offsetof(struct result_kernel, least));
	auto_free char *mean = mean_text(&average, 1), *sd = spread_text(&average, 1), *top = mean_text(&best, 1), *bottom = mean_text(&least, 1);

	grid_cell(g, o->label);
	grid_cell(g, name);
	grid_cellf(g, "%zu", average.n);
	grid_cell(g, mean);
	grid_cell(g, sd);
	grid_cell(g, top);
	grid_cell(g, bottom);
}

/* A loop's rows stand together in each combination, in the order of its first run. */
void part_kernels(struct doc *d, const struct report *p)
{
	struct grid *g = NULL;

	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *o = &p->groups[i];

		for (size_t k = 0; o->n && k < o->runs[0]->n_kernels; k++) {
			if (!o->runs[0]->kernels[k].name)
				continue;
			if (!g) {
				doc_heading(d, 2, "kernels", "Loops over arrays");
				doc_add(d, B_TEXT, "GB (10^9 bytes) a second that each loop reads and writes: its average over a run, as the mean of the runs and its "
					"spread; and the means of each run's best and least.");
				g = doc_grid(d, (const char *const[]){ "what", "loop", ">n", ">average, GB/s", ">spread", ">best", ">least", NULL });
			}
			kernel_row(g, o, o->runs[0]->kernels[k].name);
		}
	}
	if (g)
		speed_notes(d, p);
}
