/* Files that appear whole: see tierrun.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "tierrun.h"

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

void tier_folder(const char *path, char folder[PATH_MAX])
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

	tier_folder(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
