/* The recipe's packages, on a base image whose root is mounted; a bootstrapped base has them already. The host's apt chooses and
 * fetches them (builder/apt), the image's own puts them in. */
#pragma once
#include "appliance.h"
#include "image.h"

int add_packages(guestfs_h *g, const struct disk_spec *s, struct err *e);
