/* Charts of bars: what was run along the axis, a bar for each scheme. */
#include "report-charts.h"

#include <string.h>

#include "report-panel.h"

#define MAX_LABELS 16   /* bars with their figure over them     */
#define HEIGHT 300      /* without the labels below        */
#define FLAT_HEIGHT 140 /* where all bars are 0 */
#define BAR_ROOM 0.82   /* of a cluster                         */
#define BAR_MOST 0.4    /* wide: a single one is no wall        */

/* Told apart by those who do not see all colours, and on white as on black. */
static const struct {
	const char *scheme, *colour;
} colours[] = {
	{ "none", "#808080" }, { "autonuma", "#0072b2" }, { "hmsdk", "#d55e00" }, { "damon", "#009e73" },
	{ NULL, "#b5619a" }, { NULL, "#a67c00" }, { NULL, "#3d93c9" }, { NULL, "#7d6bc4" }, { NULL, "#c2475d" }, { NULL, "#5f8a3a" },
};
#define COLOURS (sizeof(colours) / sizeof(*colours))

/* The scheme's own colour; that of the next free one for a scheme that is joined, or has another scope beside. */
const char *series_colour(const struct report *p, const char *series)
{
	bool taken[COLOURS] = { false };
	size_t c = 0;

	for (size_t i = 0; i < p->series.n; i++) {
		size_t n = strcspn(p->series.v[i], ",");

		for (c = 0; c < COLOURS; c++)
			if (!taken[c] && (!colours[c].scheme || (!strncmp(colours[c].scheme, p->series.v[i], n) && !colours[c].scheme[n])))
				break;
		if (c == COLOURS)
			c = COLOURS - 1 - i % 6;
		taken[c] = true;
		if (!strcmp(p->series.v[i], series))
			break;
	}
	return colours[c < COLOURS ? c : 0].colour;
}

char *axis_title(const char *unit, enum speed speed)
{
	return strf("%s%s", unit, speed == SPEED_OWN ? "" : " (emulated speed)");
}

static size_t index_of(const struct strv *list, const char *s)
{
	size_t i = 0;

	while (i < list->n && strcmp(list->v[i], s))
		i++;
	return i;
}

/* Calls put for each group of the panel with the middle of its bar. */
static void each_bar(const struct panel *c, void (*put)(struct text *t, const struct group *g, double x), struct text *t, const char *series)
{
	double step = BAR_ROOM / (double)c->series.n;
	size_t cluster = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct group *g = &c->first[i];

		cluster += i && !same_cluster(g, g - 1);
		if (!strcmp(g->series, series))
			put(t, g, (double)cluster + step * ((double)index_of(&c->series, series) + 0.5) - BAR_ROOM / 2);
	}
}

static double bar_width(const struct panel *c)
{
	return fmin(BAR_MOST, BAR_ROOM / (double)c->series.n * 0.88);
}

static char *panel_name(const struct panel *c)
{
	const struct run_key *k = c->first->key;

	return strf("%s%s%s", k->workload ? k->workload : "", k->machine ? " on " : "", k->machine ? k->machine : "");
}

/* ---- throughput ---- */

static void put_rate(struct text *t, const struct group *g, double x)
{
	const struct spread *s = &g->m[M_RATE];

	if (s->n)
		text_addf(t, "%.4f %.9g %.9g\n", x, s->mean / g->unit_size, s->n > 1 ? s->sd / g->unit_size : 0);
}

static char *throughput_script(const struct report *p, const struct panel *c)
{
	auto_free char *title = axis_title(c->first->unit, c->speed), *quoted = plot_quoted(title);
	bool labels = c->n <= MAX_LABELS;
	struct text t = { 0 };

	panel_begin(&t, c, HEIGHT);
	text_addf(&t, "set ylabel %s\nset yrange [0:*]\nset offsets 0,0,graph 0.08,0\n", quoted);
	for (size_t s = 0; s < c->series.n; s++) {
		text_addf(&t, "$s%zu << EOD\n", s);
		each_bar(c, put_rate, &t, c->series.v[s]);
		text_puts(&t, "EOD\n");
	}
	text_puts(&t, "plot");
	for (size_t s = 0; s < c->series.n; s++) {
		auto_free char *name = plot_quoted(c->series.v[s]);

		text_addf(&t, "%s $s%zu using 1:2:(%.4f) with boxes fs solid 1 noborder lc rgb '%s' title %s", s ? "," : "", s,
			  bar_width(c), series_colour(p, c->series.v[s]), name);
		text_addf(&t, ", $s%zu using 1:($2 - $3):(0):(2 * $3) with vectors arrowstyle 1", s);
		if (labels)
			text_addf(&t, ", $s%zu using 1:($2 + $3):(sprintf('%%.3g', $2)) with labels offset 0,0.7 font ',11'", s);
	}
	text_puts(&t, "\n");
	return t.s;
}

/* ---- promotions and demotions ---- */

static double known(const struct group *g, enum metric m)
{
	return g->m[m].n ? g->m[m].mean : 0;
}

static bool counted(const struct group *g)
{
	return g->m[M_PROMOTED].n || g->m[M_DEMOTED].n || g->m[M_DAMON_UP].n || g->m[M_DAMON_DOWN].n;
}

/* Middle, kernel's up, all up, kernel's down, all down. */
static void put_moves(struct text *t, const struct group *g, double x)
{
	double up = known(g, M_PROMOTED), down = known(g, M_DEMOTED);

	if (counted(g))
		text_addf(t, "%.4f %.9g %.9g %.9g %.9g\n", x, up, up + known(g, M_DAMON_UP), -down, -down - known(g, M_DAMON_DOWN));
}

/* The longest bar. */
static double most_moves(const struct panel *c)
{
	double most = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct group *g = &c->first[i];

		most = fmax(most, known(g, M_PROMOTED) + known(g, M_DAMON_UP));
		most = fmax(most, known(g, M_DEMOTED) + known(g, M_DAMON_DOWN));
	}
	return most;
}

double page_scale(double most, const char **unit)
{
	*unit = most >= 2e6 ? "million pages" : most >= 2e3 ? "thousand pages" : "pages";
	return most >= 2e6 ? 1e6 : most >= 2e3 ? 1e3 : 1;
}

static char *migrations_script(const struct report *p, const struct panel *c)
{
	bool labels = c->n <= MAX_LABELS;
	struct text t = { 0 };
	double width = bar_width(c), most = 0, scale;
	const char *unit;

	most = most_moves(c);
	scale = page_scale(most, &unit);
	panel_begin(&t, c, most > 0 ? HEIGHT : FLAT_HEIGHT);
	text_addf(&t, "set ylabel '%s%s'\nset xzeroaxis lt -1 lw 0.8\nset border 2\nscale = %g\n", most > 0 ? "demoted | promoted, " : "", unit, scale);
	text_puts(&t, most > 0 ? "set offsets 0,0,graph 0.12,graph 0.12\n" : "set yrange [-1:1]\nset ytics (0)\n");
	for (size_t s = 0; s < c->series.n; s++) {
		text_addf(&t, "$s%zu << EOD\n", s);
		each_bar(c, put_moves, &t, c->series.v[s]);
		text_puts(&t, "EOD\n");
	}
	text_puts(&t, "plot");
	for (size_t s = 0; s < c->series.n; s++) {
		auto_free char *name = plot_quoted(c->series.v[s]);
		const char *colour = series_colour(p, c->series.v[s]);

		/* all in light, and over it in full colour what is the kernel's own */
		for (int side = 3; side <= 5; side += 2) {
			text_addf(&t, "%s $s%zu using 1:($%d/scale):(%.4f) with boxes fs solid 0.35 noborder lc rgb '%s'", s || side > 3 ? "," : "", s, side,
				  width, colour);
			text_addf(&t, ", $s%zu using 1:($%d/scale):(%.4f) with boxes fs solid 1 noborder lc rgb '%s'", s, side - 1, width, colour);
			if (side == 3)
				text_addf(&t, " title %s", name);
			if (labels)
				text_addf(&t, ", $s%zu using 1:($%d/scale):(%s) with labels offset 0,%s font ',11'", s, side,
					  side == 3 ? "$3 > 0 ? gprintf('%.1s%c', $3) : '0'" : "$5 < 0 ? gprintf('%.1s%c', -$5) : ''", side == 3 ? "0.7" : "-0.7");
		}
	}
	text_puts(&t, "\n");
	return t.s;
}

/* ---- all of one kind ---- */

static void charts(struct doc *d, const struct report *p, const char *id, const char *caption,
		   bool (*worth)(const struct group *g), char *(*script)(const struct report *p, const struct panel *c))
{
	struct panel c;
	size_t number = 0;

	for (size_t at = 0; at < p->n_groups; at += c.n, panel_free(&c)) {
		auto_free char *name = NULL, *text = NULL;
		bool any = false;

		panel_take(&c, &p->groups[at], p->n_groups - at);
		for (size_t i = 0; i < c.n; i++)
			any = any || worth(&c.first[i]);
		if (!any)
			continue;
		name = panel_name(&c);
		text = strf("%s: %s", name, caption);
		doc_chart(d, strf("%s-%zu", id, ++number), text, script(p, &c));
	}
}

static bool has_rate(const struct group *g)
{
	return g->m[M_RATE].n > 0;
}

void charts_throughput(struct doc *d, const struct report *p)
{
	charts(d, p, "chart-throughput", "throughput", has_rate, throughput_script);
}

void charts_migrations(struct doc *d, const struct report *p)
{
	charts(d, p, "chart-migrations", "pages promoted, above the line, and demoted, below it", counted, migrations_script);
}
