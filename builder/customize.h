/* What is done inside an image whose root is mounted: files, users, kernel, boot menu. */
#pragma once
#include "appliance.h"
#include "image.h"

/* The disk is /dev/disk/guestfs/LABEL to programs that run in the image: libguestfs' own /dev/sda need not be the
 * kernel's, whose disks come in the order in which they answer. */
#define DISK_LABEL "image"

/* Makes a disk of the base whose root is mounted: packages, boot menu. root is the root's device. Fills r, but for
 * its mounts. */
int furnish(guestfs_h *g, const struct disk_spec *s, const char *root, struct disk_result *r, struct err *e);

/* Makes an image of the disk whose root is mounted: kernel, overlays, and what the recipe puts in. Fills r. */
int customize(guestfs_h *g, const struct image_spec *s, struct image_result *r, struct err *e);

/* Writes a file in the image, root's, with that mode. */
int guest_write(guestfs_h *g, const char *path, int mode, const char *text, struct err *e);

/* Runs a program in the image. */
int guest_run(guestfs_h *g, const char *const *argv, struct err *e);
