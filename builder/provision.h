/* What a recipe puts into an image beside packages, kernel and overlays: users, files, settings, commands, services. */
#pragma once
#include "appliance.h"
#include "image.h"

/* In this order: users, files, time zone and sysctl, commands, services. The overlays, with what `copy` brings, are there
 * already. */
int provision(guestfs_h *g, const struct recipe *r, struct err *e);
