/* The rules by what they are about; rules.c calls them in this order. */
#pragma once
#include "machine.h"

/* CPUs, nodes, distances, HMAT, what of the host they are bound to. */
int rules_numa(const struct machine *m, struct err *e);
/* Host bridges, ports, switches, devices and windows. */
int rules_cxl(const struct machine *m, struct err *e);
/* Regions; after rules_cxl(). */
int rules_regions(const struct machine *m, struct err *e);

/* A name of the file's: of what it is a name, for the message. */
int rule_name(const struct machine *m, char *const *field, const char *what, struct err *e);
/* No more bytes than an x86 processor can address: sums of such sizes do not overflow. */
int rule_size(const struct machine *m, const uint64_t *field, const char *what, struct err *e);
/* Bytes in multiples of 256 MiB, at least one. */
int rule_granule(const struct machine *m, const uint64_t *field, const char *what, struct err *e);
/* 256 B to 16 KiB, a power of two. */
int rule_granularity(const struct machine *m, const uint64_t *field, struct err *e);
