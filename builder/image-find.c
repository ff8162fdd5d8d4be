#include "image-find.h"

#include <string.h>

#include "fstab.h"
#include "interrupt.h"

#define MBR_ID 440 /* where an MBR has its disk's signature: UEFI specification 2.10, table 5-1 */
#define KNOWN "known are a partition of a GPT, and a primary one of an MBR"

void root_free(struct root *r)
{
	free(r->mountable);
	free(r->device);
	free(r->type);
	*r = (struct root){ 0 };
}

void partitions_free(struct guestfs_partition_list **list)
{
	if (*list)
		guestfs_free_partition_list(*list);
}

/* ---- the root ---- */

int root_on(guestfs_h *g, const char *mountable, struct root *r, struct err *e)
{
	auto_free char *table = NULL, *kind = NULL;

	r->mountable = xstrdup(mountable);
	r->device = guestfs_mountable_device(g, r->mountable);
	r->type = guestfs_vfs_type(g, r->mountable);
	if (!r->device)
		return guest_err(g, e, "can't find the base image's root");
	r->number = guestfs_part_to_partnum(g, r->device);
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

/* Is what is mounted the root of a system, with its programs? /bin is a link in all newer ones. */
static bool is_system(guestfs_h *g)
{
	return guestfs_is_dir(g, "/etc") == 1 && (guestfs_is_dir(g, "/bin") == 1 || guestfs_is_symlink(g, "/bin") == 1);
}

/* os-release(5) says where it may be. The caller's to free; NULL: there is none. */
static char *read_release(guestfs_h *g)
{
	char *text = guestfs_cat(g, "/etc/os-release");

	return text ? text : guestfs_cat(g, "/usr/lib/os-release");
}

/* libguestfs' own inspection takes 9 s under TCG, for it would know all systems from each other: here one look into each file
 * system is enough. */
struct look {
	guestfs_h *g;
	char *found;    /* the first root's mountable                */
	char *distro;   /* what it says to be; NULL: it does not say */
	size_t n;       /* of roots                                  */
	bool lvm;
};

static void look_free(struct look *l)
{
	free(l->found);
	free(l->distro);
}

/* What can't be mounted holds no root. Takes mountable. */
static int look_into(struct look *l, char *mountable, struct err *e)
{
	auto_free char *device = mountable, *release = NULL;

	if (guestfs_mount_ro(l->g, device, "/") < 0)
		return interrupt_check(e);
	if (is_system(l->g) && l->n++ == 0) {
		release = read_release(l->g);
		l->found = steal(device);
		l->distro = release ? os_release_id(release) : NULL;
	}
	return guestfs_umount_all(l->g) == 0 ? 0 : guest_err(l->g, e, "can't unmount a file system of the base image");
}

static void free_subvolumes(struct guestfs_btrfssubvolume_list **list)
{
	if (*list)
		guestfs_free_btrfssubvolume_list(*list);
}

/* But for the one that the device itself is mounted as. */
static int look_into_subvolumes(struct look *l, const char *device, struct err *e)
{
	cleanup(free_subvolumes) struct guestfs_btrfssubvolume_list *list = NULL;
	int64_t whole = -1;

	if (guestfs_mount_ro(l->g, device, "/") < 0)
		return interrupt_check(e);
	list = guestfs_btrfs_subvolume_list(l->g, "/");
	whole = guestfs_btrfs_subvolume_get_default(l->g, "/");
	if (guestfs_umount_all(l->g) < 0 || !list || whole < 0)
		return guest_err(l->g, e, "can't list the base image's subvolumes");
	for (uint32_t i = 0; i < list->len; i++)
		if (list->val[i].btrfssubvolume_id != (uint64_t)whole &&
		    look_into(l, strf("btrfsvol:%s/%s", device, list->val[i].btrfssubvolume_path), e) < 0)
			return -1;
	return 0;
}

static int look_into_all(struct look *l, struct err *e)
{
	cleanup(partitions_free) struct guestfs_partition_list *parts = guestfs_part_list(l->g, DISK);

	if (!parts)
		return guest_err(l->g, e, "can't read the base image's partitions: " KNOWN);
	for (uint32_t i = 0; i < parts->len; i++) {
		auto_free char *device = strf(DISK "%d", parts->val[i].part_num), *type = guestfs_vfs_type(l->g, device);

		l->lvm = l->lvm || (type && !strcmp(type, "LVM2_member"));
		if (look_into(l, xstrdup(device), e) < 0)
			return -1;
		if (type && !strcmp(type, "btrfs") && look_into_subvolumes(l, device, e) < 0)
			return -1;
	}
	return 0;
}

static int check_found(const struct look *l, struct err *e)
{
	if (l->n > 1)
		return err_set(e, "the base image holds several systems: one is expected");
	if (l->n == 0 && l->lvm)
		return err_set(e, "the base image's root is on a logical volume of LVM: " KNOWN);
	if (l->n == 0)
		return err_set(e, "the base image holds no system: none of its file systems has /etc and /bin");
	if (!l->distro || (strcmp(l->distro, "debian") && strcmp(l->distro, "ubuntu")))
		return err_set(e, "the base image is of the distribution '%s': only debian and ubuntu are known here, for what "
			       "installs packages and sets up GRUB is theirs", l->distro ? l->distro : "unknown");
	return 0;
}

int find_root(guestfs_h *g, struct root *r, struct err *e)
{
	cleanup(look_free) struct look l = { .g = g };

	return look_into_all(&l, e) < 0 || check_found(&l, e) < 0 ? -1 : root_on(g, l.found, r, e);
}

/* ---- ids ---- */

/* The kernel makes a PARTUUID of an MBR's signature and the partition's number (block/partitions/msdos.c). */
static char *mbr_id(guestfs_h *g, int number)
{
	size_t n = 0;
	auto_free char *raw = guestfs_pread_device(g, DISK, 4, MBR_ID, &n);
	const unsigned char *id = (const unsigned char *)raw;

	return id && n == 4 ? strf("%02x%02x%02x%02x-%02x", id[3], id[2], id[1], id[0], number) : NULL;
}

char *find_partuuid(guestfs_h *g, const struct root *r, int number)
{
	char *id = r->gpt ? guestfs_part_get_gpt_guid(g, DISK, number) : mbr_id(g, number);

	for (char *c = id; c && *c; c++)
		*c = *c >= 'A' && *c <= 'F' ? (char)(*c + 32) : *c;
	return id;
}

/* What the partition has as such an id, the caller's to free; NULL: nothing. */
static char *id_of(guestfs_h *g, const struct root *r, enum fstab_by by, int number)
{
	auto_free char *device = strf(DISK "%d", number);

	switch (by) {
	case FSTAB_UUID:
		return guestfs_vfs_uuid(g, device);
	case FSTAB_LABEL:
		return guestfs_vfs_label(g, device);
	case FSTAB_PARTUUID:
		return find_partuuid(g, r, number);
	case FSTAB_PARTLABEL:
		return r->gpt ? guestfs_part_get_name(g, DISK, number) : NULL;
	case FSTAB_NUMBER:
		return strf("%d", number);
	}
	return NULL;
}

/* ---- what is mounted ---- */

void mount_points_free(struct mount_points *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->list[i].path);
		free(m->list[i].mountable);
	}
	free(m->list);
	*m = (struct mount_points){ 0 };
}

/* Takes mountable. */
static void add_mount(struct mount_points *m, const char *path, char *mountable)
{
	m->list = xrealloc(m->list, (m->n + 1) * sizeof(*m->list));
	m->list[m->n++] = (struct mount_point){ .path = xstrdup(path), .mountable = mountable };
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct mount_point *)a)->path, ((const struct mount_point *)b)->path);
}

/* Of an entry whose id no partition of this disk has, nothing is added. */
static void add_entry(guestfs_h *g, const struct root *r, const struct guestfs_partition_list *parts,
		      const struct fstab_entry *entry, struct mount_points *m)
{
	for (uint32_t i = 0; i < parts->len; i++) {
		int number = parts->val[i].part_num;
		auto_free char *id = id_of(g, r, entry->by, number);

		if (!id || strcasecmp(id, entry->value))
			continue;
		add_mount(m, entry->path, entry->subvolume ? strf("btrfsvol:" DISK "%d/%s", number, entry->subvolume) :
			  strf(DISK "%d", number));
		return;
	}
}

int find_mounts(guestfs_h *g, const struct root *r, struct mount_points *m, struct err *e)
{
	cleanup(partitions_free) struct guestfs_partition_list *parts = guestfs_part_list(g, DISK);
	cleanup(fstab_free) struct fstab f = { 0 };
	auto_free char *text = NULL;

	if (!parts || guestfs_mount_ro(g, r->mountable, "/") < 0)
		return guest_err(g, e, "can't read what the base image mounts");
	text = guestfs_is_file(g, "/etc/fstab") == 1 ? guestfs_cat(g, "/etc/fstab") : NULL;
	if (guestfs_umount_all(g) < 0)
		return guest_err(g, e, "can't unmount the base image's root");
	add_mount(m, "/", xstrdup(r->mountable));
	if (text)
		fstab_parse(&f, text);
	for (size_t i = 0; i < f.n; i++)
		if (strcmp(f.list[i].path, "/"))
			add_entry(g, r, parts, &f.list[i], m);
	qsort(m->list, m->n, sizeof(*m->list), by_path);
	return 0;
}
