/* Snapshots in a qcow2 file, by qemu-img. Nobody else may have the file open, but for snapshots_list(). */
#pragma once
#include <stdbool.h>

#include "err.h"
#include "text.h"

struct snapshot {
	char *name;
	long long taken; /* seconds since 1970 */
};

struct snapshots {
	struct snapshot *v;
	size_t n;
};

int snapshots_list(const char *disk, struct snapshots *s, struct err *e);
void snapshots_free(struct snapshots *s);
bool snapshots_have(const struct snapshots *s, const char *name);

int snapshot_take(const char *disk, const char *name, struct err *e);
int snapshot_revert(const char *disk, const char *name, struct err *e);
int snapshot_delete(const char *disk, const char *name, struct err *e);
