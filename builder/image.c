#include "image.h"

#include <string.h>

#include "appliance.h"
#include "customize.h"
#include "file.h"
#include "image-layout.h"
#include "progress.h"
#include "run.h"
#include "text.h"
#include "units.h"

/* UEFI specification 2.10, 5.3.3 names the format; GRUB's manual, "BIOS installation", this type. */
#define BIOS_BOOT_TYPE "21686148-6449-6E6F-744E-656564454649"
#define SECTOR 512
#define BIOS_BOOT_FIRST 2048
#define ROOT_FIRST 4096 /* 2 MiB: the BIOS boot partition is 1 MiB, which core.img fits several times */
#define GPT_TAIL 34     /* sectors of the backup table, from the end */

void disk_result_free(struct disk_result *r)
{
	free(r->root);
	free(r->release);
	free(r->mounts);
	free(r->packages);
}

void image_result_free(struct image_result *r)
{
	free(r->config);
	free(r->packages);
}

static int start_on(guestfs_h *g, const char *path, struct err *e)
{
	if (guestfs_add_drive_opts(g, path, GUESTFS_ADD_DRIVE_OPTS_FORMAT, "qcow2", GUESTFS_ADD_DRIVE_OPTS_CACHEMODE, "unsafe",
				   GUESTFS_ADD_DRIVE_OPTS_LABEL, DISK_LABEL, -1) < 0)
		return guest_err(g, e, "can't open the disk");
	return appliance_launch(g, path, e);
}

/* ---- a new disk ---- */

/* A GUID from 32 hexadecimal digits of the seed, so that the same inputs give the same ids. The caller's to free. */
static char *guid(const char *seed, size_t part)
{
	const char *h = seed + part * 8;

	return strf("%.8s-%.4s-4%.3s-a%.3s-%.12s", h, h + 8, h + 12, h + 15, h + 18);
}

/* GPT with a BIOS boot partition for GRUB, and the root. */
static int partition(guestfs_h *g, const struct disk_spec *s, struct err *e)
{
	int64_t last = (int64_t)(s->recipe->disk / SECTOR) - GPT_TAIL - 1;
	auto_free char *disk_id = guid(s->seed, 0), *root_id = guid(s->seed, 1), *fs_id = guid(s->seed, 2);

	progress_update("partitions and file system");
	if (guestfs_part_init(g, "/dev/sda", "gpt") < 0 ||
	    guestfs_part_add(g, "/dev/sda", "p", BIOS_BOOT_FIRST, ROOT_FIRST - 1) < 0 ||
	    guestfs_part_add(g, "/dev/sda", "p", ROOT_FIRST, last) < 0 ||
	    guestfs_part_set_gpt_type(g, "/dev/sda", 1, BIOS_BOOT_TYPE) < 0 ||
	    guestfs_part_set_disk_guid(g, "/dev/sda", disk_id) < 0 ||
	    guestfs_part_set_gpt_guid(g, "/dev/sda", 2, root_id) < 0)
		return guest_err(g, e, "can't partition the disk");
	if (guestfs_mkfs_opts(g, "ext4", "/dev/sda2", GUESTFS_MKFS_OPTS_LABEL, "root", -1) < 0 ||
	    guestfs_set_uuid(g, "/dev/sda2", fs_id) < 0 || guestfs_mount_options(g, "discard", "/dev/sda2", "/") < 0)
		return guest_err(g, e, "can't make the file system");
	return 0;
}

static int fill_from_tar(guestfs_h *g, const struct disk_spec *s, struct err *e)
{
	progress_update("copying the base system");
	if (guestfs_tar_in_opts(g, s->base, "/", GUESTFS_TAR_IN_OPTS_XATTRS, 1, GUESTFS_TAR_IN_OPTS_ACLS, 1, -1) < 0)
		return guest_err(g, e, "can't copy the base system into the image");
	return 0;
}

/* ---- a cloud image as the base ---- */

/* *size: what the base image has, in bytes. */
static int copy_disk(guestfs_h *g, const struct disk_spec *s, uint64_t *size, struct err *e)
{
	const char *convert[] = { "qemu-img", "convert", "-O", "qcow2", s->base, s->out, NULL };
	auto_free char *wanted = strf("%llu", (unsigned long long)s->recipe->disk);
	const char *resize[] = { "qemu-img", "resize", "-q", "-f", "qcow2", s->out, wanted, NULL };
	int64_t have;
	char a[SIZE_TEXT], b[SIZE_TEXT];

	progress_update("copying the base image");
	if (run_simple(convert, NULL, e) < 0)
		return -1;
	have = guestfs_disk_virtual_size(g, s->out);
	if (have < 0)
		return guest_err(g, e, "can't see how large the base image is");
	*size = (uint64_t)have;
	if (*size > s->recipe->disk)
		return ydoc_err(s->recipe->doc, &s->recipe->disk, e, "'disk' is %s, and the base image has %s: give at least "
				"that", size_text(s->recipe->disk, a), size_text(*size, b));
	return *size < s->recipe->disk ? run_simple(resize, NULL, e) : 0;
}

static int open_disk(guestfs_h *g, const struct disk_spec *s, struct text *mounts, struct err *e)
{
	uint64_t size = 0;

	if (copy_disk(g, s, &size, e) < 0)
		return -1;
	return start_on(g, s->out, e) < 0 ? -1 : layout_open(g, s, size, mounts, e);
}

static int open_new(guestfs_h *g, const struct disk_spec *s, struct text *mounts, struct err *e)
{
	text_puts(mounts, "/dev/sda2:/");
	if (guestfs_disk_create(g, s->out, "qcow2", (int64_t)s->recipe->disk, -1) < 0)
		return guest_err(g, e, "can't make the disk");
	if (start_on(g, s->out, e) < 0 || partition(g, s, e) < 0)
		return -1;
	return fill_from_tar(g, s, e);
}

/* ---- a disk that stays open ---- */

struct live_disk {
	guestfs_h *g;
	char *path, *folder; /* the folder that was made for it */
};

static void live_disk_free(struct live_disk **d)
{
	rmdir((*d)->folder); /* of a disk that moved, or that is gone */
	free((*d)->folder);
	free((*d)->path);
	free(*d);
	*d = NULL;
}

int live_disk_move(struct live_disk *d, const char *to)
{
	if (!d || rename(d->path, to) < 0)
		return -1;
	free(d->path);
	d->path = xstrdup(to);
	return 0;
}

void live_disk_close(struct live_disk **d)
{
	if (!*d)
		return;
	appliance_close(&(*d)->g);
	unlink((*d)->path);
	live_disk_free(d);
}

/* The appliance, and nothing is left of d: its file is the caller's. */
static guestfs_h *live_disk_take(struct live_disk **d)
{
	guestfs_h *g = (*d)->g;

	live_disk_free(d);
	return g;
}

static bool wants_network(const struct recipe *r)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].network)
			return true;
	return false;
}

int disk_make(const struct disk_spec *s, struct disk_result *r, struct live_disk **live, struct err *e)
{
	cleanup(live_disk_close) struct live_disk *d = xcalloc(1, sizeof(*d));
	guestfs_h *g = d->g = appliance_open(s->cache, wants_network(s->recipe), e);
	auto_free char *root = NULL;
	auto_text mounts = { 0 };

	d->path = xstrdup(s->out);
	d->folder = xstrndup(s->out, (size_t)(strrchr(s->out, '/') - s->out));
	if (!g)
		return -1;
	if ((s->base_is_disk ? open_disk : open_new)(g, s, &mounts, e) < 0)
		return -1;
	root = layout_root(mounts.s);
	if (furnish(g, s, root, r, e) < 0)
		return -1;
	r->mounts = steal(mounts.s);
	mounts = (struct text){ 0 };
	progress_update("keeping a copy");
	if (appliance_settle(g, e) < 0 || file_copy(s->out, s->kept, e) < 0)
		return -1;
	*live = steal(d);
	return 0;
}

/* ---- the image: a disk that is there ---- */

int image_make(const struct image_spec *s, struct image_result *r, struct err *e)
{
	bool running = *s->live;
	cleanup(appliance_close) guestfs_h *g = running ? live_disk_take(s->live) :
						appliance_open(s->cache, wants_network(s->recipe), e);

	if (!g || (!running && start_on(g, s->out, e) < 0))
		return -1;
	if (layout_mount(g, s->mounts, e) < 0 || customize(g, s, r, e) < 0)
		return -1;
	return appliance_finish(g, s->out, e);
}
