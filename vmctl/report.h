/* What a report is made of: results, gathered by what was run, and figures of them. Pure: from structs to structs. */
#pragma once
#include "report-stats.h"
#include "results.h"

enum metric {
	M_RATE,       /* units of work a second, after the warm-up                         */
	M_PROMOTED,   /* pages that the kernel promoted: pgpromote_success                 */
	M_CANDIDATES, /* that were hot enough where the fast node had little room          */
	M_DEMOTED,    /* that the kernel demoted: all of pgdemote_*                        */
	M_DAMON_UP,   /* that DAMON's schemes moved to faster memory, by their sz_applied  */
	M_DAMON_DOWN, /* and to slower                                                     */
	M_MIGRATED,   /* pgmigrate_success: all of these, and more                         */
	M_FAILED,     /* pgmigrate_fail                                                    */
	M_HOT_BEGIN,  /* the share of the hot set that is on fast nodes, from 0 to 1       */
	M_HOT_END,
	M_HOT_SECS,   /* seconds until HOT_THERE of it was there for the first time        */
	N_METRICS,
};

struct metric_kind {
	const char *key, *title; /* for programs, for people */
	double (*of)(const struct result *r);
};
extern const struct metric_kind metrics[N_METRICS];

/* Whose speed the memory has. */
enum speed {
	SPEED_OWN,    /* no emulation: a real server                                                    */
	SPEED_HOST,   /* KVM: processors are real, and slow memory is the host's DRAM                    */
	SPEED_TCG,    /* processors are emulated, and all memory is the host's DRAM                      */
	SPEED_ACCESS, /* in addition, each access to CXL memory is emulated by itself                    */
};

/* The runs that differ in nothing but their repetition. */
struct group {
	const struct run_key *key;
	const struct result **runs; /* those that are done */
	const struct result *first; /* of all of them, done or not */
	size_t n, bad;              /* bad: those that are not */
	struct spread m[N_METRICS];
	const struct result *median; /* the run whose rate is in the middle; NULL: none has one */
	char *unit;                  /* of its rate: "GUPS" */
	double unit_size;            /* so many units of work a second are one of that */
	char *series;                /* "autonuma", "damon, global"                                          */
	char *what;                  /* all that varies but machine, workload and series: "1G, 1:2"          */
	char *label;                 /* all that varies: "cxl, gups 1G, 1:2, autonuma"                       */
	enum speed speed;
};

struct report {
	const struct results *results;
	struct group *groups; /* in an order that people expect */
	size_t n_groups, n_done, n_bad;
	const struct results *beside; /* others, that the labels tell the groups from as well; NULL: none */
	struct strv series; /* all there are, in the order of the groups: a series' number is that of its colour */
};

void report_make(struct report *p, const struct results *results, const struct results *beside);
void report_free(struct report *p);
/* A part of report_make: gives the groups their words. */
void report_label(struct report *p);

/* Less, equal or greater, as sorting wants it; 0: they are to be averaged. */
int key_compare(const struct run_key *a, const struct run_key *b);
int key_compare_but_knobs(const struct run_key *a, const struct run_key *b);

/* Without the intervals that began before warm_up_secs were over; if that leaves none, of all the run, and *whole is true
 * (NULL: nobody asks). */
double result_rate(const struct result *r, bool *whole);
enum speed result_speed(const struct result *r);
/* What is to be said where a time stands: one sentence, or NULL. */
const char *speed_note(enum speed s);

/* Is the node slower than others: what the runner took for fast and slow, and else by tiers; where tiers are not known, by its having no processors? */
bool node_is_slow(const struct result *r, double node);
/* How many tiers its nodes with memory are in; 0: not known. *nodes: how many such nodes. */
size_t tiers_of(const struct result *r, size_t *nodes);
/* DAMON's scheme moves pages (1: to faster memory, -1: to slower, 0: it does not move). */
int damon_direction(const struct result *r, const struct result_damon *d);

#define HOT_THERE 0.8

/* Of a run with a hot set and both fast and slow nodes; else NAN. Until: since the work began or, of a hot set that moved, since
 * then; NAN as well if it never was there. Watched: so long it was looked where it is. */
double hot_share(const struct result *r, const struct node_pages *hot);
double hot_share_begin(const struct result *r);
double hot_share_end(const struct result *r);
double hot_secs_until(const struct result *r);
double hot_secs_watched(const struct result *r);

/* The phases that the group's runs went through, in their order: those of the run with most of them. Returns how many. */
size_t phases_of(const struct group *g, const struct result_phase **phases);
/* A figure of phase number i, in those runs where it is the same: the share of its hottest region that was on fast nodes at its end,
 * units of work a second, seconds. */
enum phase_figure { PHASE_HOT, PHASE_RATE, PHASE_SECS };
struct spread phase_spread(const struct group *g, size_t i, const struct result_phase *phase, enum phase_figure f);

/* Nanoseconds of a load, of the working set of that size. */
struct spread latency_spread(const struct group *g, double bytes);
/* GB/s of the loop of that name; member: of struct result_kernel. */
struct spread kernel_spread(const struct group *g, const char *name, size_t member);

/* The counters of the notes, in their order. */
extern const char *const notes_counters[];
