/* What would have to be asked for as well, so that an option holds. */
#pragma once
#include "kconfig.h"

/* For an option that was asked for and did not come out, at a level of 1 (m) or 2 (y): "CONFIG_PCI=y, CONFIG_CXL_BUS=y",
 * in the order in which they stand on each other. The caller's to free; NULL: there is no such list, or it is not seen, for
 * defaults and comparisons are not followed. */
char *kconfig_cure(const struct kconfig *k, const struct config *c, const char *name, int level);
