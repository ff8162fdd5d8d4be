/* The comparison in words and tables. */
#include <stdlib.h>

#include "report-charts.h"
#include "report-content.h"

static const enum metric compared[] = { M_RATE, M_PROMOTED, M_DEMOTED, M_DAMON_UP, M_DAMON_DOWN, M_MIGRATED, M_FAILED, M_HOT_END, M_HOT_SECS };
#define COMPARED (sizeof(compared) / sizeof(*compared))

/* A row to be: what is compared, and with what 1 is in the table. */
struct figure {
	char *title;
	double unit;
	const struct spread *a, *b;
	const struct difference *d;
	bool timed;            /* what emulation makes of it is said                                       */
	bool share, tenths;    /* share: no part of A is said; tenths: one digit, as in their own tables   */
	bool never_a, never_b; /* not all its runs got there                                               */
};

static char *side(const struct figure *f, const struct spread *s, bool never, size_t looked)
{
	auto_free char *mean = f->tenths && s->n ? strf("%.1f", s->mean / f->unit) : mean_text(s, f->unit);
	auto_free char *sd = f->tenths && s->n > 1 ? strf("\xc2\xb1 %.1f", s->sd / f->unit) : spread_text(s, f->unit);

	if (never)
		return s->n ? strf("%s (in %zu of %zu runs)", mean, s->n, looked) : xstrdup("never");
	return s->n > 1 ? strf("%s %s (n = %zu)", mean, sd, s->n) : s->n ? strf("%s (n = 1)", mean) : xstrdup("-");
}

static void row(struct grid *g, const struct pair *p, const struct figure *f)
{
	static const char *const verdicts[] = { [NOT_KNOWN] = "no spread known", [ALIKE] = "no difference beyond the spread", [DIFFERENT] = "differs" };
	auto_free char *a = side(f, f->a, f->never_a, p->a->m[M_HOT_END].n), *b = side(f, f->b, f->never_b, p->b->m[M_HOT_END].n);
	auto_free char *difference = difference_text(f->d, f->unit);
	auto_free char *title = f->timed ? axis_title(f->title, p->a->speed) : xstrdup(f->title);
	double part = 100 * f->d->mean / f->a->mean;

	grid_cell(g, p->a->label);
	grid_cell(g, title);
	grid_cell(g, a);
	grid_cell(g, b);
	grid_cell(g, difference);
	if (isfinite(part) && !f->share)
		grid_cellf(g, "%+.1f %%", part);
	else
		grid_cell(g, "-");
	grid_cell(g, f->never_a || f->never_b ? "not all runs got there" : verdicts[f->d->verdict]);
}

static struct figure figure_of_metric(const struct pair *p, enum metric m)
{
	struct figure f = { .unit = 1, .a = &p->a->m[m], .b = &p->b->m[m], .d = &p->d[m] };

	switch (m) {
	case M_RATE:
		f.title = strf("%s, %s", metrics[m].title, p->a->unit);
		f.unit = p->a->unit_size;
		f.timed = true;
		break;
	case M_HOT_END:
		f.title = xstrdup("hot set: % on fast nodes at the end");
		f.unit = 0.01;
		f.share = f.tenths = true;
		break;
	case M_HOT_SECS:
		f.title = xstrdup("hot set: seconds until four fifths there");
		f.timed = f.tenths = true;
		f.never_a = !all_got_there(p->a);
		f.never_b = !all_got_there(p->b);
		break;
	default:
		f.title = strf("pages %s", metrics[m].title);
	}
	return f;
}

static struct figure figure_of_part(const struct pair *p, const struct part *o)
{
	struct figure f = { .unit = 1, .a = &o->a, .b = &o->b, .d = &o->d, .timed = o->of != PART_PHASE_HOT };

	switch (o->of) {
	case PART_LATENCY:
		f.title = strf("ns per load of %s", o->name);
		break;
	case PART_LOOP:
		f.title = strf("%s, GB/s", o->name);
		break;
	case PART_PHASE_RATE:
		f.title = strf("phase %s: throughput, %s", o->name, p->a->unit);
		f.unit = p->a->unit_size;
		break;
	case PART_PHASE_HOT:
		f.title = strf("phase %s: %% of its hottest region on fast nodes at its end", o->name);
		f.unit = 0.01;
		f.share = f.tenths = true;
		break;
	}
	return f;
}

static struct grid *table(struct doc *d)
{
	return doc_grid(d, (const char *const[]){ "what", "figure", ">A", ">B", ">B \xe2\x88\x92 A", ">of A", "verdict", NULL });
}

/* Rows of those with the verdict; all of them if any. The table is made with the first. */
struct rows {
	struct doc *doc;
	struct grid *grid;
	bool all;
};

/* Takes the figure's title. */
static void maybe_row(struct rows *r, const struct pair *p, struct figure f)
{
	/* neither side has counted any: nothing to compare */
	if ((f.a->n || f.b->n) && (r->all || f.d->verdict == DIFFERENT)) {
		r->grid = r->grid ? r->grid : table(r->doc);
		row(r->grid, p, &f);
	}
	free(f.title);
}

/* Was there any? */
static bool rows(struct doc *d, const struct comparison *c, bool all)
{
	struct rows r = { .doc = d, .all = all };

	for (size_t i = 0; i < c->n_pairs; i++) {
		const struct pair *p = &c->pairs[i];

		for (size_t m = 0; m < COMPARED; m++)
			maybe_row(&r, p, figure_of_metric(p, compared[m]));
		for (size_t o = 0; o < p->n_parts; o++)
			maybe_row(&r, p, figure_of_part(p, &p->parts[o]));
	}
	return r.grid;
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

static void parts_sentence(struct doc *d, const struct comparison *c)
{
	auto_free char *text = NULL;
	size_t n = 0, differ = 0;

	for (size_t i = 0; i < c->n_pairs; i++)
		for (size_t j = 0; j < c->pairs[i].n_parts; j++) {
			n++;
			differ += c->pairs[i].parts[j].d.verdict == DIFFERENT;
		}
	if (!n)
		return;
	text = strf("Of %zu figure%s of single working sets, loops and phases, %zu differ%s by more than %s spread.", n, n == 1 ? "" : "s", differ,
		    differ == 1 ? "s" : "", differ == 1 ? "its" : "their");
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
	parts_sentence(d, c);
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
