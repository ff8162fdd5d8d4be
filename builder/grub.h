/* GRUB in an image whose root is mounted. */
#pragma once
#include "appliance.h"
#include "image.h"

/* Sets GRUB up for the kernel of that release: defaults, core on the disk (a cloud image brings its own), menu. root is the root's
 * device. */
int grub_set_up(guestfs_h *g, const struct disk_spec *s, const char *root, const char *release, struct err *e);

/* Makes the menu. *menu is its text, the caller's to free. */
int grub_menu(guestfs_h *g, char **menu, struct err *e);
