/* Making the disk image: one libguestfs appliance is started once and does it all. With builder/customize the one place
 * that knows libguestfs. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "recipe.h"

struct image_spec {
	const struct recipe *recipe;
	const char *base;       /* tar of a root, or a disk image (qcow2 or raw)             */
	bool base_is_disk;
	const char *kernel_tar; /* NULL: the base's own kernel stays                         */
	const char *release;    /* of the kernel in kernel_tar                               */
	const char *overlay_tar;/* files that are copied onto the root; NULL: none           */
	const char *out;        /* the qcow2 to make                                         */
	const char *out_dir;    /* folder that gets vmlinuz and initrd of a stock kernel     */
	const char *cache;      /* where libguestfs keeps its appliance                      */
	const char *seed;       /* hexadecimal digest that partition and file system ids are made from */
};

struct image_result {
	char *root;     /* the kernel's root= for direct boot: "PARTUUID=..."            */
	char *release;  /* of the kernel that boots by default                           */
	bool initrd;    /* a stock kernel's initrd was taken out too                     */
	char *config;   /* the kernel's configuration as it is in the image, or NULL     */
	char *packages; /* "name version" lines of what is installed, or NULL            */
};

int image_make(const struct image_spec *s, struct image_result *r, struct err *e);
void image_result_free(struct image_result *r);
