/* Whether a kernel that was built can mount its root by itself. Pure. */
#pragma once
#include "options.h"

enum initrd_need { INITRD_NONE, INITRD_NEEDED, INITRD_NO_HELP };

/* fs: what the root is (ext4, xfs, btrfs). INITRD_NEEDED where what it takes is a module, INITRD_NO_HELP where it is not in the
 * kernel at all; *option is what it is about, without CONFIG_. */
enum initrd_need initrd_need(const struct config *c, const char *fs, const char **option);
