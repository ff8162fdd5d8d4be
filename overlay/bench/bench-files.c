/* The kernel's files below a root that can be another one: see bench-files.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "bench.h"
#include "bench-files.h"

#define PATIENCE	2.0	/* seconds that EBUSY may last */
#define PAUSE		0.01

const char *bench_root = "";

char *bench_at(bench_path path, const char *fmt, ...)
{
	int n = snprintf(path, sizeof(bench_path), "%s", bench_root);
	va_list ap;

	if (n < (int)sizeof(bench_path)) {
		va_start(ap, fmt);
		vsnprintf(path + n, sizeof(bench_path) - (size_t)n, fmt, ap);
		va_end(ap);
	}
	return path;
}

const char *bench_shown(const char *path)
{
	return path + strlen(bench_root);
}

bool bench_exists(const char *path)
{
	return !access(path, F_OK);
}

/* One try: how many bytes, or -1. A signal is no reason to try again, the caller wants to hear of it. */
static ssize_t transfer(const char *path, int flags, char *in, const char *out, size_t size)
{
	int fd = open(path, flags | O_CLOEXEC), error;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = in ? read(fd, in, size) : write(fd, out, size);
	error = errno;
	close(fd);
	if (!in && n >= 0 && (size_t)n != size) {
		n = -1;
		error = ENOSPC;
	}
	errno = error;
	return n;
}

static ssize_t persist(const char *path, int flags, char *in, const char *out, size_t size)
{
	double until = bench_now() + PATIENCE;
	ssize_t n;

	while ((n = transfer(path, flags, in, out, size)) < 0 && errno == EBUSY &&
	       bench_now() < until)
		bench_sleep_until(bench_now() + PAUSE);
	return n;
}

bool bench_read(const char *path, char *text, size_t size)
{
	ssize_t n = persist(path, O_RDONLY, text, NULL, size - 1);
	bool ok = n >= 0;

	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[ok ? n : 0] = '\0';
	return ok;
}

/* O_TRUNC means nothing to sysfs, and all to the files that stand for it in tests. */
bool bench_write(const char *path, const char *text)
{
	return persist(path, O_WRONLY | O_TRUNC, NULL, text, strlen(text)) >= 0;
}

bool bench_read_number(const char *path, int base, uint64_t *number)
{
	char text[64], *end;

	if (!bench_read(path, text, sizeof(text)))
		return false;
	errno = 0;
	*number = strtoull(text, &end, base);
	return end != text && !*end && !errno;
}

static bool write_to(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		text += done;
		n -= (size_t)done;
	}
	return true;
}

void bench_folder(const char *path, char folder[PATH_MAX])
{
	char *slash;

	snprintf(folder, PATH_MAX, "%s", path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	else
		strcpy(folder, ".");
}

static int sync_folder(const char *path)
{
	char folder[PATH_MAX];
	int fd, rc;

	bench_folder(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return rc;
}

int bench_write_whole(const char *path, const char *text, size_t n)
{
	char part[PATH_MAX];
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {	/* /dev/stdout stays what it is */
		if (bench_write(path, text))
			return 0;
		return bench_error(BENCH_FAILED, "can't write %s: %s", path, strerror(errno));
	}
	if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
		return bench_error(BENCH_FAILED, "%s: the name is too long", path);
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || !write_to(fd, text, n) || fsync(fd) < 0) {
		int rc = bench_error(BENCH_FAILED, "can't write %s: %s", part, strerror(errno));

		if (fd >= 0)
			close(fd);
		unlink(part);
		return rc;
	}
	close(fd);
	if (rename(part, path) < 0 || sync_folder(path) < 0)
		return bench_error(BENCH_FAILED, "can't write %s: %s", path, strerror(errno));
	return 0;
}
