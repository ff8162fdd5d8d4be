/* Small files of the kernel's, and files that appear whole: see tierrun.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "tierrun.h"

const char *tier_root = "";

char *tier_at(tier_path path, const char *fmt, ...)
{
	int n = snprintf(path, PATH_MAX, "%s", tier_root);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path + n, PATH_MAX - (size_t)n, fmt, ap);
	va_end(ap);
	return path;
}

bool tier_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool tier_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return n >= 0;
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

/* In one piece, as the kernel takes it. O_TRUNC is for trees of files; the kernel's do not care. */
bool tier_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	bool ok = fd >= 0 && write_to(fd, text, strlen(text));
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return ok;
}

static int sync_folder(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd, rc;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return rc;
}

int tier_write_whole(const char *path, const char *text, size_t n)
{
	char part[PATH_MAX];
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {	/* /dev/stdout stays what it is */
		if (tier_write(path, text))
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
