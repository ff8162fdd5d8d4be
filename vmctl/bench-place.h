/* Where an experiment's runs are made: one machine as it runs, and the host. */
#pragma once
#include "bench-result.h"
#include "session.h"

/* Of the machine as it was started or, if it does not run, as it would be. given: how the user named it. */
int bench_place_fill(struct bench_place *p, const struct session *s, const char *given, const char *experiment, struct err *e);

/* What the ids of runs depend on, beside the runs themselves: ends in NULL; texts are p's. */
#define PLACE_DIGESTS 8
void bench_place_digests(const struct bench_place *p, const char *v[PLACE_DIGESTS]);

/* Fails if the machine that runs now was started from another file. */
int bench_place_check(const struct bench_place *p, const struct session *s, struct err *e);
