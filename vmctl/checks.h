/* Does the guest see what the machine file says? A table of what is expected and what is seen. Pure. */
#pragma once
#include "host.h"
#include "machine.h"
#include "manifest.h"
#include "view.h"

struct check {
	char *name, *expected, *seen;
	bool ok;
};

struct checks {
	struct check *v;
	size_t n;
};

/* What was seen. */
struct seen {
	const struct view *view;
	const char *mtree;      /* QEMU's `info mtree`, "" if it could not be had   */
	int qemu_version;       /* of the running QEMU, as in struct host           */
	long host_cpus;
};

void checks_make(struct checks *c, const struct machine *m, const struct manifest *man, const struct seen *s);
void checks_free(struct checks *c);
bool checks_ok(const struct checks *c);

/* The node of the memory behind region i, as the guest numbers it; -1: unknown. */
int region_node(const struct view *w, size_t i);
/* How many committed regions QEMU serves as aliases of RAM. */
size_t fast_regions(const char *mtree);
