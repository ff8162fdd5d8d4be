/* Loads' time by working set. */
#include <string.h>

#include "report-charts.h"
#include "report-plot.h"

#define HEIGHT 380
#define MAX_LINES 8 /* in one chart */

bool has_latencies(const struct report *p)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (p->groups[i].median && p->groups[i].median->n_latencies)
			return true;
	return false;
}

/* The mean over the runs of each working set that the first has. */
static void put_latencies(struct text *t, const struct group *g, size_t number)
{
	const struct result *first = g->runs[0];
	double *values = xcalloc(g->n, sizeof(*values));

	text_addf(t, "$l%zu << EOD\n", number);
	for (size_t i = 0; i < first->n_latencies; i++) {
		struct spread s;

		for (size_t j = 0; j < g->n; j++) {
			values[j] = NAN;
			for (size_t k = 0; k < g->runs[j]->n_latencies; k++)
				if (g->runs[j]->latencies[k].bytes == first->latencies[i].bytes)
					values[j] = g->runs[j]->latencies[k].ns;
		}
		s = spread_of(values, g->n);
		if (s.n && first->latencies[i].bytes > 0)
			text_addf(t, "%.0f %.6g %.6g\n", first->latencies[i].bytes, s.mean, s.n > 1 ? s.sd : 0);
	}
	text_puts(t, "EOD\n");
	free(values);
}

static bool same_lines(const struct group *a, const struct group *b)
{
	const char *x = a->key->machine ? a->key->machine : "", *y = b->key->machine ? b->key->machine : "";

	return !strcmp(x, y) && !strcmp(a->key->workload ? a->key->workload : "", b->key->workload ? b->key->workload : "");
}

/* The groups from *at on that one chart shows. */
static void latency_chart(struct doc *d, const struct report *p, size_t *at, size_t number)
{
	const struct group *first = &p->groups[*at];
	auto_free char *title = axis_title("ns per load", first->speed), *caption = NULL;
	auto_text plot = { 0 };
	struct text t = { 0 };
	size_t n = 0;

	plot_begin(&t, CHART_WIDTH, HEIGHT);
	text_addf(&t, "set logscale x 2\nset logscale y\nset format x '%%.0b%%B'\nset xlabel 'working set (bytes)'\nset ylabel '%s'\n"
		  "set grid xtics lc rgb '#999999' lw 0.5\nset key outside top left horizontal Left reverse maxcols 3\n", title);
	for (; *at < p->n_groups && n < MAX_LINES && same_lines(first, &p->groups[*at]); (*at)++) {
		const struct group *g = &p->groups[*at];
		auto_free char *name = strf("%s%s%s", g->what, *g->what ? ", " : "", g->series), *quoted = plot_quoted(name);
		const char *colour = series_colour(p, g->series);

		if (!g->n || !g->runs[0]->n_latencies)
			continue;
		put_latencies(&t, g, n);
		text_addf(&plot, "%s $l%zu using 1:2 with linespoints lw 1.8 dt %zu pt %zu ps 0.6 lc rgb '%s' title %s", n ? "," : "plot", n, n % 4 + 1,
			  n % 4 * 2 + 4, colour, quoted);
		text_addf(&plot, ", $l%zu using 1:($2 - $3):(0):(2 * $3) with vectors arrowstyle 1", n);
		n++;
	}
	text_addf(&t, "%s\n", plot.s);
	caption = strf("%s on %s: time of a load that depends on the one before, by the size of what it walks (mean, one standard deviation).",
		       first->key->workload ? first->key->workload : "", first->key->machine ? first->key->machine : "?");
	doc_chart(d, strf("chart-latency-%zu", number), caption, t.s);
}

void charts_latency(struct doc *d, const struct report *p)
{
	size_t number = 0;

	for (size_t at = 0; at < p->n_groups;)
		if (p->groups[at].n && p->groups[at].runs[0]->n_latencies)
			latency_chart(d, p, &at, ++number);
		else
			at++;
}
