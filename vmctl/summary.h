/* The one screen that `make lab` ends with. Pure. */
#pragma once
#include "checks.h"
#include "session.h"

/* GUPS on one node: giga-updates a second, 0 if it was not measured. */
struct node_gups {
	int node;
	double gups;
};

/* The text, the caller's to free. vmctl: how the user calls this program. */
char *summary_text(const struct look *l, const struct node_gups *g, size_t n, const char *vmctl);
