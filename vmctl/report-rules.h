/* The rules of report-sentences.c: each gives the sentence, the caller's to free, or NULL where it does not hold for the group.
 * And what they share. */
#pragma once
#include "report.h"

#define RULE_PAGE 4096.0
#define FEW_PAGES 100 /* fewer are no matter: the kernel moves some for reasons of its own */

static inline double mean_of(const struct group *g, enum metric m)
{
	return g->m[m].mean;
}

/* It is known, and 0 in all runs. */
static inline bool is_zero(const struct group *g, enum metric m)
{
	return g->m[m].n && g->m[m].max == 0 && g->m[m].min == 0;
}

bool has_scheme(const struct group *g, const char *scheme);
/* The mean of a counter's growth; NAN: a run does not know it. */
double grew(const struct group *g, const char *counter);
/* The knob's value while it ran, if it was the same in all of the group's runs; else NULL. */
const char *knob_during(const struct group *g, const char *name);
bool is_off(const char *value);

/* Why a zero is right. */
char *say_one_tier(const struct group *g);
char *say_balancing_off(const struct group *g);
char *say_balancing_plain(const struct group *g);
char *say_not_counted(const struct group *g);
char *say_bound(const struct group *g);
char *say_nothing_slow(const struct group *g);
char *say_no_hint_faults(const struct group *g);
char *say_demotion_off(const struct group *g);
char *say_no_pressure(const struct group *g);

/* What was moved. */
char *say_kernel_moved(const struct group *g);
char *say_damon_moved(const struct group *g);
char *say_damon_zero(const struct group *g);
char *say_damon_idle(const struct group *g);
char *say_damon_absent(const struct group *g);
char *say_damon_quota(const struct group *g);
char *say_rate_limit(const struct group *g);
char *say_free_room(const struct group *g);

char *say_hot_set(const struct group *g);

/* What is not as it should be. */
char *say_many_failed(const struct group *g);
char *say_contradiction(const struct group *g);
char *say_gaps(const struct group *g);
char *say_no_warm_up(const struct group *g);
char *say_knob_refused(const struct group *g);
char *say_knob_left(const struct group *g);
char *say_some_failed(const struct group *g);
char *say_mixed(const struct group *g);
