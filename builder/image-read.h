/* Looking into an image, which is not changed. */
#pragma once
#include "err.h"
#include "text.h"

/* The content of the file whose path, without the first slash, matches a shell pattern; of several the one with the highest
 * version in its name. The caller's to free; NULL where there is none. cache is where libguestfs keeps its appliance. */
char *image_newest(const char *image, const char *pattern, const char *cache, struct err *e);

/* One line for each file of all the image's file systems, in the order of strcmp, as tarball_list() has them. */
int image_list(const char *image, const char *cache, struct strv *lines, struct err *e);

/* What somebody wants to know who has nothing but the image. */
struct image_facts {
	char *system;    /* "Debian GNU/Linux 13 (trixie)"                                     */
	char *hostname;
	char *entry;     /* GRUB's default menu entry; "" none is set                          */
	char *config;    /* the newest kernel's configuration, or NULL                         */
	char *status;    /* dpkg's list of what is installed, as it has it                     */
	char *passwd;    /* /etc/passwd                                                        */
	struct strv kernels;      /* releases, of /boot/vmlinuz-*                              */
	struct strv filesystems;  /* "MOUNT-POINT TYPE BYTES FREE-BYTES", by mount point       */
	char *table;     /* "gpt" or "msdos"                                                   */
};
int image_look(const char *image, const char *cache, struct image_facts *f, struct err *e);
void image_facts_free(struct image_facts *f);
