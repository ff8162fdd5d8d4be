/* The comparison in words and tables. */
#include "report-content.h"

static const enum metric compared[] = { M_RATE, M_PROMOTED, M_DEMOTED, M_DAMON_UP, M_DAMON_DOWN, M_MIGRATED, M_FAILED, M_HOT_END, M_HOT_SECS };
#define COMPARED (sizeof(compared) / sizeof(*compared))

/* What 1 is in the table: throughput has the group's unit, and a share is in percent. */
static double unit_of(const struct pair *p, enum metric m)
{
	return m == M_RATE ? p->a->unit_size : m == M_HOT_END ? 0.01 : 1;
}

/* Of runs whose hot set never got there it says so, and of how many runs a time is. */
static char *side(const struct group *g, enum metric m, double unit)
{
	const struct spread *s = &g->m[m];
	bool hot = m == M_HOT_END || m == M_HOT_SECS; /* one digit, as in their own table */
	auto_free char *mean = hot && s->n ? strf("%.1f", s->mean / unit) : mean_text(s, unit);
	auto_free char *sd = hot && s->n > 1 ? strf("\xc2\xb1 %.1f", s->sd / unit) : spread_text(s, unit);

	if (m == M_HOT_SECS && !all_got_there(g))
		return s->n ? strf("%s (in %zu of %zu runs)", mean, s->n, g->m[M_HOT_END].n) : xstrdup("never");
	return s->n > 1 ? strf("%s %s (n = %zu)", mean, sd, s->n) : s->n ? strf("%s (n = 1)", mean) : xstrdup("-");
}

static char *percent(const struct pair *p, enum metric m)
{
	double part = 100 * p->d[m].mean / p->a->m[m].mean;

	return isfinite(part) && m != M_HOT_END ? strf("%+.1f %%", part) : xstrdup("-");
}

static char *figure(const struct pair *p, enum metric m)
{
	const char *emulated = p->a->speed == SPEED_OWN ? "" : " (emulated speed)";

	switch (m) {
	case M_RATE:
		return strf("%s, %s%s", metrics[m].title, p->a->unit, emulated);
	case M_HOT_END:
		return xstrdup("hot set: % on fast nodes at the end");
	case M_HOT_SECS:
		return strf("hot set: seconds until four fifths there%s", emulated);
	default:
		return strf("pages %s", metrics[m].title);
	}
}

static void row(struct grid *g, const struct pair *p, enum metric m)
{
	static const char *const verdicts[] = { [NOT_KNOWN] = "no spread known", [ALIKE] = "no difference beyond the spread", [DIFFERENT] = "differs" };
	double unit = unit_of(p, m);
	const struct difference *d = &p->d[m];
	auto_free char *a = side(p->a, m, unit), *b = side(p->b, m, unit), *part = percent(p, m);
	auto_free char *difference = difference_text(d, unit), *what = figure(p, m);
	bool some_never = m == M_HOT_SECS && !(all_got_there(p->a) && all_got_there(p->b));

	grid_cell(g, p->a->label);
	grid_cell(g, what);
	grid_cell(g, a);
	grid_cell(g, b);
	grid_cell(g, difference);
	grid_cell(g, part);
	grid_cell(g, some_never ? "not all runs got there" : verdicts[d->verdict]);
}

static struct grid *table(struct doc *d)
{
	return doc_grid(d, (const char *const[]){ "what", "figure", ">A", ">B", ">B \xe2\x88\x92 A", ">of A", "verdict", NULL });
}

/* Neither side has counted any: nothing to compare. */
static bool empty(const struct pair *p, enum metric m)
{
	return !p->a->m[m].n && !p->b->m[m].n;
}

/* Rows of those with the verdict; all of them if any. Returns how many. */
static size_t rows(struct doc *d, const struct comparison *c, bool all)
{
	struct grid *g = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->n_pairs; i++)
		for (size_t m = 0; m < COMPARED; m++) {
			const struct pair *p = &c->pairs[i];

			if (empty(p, compared[m]) || (!all && p->d[compared[m]].verdict != DIFFERENT))
				continue;
			g = g ? g : table(d);
			row(g, p, compared[m]);
			n++;
		}
	return n;
}

static void only(struct doc *d, const char *where, const struct group *const *groups, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_free char *text = strf("Only in %s: %s", where, groups[i]->label);

		doc_item(d, false, text, NULL);
	}
}

static void hot_sentence(struct doc *d, const struct comparison *c)
{
	auto_free char *text = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->n_pairs; i++)
		n += c->pairs[i].a->m[M_HOT_END].n && c->pairs[i].b->m[M_HOT_END].n;
	if (!n)
		return;
	text = strf("Of %zu with a hot set, its share on fast nodes at the end differs by more than its spread in %zu, and the time until four fifths of it "
		    "were there in %zu.", n, comparison_count(c, M_HOT_END, DIFFERENT), comparison_count(c, M_HOT_SECS, DIFFERENT));
	doc_add(d, B_TEXT, text);
}

void part_comparison(struct doc *d, const struct comparison *c)
{
	size_t unknown = comparison_count(c, M_RATE, NOT_KNOWN);
	auto_free char *single = unknown ? strf("; of %zu no spread is known, for a side has a single run", unknown) : xstrdup("");
	auto_free char *counts = strf("Of %zu combination%s in both, throughput differs by more than its spread in %zu, and in %zu it does not%s.",
				      c->n_pairs, c->n_pairs == 1 ? "" : "s", comparison_count(c, M_RATE, DIFFERENT),
				      comparison_count(c, M_RATE, ALIKE), single);

	doc_heading(d, 2, "against", "A against B");
	doc_add(d, B_TEXT, counts);
	hot_sentence(d, c);
	if (!rows(d, c, false))
		doc_add(d, B_TEXT, "No figure differs by more than its spread.");
	only(d, "A", c->only_a, c->n_only_a);
	only(d, "B", c->only_b, c->n_only_b);
	doc_add(d, B_NOTE, "A figure differs where 0 is outside of Welch's 95 % interval of the difference of the means, which is what stands after the "
		"\xc2\xb1 of B \xe2\x88\x92 A. Of a hundred figures that are alike, five are expected to be called different.");
	if (!c->n_pairs)
		return;
	doc_fold(d, "All figures compared", false);
	rows(d, c, true);
	doc_add(d, B_CLOSE, NULL);
}
