/* The checks by what they are about; checks.c puts them together. */
#pragma once
#include "checks.h"

#define NODE "/sys/devices/system/node/"

/* Adds a check; takes name, expected and seen. */
void check_add(struct checks *c, char *name, char *expected, char *seen, bool ok);
/* The common case: both are texts and have to be the same. */
void check_same(struct checks *c, char *name, char *expected, char *seen);
/* The caller's to free. */
char *size_or_none(uint64_t bytes);

/* CPUs, and nodes of DRAM with their memory, CPUs, distances, latencies and tiers. */
void checks_dram(struct checks *c, const struct machine *m, const struct seen *s);
/* Windows, devices, regions and what these are used as. */
void checks_cxl(struct checks *c, const struct machine *m, const struct seen *s);
