#include "file.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "interrupt.h"
#include "units.h"

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *file_read(const char *path, size_t limit, size_t *n, struct err *e)
{
	auto_fclose FILE *f = fopen(path, "re");
	struct text t = { 0 };
	char buf[65536];
	size_t got;

	if (!limit)
		limit = 64 * MiB;
	if (!f || is_dir(path)) {
		if (f)
			errno = EISDIR;
		err_errno(e, "can't read %s", path);
		return NULL;
	}
	while ((got = fread(buf, 1, sizeof(buf), f)) > 0 && t.n <= limit)
		text_add(&t, buf, got);
	if (ferror(f) || t.n > limit) {
		if (t.n > limit)
			errno = EFBIG;
		err_errno(e, "can't read %s", path);
		text_free(&t);
		return NULL;
	}
	text_puts(&t, "");
	if (n)
		*n = t.n;
	return t.s;
}

int fd_text(int fd, struct text *t, struct err *e)
{
	char buf[65536];
	ssize_t n;

	for (off_t at = 0; (n = pread(fd, buf, sizeof(buf), at)) > 0; at += n)
		text_add(t, buf, (size_t)n);
	text_puts(t, "");
	return n < 0 ? err_errno(e, "can't read what was written") : 0;
}

int write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, data, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		data += w;
		n -= (size_t)w;
	}
	return 0;
}

static int sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = slash ? xstrndup(path, slash == path ? 1 : (size_t)(slash - path)) : xstrdup(".");
	auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

int file_write(const char *path, const char *data, size_t n, mode_t mode, struct err *e)
{
	auto_free char *tmp = strf("%s.XXXXXX", path);
	auto_close int fd = mkostemp(tmp, O_CLOEXEC);

	if (fd < 0)
		return err_errno(e, "can't write %s", path);
	if (write_all(fd, data, n) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0 || rename(tmp, path) < 0 ||
	    sync_parent(path) < 0) {
		err_errno(e, "can't write %s", path);
		unlink(tmp);
		return -1;
	}
	return 0;
}

int file_sync(const char *path, struct err *e)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? err_errno(e, "can't sync %s to disk", path) : 0;
}

int mkdir_p(const char *path, struct err *e)
{
	auto_free char *p = xstrdup(path);

	for (char *s = p + 1;; s++) {
		char c = *s;

		if (c && c != '/')
			continue;
		*s = '\0';
		if (mkdir(p, 0755) < 0 && !(errno == EEXIST && is_dir(p)))
			return err_errno(e, "can't make the folder %s", p);
		*s = c;
		if (!c)
			return 0;
	}
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int remove_tree(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "can't remove %s", path);
	if (nftw(path, remove_one, 64, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
		return err_errno(e, "can't remove %s", path);
	return 0;
}

char *make_temp_dir(const char *parent, const char *prefix, struct err *e)
{
	char *path = strf("%s/%sXXXXXX", parent, prefix);

	if (mkdir_p(parent, e) == 0) {
		if (mkdtemp(path) && chmod(path, 0755) == 0)
			return path;
		err_errno(e, "can't make a folder in %s", parent);
	}
	free(path);
	return NULL;
}

/* Between two of them Ctrl-C is heard. */
#define COPY_CHUNK (64 * MiB)

/* Copies what holds data, and leaves the holes. */
static int copy_data(int in, int out, off_t size)
{
	off_t at = 0;

	while (at < size) {
		off_t data = lseek(in, at, SEEK_DATA), hole;

		if (data < 0)
			break;
		hole = lseek(in, data, SEEK_HOLE);
		if (lseek(out, data, SEEK_SET) < 0)
			return -1;
		while (data < hole) {
			size_t left = (size_t)(hole - data);
			ssize_t n = sendfile(out, in, &data, left < COPY_CHUNK ? left : COPY_CHUNK);

			if (interrupted()) {
				errno = EINTR;
				return -1;
			}
			if (n <= 0 && errno != EINTR)
				return -1;
		}
		at = hole;
	}
	return ftruncate(out, size);
}

int file_copy(const char *from, const char *to, struct err *e)
{
	auto_free char *tmp = strf("%s.XXXXXX", to);
	auto_close int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		return err_errno(e, "can't read %s", from);
	out = mkostemp(tmp, O_CLOEXEC);
	if (out < 0)
		return err_errno(e, "can't write %s", to);
	if (copy_data(in, out, st.st_size) < 0 || fchmod(out, st.st_mode & 0777) < 0 || fsync(out) < 0 ||
	    rename(tmp, to) < 0) {
		err_errno(e, "can't copy %s to %s", from, to);
		unlink(tmp);
		return -1;
	}
	return 0;
}

int link_or_copy(const char *from, const char *to, struct err *e)
{
	if (unlink(to) < 0 && errno != ENOENT)
		return err_errno(e, "can't replace %s", to);
	if (link(from, to) == 0)
		return 0;
	if (errno != EXDEV && errno != EPERM && errno != EMLINK)
		return err_errno(e, "can't link %s to %s", from, to);
	return file_copy(from, to, e);
}

/* The file that a lock was waited for may have been removed by who held it: then it is none that others look for. */
static bool same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int lock_once(const char *path, void (*waiting)(void *), void *arg, struct err *e)
{
	auto_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_errno(e, "can't open the lock %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return steal_fd(fd);
	if (errno == EWOULDBLOCK && waiting)
		waiting(arg);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR || interrupt_check(e) < 0)
			return interrupted() ? -1 : err_errno(e, "can't take the lock %s", path);
	return steal_fd(fd);
}

int lock_file(const char *path, void (*waiting)(void *), void *arg, struct err *e)
{
	int fd = lock_once(path, waiting, arg, e);

	while (fd >= 0 && !same_file(fd, path)) {
		close(fd);
		fd = lock_once(path, waiting, arg, e);
	}
	return fd;
}

uint64_t disk_free(const char *path)
{
	auto_free char *p = xstrdup(path);
	struct statvfs v;

	while (statvfs(p, &v) < 0) {
		char *slash = strrchr(p, '/');

		if (!slash || slash == p)
			return 0;
		*slash = '\0';
	}
	return (uint64_t)v.f_bavail * v.f_frsize;
}

static int skip_hidden(const struct dirent *d)
{
	return *d->d_name != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int list_dir(const char *dir, const char *suffix, struct strv *names, struct err *e)
{
	struct dirent **found = NULL;
	int n = scandir(dir, &found, skip_hidden, by_name);

	if (n < 0)
		return errno == ENOENT ? 0 : err_errno(e, "can't read the folder %s", dir);
	for (int i = 0; i < n; i++) {
		const char *name = found[i]->d_name;

		if (str_ends(name, suffix))
			strv_take(names, xstrndup(name, strlen(name) - strlen(suffix)));
		free(found[i]);
	}
	free(found);
	return 0;
}

struct walk {
	const char *root;
	int (*fn)(const char *, const char *, const struct stat *, void *, struct err *);
	void *arg;
};

static int skip_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static int walk_dir(const struct walk *w, const char *rel, struct err *e)
{
	auto_free char *dir = *rel ? strf("%s/%s", w->root, rel) : xstrdup(w->root);
	struct dirent **names = NULL;
	int n = scandir(dir, &names, skip_dots, by_name), rc = 0;

	if (n < 0)
		return err_errno(e, "can't read the folder %s", dir);
	for (int i = 0; i < n; i++) {
		auto_free char *path = strf("%s/%s", dir, names[i]->d_name);
		const char *below = path + strlen(w->root) + 1;
		struct stat st;

		if (rc == 0 && lstat(path, &st) < 0)
			rc = err_errno(e, "can't read %s", path);
		if (rc == 0)
			rc = w->fn(path, below, &st, w->arg, e);
		if (rc == 0 && S_ISDIR(st.st_mode))
			rc = walk_dir(w, below, e);
		free(names[i]);
	}
	free(names);
	return rc;
}

int walk_tree(const char *root, int (*fn)(const char *, const char *, const struct stat *, void *, struct err *),
	      void *arg, struct err *e)
{
	return walk_dir(&(struct walk){ .root = root, .fn = fn, .arg = arg }, "", e);
}
