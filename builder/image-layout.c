#include "image-layout.h"

#include <string.h>

#include "progress.h"
#include "units.h"

#define SECTOR 512
#define MIB_SECTORS 2048
#define GPT_TAIL 34         /* sectors of the backup table, from the end                               */
#define MBR_ID 440          /* where an MBR has its disk's signature: UEFI specification 2.10, table 5-1 */
#define MBR_MAX (2048 * GiB) /* it counts sectors in 32 bits                                            */
#define DISK "/dev/sda"     /* libguestfs' name of the one disk that it has here                        */
#define KNOWN "known are a partition of a GPT, and a primary one of an MBR"

struct root {
	char *mountable;        /* as libguestfs takes it: a device, or a subvolume on one */
	char *device;
	char *type;             /* of its file system */
	int number;             /* of its partition   */
	bool gpt;               /* else MBR           */
};

static void root_free(struct root *r)
{
	free(r->mountable);
	free(r->device);
	free(r->type);
}

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

static int find_partition(guestfs_h *g, struct root *r, struct err *e)
{
	auto_free char *table = NULL, *kind = NULL;

	r->device = guestfs_mountable_device(g, r->mountable);
	r->type = guestfs_vfs_type(g, r->mountable);
	if (!r->device)
		return guest_err(g, e, "can't find the base image's root");
	if (guestfs_is_lv(g, r->device) == 1)
		return err_set(e, "the base image's root is %s, a logical volume of LVM: " KNOWN, r->device);
	r->number = str_starts(r->device, "/dev/sd") ? guestfs_part_to_partnum(g, r->device) : -1;
	table = r->number > 0 ? guestfs_part_get_parttype(g, DISK) : NULL;
	if (!table)
		return err_set(e, "the base image's root is %s, which is no partition: " KNOWN, r->device);
	free(r->device);
	r->device = strf(DISK "%d", r->number);
	r->gpt = !strcmp(table, "gpt");
	if (r->gpt)
		return 0;
	if (strcmp(table, "msdos"))
		return err_set(e, "the base image has a partition table of the kind '%s': " KNOWN, table);
	kind = guestfs_part_get_mbr_part_type(g, DISK, r->number);
	if (!kind || strcmp(kind, "primary"))
		return err_set(e, "the base image's root is %s, a %s partition: " KNOWN, r->device, kind ? kind : "strange");
	return 0;
}

static void free_partitions(struct guestfs_partition_list **list)
{
	if (*list)
		guestfs_free_partition_list(*list);
}

/* The kernel makes a PARTUUID of an MBR's signature and the partition's number (block/partitions/msdos.c). */
static char *mbr_id(guestfs_h *g, int number)
{
	size_t n = 0;
	auto_free char *raw = guestfs_pread_device(g, DISK, 4, MBR_ID, &n);
	const unsigned char *id = (const unsigned char *)raw;

	return id && n == 4 ? strf("%02x%02x%02x%02x-%02x", id[3], id[2], id[1], id[0], number) : NULL;
}

/* The PARTUUID of a partition of the root's disk, the caller's to free; NULL: libguestfs says why not. */
static char *partuuid(guestfs_h *g, const struct root *r, int number)
{
	char *id = r->gpt ? guestfs_part_get_gpt_guid(g, DISK, number) : mbr_id(g, number);

	for (char *c = id; c && *c; c++)
		*c = *c >= 'A' && *c <= 'F' ? (char)(*c + 32) : *c;
	return id;
}

/* The root has to be the last on the disk, whatever its number: Ubuntu's and Debian's are partition 1 and stand last. */
static int check_last(guestfs_h *g, const struct disk_spec *s, const struct root *r, uint64_t size, struct err *e)
{
	cleanup(free_partitions) struct guestfs_partition_list *list = guestfs_part_list(g, DISK);
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

static void free_list(char ***list)
{
	for (char **p = *list; p && *p; p++)
		free(*p);
	free(*list);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What the system mounts: pairs of path and device, ending in NULL. */
struct found {
	guestfs_h *g;
	const struct root *root;
	char **pairs;
	size_t n; /* of pairs */
};

static void found_free(struct found *f)
{
	free_list(&f->pairs);
}

static char *device_by_partuuid(const struct found *f, const char *id)
{
	cleanup(free_partitions) struct guestfs_partition_list *list = guestfs_part_list(f->g, DISK);

	for (uint32_t i = 0; list && i < list->len; i++) {
		auto_free char *have = partuuid(f->g, f->root, list->val[i].part_num);

		if (have && !strcasecmp(have, id))
			return strf(DISK "%d", list->val[i].part_num);
	}
	return NULL;
}

static bool is_found(const struct found *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->pairs[2 * i], path))
			return true;
	return false;
}

static int fstab_line(char *line, int number, void *arg)
{
	struct found *f = arg;
	char *save, *what = strtok_r(line, " \t", &save), *path = what ? strtok_r(NULL, " \t", &save) : NULL;
	char *type = path ? strtok_r(NULL, " \t", &save) : NULL, *options = type ? strtok_r(NULL, " \t", &save) : NULL;
	const char *volume = options ? strstr(options, "subvol=") : NULL;
	auto_free char *device = NULL;

	(void)number;
	if (!type || !str_starts(what, "PARTUUID=") || is_found(f, path))
		return 0;
	device = device_by_partuuid(f, what + strlen("PARTUUID="));
	if (!device)
		return 0;
	if (volume)
		volume += strlen(volume[strlen("subvol=")] == '/' ? "subvol=/" : "subvol=");
	f->pairs = xrealloc(f->pairs, (2 * f->n + 3) * sizeof(*f->pairs));
	f->pairs[2 * f->n] = xstrdup(path);
	f->pairs[2 * f->n + 1] = volume ? strf("btrfsvol:%s/%.*s", device, (int)strcspn(volume, ","), volume) : steal(device);
	f->pairs[2 * ++f->n] = NULL;
	return 0;
}

/* libguestfs (1.48) passes over what /etc/fstab mounts by PARTUUID, as that of Debian's cloud images does. */
static int find_mounts(struct found *f, struct err *e)
{
	auto_free char *fstab = NULL;

	f->pairs = guestfs_inspect_get_mountpoints(f->g, f->root->mountable);
	if (!f->pairs)
		return guest_err(f->g, e, "can't read what the base image mounts");
	while (f->pairs[2 * f->n])
		f->n++;
	if (guestfs_mount_ro(f->g, f->root->mountable, "/") < 0)
		return guest_err(f->g, e, "can't mount the base image's root");
	fstab = guestfs_is_file(f->g, "/etc/fstab") == 1 ? guestfs_cat(f->g, "/etc/fstab") : NULL;
	if (guestfs_umount_all(f->g) < 0)
		return guest_err(f->g, e, "can't unmount the base image's root");
	if (fstab)
		each_line(fstab, fstab_line, f);
	return 0;
}

/* The mountable by libguestfs' name of the disk. Of subvolumes, inspection tells them by the kernel's name, which may be
 * another one in the next appliance. The caller's to free. */
static char *lasting(guestfs_h *g, const char *mountable)
{
	bool is_volume = str_starts(mountable, "btrfsvol:");
	auto_free char *device = is_volume ? guestfs_mountable_device(g, mountable) : NULL;
	auto_free char *volume = is_volume ? guestfs_mountable_subvolume(g, mountable) : NULL;
	int number = device ? guestfs_part_to_partnum(g, device) : -1;

	return volume && number > 0 ? strf("btrfsvol:" DISK "%d/%s", number, volume) : xstrdup(mountable);
}

/* By path: what others are mounted in comes first. A device that is not on the disk (a CD, swap on something) is passed
 * over. */
static int mount_found(const struct found *f, struct text *mounts, struct err *e)
{
	guestfs_h *g = f->g;

	qsort(f->pairs, f->n, 2 * sizeof(*f->pairs), by_path);
	for (size_t i = 0; i < f->n; i++) {
		const char *path = f->pairs[2 * i];
		auto_free char *device = lasting(g, f->pairs[2 * i + 1]);
		auto_free char *type = guestfs_vfs_type(g, device), *what = strf("can't mount %s, which the base image has as %s",
										 device, path);

		if (*path != '/' || !type || !*type)
			continue;
		if (strpbrk(path, ": ") || strchr(device, ' '))
			return err_set(e, "the base image mounts %s as '%s': names with a blank or a colon are not known here",
				       device, path);
		if (guestfs_mount_options(g, "discard", device, path) < 0)
			return guest_err(g, e, what);
		text_addf(mounts, "%s%s:%s", mounts->n ? " " : "", device, path);
	}
	return mounts->n ? 0 : err_set(e, "the base image does not say what its root is: it has no / in /etc/fstab");
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

static int find_system(guestfs_h *g, struct root *r, struct err *e)
{
	cleanup(free_list) char **roots = guestfs_inspect_os(g);
	auto_free char *distro = NULL;

	if (!roots)
		return guest_err(g, e, "can't look at the base image");
	if (!roots[0] || roots[1])
		return err_set(e, "the base image holds %s", roots[0] ? "several systems: one is expected" :
			       "no system that libguestfs knows");
	distro = guestfs_inspect_get_distro(g, roots[0]);
	if (!distro || (strcmp(distro, "debian") && strcmp(distro, "ubuntu")))
		return err_set(e, "the base image is of the distribution '%s': only debian and ubuntu are known here, for what "
			       "installs packages and sets up GRUB is theirs", distro ? distro : "unknown");
	r->mountable = xstrdup(roots[0]);
	return find_partition(g, r, e);
}

int layout_open(guestfs_h *g, const struct disk_spec *s, uint64_t size, struct text *mounts, struct err *e)
{
	cleanup(root_free) struct root r = { 0 };
	cleanup(found_free) struct found found = { .g = g, .root = &r };
	const struct file_system *fs = NULL;
	bool grows = size < s->recipe->disk;

	progress_update("looking at the base image");
	if (find_system(g, &r, e) < 0)
		return -1;
	fs = file_system(&r, e);
	if (!fs || (grows && grow_partition(g, s, &r, size, e) < 0))
		return -1;
	if (grows && fs->grow && fs->grow(g, r.device) < 0)
		return guest_err(g, e, "can't grow the base image's root");
	if (find_mounts(&found, e) < 0 || mount_found(&found, mounts, e) < 0)
		return -1;
	if (grows && fs->grow_mounted && fs->grow_mounted(g, "/") < 0)
		return guest_err(g, e, "can't grow the base image's root");
	return 0;
}

char *layout_root_argument(guestfs_h *g, const char *root, struct err *e)
{
	cleanup(root_free) struct root r = { .mountable = xstrdup(root) };
	auto_free char *id = NULL, *volume = NULL;

	if (find_partition(g, &r, e) < 0)
		return NULL;
	id = partuuid(g, &r, r.number);
	if (str_starts(root, "btrfsvol:"))
		volume = guestfs_mountable_subvolume(g, root);
	if (!id || (str_starts(root, "btrfsvol:") && !volume)) {
		guest_err(g, e, "can't read how a kernel would know the root");
		return NULL;
	}
	return volume ? strf("PARTUUID=%s rootflags=subvol=%s", id, volume) : strf("PARTUUID=%s", id);
}
