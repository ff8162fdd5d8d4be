/* What a system says of itself: its /etc/fstab and /etc/os-release. */
#pragma once
#include "text.h"

enum fstab_by { FSTAB_UUID, FSTAB_LABEL, FSTAB_PARTUUID, FSTAB_PARTLABEL, FSTAB_NUMBER };

/* A file system that is mounted from a partition of the first disk. */
struct fstab_entry {
	enum fstab_by by;
	char *value;            /* FSTAB_NUMBER: the partition's number, from 1 */
	char *path;             /* absolute                                    */
	char *subvolume;        /* of btrfs, without a slash before it; or NULL */
};

struct fstab {
	struct fstab_entry *list;
	size_t n;
};

/* Takes what is understood out of the text (fstab(5)): by tag, by /dev/disk/by-*, or by a name of the first disk. Anything else
 * (networks, swap, other disks) is passed over. f is the caller's to free. */
void fstab_parse(struct fstab *f, const char *text);
void fstab_free(struct fstab *f);

/* The distribution's name out of the text (os-release(5), ID), the caller's to free; NULL: it has none. */
char *os_release_id(const char *text);
