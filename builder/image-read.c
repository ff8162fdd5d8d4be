#include "image-read.h"

#include <pthread.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include "appliance.h"
#include "file.h"
#include "progress.h"
#include "tarball.h"
#include "thread.h"

static void free_list(char ***list)
{
	for (char **p = *list; p && *p; p++)
		free(*p);
	free(*list);
}

/* The root first: "/" is before all that is mounted in it. */
static int mount_read_only(guestfs_h *g, const char *image, struct err *e)
{
	cleanup(free_list) char **roots = guestfs_inspect_os(g), **mounts = NULL;

	if (!roots || !roots[0])
		return err_set(e, "%s holds no system that libguestfs knows", image);
	mounts = guestfs_inspect_get_mountpoints(g, roots[0]);
	for (int pass = 0; mounts && pass < 2; pass++)
		for (char **m = mounts; m[0]; m += 2)
			if (!strcmp(m[0], "/") == !pass && guestfs_mount_ro(g, m[1], m[0]) < 0 && !pass)
				return guest_err(g, e, "can't mount the root");
	return 0;
}

static guestfs_h *open_image(const char *image, const char *cache, struct err *e)
{
	cleanup(appliance_close) guestfs_h *g = NULL;

	if (!file_exists(image)) {
		err_errno(e, "can't read %s", image);
		return NULL;
	}
	g = appliance_open(cache, false, e);
	if (!g)
		return NULL;
	if (guestfs_add_drive_opts(g, image, GUESTFS_ADD_DRIVE_OPTS_READONLY, 1, -1) < 0) {
		guest_err(g, e, "can't open the image");
		return NULL;
	}
	if (appliance_launch(g, NULL, e) < 0)
		return NULL;
	progress_update("looking at its layout");
	if (mount_read_only(g, image, e) < 0)
		return NULL;
	return steal(g);
}

/* The path that matches and has the highest version in its name. The caller's to free. */
static char *newest_path(guestfs_h *g, const char *glob)
{
	auto_free char *pattern = strf("/%s", glob);
	cleanup(free_list) char **paths = guestfs_glob_expand_opts(g, pattern, GUESTFS_GLOB_EXPAND_OPTS_DIRECTORYSLASH, 0, -1);
	const char *best = NULL;

	for (char **p = paths; p && *p; p++)
		if (!best || strverscmp(*p, best) > 0)
			best = *p;
	return best ? xstrdup(best) : NULL;
}

char *image_newest(const char *image, const char *pattern, const char *cache, struct err *e)
{
	cleanup(appliance_close) guestfs_h *g = open_image(image, cache, e);
	auto_free char *path = g ? newest_path(g, pattern) : NULL;
	char *text = path ? guestfs_cat(g, path) : NULL;

	if (g && !path)
		err_set(e, "it has no file /%s", pattern);
	else if (g && !text)
		guest_err(g, e, "can't read it");
	return text;
}

/* ---- every file ---- */

struct reader {
	int fd;
	struct strv *lines;
	int rc;
	struct err e;
};

static void *read_all(void *arg)
{
	struct reader *r = arg;
	char buf[65536];

	r->rc = tarball_list(r->fd, r->lines, &r->e);
	while (read(r->fd, buf, sizeof(buf)) > 0)
		; /* or libguestfs would wait for ever */
	return NULL;
}

/* libguestfs writes an archive of all files into one end of a pipe, and at the other it is looked at and forgotten. */
int image_list(const char *image, const char *cache, struct strv *lines, struct err *e)
{
	cleanup(appliance_close) guestfs_h *g = open_image(image, cache, e);
	struct reader r = { .lines = lines };
	auto_free char *to = NULL;
	pthread_t thread;
	int p[2], rc;

	if (!g)
		return -1;
	if (pipe2(p, O_CLOEXEC) < 0)
		return err_errno(e, "can't make a pipe");
	r.fd = p[0];
	to = strf("/dev/fd/%d", p[1]);
	if (thread_start(&thread, read_all, &r) != 0) {
		close(p[0]);
		close(p[1]);
		return err_set(e, "can't start a thread");
	}
	progress_update("reading all its files");
	rc = guestfs_tar_out_opts(g, "/", to, GUESTFS_TAR_OUT_OPTS_NUMERICOWNER, 1, GUESTFS_TAR_OUT_OPTS_XATTRS, 1,
				  GUESTFS_TAR_OUT_OPTS_ACLS, 1, -1);
	close(p[1]);
	pthread_join(thread, NULL);
	close(p[0]);
	if (rc < 0)
		return guest_err(g, e, "can't read the image's files");
	if (r.rc < 0)
		*e = r.e;
	return r.rc;
}

/* ---- what it is ---- */

static void look_at_filesystems(guestfs_h *g, struct image_facts *f)
{
	cleanup(free_list) char **mounts = guestfs_mountpoints(g);

	for (char **m = mounts; m && m[0]; m += 2) {
		struct guestfs_statvfs *v = guestfs_statvfs(g, m[1]);
		auto_free char *type = guestfs_vfs_type(g, m[0]);

		if (v)
			strv_addf(&f->filesystems, "%s %s %lld %lld", m[1], type ? type : "?", (long long)(v->blocks * v->frsize),
				  (long long)(v->bfree * v->frsize));
		if (!strcmp(m[1], "/")) {
			auto_free char *disk = guestfs_part_to_dev(g, m[0]);

			f->table = disk ? guestfs_part_get_parttype(g, disk) : NULL;
		}
		guestfs_free_statvfs(v);
	}
	strv_sort(&f->filesystems);
}

/* The first line of a file that begins so, without that and without quotes round it; "" if there is none. */
static char *line_of(guestfs_h *g, const char *path, const char *prefix)
{
	auto_free char *text = guestfs_is_file_opts(g, path, GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1, -1) == 1 ?
			       guestfs_cat(g, path) : NULL;

	for (char *save, *line = text ? strtok_r(text, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
		size_t n = strlen(line);

		if (!str_starts(line, prefix))
			continue;
		line += strlen(prefix);
		n -= strlen(prefix);
		return n > 1 && *line == '"' && line[n - 1] == '"' ? xstrndup(line + 1, n - 2) : xstrdup(line);
	}
	return xstrdup("");
}

static int grub_default(char *line, int number, void *arg)
{
	char **entry = arg;
	size_t n = strlen(line);

	(void)number;
	if (!str_starts(line, "   set default=\"") || strchr(line, '$') || n < 17)
		return 0;
	free(*entry);
	*entry = xstrndup(line + 16, n - 17);
	return 0;
}

static void look_at_boot(guestfs_h *g, struct image_facts *f)
{
	cleanup(free_list) char **kernels = guestfs_glob_expand_opts(g, "/boot/vmlinuz-*", -1);
	auto_free char *menu = guestfs_is_file(g, "/boot/grub/grub.cfg") == 1 ? guestfs_cat(g, "/boot/grub/grub.cfg") : NULL;
	auto_free char *config = newest_path(g, "boot/config-*");

	for (char **k = kernels; k && *k; k++)
		strv_add(&f->kernels, *k + strlen("/boot/vmlinuz-"));
	f->entry = xstrdup("");
	if (menu)
		each_line(menu, grub_default, &f->entry);
	f->config = config ? guestfs_cat(g, config) : NULL;
}

int image_look(const char *image, const char *cache, struct image_facts *f, struct err *e)
{
	cleanup(appliance_close) guestfs_h *g = open_image(image, cache, e);

	*f = (struct image_facts){ 0 };
	if (!g)
		return -1;
	f->system = line_of(g, "/etc/os-release", "PRETTY_NAME=");
	f->hostname = line_of(g, "/etc/hostname", "");
	f->status = guestfs_is_file(g, "/var/lib/dpkg/status") == 1 ? guestfs_cat(g, "/var/lib/dpkg/status") : NULL;
	f->passwd = guestfs_is_file(g, "/etc/passwd") == 1 ? guestfs_cat(g, "/etc/passwd") : NULL;
	look_at_boot(g, f);
	look_at_filesystems(g, f);
	return 0;
}

void image_facts_free(struct image_facts *f)
{
	free(f->system);
	free(f->hostname);
	free(f->entry);
	free(f->config);
	free(f->status);
	free(f->passwd);
	free(f->table);
	strv_free(&f->kernels);
	strv_free(&f->filesystems);
}
