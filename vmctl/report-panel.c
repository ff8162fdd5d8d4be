#include "report-panel.h"

#include <string.h>

#include "report-charts.h"

#define MAX_CLUSTERS 8 /* in one chart: more are not told apart */

void panel_free(struct panel *c)
{
	strv_free(&c->series);
	strv_free(&c->labels);
}

static bool same_panel(const struct group *a, const struct group *b)
{
	return str_same(a->key->machine, b->key->machine) && str_same(a->key->workload, b->key->workload) && str_same(a->unit, b->unit);
}

bool same_cluster(const struct group *a, const struct group *b)
{
	return str_same(a->key->args, b->key->args) && str_same(a->key->ratio, b->key->ratio) && str_same(a->key->skew, b->key->skew) && str_same(a->what, b->what);
}

static bool same_block(const struct group *a, const struct group *b)
{
	return same_panel(a, b) && str_same(a->key->args, b->key->args) && str_same(a->key->skew, b->key->skew) &&
	       (a->key->threads == b->key->threads || (isnan(a->key->threads) && isnan(b->key->threads)));
}

/* How many clusters begin with g and differ in their ratio alone: they are to stand in one chart. */
static size_t block_clusters(const struct group *g, size_t left)
{
	size_t n = 1;

	for (size_t i = 1; i < left && same_block(g, &g[i]); i++)
		n += !same_cluster(&g[i], &g[i - 1]);
	return n;
}

void panel_take(struct panel *c, const struct group *g, size_t left)
{
	*c = (struct panel){ .first = g };
	for (; c->n < left && same_panel(g, &g[c->n]); c->n++) {
		const struct group *now = &g[c->n];

		if (!c->n || !same_cluster(now, now - 1)) {
			bool begins = c->n && !same_block(now, now - 1);

			if (c->clusters == MAX_CLUSTERS || (begins && c->clusters + block_clusters(now, left - c->n) > MAX_CLUSTERS))
				break;
			c->clusters++;
			strv_add(&c->labels, now->what);
		}
		if (!strv_has(&c->series, now->series))
			strv_add(&c->series, now->series);
		if (now->speed > c->speed)
			c->speed = now->speed;
	}
}

/* ---- the axis ---- */

struct axis {
	bool slanted;
	size_t lines, longest; /* of the labels; characters of the longest */
};

/* "1G, 1:2, 4 threads" in lines of one dimension, where they fit beside each other; else slanted. */
static struct axis axis_of(const struct panel *c)
{
	size_t part = 0, room = 112 / c->clusters;
	struct axis a = { 0 };

	for (size_t i = 0; i < c->labels.n; i++) {
		size_t lines = 1, n = strlen(c->labels.v[i]);

		for (const char *p = c->labels.v[i], *end; *p; p = end + strspn(end, ", ")) {
			end = strstr(p, ", ") ? strstr(p, ", ") : p + strlen(p);
			part = (size_t)(end - p) > part ? (size_t)(end - p) : part;
			lines += *end != '\0';
		}
		a.lines = lines > a.lines ? lines : a.lines;
		a.longest = n > a.longest ? n : a.longest;
	}
	a.slanted = part > room;
	return a;
}

/* What the labels need below the chart itself. */
static int axis_height(const struct axis *a)
{
	return a->slanted ? 30 + (int)a->longest * 3 : 20 + 18 * (int)a->lines;
}

void panel_begin(struct text *t, const struct panel *c, int height)
{
	struct axis a = axis_of(c);
	int labels = axis_height(&a);

	plot_begin(t, CHART_WIDTH, height + labels);
	text_addf(t, "set bmargin at screen %.4f\nset xrange [-0.6:%.1f]\nset xtics scale 0 %s(", labels / (double)(height + labels),
		  (double)c->clusters - 0.4, a.slanted ? "rotate by 25 right " : "");
	for (size_t i = 0; i < c->labels.n; i++) {
		auto_text broken = { 0 };
		auto_free char *quoted = NULL;

		for (const char *p = c->labels.v[i]; *p; p++) {
			bool cut = !a.slanted && str_starts(p, ", ");

			text_add(&broken, cut ? ",\n" : p, cut ? 2 : 1);
			p += cut;
		}
		quoted = plot_quoted(broken.s ? broken.s : "");
		text_addf(t, "%s%s %zu", i ? ", " : "", quoted, i);
	}
	text_puts(t, ")\n");
}
