#include "image-layout.h"

#include <string.h>

#include "image-find.h"
#include "progress.h"
#include "units.h"

#define SECTOR 512
#define MIB_SECTORS 2048
#define GPT_TAIL 34         /* sectors of the backup table, from the end                               */
#define MBR_MAX (2048 * GiB) /* it counts sectors in 32 bits                                            */

/* ---- file systems ---- */

static int grow_ext4(guestfs_h *g, const char *device)
{
	return guestfs_e2fsck(g, device, GUESTFS_E2FSCK_CORRECT, 1, -1) < 0 ? -1 : guestfs_resize2fs(g, device);
}

static int grow_xfs(guestfs_h *g, const char *path)
{
	return guestfs_xfs_growfs(g, path, -1);
}

static int grow_btrfs(guestfs_h *g, const char *path)
{
	return guestfs_btrfs_filesystem_resize(g, path, -1);
}

static const struct file_system {
	const char *type;
	int (*grow)(guestfs_h *g, const char *device);
	int (*grow_mounted)(guestfs_h *g, const char *path);
} file_systems[] = {
	{ "ext4", grow_ext4, NULL },
	{ "xfs", NULL, grow_xfs },
	{ "btrfs", NULL, grow_btrfs },
};

static const struct file_system *file_system(const struct root *r, struct err *e)
{
	for (size_t i = 0; r->type && i < sizeof(file_systems) / sizeof(*file_systems); i++)
		if (!strcmp(file_systems[i].type, r->type))
			return &file_systems[i];
	err_set(e, "the base image's root %s is %s: ext4, xfs and btrfs are known here", r->device,
		r->type && *r->type ? r->type : "of an unknown kind");
	return NULL;
}

/* ---- partitions ---- */

/* The root has to be the last on the disk, whatever its number: Ubuntu's and Debian's are partition 1 and stand last. */
static int check_last(guestfs_h *g, const struct disk_spec *s, const struct root *r, uint64_t size, struct err *e)
{
	cleanup(partitions_free) struct guestfs_partition_list *list = guestfs_part_list(g, DISK);
	const struct guestfs_partition *root = NULL;
	char text[SIZE_TEXT];

	for (uint32_t i = 0; list && i < list->len; i++)
		if (list->val[i].part_num == r->number)
			root = &list->val[i];
	if (!root)
		return guest_err(g, e, "can't read the base image's partitions");
	for (uint32_t i = 0; i < list->len; i++)
		if (list->val[i].part_start > root->part_start)
			return ydoc_err(s->recipe->doc, &s->recipe->disk, e, "the base image's root can't grow, for partition %d "
					"stands after it: leave the disk as large as the base image has it, 'disk: %s'",
					list->val[i].part_num, size_text(size, text));
	return 0;
}

static int grow_partition(guestfs_h *g, const struct disk_spec *s, const struct root *r, uint64_t size, struct err *e)
{
	int64_t end = (int64_t)(s->recipe->disk / SECTOR);

	progress_update("growing the root to the disk");
	if (check_last(g, s, r, size, e) < 0)
		return -1;
	if (!r->gpt && s->recipe->disk > MBR_MAX)
		return ydoc_err(s->recipe->doc, &s->recipe->disk, e, "the base image has an MBR, which knows no more than 2TiB");
	/* sgdisk's last sector that may be used stands before a whole MiB, whatever the table could hold */
	if (r->gpt)
		end = (end - GPT_TAIL) / MIB_SECTORS * MIB_SECTORS;
	if ((r->gpt && guestfs_part_expand_gpt(g, DISK) < 0) || guestfs_part_resize(g, DISK, r->number, end - 1) < 0)
		return guest_err(g, e, "can't grow the root's partition");
	return 0;
}

/* ---- mounts ---- */

/* What the partition holds may be no file system (swap, by its name in /etc/fstab): passed over. */
static int mount_found(guestfs_h *g, const struct mount_points *m, struct text *mounts, struct err *e)
{
	for (const struct mount_point *p = m->list; p < m->list + m->n; p++) {
		auto_free char *type = guestfs_vfs_type(g, p->mountable);
		auto_free char *what = strf("can't mount %s, which the base image has as %s", p->mountable, p->path);

		if (!type || !*type)
			continue;
		if (strpbrk(p->path, ": ") || strchr(p->mountable, ' '))
			return err_set(e, "the base image mounts %s as '%s': names with a blank or a colon are not known here",
				       p->mountable, p->path);
		if (guestfs_mount_options(g, "discard", p->mountable, p->path) < 0)
			return guest_err(g, e, what);
		text_addf(mounts, "%s%s:%s", mounts->n ? " " : "", p->mountable, p->path);
	}
	return 0;
}

int layout_mount(guestfs_h *g, const char *mounts, struct err *e)
{
	auto_free char *list = xstrdup(mounts);

	for (char *save, *word = strtok_r(list, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *path = strrchr(word, ':');

		*path++ = '\0';
		if (guestfs_mount_options(g, "discard", word, path) < 0)
			return guest_err(g, e, "can't mount the disk");
	}
	return 0;
}

char *layout_root(const char *mounts)
{
	auto_free char *first = xstrndup(mounts, strcspn(mounts, " "));

	return xstrndup(first, (size_t)(strrchr(first, ':') - first));
}

/* ---- the whole ---- */

int layout_open(guestfs_h *g, const struct disk_spec *s, uint64_t size, struct text *mounts, struct err *e)
{
	cleanup(root_free) struct root r = { 0 };
	cleanup(mount_points_free) struct mount_points found = { 0 };
	const struct file_system *fs = NULL;
	bool grows = size < s->recipe->disk;

	progress_update("looking at the base image");
	if (find_root(g, &r, e) < 0)
		return -1;
	fs = file_system(&r, e);
	if (!fs || (grows && grow_partition(g, s, &r, size, e) < 0))
		return -1;
	if (grows && fs->grow && fs->grow(g, r.device) < 0)
		return guest_err(g, e, "can't grow the base image's root");
	if (find_mounts(g, &r, &found, e) < 0 || mount_found(g, &found, mounts, e) < 0)
		return -1;
	if (grows && fs->grow_mounted && fs->grow_mounted(g, "/") < 0)
		return guest_err(g, e, "can't grow the base image's root");
	return 0;
}

char *layout_root_argument(guestfs_h *g, const char *root, struct err *e)
{
	cleanup(root_free) struct root r = { 0 };
	auto_free char *id = NULL, *volume = NULL;

	if (root_on(g, root, &r, e) < 0)
		return NULL;
	id = find_partuuid(g, &r, r.number);
	if (str_starts(root, "btrfsvol:"))
		volume = guestfs_mountable_subvolume(g, root);
	if (!id || (str_starts(root, "btrfsvol:") && !volume)) {
		guest_err(g, e, "can't read how a kernel would know the root");
		return NULL;
	}
	return volume ? strf("PARTUUID=%s rootflags=subvol=%s", id, volume) : strf("PARTUUID=%s", id);
}
