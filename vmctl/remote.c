#include "remote.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"
#include "units.h"

#define DISK "disk.qcow2"
#define LOG "console.log"

int remote_begin(struct session *s, struct err *e)
{
	if (!virt_is_remote(s->virt))
		return 0;
	return home_claim(&s->home, &s->state, s->virt, e) < 0 ? err_status(e, EXIT_HOST) : 0;
}

int remote_forget(struct session *s, struct err *e)
{
	if (s->home.volumes && !s->home.store)
		progress_note("%s: libvirt has no storage pool 'tierlab' any more there, and what the machine had in it (%s...) stays",
			      s->state.name, s->home.volumes);
	return s->home.store && s->home.volumes ? store_remove(s->home.store, s->home.volumes, e) : 0;
}

/* ---- the image, and the disk over it ---- */

struct part {
	const char *file, *sha256;
};
#define PARTS 3

static void parts(const struct manifest *man, struct part p[PARTS])
{
	p[0] = (struct part){ man->image, man->image_sha256 };
	p[1] = (struct part){ man->kernel, man->kernel_sha256 };
	p[2] = (struct part){ man->initrd, man->initrd_sha256 };
}

/* One of what many machines share: it is named by what is in it. "image-DIGEST.qcow2" */
static char *volume_of(const struct part *p)
{
	return strf("image-%.24s%s", p->sha256, strrchr(p->file, '.') ? strrchr(p->file, '.') : "");
}

struct sending {
	const char *what;
	uint64_t size;
	struct digest *digest;
};

static int sent(const char *data, size_t n, uint64_t bytes, void *arg, struct err *e)
{
	const struct sending *s = arg;
	char size[SIZE_TEXT];

	digest_add(s->digest, data, n);
	progress_update("sending %s, %d%% of %s", s->what, (int)(bytes * 100 / s->size), size_human(s->size, size));
	return interrupt_check(e);
}

/* libvirt (11.3) does not live through a pool that gets full under its hands. */
static int check_room(struct session *s, uint64_t size, struct err *e)
{
	char need[SIZE_TEXT], have[SIZE_TEXT];
	uint64_t room = store_refresh(s->home.store, &(struct err){ "" }) < 0 ? 0 : store_room(s->home.store);

	if (!room || room >= size + DISK_NEEDED)
		return 0;
	return err_set(e, "the image and a machine's disk take up to %s in %s there, and %s are free: make room, or have the administrator "
		       "make libvirt's storage pool elsewhere", size_human(size + DISK_NEEDED, need), store_dir(s->home.store),
		       size_human(room, have));
}

static int send_file(struct session *s, const char *volume, const struct part *p, int fd, uint64_t size, struct err *e)
{
	struct sending sending = { strrchr(p->file, '/') + 1, size, digest_new(DIGEST_SHA256) };
	char hex[DIGEST_HEX];
	int rc = store_send(s->home.store, volume, fd, sent, &sending, e);

	digest_end(sending.digest, hex);
	if (rc == 0 && strcmp(hex, p->sha256))
		return err_set(e, "%s is damaged, it has not the digest that its manifest names: build the image again with vmbuild", p->file);
	return rc;
}

/* Whole is what has its mark: a file that was cut off is sent again over what is there. Several may send the same, which are the same
 * bytes to the same places. */
static int send_part(struct session *s, const struct part *p, struct err *e)
{
	auto_free char *volume = p->sha256 ? volume_of(p) : NULL, *mark = volume ? strf("%s.ok", volume) : NULL;
	auto_close int fd = open(p->file, O_RDONLY | O_CLOEXEC);
	const char *base = strrchr(p->file, '/') + 1;
	uint64_t have = 0, marked = 0;
	struct stat st;
	int there, whole;

	if (!volume)
		return err_set(e, "the image's manifest has no digest of %s: build the image again with vmbuild", base);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "can't read %s", p->file);
	there = store_has(s->home.store, volume, &have, e);
	whole = there < 0 ? -1 : store_has(s->home.store, mark, &marked, e);
	if (whole < 0 || (there && whole && have == (uint64_t)st.st_size))
		return whole < 0 ? -1 : 0;
	if (check_room(s, (uint64_t)st.st_size, e) < 0)
		return -1;
	if (store_ensure(s->home.store, volume, e) < 0 || send_file(s, volume, p, fd, (uint64_t)st.st_size, e) < 0)
		return err_prefix(e, "the image's %s did not get to that host", base);
	return store_ensure(s->home.store, mark, e);
}

static int send_image(struct session *s, const struct manifest *man, struct err *e)
{
	struct part all[PARTS];

	parts(man, all);
	for (size_t i = 0; i < PARTS; i++)
		if (all[i].file && send_part(s, &all[i], e) < 0)
			return -1;
	return 0;
}

/* The log of another start is not gone on with. */
static int empty_log(struct session *s, struct err *e)
{
	auto_free char *volume = strf("%s" LOG, s->home.volumes);

	return store_drop(s->home.store, volume, e) < 0 ? -1 : store_make(s->home.store, volume, 0, (uid_t)-1, (gid_t)-1, e);
}

void remote_names(const struct session *s, struct manifest *man)
{
	char **files[PARTS] = { &man->image, &man->kernel, &man->initrd };
	struct part all[PARTS];

	parts(man, all);
	for (size_t i = 0; s->home.store && i < PARTS; i++)
		if (all[i].file && all[i].sha256) {
			auto_free char *volume = volume_of(&all[i]);

			free(*files[i]);
			*files[i] = strf("%s/%s", store_dir(s->home.store), volume);
		}
}

int remote_prepare(struct session *s, struct manifest *man, struct err *e)
{
	if (!s->home.store)
		return 0;
	if (send_image(s, man, e) < 0 || empty_log(s, e) < 0)
		return err_status(e, EXIT_HOST);
	remote_names(s, man);
	return 0;
}

static int has_disk(void *arg, struct err *e)
{
	struct session *s = arg;
	uint64_t bytes;

	return home_has(&s->home, DISK, &bytes, e) < 0 ? err_status(e, EXIT_HOST) : bytes > 0;
}

static int make_disk(void *arg, const struct manifest *man, struct err *e)
{
	struct session *s = arg;
	struct part all[PARTS];
	auto_free char *image = NULL, *disk = strf("%s" DISK, s->home.volumes);

	parts(man, all);
	if (send_image(s, man, e) < 0 || store_drop(s->home.store, disk, e) < 0)
		return err_status(e, EXIT_HOST);
	image = volume_of(&all[0]);
	return store_make_over(s->home.store, disk, image, e) < 0 ? err_status(e, EXIT_HOST) : 0;
}

const struct elsewhere *remote_disks(struct session *s)
{
	if (!s->home.store)
		return NULL;
	s->elsewhere = (struct elsewhere){ has_disk, make_disk, s, store_dir(s->home.store) };
	return &s->elsewhere;
}

/* ---- the console's log ---- */

/* Two that do it at once write the same to the same place. A log that is shorter than what is here is another: of a new start, or of the
 * same after it was rotated. */
int remote_log(struct session *s, struct err *e)
{
	auto_free char *volume = NULL, *path = state_path(&s->state, LOG);
	auto_close int fd = -1;
	auto_text new = { 0 };
	uint64_t have = 0;
	struct stat st;

	if (!s->home.store || !s->home.volumes)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "can't write %s", path);
	volume = strf("%s" LOG, s->home.volumes);
	if (store_has(s->home.store, volume, &have, e) < 0)
		return -1;
	if (have < (uint64_t)st.st_size && ftruncate(fd, st.st_size = 0) < 0)
		return err_errno(e, "can't empty %s", path);
	if (have > (uint64_t)st.st_size && store_receive(s->home.store, volume, (uint64_t)st.st_size, &new, e) < 0)
		return err_prefix(e, "the guest's console log");
	return new.n && pwrite(fd, new.s, new.n, st.st_size) != (ssize_t)new.n ? err_errno(e, "can't write %s", path) : 0;
}
