/* What is done inside an image whose root is mounted: files, users, kernel, boot menu. */
#pragma once
#include "appliance.h"
#include "image.h"

/* Makes a disk of the base whose root is mounted: packages, boot menu. root is the root's device. Fills r, but for
 * its mounts. */
int furnish(guestfs_h *g, const struct disk_spec *s, const char *root, struct disk_result *r, struct err *e);

/* Makes an image of the disk whose root is mounted: kernel, overlays, and what the recipe puts in. Fills r. */
int customize(guestfs_h *g, const struct image_spec *s, struct image_result *r, struct err *e);
