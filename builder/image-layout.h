/* The file systems of a base image: mounted, with a root that is as large as the disk. */
#pragma once
#include <stdint.h>

#include "customize.h"
#include "text.h"

/* Finds the system on the disk, which is as large as the recipe says and was size bytes in the base image: where that was
 * less, the root grows to the disk's end. Mounts all file systems of the system, and adds them to mounts: "DEVICE:PATH",
 * blanks between, the root first. A DEVICE is in libguestfs' words, "/dev/sda1" or "btrfsvol:/dev/sda1/SUBVOLUME". */
int layout_open(guestfs_h *g, const struct disk_spec *s, uint64_t size, struct text *mounts, struct err *e);

/* Mounts what such a list says. */
int layout_mount(guestfs_h *g, const char *mounts, struct err *e);

/* The root's DEVICE out of such a list, the caller's to free. */
char *layout_root(const char *mounts);

/* What a kernel has to hear after "root=" to mount that DEVICE: "PARTUUID=...", and of a subvolume " rootflags=..." too. The
 * caller's to free; NULL: e says why not. */
char *layout_root_argument(guestfs_h *g, const char *root, struct err *e);
