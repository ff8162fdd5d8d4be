/* Making disk images: a libguestfs appliance is started once for each, and does it all. With builder/image-layout, customize
 * and provision the one place that knows libguestfs. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "recipe.h"

/* The disk: base system, boot menu. What takes long, and seldom changes. */
struct disk_spec {
	const struct recipe *recipe;
	const char *base;       /* tar of a root, or a disk image (qcow2 or raw)             */
	bool base_is_disk;
	const char *preferences;/* for apt, while it chooses packages; NULL: none            */
	const char *log;        /* takes what the host's apt says                            */
	const char *release;    /* of the kernel that will come on it; NULL: the base's own stays */
	const char *out;        /* the qcow2 to make, which stays open                       */
	const char *kept;       /* a copy of it, for the cache                               */
	const char *out_dir;    /* folder that gets vmlinuz and initrd of a stock kernel     */
	const char *cache;      /* where libguestfs keeps its appliance                      */
	const char *seed;       /* hexadecimal digest that partition and file system ids are made from */
};

struct disk_result {
	char *root;     /* what stands behind root= for direct boot: "PARTUUID=...", with
			 * " rootflags=..." where the root is a subvolume                */
	char *release;  /* of the kernel that boots by default                           */
	char *packages; /* "NAME VERSION" lines of what is installed, or NULL            */
	bool initrd;    /* a stock kernel's initrd was taken out too                     */
	char *mounts;   /* "DEVICE:PATH" of its file systems, blanks between; the root first */
};

/* A disk that was just made, still open in its appliance: the image goes on there, for to start an appliance takes 9 s
 * under TCG. */
struct live_disk;

int disk_make(const struct disk_spec *s, struct disk_result *r, struct live_disk **live, struct err *e);
void disk_result_free(struct disk_result *r);

/* Moves its file. -1: there is none, or it can't be moved there. */
int live_disk_move(struct live_disk *d, const char *to);

/* Ends it, and removes its file. */
void live_disk_close(struct live_disk **d);

/* The image: a copy of the disk, with the kernel, the overlays and all that the recipe puts in. */
struct image_spec {
	const struct recipe *recipe;
	const char *out;        /* the copy, which is changed                                */
	struct live_disk **live;/* that has out open; of NULL, an appliance is started. Taken */
	const char *mounts;     /* as disk_result has it                                     */
	const char *release;    /* of its kernel                                             */
	const char *kernel_tar; /* NULL: the base's own kernel stays                         */
	const char *overlay_tar;/* files that are copied onto the root                       */
	const char *initrd;     /* where the initrd goes that a built kernel turns out to need */
	const char *cache;
};

struct image_result {
	char *config;   /* the kernel's configuration as it is in the image, or NULL     */
	char *packages; /* "name version" lines of what is installed, or NULL            */
	bool initrd;    /* one was made for the kernel that was built                    */
};

int image_make(const struct image_spec *s, struct image_result *r, struct err *e);
void image_result_free(struct image_result *r);
