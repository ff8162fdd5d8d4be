/*
 * What tiermig is made of: page migration between nodes by the kernel's DAMON, as schemes for the tool damo or
 * programmed into sysfs.
 *
 *	flows ─> plan: a kdamond for each, with the source node's physical ranges ─> YAML
 *	                                                                         └> knobs ─> sysfs ─> record
 *
 * The facts are from the kernel's Documentation/admin-guide/mm/damon/usage.rst, mm/damon/sysfs.c, sysfs-schemes.c and
 * paddr.c of 6.12 and 7.3, samples/damon/mtier.c of 7.3, HMSDK's tools/gen_migpol.py, and damo 2.8.3 and 3.4.1.
 *
 * Errors are as in bench.h: a function that can fail has printed its one line and returns the exit status.
 */
#ifndef BENCH_DAMON_H
#define BENCH_DAMON_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bench-files.h"

#define DAMON_KDAMONDS	"/sys/kernel/mm/damon/admin/kdamonds"
#define DAMON_STAT	"/sys/module/damon_stat/parameters/enabled"

/* -- Physical memory of a node: tiermig-ranges.c ------------------------------------------ */

struct damon_range {
	uint64_t start, end;	/* bytes; end is the first that is not in it */
};

struct damon_ranges {
	struct damon_range *at;
	int count;
};

/*
 * What of the node is System RAM: its online memory blocks, less what /proc/iomem has of them as anything else. Sorted,
 * neighbours as one, whole pages. It is an error when there is none.
 */
int damon_node_ranges(int node, struct damon_ranges *ranges);
/* The node of a physical address, -1 when it is of none. */
int damon_node_of(uint64_t address);
void damon_ranges_add(struct damon_ranges *ranges, uint64_t start, uint64_t end);
void damon_ranges_free(struct damon_ranges *ranges);

/* -- The plan: tiermig-plan.c ------------------------------------------------------------- */

enum damon_action { DAMON_COLD, DAMON_HOT };

#define DAMON_MAX_FLOWS		64
#define DAMON_MAX_KDAMONDS	256	/* each is a kernel thread */
#define DAMON_NO_LIMIT		UINT64_MAX

struct damon_flow {
	enum damon_action action;
	int from, to;
};

/* Of the ways that there are (hmsdk, damon), the monitoring. Times are microseconds, ratios 1/10,000 ("bp"). */
struct damon_monitoring {
	uint64_t sample, aggregate, update, min_regions, max_regions;
	/* Auto-tuning: which ratio of possible access to see within so many aggregations. 0 aggregations: none. */
	uint64_t goal_ratio, goal_aggregations, min_sample, max_sample;
};

struct damon_scheme {
	const char *action;
	uint64_t min_access, max_access;	/* percent */
	uint64_t min_age, apply;		/* us; apply 0: at each aggregation */
	uint64_t quota_ms, quota_bytes, quota_reset_ms;
	uint64_t weight_size, weight_access, weight_age;	/* 1/1,000 */
	bool young;		/* only pages that were accessed, or only those that were not */
	const char *goal;	/* what the quota is tuned for, NULL for nothing */
	uint64_t goal_value;	/* bp, of a large node */
	bool goal_at_target;	/* of the target node, or of the source */
};

struct damon_kdamond {
	struct damon_flow flow;
	struct damon_ranges ranges;
};

struct damon_plan {
	bool tune;
	const char *cgroup;	/* NULL: all pages */
	uint64_t max_size;	/* of a range; 0: any */
	struct damon_flow flows[DAMON_MAX_FLOWS];
	int flow_count;
	struct damon_kdamond *kdamonds;
	int count;
};

const struct damon_monitoring *damon_monitoring_of(const struct damon_plan *plan);
const struct damon_scheme *damon_scheme_of(const struct damon_plan *plan, enum damon_action action);
int damon_goal_node(const struct damon_scheme *scheme, const struct damon_flow *flow);
/* The goal of this node, bp: the scheme's, or more free where kswapd keeps more than that. */
uint64_t damon_goal_value(const struct damon_scheme *scheme, const struct damon_flow *flow);
/* Checks the flows and makes the kdamonds from them, cold ones first. */
int damon_plan_make(struct damon_plan *plan);
void damon_plan_free(struct damon_plan *plan);

/* -- For damo: tiermig-yaml.c and tiermig-version.c ------------------------------------ */

/* 3.4.1 is 30401, so that versions compare. 0: not a version. */
int damon_version(const char *text);
/* The version that the YAML is for: that of the text or, when it is NULL, of the damo in PATH. */
int damon_version_choose(const char *text, int *version);
int damon_yaml(const struct damon_plan *plan, int version, FILE *out);

/* -- For the kernel: tiermig-knobs.c, tiermig-apply.c --------------------------------- */

/* A file below DAMON_KDAMONDS, and what goes into it. In the order of writing: a count makes the folders. */
struct damon_knob {
	char *name, *value;
	bool may_lack;		/* it is left out where the kernel has no such file */
};

struct damon_knobs {
	struct damon_knob *at;
	int count;
};

void damon_knobs_make(const struct damon_plan *plan, struct damon_knobs *knobs);
void damon_knobs_free(struct damon_knobs *knobs);
int damon_knobs_write(const struct damon_knobs *knobs, const volatile int *stop);
/* Is in every file what was written? */
int damon_knobs_compare(const struct damon_knobs *knobs);
/* Has the kernel DAMON, and may one use it? */
int damon_check_kernel(void);
/* Is a module of the kernel using DAMON for itself? */
bool damon_module_on(const char *path);

int damon_apply(const struct damon_plan *plan);
int damon_stop(void);

/* -- Who holds DAMON: tiermig-record.c ------------------------------------------------------ */

/* What --apply leaves in /run for --stop. */
struct damon_record {
	bool there, applied;	/* not applied: --apply was killed in the middle */
	bool stat;		/* DAMON_STAT was on before */
	int pids[DAMON_MAX_KDAMONDS], count;
};

int damon_record_read(struct damon_record *record);
int damon_record_write(const struct damon_record *record);
void damon_record_remove(void);
/* Holds off other tiermigs until the process ends. */
int damon_record_lock(void);

int damon_kdamond_count(void);
bool damon_kdamond_on(int kdamond);
int damon_kdamond_pid(int kdamond);
/* A kdamond that is on and not in the record, or -1. */
int damon_foreign(const struct damon_record *record);

/* -- tiermig-status.c ----------------------------------------------------------------------- */

int damon_status(bool json);

#endif
