/* What system is on the disk of a base image: where its root is, and what else it mounts. Found by looking, never assumed. */
#pragma once
#include <stdbool.h>

#include "appliance.h"
#include "text.h"

#define DISK "/dev/sda" /* libguestfs' name of the disk */

struct root {
	char *mountable;        /* as libguestfs takes it: a device, or a subvolume on one: "btrfsvol:/dev/sda1/SUBVOLUME" */
	char *device;
	char *type;             /* of its file system */
	int number;             /* of its partition   */
	bool gpt;               /* else MBR           */
};

void root_free(struct root *r);

/* For cleanup(): libguestfs frees only by the pointer itself. */
void partitions_free(struct guestfs_partition_list **list);

/* Finds the one root of a Debian or Ubuntu. r is the caller's to free. -1: there is none, there are several, it is of another
 * distribution, or stands on what is not known here; e says so. */
int find_root(guestfs_h *g, struct root *r, struct err *e);

/* Fills in the root that has this mountable. */
int root_on(guestfs_h *g, const char *mountable, struct root *r, struct err *e);

/* The PARTUUID of a partition of the root's disk, the caller's to free; NULL: libguestfs says why not. */
char *find_partuuid(guestfs_h *g, const struct root *r, int number);

/* What a system mounts, by path, so that what others are mounted in comes first. */
struct mount_point {
	char *path, *mountable;
};

struct mount_points {
	struct mount_point *list;
	size_t n;
};

void mount_points_free(struct mount_points *m);

/* The root, and what its /etc/fstab has from the same disk. Nothing is mounted before or after. m is the caller's to free. */
int find_mounts(guestfs_h *g, const struct root *r, struct mount_points *m, struct err *e);
