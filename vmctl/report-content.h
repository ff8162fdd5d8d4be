/* What a report says, in its order. Pure: from structs to a document. */
#pragma once
#include "report-compare.h"
#include "report-doc.h"
#include "report-sentences.h"

/* c: NULL where nothing is compared. Everything; the short form for a terminal; the comparison alone; the notes' table alone. */
void content_page(struct doc *d, const struct report *p, const struct comparison *c);
void content_short(struct doc *d, const struct report *p, const struct comparison *c);
void content_notes(struct doc *d, const struct report *p);
/* "Results of gups-cxl" */
char *content_title(const struct report *p);

/* The parts of it. */
void part_summary(struct doc *d, const struct report *p);
void part_sentences(struct doc *d, const struct report *p);
void part_comparison(struct doc *d, const struct comparison *c);
void part_throughput(struct doc *d, const struct report *p);
void part_moves(struct doc *d, const struct report *p);
void part_damon(struct doc *d, const struct report *p);
void part_notes(struct doc *d, const struct report *p);
void part_hot(struct doc *d, const struct report *p);
void part_phases(struct doc *d, const struct report *p);
void part_kernels(struct doc *d, const struct report *p);
void part_latency(struct doc *d, const struct report *p);
void part_not_done(struct doc *d, const struct report *p);
void part_runs(struct doc *d, const struct report *p);
void part_machines(struct doc *d, const struct report *p);
void part_knobs(struct doc *d, const struct report *p);
void part_provenance(struct doc *d, const struct report *p);
/* What is to be said below a table with times, for each kind of speed that is in it. */
void speed_notes(struct doc *d, const struct report *p);

/* Figures for people, the caller's to free: the mean, what it scatters by, from where to where. unit: what 1 is. */
char *mean_text(const struct spread *s, double unit);
char *spread_text(const struct spread *s, double unit);
char *range_text(const struct spread *s, double unit);
char *difference_text(const struct difference *d, double unit);
/* Two cells for a share, in percent: the mean and the spread. */
void share_cells(struct grid *g, const struct spread *s);
