/* Whose kdamonds run, and what --stop has to bring back: see tiermig.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "bench.h"
#include "tiermig.h"

#define RECORD	"/run/tiermig"		/* gone with a reboot, as what it is about */
#define LOCK	"/run/tiermig.lock"

int damon_record_read(struct damon_record *record)
{
	char line[64];
	bench_path path;
	FILE *file = fopen(bench_at(path, RECORD), "re");
	int pid;

	*record = (struct damon_record){ .there = file != NULL };
	if (!file && errno != ENOENT)
		return bench_error(BENCH_FAILED, "%s: %s", bench_shown(path), strerror(errno));
	while (file && fgets(line, sizeof(line), file)) {
		if (!strcmp(line, "applied\n"))
			record->applied = true;
		else if (!strcmp(line, "damon_stat\n"))
			record->stat = true;
		else if (sscanf(line, "kdamond %d", &pid) == 1 && record->count < DAMON_MAX_KDAMONDS)
			record->pids[record->count++] = pid;
	}
	if (file)
		fclose(file);
	return 0;
}

/* Whole or not at all: --stop trusts it. */
int damon_record_write(const struct damon_record *record)
{
	bench_path path, fresh;
	FILE *file = fopen(bench_at(fresh, RECORD ".new"), "we");
	bool bad;

	bench_at(path, RECORD);
	if (!file)
		return bench_error(BENCH_FAILED, "%s: %s", bench_shown(fresh), strerror(errno));
	fputs(record->applied ? "applied\n" : "applying\n", file);
	if (record->stat)
		fputs("damon_stat\n", file);
	for (int i = 0; i < record->count; i++)
		fprintf(file, "kdamond %d\n", record->pids[i]);
	bad = ferror(file);
	bad |= fclose(file) != 0;
	if (!bad && !rename(fresh, path))
		return 0;
	bench_error(BENCH_FAILED, "%s: can't write it: %s", bench_shown(path), strerror(errno));
	unlink(fresh);
	return BENCH_FAILED;
}

void damon_record_remove(void)
{
	bench_path path;

	unlink(bench_at(path, RECORD));
}

int damon_record_lock(void)
{
	bench_path path;
	int fd = open(bench_at(path, LOCK), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return bench_error(BENCH_FAILED, "%s: %s: DAMON is programmed by root", bench_shown(path),
				   strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB))
		return bench_error(BENCH_FAILED, "%s: another tiermig is programming DAMON: wait for it",
				   bench_shown(path));
	return 0;
}

/* -- The kernel's side ----------------------------------------------------------------------- */

int damon_kdamond_count(void)
{
	bench_path path;
	uint64_t count;

	return bench_read_number(bench_at(path, DAMON_KDAMONDS "/nr_kdamonds"), 10, &count) &&
	       count <= INT_MAX ? (int)count : 0;
}

bool damon_kdamond_on(int kdamond)
{
	bench_path path;
	char state[32];

	return bench_read(bench_at(path, DAMON_KDAMONDS "/%d/state", kdamond), state, sizeof(state)) &&
	       !strcmp(state, "on");
}

int damon_kdamond_pid(int kdamond)
{
	bench_path path;
	uint64_t pid;

	return bench_read_number(bench_at(path, DAMON_KDAMONDS "/%d/pid", kdamond), 10, &pid) &&
	       pid <= INT_MAX ? (int)pid : -1;
}

static bool knows(const struct damon_record *record, int pid)
{
	for (int i = 0; i < record->count; i++)
		if (record->pids[i] == pid)
			return true;
	return false;
}

/* A tiermig that was killed while it programmed had no time to note pids: what runs then is its own. */
int damon_foreign(const struct damon_record *record)
{
	int count = record->there && !record->applied ? 0 : damon_kdamond_count();

	for (int k = 0; k < count; k++)
		if (damon_kdamond_on(k) && !knows(record, damon_kdamond_pid(k)))
			return k;
	return -1;
}
