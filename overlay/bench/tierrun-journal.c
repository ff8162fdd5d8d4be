/* What a run changes, on disk before it is changed: see tierrun.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "tierrun.h"

/* After a reboot everything is as it was by itself. /run is emptied by it, but not where it lies on a disk: the first line says which boot. */
#define FOLDER	"/run/tierrun"
#define JOURNAL	FOLDER "/journal"
#define LOCK	FOLDER "/lock"

static int make_folder(void)
{
	bench_path path;

	if (mkdir(bench_at(path, "/run"), 0755) < 0 && errno != EEXIST)
		return bench_error(BENCH_FAILED, "can't make %s: %s", path, strerror(errno));
	if (mkdir(bench_at(path, FOLDER), 0755) < 0 && errno != EEXIST)
		return bench_error(BENCH_FAILED, "can't make %s: %s: run it as root", path, strerror(errno));
	return 0;
}

int tier_lock(void)
{
	char pid[32] = "";
	bench_path path;
	int fd, rc = make_folder();

	if (rc)
		return rc;
	fd = open(bench_at(path, LOCK), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return bench_error(BENCH_FAILED, "can't make %s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		bench_read(path, pid, sizeof(pid));
		return bench_error(TIER_BUSY, "another tierrun (process %s) is at work here: two would measure each other", pid);
	}
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || write(fd, pid, strlen(pid)) < 0)
		return bench_error(BENCH_FAILED, "can't write %s: %s", path, strerror(errno));
	return 0;
}

static const char *boot_id(char id[64])
{
	bench_path path;

	if (!bench_read(bench_at(path, "/proc/sys/kernel/random/boot_id"), id, 64))
		*id = '\0';
	return id;
}

int tier_journal_begin(const struct tier_settings *s, const char *mounted)
{
	char *text = NULL, boot[64];
	bench_path path;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	int rc;

	if (!f)
		return bench_error(BENCH_FAILED, "no memory");
	fprintf(f, "boot %s\n", boot_id(boot));
	if (mounted)	/* first: its knobs are put back before it goes */
		fprintf(f, "mount %s\n", mounted);
	for (int i = 0; i < s->n; i++)
		fprintf(f, "knob %s %s\n", s->v[i].file, s->v[i].before);
	fclose(f);
	rc = bench_write_whole(bench_at(path, JOURNAL), text, n);
	free(text);
	return rc;
}

int tier_journal_add(const char *what, const char *text)
{
	bench_path path;
	int fd = open(bench_at(path, JOURNAL), O_WRONLY | O_APPEND | O_CLOEXEC);
	bool ok = fd >= 0 && dprintf(fd, "%s %s\n", what, text) > 0 && fsync(fd) == 0;
	int saved = errno;

	if (fd >= 0)
		close(fd);
	return ok ? 0 : bench_error(BENCH_FAILED, "can't write %s: %s", path, strerror(saved));
}

void tier_journal_end(void)
{
	bench_path path;

	unlink(bench_at(path, JOURNAL));
}

bool tier_journal_there(void)
{
	bench_path path;

	return bench_exists(bench_at(path, JOURNAL));
}

/* -- Undoing --------------------------------------------------------------------------------- */

static int undo_knob(char *text)
{
	char *before = strchr(text, ' '), value[TIER_TEXT], now[TIER_TEXT];
	bench_path path;

	if (!before)
		return 0;
	*before++ = '\0';
	tier_plain(before, value);
	/* What was never changed need not be put back, and perhaps can't. */
	if (bench_write(bench_at(path, "%s", text), value) || (bench_read(path, now, sizeof(now)) && !strcmp(now, before)))
		return 0;
	return bench_error(BENCH_FAILED, "can't put %s back to '%s': %s", text, value, strerror(errno));
}

static int undo_cgroup(char *text)
{
	bench_path path;

	/* It was made for the run: what is still in it, the workload had started. Linux 5.14 has the file. */
	bench_write(bench_at(path, "/sys/fs/cgroup/%s/cgroup.kill", text), "1");
	bench_at(path, "/sys/fs/cgroup/%s", text);
	/* What was in it is being ended. */
	for (int i = 0; i < 50 && rmdir(path) < 0 && errno == EBUSY; i++)
		usleep(100000);
	if (!bench_exists(path))
		return 0;
	return bench_error(BENCH_FAILED, "can't remove the cgroup %s: %s: end what is in it (cgroup.procs)", path, strerror(errno));
}

static int undo_control(char *text)
{
	bench_path path;

	if (bench_write(bench_at(path, "/sys/fs/cgroup/cgroup.subtree_control"), text) || errno == ENOENT || errno == EBUSY)
		return 0;
	return bench_error(BENCH_FAILED, "can't write '%s' to %s: %s", text, path, strerror(errno));
}

/* Without tiermig's record nothing of it runs: it refused, and what runs is somebody else's. */
static int undo_scheme(char *text)
{
	char *argv[] = { "tiermig", "--stop", NULL };
	bench_path path;
	char *out = NULL;
	int rc;

	if (!bench_exists(bench_at(path, "/run/%s", text)))
		return 0;
	rc = tier_run(argv, &out, false);
	free(out);
	return rc;
}

static int undo_mount(char *text)
{
	bench_path path;

	umount2(bench_at(path, "%s", text), MNT_DETACH);
	return 0;
}

static const struct {
	const char *what;
	int (*undo)(char *text);
} undos[] = {
	{ "knob", undo_knob }, { "cgroup", undo_cgroup }, { "control", undo_control }, { "scheme", undo_scheme }, { "mount", undo_mount },
};

static int undo_line(char *line)
{
	char *text = strchr(line, ' ');

	if (!text)
		return 0;
	*text++ = '\0';
	for (size_t i = 0; i < sizeof(undos) / sizeof(undos[0]); i++)
		if (!strcmp(undos[i].what, line))
			return undos[i].undo(text);
	return 0;
}

/* The last line first. */
int tier_journal_undo(bool *found)
{
	char *lines[256], *line = NULL, boot[64];
	int n = 0, rc = 0, one;
	bool before;
	bench_path path;
	size_t size = 0;
	FILE *f = fopen(bench_at(path, JOURNAL), "re");

	*found = false;
	if (!f)
		return errno == ENOENT ? 0 : bench_error(BENCH_FAILED, "can't read %s: %s", path, strerror(errno));
	while (n < 256 && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		lines[n++] = line;
		line = NULL;
		size = 0;
	}
	free(line);
	fclose(f);
	before = n > 0 && !strncmp(lines[0], "boot ", 5) && strcmp(lines[0] + 5, boot_id(boot)) != 0;
	*found = !before;
	while (n-- > 0) {
		if (!before && (one = undo_line(lines[n])))
			rc = one;
		free(lines[n]);
	}
	if (!rc)
		tier_journal_end();
	return rc;
}
