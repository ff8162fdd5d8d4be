/* One run over time: three charts over each other with the same axis. */
#include <string.h>

#include "report-charts.h"
#include "report-plot.h"

#define HEIGHT 600

static const char *const fast_colours[] = { "#0072b2", "#3d93c9", "#7d6bc4" };
static const char *const slow_colours[] = { "#d55e00", "#a67c00", "#b5619a" };
#define COLOURS 3

struct span {
	double from, to;
};

/* From the first sample to the end of the work. */
static struct span span_of(const struct result *r)
{
	struct span s = { 0, r->secs > 0 ? r->secs : 1 };

	for (size_t i = 0; i < r->n_samples; i++)
		if (!isnan(r->samples[i].at)) {
			s.from = fmin(s.from, r->samples[i].at);
			s.to = fmax(s.to, r->samples[i].at);
		}
	for (size_t i = 0; i < r->n_intervals; i++)
		s.to = fmax(s.to, r->intervals[i].at);
	return s;
}

/* One of three over each other, whose time is the same: top and bottom as parts of the height. */
static void panel(struct text *t, double top, double bottom, const char *title, bool last)
{
	auto_free char *quoted = plot_quoted(title);

	text_addf(t, "set tmargin at screen %.3f\nset bmargin at screen %.3f\nset ylabel %s\n", top, bottom, quoted);
	text_puts(t, last ? "set format x '%g'\nset xlabel 'seconds since the work began'\n" : "set format x ''\nunset xlabel\n");
	text_addf(t, "set key at screen 0.99,%.3f right top horizontal Left reverse noautotitle samplen 2\n", top + 0.065);
}

/* From 0 to the most and a little more, with few enough ticks for so low a panel. */
static void range(struct text *t, double most)
{
	static const double steps[] = { 1, 2, 2.5, 5, 10 };
	double ten = most > 0 ? pow(10, floor(log10(most / 4))) : 1, step = ten;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && step * 4 < most; i++)
		step = steps[i] * ten;
	text_addf(t, "set yrange [0:%.6g]\nset ytics out nomirror 0,%.6g\n", most > 0 ? ceil(most / step) * step : 1, step);
}

/* An empty panel says so, and does not look like one that is lost. */
static void nothing(struct text *t, double top, double bottom, const char *words)
{
	auto_free char *quoted = plot_quoted(words);

	text_addf(t, "set label 1 %s at screen 0.56,%.3f center tc rgb '#808080'\nset yrange [0:1]\nunset ytics\nplot -1\nunset label 1\nset ytics out nomirror\n",
		  quoted, (top + bottom) / 2);
}

static void throughput(struct text *t, const struct group *g, const struct result *r, double top, double bottom)
{
	auto_free char *title = axis_title(g->unit, result_speed(r));
	double most = 0;

	panel(t, top, bottom, title, false);
	if (!r->n_intervals) {
		nothing(t, top, bottom, "no intervals: the workload notes none");
		return;
	}
	if (r->warm_up_secs > 0)
		text_addf(t, "set object 1 rectangle from 0,graph 0 to %.6g,graph 1 fs solid 0.15 noborder fc rgb '#808080' behind\n"
			  "set label 1 'warm-up' at 0,graph 0.08 offset 0.5,0 tc rgb '#808080'\n", r->warm_up_secs);
	text_puts(t, "$rate << EOD\n");
	for (size_t i = 0; i < r->n_intervals; i++) {
		const struct result_interval *v = &r->intervals[i];

		if (isnan(v->at) || isnan(v->rate))
			continue;
		if (!i)
			text_addf(t, "%.6g %.9g\n", isnan(v->secs) ? 0 : v->at - v->secs, v->rate / g->unit_size);
		text_addf(t, "%.6g %.9g\n", v->at, v->rate / g->unit_size);
		most = fmax(most, v->rate / g->unit_size);
	}
	text_puts(t, "EOD\n");
	range(t, most);
	text_puts(t, "plot $rate using 1:2 with fsteps lw 2 lc rgb '#009e73'\nunset object 1\nunset label 1\n");
}

static bool node_seen(const struct node_pages *p, long node, double *pages)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].node == node) {
			*pages = p->v[i].pages;
			return true;
		}
	return false;
}

/* The workload's own pages, where it looked; else all anonymous pages of the guest. */
static bool has_own_pages(const struct result *r)
{
	for (size_t i = 0; i < r->n_intervals; i++)
		if (r->intervals[i].pages.n)
			return true;
	return false;
}

static double most_pages(const struct result *r, bool own)
{
	double most = 0;

	for (size_t i = 0; own && i < r->n_intervals; i++)
		for (size_t j = 0; j < r->intervals[i].pages.n; j++)
			most = fmax(most, r->intervals[i].pages.v[j].pages);
	for (size_t i = 0; !own && i < r->n_samples; i++)
		for (size_t j = 0; j < r->samples[i].anon.n; j++)
			most = fmax(most, r->samples[i].anon.v[j].pages);
	return most;
}

static void put_node(struct text *t, const struct result *r, long node, bool own)
{
	double pages;

	text_addf(t, "$node%ld << EOD\n", node);
	if (own && r->pages_begin.n)
		text_addf(t, "0 %.9g\n", node_seen(&r->pages_begin, node, &pages) ? pages : 0);
	for (size_t i = 0; own && i < r->n_intervals; i++)
		if (r->intervals[i].pages.n && !isnan(r->intervals[i].at))
			text_addf(t, "%.6g %.9g\n", r->intervals[i].at, node_seen(&r->intervals[i].pages, node, &pages) ? pages : 0);
	for (size_t i = 0; !own && i < r->n_samples; i++)
		if (node_seen(&r->samples[i].anon, node, &pages) && !isnan(r->samples[i].at))
			text_addf(t, "%.6g %.9g\n", r->samples[i].at, pages);
	text_puts(t, "EOD\n");
}

static bool has_anon(const struct result *r)
{
	for (size_t i = 0; i < r->n_samples; i++)
		if (r->samples[i].anon.n)
			return true;
	return false;
}

static void resident(struct text *t, const struct result *r, double top, double bottom)
{
	bool own = has_own_pages(r);
	size_t fast = 0, slow = 0;
	const char *between = "plot", *unit;
	double most = most_pages(r, own), scale = page_scale(most, &unit);
	auto_free char *title = strf("%s,\n%s", own ? "the workload's" : "anonymous", unit);
	auto_text plot = { 0 };

	panel(t, top, bottom, title, false);
	if (!own && !has_anon(r)) {
		nothing(t, top, bottom, "no pages: neither workload nor samples looked");
		return;
	}
	for (size_t i = 0; i < r->n_nodes; i++) {
		bool is_slow = node_is_slow(r, r->nodes[i].node);
		long node = (long)r->nodes[i].node;
		const char *colour = is_slow ? slow_colours[slow++ % COLOURS] : fast_colours[fast++ % COLOURS];

		if (!(r->nodes[i].total > 0))
			continue;
		put_node(t, r, node, own);
		text_addf(&plot, "%s $node%ld using 1:($2/%g) with lines lw 2 dt %d lc rgb '%s' title 'node %ld (%s)'", between, node, scale, is_slow ? 2 : 1, colour,
			  node, is_slow ? "slow" : "fast");
		between = ",";
	}
	if (!plot.n) {
		nothing(t, top, bottom, "no nodes in the result");
		return;
	}
	range(t, most / scale);
	text_addf(t, "%s\n", plot.s);
}

struct line {
	const char *name, *title, *colour;
	size_t off;
};
static const struct line moves[] = {
	{ "all", "all", "#808080", offsetof(struct result_sample, migrated) },
	{ "up", "promoted (kernel)", "#009e73", offsetof(struct result_sample, promoted) },
	{ "down", "demoted (kernel)", "#b5619a", offsetof(struct result_sample, demoted) },
};
#define MOVES (sizeof(moves) / sizeof(*moves))

static double field(const struct result_sample *s, size_t off)
{
	return *(const double *)((const char *)s + off);
}

/* What came between a sample and the one before, a second. */
static double rate_at(const struct result *r, size_t i, const struct line *l)
{
	const struct result_sample *a = &r->samples[i - 1], *b = &r->samples[i];
	double pages = (field(b, l->off) - field(a, l->off)) / (b->at - a->at);

	return isfinite(pages) && b->at > a->at ? pages : NAN;
}

static bool put_moves(struct text *t, const struct result *r, const struct line *l, double *most)
{
	bool any = false;

	text_addf(t, "$%s << EOD\n", l->name);
	for (size_t i = 1; i < r->n_samples; i++) {
		const struct result_sample *a = &r->samples[i - 1], *b = &r->samples[i];
		double pages = rate_at(r, i, l);

		if (isnan(pages))
			continue;
		*most = fmax(*most, pages);
		if (!any)
			text_addf(t, "%.6g %.9g\n", a->at, pages);
		text_addf(t, "%.6g %.9g\n", b->at, pages);
		any = true;
	}
	text_puts(t, "EOD\n");
	return any;
}

static void migrations(struct text *t, const struct result *r, double top, double bottom)
{
	auto_text plot = { 0 };
	auto_free char *title = NULL;
	double most = 0, scale;
	const char *unit;

	for (size_t i = 0; i < MOVES; i++)
		if (put_moves(t, r, &moves[i], &most))
			text_addf(&plot, "%s $%s using 1:($2/scale) with fsteps lw 2 dt %d lc rgb '%s' title '%s'", plot.n ? "," : "plot", moves[i].name, i ? 1 : 3,
				  moves[i].colour, moves[i].title);
	scale = page_scale(most, &unit);
	title = strf("migrations,\n%s/s", unit);
	panel(t, top, bottom, title, true);
	if (!plot.n) {
		nothing(t, top, bottom, "no samples of counters");
		return;
	}
	range(t, most / scale);
	text_addf(t, "scale = %g\n%s\n", scale, plot.s);
}

void chart_series(struct doc *d, const struct report *p, const struct group *g, size_t number)
{
	const struct result *r = g->median;
	struct span s = span_of(r);
	struct text t = { 0 };
	auto_free char *caption = strf("%s%s%s: repetition %.0f over time.%s", p->n_groups > 1 || !g->key->machine ? "" : g->key->machine,
				       p->n_groups > 1 || !g->key->machine ? "" : ", ", g->label, isnan(r->repetition) ? 1 : r->repetition,
				       s.from < 0 ? " Before 0 it fills its memory." : "");

	plot_begin(&t, CHART_WIDTH, HEIGHT);
	text_addf(&t, "set multiplot\nset lmargin at screen 0.135\nset rmargin at screen 0.985\nset xrange [%.6g:%.6g]\n", s.from, s.to);
	throughput(&t, g, r, 0.935, 0.715);
	resident(&t, r, 0.625, 0.435);
	migrations(&t, r, 0.345, 0.125);
	text_puts(&t, "unset multiplot\n");
	doc_chart(d, strf("chart-series-%zu", number), caption, t.s);
}
