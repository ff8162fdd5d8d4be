/* How much of a hot set was on fast nodes, over time: a line for each run. */
#include <string.h>

#include "report-charts.h"
#include "report-plot.h"

#define HEIGHT 270 /* without the names above */
#define MAX_LINES 8 /* combinations in one chart */

static bool has_hot(const struct group *g)
{
	return g->m[M_HOT_BEGIN].n || g->m[M_HOT_END].n;
}

static bool one_chart(const struct group *a, const struct group *b)
{
	return str_same(a->key->machine, b->key->machine) && str_same(a->key->workload, b->key->workload);
}

static void put_look(struct text *t, double at, double share)
{
	if (!isnan(at) && !isnan(share))
		text_addf(t, "%.6g %.4g\n", at, 100 * share);
}

/* As far as it was looked; the last interval ends with the work, or a little before. */
static void put_run(struct text *t, const struct result *r, size_t line, size_t run)
{
	double last = 0;

	text_addf(t, "$h%zu_%zu << EOD\n", line, run);
	put_look(t, 0, hot_share_begin(r));
	for (size_t i = 0; i < r->n_intervals; i++) {
		double share = hot_share(r, &r->intervals[i].hot);

		put_look(t, r->intervals[i].at, share);
		last = isnan(share) ? last : fmax(last, r->intervals[i].at);
	}
	if (r->secs > last)
		put_look(t, r->secs, hot_share_end(r));
	text_puts(t, "EOD\n");
	if (!isnan(r->moved_at))
		text_addf(t, "set arrow from %.6g,graph 0 to %.6g,graph 1 nohead dt 3 lc rgb '#808080'\n"
			  "set label 2 'it moved' at %.6g,graph 0.14 offset 0.5,0 tc rgb '#808080'\n", r->moved_at, r->moved_at, r->moved_at);
}

/* Lines of one scheme have its colour, and are told apart by their dashes. */
static int dashes(const struct group *first, const struct group *g)
{
	int n = 1;

	for (; first < g; first++)
		n += has_hot(first) && str_same(first->series, g->series);
	return n;
}

static void put_group(struct text *t, struct text *plot, const struct report *p, const struct group *first, const struct group *g, size_t line)
{
	auto_free char *name = strf("%s%s%s", g->what, *g->what ? ", " : "", g->series), *quoted = plot_quoted(name);
	const char *colour = series_colour(p, g->series) + 1;
	const struct result *middle = g->median ? g->median : g->runs[0];

	for (size_t i = 0; i < g->n; i++) {
		put_run(t, g->runs[i], line, i);
		text_addf(plot, "%s $h%zu_%zu using 1:2 with ", plot->n ? "," : "plot", line, i);
		if (g->runs[i] == middle)
			text_addf(plot, "linespoints lw 2 dt %d pt 7 ps 0.35 lc rgb '#%s' title %s", dashes(first, g), colour, quoted);
		else
			text_addf(plot, "lines lw 1 dt %d lc rgb '#60%s' notitle", dashes(first, g), colour);
	}
}

/* The groups from *at on that one chart shows. */
static void chart(struct doc *d, const struct report *p, size_t *at, size_t number)
{
	const struct group *first = &p->groups[*at];
	auto_free char *seconds = NULL, *caption = NULL;
	auto_text lines = { 0 }, plot = { 0 };
	enum speed speed = SPEED_OWN;
	struct text t = { 0 };
	size_t n = 0;

	for (; *at < p->n_groups && n < MAX_LINES && one_chart(first, &p->groups[*at]); (*at)++) {
		const struct group *g = &p->groups[*at];

		if (!has_hot(g))
			continue;
		put_group(&lines, &plot, p, first, g, n++);
		speed = g->speed > speed ? g->speed : speed;
	}
	seconds = axis_title("seconds since the work began", speed);
	plot_begin(&t, CHART_WIDTH, HEIGHT + 20 * (int)((n + 1) / 2));
	text_addf(&t, "set key outside top left horizontal Left reverse samplen 2 maxcols 3 maxrows auto\n"
		  "set xrange [0:*]\nset autoscale xfixmax\nset yrange [-3:103]\nset ytics 0,20,100\n"
		  "set xlabel '%s'\nset ylabel 'hot set on fast nodes, %%'\nset arrow from graph 0,first %g to graph 1,first %g nohead dt 2 lc rgb '#808080'\n"
		  "set label 1 'four fifths' at graph 1,first %g right offset 0,0.6 tc rgb '#808080'\n%s%s\n",
		  seconds, 100 * HOT_THERE, 100 * HOT_THERE, 100 * HOT_THERE, lines.s, plot.s);
	caption = strf("%s%s%s: how much of the hot set was on fast nodes", first->key->workload ? first->key->workload : "",
		       first->key->machine ? " on " : "", first->key->machine ? first->key->machine : "");
	doc_chart(d, strf("chart-hot-%zu", number), caption, t.s);
}

void charts_hot(struct doc *d, const struct report *p)
{
	size_t number = 0;

	for (size_t at = 0; at < p->n_groups;)
		if (has_hot(&p->groups[at]))
			chart(d, p, &at, ++number);
		else
			at++;
}
