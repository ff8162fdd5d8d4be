/* What is done inside an image whose root is mounted: files, users, kernel, boot menu. */
#pragma once
#include <guestfs.h>

#include "image.h"

/* root is the device of the root file system. Fills r. */
int customize(guestfs_h *g, const struct image_spec *s, const char *root, struct image_result *r, struct err *e);

/* Sets e to "what: libguestfs' own words", or "interrupted". Returns -1. */
int guest_err(guestfs_h *g, struct err *e, const char *what);
