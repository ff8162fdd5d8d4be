/* The charts of a report, as blocks with gnuplot's scripts. Pure. */
#pragma once
#include "report-doc.h"
#include "report.h"

#define CHART_WIDTH 860

/* Bars of throughput, and of pages promoted and demoted, by what was run, a colour a scheme. */
void charts_throughput(struct doc *d, const struct report *p);
void charts_migrations(struct doc *d, const struct report *p);
/* Loads' time by working set. */
void charts_latency(struct doc *d, const struct report *p);
/* How much of hot sets was on fast nodes, over time. */
void charts_hot(struct doc *d, const struct report *p);
/* One run over time: throughput, resident pages, migrations. number makes the name. */
void chart_series(struct doc *d, const struct report *p, const struct group *g, size_t number);

/* The colour of a series, the same in all charts of a report. */
const char *series_colour(const struct report *p, const char *series);

bool has_latencies(const struct report *p);
/* "GUPS (emulated speed)" */
char *axis_title(const char *unit, enum speed speed);
/* So many pages are one unit, where the most are to be shown. */
double page_scale(double most, const char **unit);
