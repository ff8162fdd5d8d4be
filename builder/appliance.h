/* libguestfs' appliance, in which all work on disks and images is done: it is set up, started, used and ended here. */
#pragma once
#include <guestfs.h>
#include <stdbool.h>

#include "err.h"

/* A handle without disks yet; cache is where libguestfs keeps its appliance. Ctrl-C ends what it does from here on. NULL on
 * error. */
guestfs_h *appliance_open(const char *cache, bool network, struct err *e);

/* Starts it, with the disks that were added: about 9 s under TCG. disk is the one that is written, whose file system is watched
 * for room; NULL: none is. */
int appliance_launch(guestfs_h *g, const char *disk, struct err *e);

/* Unmounts all, ends it, and syncs the disk at path, which was written. What is not ended so has not been written. */
int appliance_finish(guestfs_h *g, const char *path, struct err *e);

/* Unmounts all; then the disks' files hold all that was written, while it stays up. */
int appliance_settle(guestfs_h *g, struct err *e);

/* Ends it in any state. */
void appliance_close(guestfs_h **g);

/* Sets e to "what: libguestfs' own words", or "interrupted". Returns -1. */
int guest_err(guestfs_h *g, struct err *e, const char *what);

/* The disk is /dev/disk/guestfs/LABEL to programs that run in the image: libguestfs' own /dev/sda need not be the
 * kernel's, whose disks come in the order in which they answer. */
#define DISK_LABEL "image"

/* Writes a file in the image, root's, with that mode. */
int guest_write(guestfs_h *g, const char *path, int mode, const char *text, struct err *e);

/* Runs a program in the image. */
int guest_run(guestfs_h *g, const char *const *argv, struct err *e);
