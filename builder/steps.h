/* What the steps do. Each works in dir, an empty folder of its own, and leaves there what the step is for, with its
 * result in s->result ("id" among it). They return 0 or -1. */
#pragma once
#include "plan.h"

/* src/: the kernel's source, unpacked and patched. Results: id, version (of a package, or the commit), date. */
int step_source(struct build *b, struct step *s, const char *dir, struct err *e);

/* config: the resolved configuration, in which everything asked for holds. Results: id, enabled (options on). */
int step_config(struct build *b, struct step *s, const char *dir, struct err *e);

/* vmlinuz, config, kernel.tar (what goes onto the image's root). Results: id, release. */
int step_kernel(struct build *b, struct step *s, const char *dir, struct err *e);

/* base.tar and packages (bootstrapped), or base.img (cloud image). Results: id, kind (tar or disk). */
int step_base(struct build *b, struct step *s, const char *dir, struct err *e);

/* disk.qcow2, and vmlinuz, initrd of a stock kernel. Results: id, root, release, mounts, initrd (yes or no). */
int step_disk(struct build *b, struct step *s, const char *dir, struct err *e);

/* The image with its kernel, into the output folder. */
int step_image(struct build *b, struct step *s, const char *dir, struct err *e);

/* The folder of the kernel source: of the source step, or the recipe's local tree. The caller's to free. */
char *kernel_source_dir(const struct build *b);
