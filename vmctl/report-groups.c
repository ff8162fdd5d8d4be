/* Runs that were the same but for their repetition come together, and their figures get a mean and a spread. */
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "units.h"

/* ---- the order ---- */

/* The first word's size, as workloads read it (K and KiB are the same); 0: it is none. */
static double size_of(const char *args)
{
	static const char letters[] = "KMGT";
	char *end;
	double v = strtod(args, &end);
	const char *unit = *end ? strchr(letters, *end) : NULL;

	for (const char *l = letters; unit && l <= unit; l++)
		v *= 1024;
	return v;
}

static int text_compare(const char *a, const char *b)
{
	return strverscmp(a ? a : "", b ? b : "");
}

static int number_compare(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(b) - isnan(a);
	return (a > b) - (a < b);
}

static int args_compare(const char *a, const char *b)
{
	double x = size_of(a ? a : ""), y = size_of(b ? b : "");

	return x != y ? number_compare(x, y) : text_compare(a, b);
}

static int rank(const char *word, const char *const *order)
{
	int i = 0;

	while (order[i] && (!word || !str_starts(word, order[i])))
		i++;
	return i;
}

static int scheme_compare(const char *a, const char *b)
{
	static const char *const order[] = { "none", "autonuma", "hmsdk", "damon", NULL };
	bool joined_a = a && strchr(a, '+'), joined_b = b && strchr(b, '+');

	if (joined_a != joined_b)
		return joined_a - joined_b;
	return rank(a, order) != rank(b, order) ? rank(a, order) - rank(b, order) : text_compare(a, b);
}

static int ratio_compare(const char *a, const char *b)
{
	static const char *const order[] = { "all", "eat:", "membind:", NULL };

	return rank(a, order) != rank(b, order) ? rank(a, order) - rank(b, order) : text_compare(a, b);
}

int key_compare_but_knobs(const struct run_key *a, const struct run_key *b)
{
	const int by[] = {
		text_compare(a->machine, b->machine), text_compare(a->workload, b->workload), args_compare(a->args, b->args),
		number_compare(a->threads, b->threads), text_compare(a->skew, b->skew), ratio_compare(a->ratio, b->ratio),
		scheme_compare(a->scheme, b->scheme), text_compare(a->scope, b->scope),
	};

	for (size_t i = 0; i < sizeof(by) / sizeof(*by); i++)
		if (by[i])
			return by[i];
	return 0;
}

int key_compare(const struct run_key *a, const struct run_key *b)
{
	int c = key_compare_but_knobs(a, b);

	return c ? c : text_compare(a->knobs, b->knobs);
}

static int run_compare(const void *x, const void *y)
{
	const struct result *a = *(const struct result *const *)x, *b = *(const struct result *const *)y;
	int c = key_compare(&a->key, &b->key);

	if (!c)
		c = number_compare(a->repetition, b->repetition);
	return c ? c : text_compare(a->path, b->path);
}

/* ---- figures ---- */

static int rate_compare(const void *x, const void *y)
{
	return number_compare(result_rate(*(const struct result *const *)x, NULL), result_rate(*(const struct result *const *)y, NULL));
}

static void count(struct group *g)
{
	double *values = xcalloc(g->n, sizeof(*values));
	const struct result **sorted = xcalloc(g->n, sizeof(*sorted));
	size_t n = 0;

	for (enum metric m = 0; m < N_METRICS; m++) {
		for (size_t i = 0; i < g->n; i++)
			values[i] = metrics[m].of(g->runs[i]);
		g->m[m] = spread_of(values, g->n);
	}
	for (size_t i = 0; i < g->n; i++) {
		if (!isnan(result_rate(g->runs[i], NULL)))
			sorted[n++] = g->runs[i];
		if (result_speed(g->runs[i]) > g->speed)
			g->speed = result_speed(g->runs[i]);
	}
	qsort(sorted, n, sizeof(*sorted), rate_compare);
	g->median = n ? sorted[(n - 1) / 2] : NULL;
	free(values);
	free(sorted);
}

/* Work that is known by the name of its rate, and all other, whose unit is chosen by the largest. */
static const struct {
	const char *type, *unit;
	double size;
} units[] = { { "GUPS", "GUPS", 1e9 }, { "bytes", "GB/s", 1e9 } };

static void choose_unit(const struct report *p, struct group *g)
{
	const char *type = g->n && g->runs[0]->work_type ? g->runs[0]->work_type : "units";
	static const struct { double size; const char *prefix; } scales[] = { { 1e9, "G " }, { 1e6, "M " }, { 1e3, "k " }, { 1, "" } };
	double most = 0;
	size_t s = 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(type, units[i].type)) {
			g->unit = xstrdup(units[i].unit);
			g->unit_size = units[i].size;
			return;
		}
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *o = &p->groups[i];

		if (o->n && text_compare(o->runs[0]->work_type, g->n ? g->runs[0]->work_type : NULL) == 0)
			most = fmax(most, o->m[M_RATE].mean);
	}
	while (s < 3 && most < scales[s].size)
		s++;
	g->unit = strf("%s%s/s", scales[s].prefix, type);
	g->unit_size = scales[s].size;
}

void report_make(struct report *p, const struct results *results, const struct results *beside)
{
	struct result **sorted = xcalloc(results->n, sizeof(*sorted));

	*p = (struct report){ .results = results, .beside = beside, .groups = xcalloc(results->n, sizeof(*p->groups)) };
	if (results->n)
		memcpy(sorted, results->v, results->n * sizeof(*sorted));
	qsort(sorted, results->n, sizeof(*sorted), run_compare);
	for (size_t i = 0; i < results->n; i++) {
		struct group *g = p->n_groups ? &p->groups[p->n_groups - 1] : NULL;

		if (!g || key_compare(g->key, &sorted[i]->key)) {
			g = &p->groups[p->n_groups++];
			g->first = sorted[i];
			g->key = &g->first->key;
		}
		g->runs = xrealloc(g->runs, (g->n + 1) * sizeof(*g->runs));
		if (sorted[i]->status == RESULT_DONE)
			g->runs[g->n++] = sorted[i];
		else
			g->bad++;
	}
	for (size_t i = 0; i < p->n_groups; i++) {
		count(&p->groups[i]);
		p->n_done += p->groups[i].n;
		p->n_bad += p->groups[i].bad;
	}
	report_label(p);
	for (size_t i = 0; i < p->n_groups; i++) {
		choose_unit(p, &p->groups[i]);
		if (!strv_has(&p->series, p->groups[i].series))
			strv_add(&p->series, p->groups[i].series);
	}
	free(sorted);
}

void report_free(struct report *p)
{
	for (size_t i = 0; i < p->n_groups; i++) {
		free(p->groups[i].runs);
		free(p->groups[i].unit);
		free(p->groups[i].series);
		free(p->groups[i].what);
		free(p->groups[i].label);
	}
	free(p->groups);
	strv_free(&p->series);
	*p = (struct report){ 0 };
}
