/* Loads' time by working set. */
#include <stdlib.h>
#include <string.h>

#include "report-charts.h"
#include "report-plot.h"
#include "units.h"

#define HEIGHT 380
#define MAX_LINES 8 /* in one chart */

bool has_latencies(const struct report *p)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (p->groups[i].median && p->groups[i].median->n_latencies)
			return true;
	return false;
}

struct spread latency_spread(const struct group *g, double bytes)
{
	double *values = xcalloc(g->n, sizeof(*values));
	struct spread s;

	for (size_t j = 0; j < g->n; j++) {
		values[j] = NAN;
		for (size_t k = 0; k < g->runs[j]->n_latencies; k++)
			if (g->runs[j]->latencies[k].bytes == bytes)
				values[j] = g->runs[j]->latencies[k].ns;
	}
	s = spread_of(values, g->n);
	free(values);
	return s;
}

/* The mean over the runs of each working set that the first has. */
static void put_latencies(struct text *t, const struct group *g, size_t number)
{
	const struct result *first = g->runs[0];

	text_addf(t, "$l%zu << EOD\n", number);
	for (size_t i = 0; i < first->n_latencies; i++) {
		struct spread s = latency_spread(g, first->latencies[i].bytes);

		if (s.n && first->latencies[i].bytes > 0)
			text_addf(t, "%.0f %.6g %.6g\n", first->latencies[i].bytes, s.mean, s.n > 1 ? s.sd : 0);
	}
	text_puts(t, "EOD\n");
}

static bool has_line(const struct group *g) { return g->n && g->runs[0]->n_latencies; }

/* The machine's name stands where the chart has several; the scheme's, where it is not alone. */
static char *line_name(const struct report *p, const struct group *g, bool several)
{
	const char *machine = several && g->key->machine ? g->key->machine : "";
	bool scheme = p->series.n > 1 || !*g->what;

	return strf("%s%s%s%s%s", machine, *machine ? ": " : "", g->what, scheme && *g->what ? ", " : "", scheme ? g->series : "");
}

/* So many groups as one chart: a colour a machine where there are several, else the scheme's. */
static void latency_chart(struct doc *d, const struct report *p, const struct group *const *lines, size_t n, size_t number)
{
	static const char *const colours[MAX_LINES] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#808080", "#000000" };
	enum speed speed = lines[0]->speed;
	auto_free char *title = NULL, *caption = NULL;
	struct strv machines = { 0 };
	auto_text plot = { 0 }, names = { 0 };
	struct text t = { 0 };

	for (size_t i = 0; i < n; i++) {
		speed = lines[i]->speed > speed ? lines[i]->speed : speed;
		if (lines[i]->key->machine && !strv_has(&machines, lines[i]->key->machine)) {
			strv_add(&machines, lines[i]->key->machine);
			text_addf(&names, "%s%s", names.n ? " and " : "", lines[i]->key->machine);
		}
	}
	title = axis_title("ns per load", speed);
	plot_begin(&t, CHART_WIDTH, HEIGHT);
	text_addf(&t, "set logscale x 2\nset logscale y\nset format x '%%.0b%%B'\nset xlabel 'working set (bytes)'\nset ylabel '%s'\n"
		  "set grid xtics lc rgb '#999999' lw 0.5\nset key outside top left horizontal Left reverse maxcols 3\n", title);
	for (size_t i = 0; i < n; i++) {
		auto_free char *name = line_name(p, lines[i], machines.n > 1), *quoted = plot_quoted(name);
		const char *colour = series_colour(p, lines[i]->series);

		for (size_t m = 0; machines.n > 1 && m < machines.n; m++)
			if (str_same(machines.v[m], lines[i]->key->machine))
				colour = colours[m];
		put_latencies(&t, lines[i], i);
		text_addf(&plot, "%s $l%zu using 1:2 with linespoints lw 1.8 dt %zu pt %zu ps 0.6 lc rgb '%s' title %s", i ? "," : "plot", i, i % 4 + 1,
			  i % 4 * 2 + 4, colour, quoted);
		text_addf(&plot, ", $l%zu using 1:($2 - $3):(0):(2 * $3) with vectors arrowstyle 1", i);
	}
	text_addf(&t, "%s\n", plot.s);
	caption = strf("%s on %s: time of a load that depends on the one before, by the size of what it walks (mean, one standard deviation).",
		       lines[0]->key->workload ? lines[0]->key->workload : "", names.n ? names.s : "?");
	doc_chart(d, strf("chart-latency-%zu", number), caption, t.s);
	strv_free(&machines);
}

/* On the same machine, the same bound to node 0. */
static const struct group *on_node_0(const struct report *p, const struct group *g)
{
	struct run_key key = *g->key;

	key.ratio = (char *)"membind:0";
	for (size_t i = 0; i < p->n_groups; i++)
		if (has_line(&p->groups[i]) && !key_compare(p->groups[i].key, &key))
			return &p->groups[i];
	return NULL;
}

/* What each node costs over node 0, where caches are over: at the largest working set. */
static void compare_nodes(struct doc *d, const struct report *p)
{
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *g = &p->groups[i], *near;
		const char *ratio = g->key->ratio ? g->key->ratio : "";
		auto_free char *text = NULL;
		struct spread here, there;
		char size[SIZE_TEXT];
		double most = 0;

		if (!has_line(g) || !str_starts(ratio, "membind:") || !strcmp(ratio, "membind:0") || !(near = on_node_0(p, g)))
			continue;
		for (size_t l = 0; l < g->runs[0]->n_latencies; l++)
			most = fmax(most, g->runs[0]->latencies[l].bytes);
		here = latency_spread(g, most);
		there = latency_spread(near, most);
		if (!here.n || !there.n || !(there.mean > 0))
			continue;
		text = strf("%s, %s %s: of %s, a load from node %s takes %.4g ns, %.2f times what one from node 0 takes.%s",
			    g->key->machine ? g->key->machine : "?", g->key->workload ? g->key->workload : "", g->key->args ? g->key->args : "",
			    size_human((uint64_t)most, size), ratio + strlen("membind:"), here.mean, here.mean / there.mean,
			    g->speed == SPEED_ACCESS ? " This machine has CXL memory that is emulated access by access (MMIO)." : "");
		doc_item(d, false, text, NULL);
	}
}

/* The lines of one workload together, of all machines. */
void charts_latency(struct doc *d, const struct report *p)
{
	auto_strv drawn = { 0 };
	size_t number = 0;

	for (size_t at = 0; at < p->n_groups; at++) {
		const char *workload = p->groups[at].key->workload ? p->groups[at].key->workload : "";
		const struct group *lines[MAX_LINES];
		size_t n = 0;

		if (!has_line(&p->groups[at]) || strv_has(&drawn, workload))
			continue;
		strv_add(&drawn, workload);
		for (size_t i = at; i < p->n_groups; i++) {
			if (!has_line(&p->groups[i]) || !str_same(p->groups[i].key->workload, workload))
				continue;
			lines[n++] = &p->groups[i];
			if (n == MAX_LINES) {
				latency_chart(d, p, lines, n, ++number);
				n = 0;
			}
		}
		if (n)
			latency_chart(d, p, lines, n, ++number);
	}
	compare_nodes(d, p);
}
