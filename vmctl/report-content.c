#include "report-content.h"

#include <string.h>

#include "report-charts.h"

#define OPEN_SERIES 2 /* of the charts over time, the first ones are seen at once */
#define SOME_LABELS 6 /* named with a sentence; of more, how many there are */

/* ---- figures ---- */

/* Digits behind the point, so that so many digits of the value count. */
static int decimals(double v, int digits)
{
	int before = v > 0 ? (int)floor(log10(v)) + 1 : digits;

	return before >= digits ? 0 : digits - before > 12 ? 12 : digits - before;
}

/* Four digits of the mean, and two of the spread: the mean, the spread and the range have the same number of them. */
static int decimals_of(const struct spread *s, double unit)
{
	int mean = decimals(fabs(s->mean) / unit, 4), sd = s->n > 1 ? decimals(s->sd / unit, 2) : 0;

	return unit == 1 && s->mean == floor(s->mean) && !(s->sd > 0) ? 0 : sd > mean ? sd : mean;
}

char *mean_text(const struct spread *s, double unit)
{
	return s->n ? strf("%.*f", decimals_of(s, unit), s->mean / unit) : xstrdup("-");
}

char *spread_text(const struct spread *s, double unit)
{
	if (!s->n)
		return xstrdup("-");
	return s->n == 1 ? xstrdup("n = 1: none") : strf("\xc2\xb1 %.*f", decimals_of(s, unit), s->sd / unit);
}

char *range_text(const struct spread *s, double unit)
{
	int d = decimals_of(s, unit);

	return s->n < 2 ? xstrdup("-") : strf("%.*f \xe2\x80\x93 %.*f", d, s->min / unit, d, s->max / unit);
}

char *difference_text(const struct difference *d, double unit)
{
	bool wide = isnan(d->half) || d->half == 0;
	int digits = wide ? decimals(fabs(d->mean) / unit, 4) : decimals(d->half / unit, 2);

	if (isnan(d->mean))
		return xstrdup("-");
	return isnan(d->half) ? strf("%+.*f", digits, d->mean / unit) :
	       strf("%+.*f \xc2\xb1 %.*f", digits, d->mean / unit, digits, d->half / unit);
}

void speed_notes(struct doc *d, const struct report *p)
{
	bool seen[SPEED_ACCESS + 1] = { false };

	for (size_t i = 0; i < p->n_groups; i++)
		if (p->groups[i].n)
			seen[p->groups[i].speed] = true;
	for (enum speed s = SPEED_OWN; s <= SPEED_ACCESS; s++)
		if (seen[s] && speed_note(s))
			doc_add(d, B_NOTE, speed_note(s));
}

/* ---- the beginning ---- */

static void add_once(struct strv *l, const char *s)
{
	if (!str_empty(s) && !strv_has(l, s))
		strv_add(l, s);
}

static char *joined(const struct strv *l, size_t most, const char *between)
{
	auto_text t = { 0 };

	for (size_t i = 0; i < l->n && i < most; i++)
		text_addf(&t, "%s%s", i ? between : "", l->v[i]);
	if (l->n > most)
		text_addf(&t, " and %zu more", l->n - most);
	return t.s ? steal(t.s) : xstrdup("");
}

char *content_title(const struct report *p)
{
	auto_strv names = { 0 };
	auto_free char *all = NULL;

	for (size_t i = 0; i < p->results->n; i++)
		add_once(&names, p->results->v[i]->experiment);
	all = joined(&names, 4, ", ");
	return *all ? strf("Results of %s", all) : xstrdup("Results");
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void part_summary(struct doc *d, const struct report *p)
{
	auto_strv machines = { 0 }, dates = { 0 };
	auto_free char *on = NULL, *text = NULL;
	size_t failed = 0, interrupted = 0;

	for (size_t i = 0; i < p->results->n; i++) {
		const struct result *r = p->results->v[i];

		add_once(&machines, r->key.machine ? r->key.machine : r->from.host);
		add_once(&dates, r->from.date);
		failed += r->status == RESULT_FAILED;
		interrupted += r->status == RESULT_INTERRUPTED;
	}
	strv_sort(&dates);
	on = joined(&machines, SOME_LABELS, ", ");
	text = strf("%zu run%s of %zu combination%s%s%s%s%s%s%s: %zu done, %zu failed, %zu interrupted.", p->results->n, plural(p->results->n),
		    p->n_groups, plural(p->n_groups), *on ? " on " : "", on, dates.n ? ", " : "", dates.n ? dates.v[0] : "",
		    dates.n > 1 ? " to " : "", dates.n > 1 ? dates.v[dates.n - 1] : "", p->n_done, failed, interrupted);
	doc_add(d, B_TEXT, text);
	speed_notes(d, p);
}

/* Whom it is about; the caller's to free. NULL: the only combination, which needs no name. */
static char *about(const struct report *p, const struct sentence *s)
{
	bool note = !strcmp(s->rule, NOTE), all = s->labels.n == p->n_groups;
	auto_free char *labels = NULL;

	for (size_t i = 0; i < p->n_groups && all; i++)
		all = strv_has(&s->labels, p->groups[i].label);
	labels = !all ? joined(&s->labels, SOME_LABELS, "; ") : p->n_groups > 1 ? xstrdup("all combinations") : NULL;
	if (!note)
		return steal(labels);
	return strf("the runner's own note%s%s", labels ? ": " : "", labels ? labels : "");
}

/* Many sentences by one rule, one for each group with its own figures, are folded after the first few. */
void part_sentences(struct doc *d, const struct report *p)
{
	struct sentences s;

	sentences_make(&s, p);
	for (size_t i = 0, of_rule = 0; i < s.n; i++) {
		const struct sentence *now = &s.v[i];
		auto_free char *labels = about(p, now);
		bool next = i + 1 < s.n && !strcmp(s.v[i + 1].rule, now->rule) && s.v[i + 1].warning == now->warning;

		of_rule = i && !strcmp(s.v[i - 1].rule, now->rule) && s.v[i - 1].warning == now->warning ? of_rule + 1 : 1;
		if (of_rule == SOME_LABELS && next)
			doc_fold(d, !strcmp(now->rule, NOTE) ? "More of the runner's notes" : "The same of the other combinations", false);
		doc_item(d, now->warning, now->text, labels);
		if (of_rule > SOME_LABELS && !next)
			doc_add(d, B_CLOSE, NULL);
	}
	if (!s.n)
		doc_add(d, B_TEXT, "The counters say nothing that needs words.");
	sentences_free(&s);
}

/* ---- over time ---- */

static void part_series(struct doc *d, const struct report *p)
{
	size_t number = 0;

	for (size_t i = 0; i < p->n_groups; i++) {
		const struct group *g = &p->groups[i];

		if (!g->median || (!g->median->n_intervals && !g->median->n_samples))
			continue;
		if (!number) {
			doc_heading(d, 2, "time", "Over time");
			doc_add(d, B_TEXT, "Of each combination the run whose throughput is in the middle: throughput, resident pages of each node, and "
				"pages that moved from node to node. What DAMON moves is in all migrations, and in neither of the other two.");
			speed_notes(d, p);
		}
		doc_fold(d, g->label, number < OPEN_SERIES);
		chart_series(d, p, g, ++number);
		doc_add(d, B_CLOSE, NULL);
	}
}

/* ---- all of it ---- */

void content_page(struct doc *d, const struct report *p, const struct comparison *c)
{
	auto_free char *title = content_title(p);

	doc_heading(d, 1, NULL, title);
	part_summary(d, p);
	doc_heading(d, 2, "counters-say", "What the counters say");
	part_sentences(d, p);
	part_not_done(d, p);
	if (c)
		part_comparison(d, c);
	part_throughput(d, p);
	part_moves(d, p);
	part_hot(d, p);
	part_phases(d, p);
	part_damon(d, p);
	part_notes(d, p);
	part_series(d, p);
	part_kernels(d, p);
	part_latency(d, p);
	part_machines(d, p);
	part_knobs(d, p);
	part_runs(d, p);
	part_provenance(d, p);
}

void content_short(struct doc *d, const struct report *p, const struct comparison *c)
{
	part_summary(d, p);
	if (c) {
		part_comparison(d, c);
		return;
	}
	part_throughput(d, p);
	doc_heading(d, 2, NULL, "What the counters say");
	part_sentences(d, p);
	part_not_done(d, p);
}

void content_notes(struct doc *d, const struct report *p)
{
	part_notes(d, p);
}
