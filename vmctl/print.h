/* Tables and JSON for people and programs. The one module of vmctl, with manifest, that knows json-c (print-parts.h). */
#pragma once
#include "checks.h"
#include "doctor.h"
#include "snapshots.h"

void print_checks(const struct checks *c);
void print_checks_json(const struct checks *c);

/* One machine, as `list` and `status` show it. */
struct machine_row {
	char *name, *state, *image, *kernel;
	char *connect; /* the host that it is on; NULL: this one */
	int port;      /* 0: none */
};
void print_machines(const struct machine_row *rows, size_t n);
/* As a JSON array, or with single as the one object. */
void print_machines_json(const struct machine_row *rows, size_t n, bool single);

/* What the machine file says, with all that follows from it, on a host with so many CPUs. */
void print_topology_json(const struct machine *m, long host_cpus);

/* What doctor found. */
void print_probed(const struct probed *list, size_t n);
void print_probed_json(const struct probed *list, size_t n);

void print_snapshots(const struct snapshots *s);
void print_snapshots_json(const struct snapshots *s);
