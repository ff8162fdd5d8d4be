/* Where the hot set of a workload was: figures of one run, and the rule about them. */
#include "report-rules.h"

#define LITTLE 0.05 /* of the hot set: less is no change */

static bool has_both(const struct result *r)
{
	bool fast = false, slow = false;

	for (size_t i = 0; i < r->n_nodes; i++)
		if (r->nodes[i].total > 0) {
			bool is_slow = node_is_slow(r, r->nodes[i].node);

			slow = slow || is_slow;
			fast = fast || !is_slow;
		}
	return fast && slow;
}

double hot_share(const struct result *r, const struct node_pages *hot)
{
	double all = 0, fast = 0;

	for (size_t i = 0; i < hot->n; i++) {
		all += hot->v[i].pages;
		fast += node_is_slow(r, (double)hot->v[i].node) ? 0 : hot->v[i].pages;
	}
	return all > 0 && has_both(r) ? fast / all : NAN;
}

double hot_share_begin(const struct result *r)
{
	return hot_share(r, &r->hot_begin);
}

double hot_share_end(const struct result *r)
{
	return hot_share(r, &r->hot_end);
}

/* Before the hot set moved it was another one. */
static double since(const struct result *r)
{
	return isnan(r->moved_at) ? 0 : r->moved_at;
}

double hot_secs_until(const struct result *r)
{
	double end = hot_share_end(r);

	if (isnan(r->moved_at) && hot_share_begin(r) >= HOT_THERE)
		return 0;
	for (size_t i = 0; i < r->n_intervals; i++)
		if (r->intervals[i].at > since(r) && hot_share(r, &r->intervals[i].hot) >= HOT_THERE)
			return r->intervals[i].at - since(r);
	return end >= HOT_THERE && r->secs > since(r) ? r->secs - since(r) : NAN;
}

double hot_secs_watched(const struct result *r)
{
	double last = isnan(hot_share_end(r)) ? NAN : r->secs;

	for (size_t i = 0; i < r->n_intervals; i++)
		if (!isnan(hot_share(r, &r->intervals[i].hot)))
			last = fmax(last, r->intervals[i].at);
	return last > since(r) ? last - since(r) : NAN;
}

/* ---- the rule ---- */

/* "the fast node", "the slow nodes" */
static const char *nodes(const struct group *g, bool slow)
{
	static const char *const names[2][2] = { { "the fast node", "the fast nodes" }, { "the slow node", "the slow nodes" } };
	const struct result *r = g->runs[0];
	size_t n = 0;

	for (size_t i = 0; i < r->n_nodes; i++)
		n += r->nodes[i].total > 0 && node_is_slow(r, r->nodes[i].node) == slow;
	return names[slow][n > 1];
}

static bool has_moved(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (!isnan(g->runs[i]->moved_at))
			return true;
	return false;
}

/* "four fifths after 15 s"; nothing where they were never there, which the shares say. */
static void until(struct text *t, const struct group *g)
{
	const struct spread *s = &g->m[M_HOT_SECS];

	if (!s->n)
		return;
	text_addf(t, ", four fifths%s %.*f s%s%s", has_moved(g) ? "" : " after", s->mean < 10 ? 1 : 0, s->mean,
		  has_moved(g) ? " after it had moved" : "", g->speed == SPEED_OWN ? "" : " (emulated speed)");
	if (s->n < g->n)
		text_addf(t, ", in %zu of %zu runs", s->n, g->n);
}

char *say_hot_set(const struct group *g)
{
	double begin = mean_of(g, M_HOT_BEGIN), end = mean_of(g, M_HOT_END);
	bool moved = has_moved(g);
	auto_text t = { 0 };

	if (isnan(begin) || isnan(end))
		return NULL;
	text_puts(&t, moved ? "The hot set moved while it ran, and " : "The hot set ");
	if (end >= HOT_THERE && begin >= HOT_THERE && !moved)
		text_addf(&t, "was on %s from the beginning: %.0f %% then, %.0f %% at the end", nodes(g, false), 100 * begin, 100 * end);
	else if (end >= HOT_THERE)
		text_addf(&t, "came to %s: %.0f %% at the end", nodes(g, false), 100 * end);
	else if (end < LITTLE && (moved || begin < LITTLE))
		text_addf(&t, "%s on %s: %.0f %% of it on %s at the end", moved ? "was then" : "stayed", nodes(g, true), 100 * end, nodes(g, false));
	else if (moved)
		text_addf(&t, "came to %s in part: %.0f %% at the end", nodes(g, false), 100 * end);
	else if (end < begin - LITTLE)
		text_addf(&t, "left %s: %.0f %% at the beginning, %.0f %% at the end", nodes(g, false), 100 * begin, 100 * end);
	else
		text_addf(&t, "%s %s: %.0f %% at the beginning, %.0f %% at the end", end > begin + LITTLE ? "came in part to" : "stayed in part on",
			  nodes(g, false), 100 * begin, 100 * end);
	if (moved || begin < HOT_THERE)
		until(&t, g);
	if (g->n > 1)
		text_addf(&t, "; means of %zu runs", g->n);
	text_puts(&t, ".");
	return steal(t.s);
}
