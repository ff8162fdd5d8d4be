/* Lists of CPUs or nodes as Linux writes them: "0-3,8". Pure. */
#pragma once
#include <stdbool.h>

#include "err.h"

#define CPUSET_MAX 1024

struct cpuset {
	bool has[CPUSET_MAX];
};

/* Adds first to last, as far as the set goes. */
void cpuset_add(struct cpuset *s, long first, long last);
/* Adds what the list names. -1: it is not such a list. */
int cpuset_parse(struct cpuset *s, const char *list, struct err *e);
/* The highest member, -1: there is none. */
long cpuset_last(const struct cpuset *s);
/* As a list, "" for none; the caller's to free. */
char *cpuset_text(const struct cpuset *s);
