/* Which bars stand in one chart of bars, and the axis below them. */
#pragma once
#include "report-plot.h"
#include "report.h"

/* Neighbours among the groups; clusters are made of those that are alike but for their series. */
struct panel {
	const struct group *first;
	size_t n, clusters;
	struct strv series; /* of it alone */
	struct strv labels; /* of its clusters */
	enum speed speed;
};

/* The groups from g on that one chart shows, at most left of them. */
void panel_take(struct panel *c, const struct group *g, size_t left);
void panel_free(struct panel *c);

/* Do the two differ in their series alone? */
bool same_cluster(const struct group *a, const struct group *b);

/* What a script of such a chart begins with: cluster 0 is at 0, the next at 1. height: without the labels below. */
void panel_begin(struct text *script, const struct panel *c, int height);
