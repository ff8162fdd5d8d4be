#include "cache.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "file.h"
#include "progress.h"

#define SHORT 24 /* hexadecimal digits of a digest in a file's name */

static char *step_dir(const struct build *b, const struct step *s)
{
	return strf("%s/steps/%s-%.*s", b->cache, step_name(s->kind), SHORT, s->digest);
}

static int result_line(char *line, int number, void *arg)
{
	char *eq = strchr(line, '=');

	(void)number;
	if (eq) {
		*eq = '\0';
		result_set(arg, line, eq + 1);
	}
	return 0;
}

int cache_lookup(const struct build *b, struct step *s, struct err *e)
{
	auto_free char *dir = step_dir(b, s), *path = strf("%s/result", dir), *text = NULL;

	if (!file_exists(path))
		return 0;
	text = file_read(path, 0, NULL, e);
	if (!text)
		return -1;
	result_free(&s->result);
	each_line(text, result_line, &s->result);
	utimensat(AT_FDCWD, path, NULL, 0); /* used now: gc looks at it */
	free(s->dir);
	s->dir = steal(dir);
	s->cached = true;
	return 1;
}

static void waiting(void *arg)
{
	progress_note("another vmbuild is at the step '%s' of the same inputs: waiting for it", (const char *)arg);
}

int cache_lock(const struct build *b, const struct step *s, struct err *e)
{
	auto_free char *dir = strf("%s/locks", b->cache);
	auto_free char *path = strf("%s/%s-%.*s", dir, step_name(s->kind), SHORT, s->digest);

	if (mkdir_p(dir, e) < 0)
		return -1;
	return lock_file(path, waiting, (void *)step_name(s->kind), e);
}

static int lock_use(const char *cache, int how, struct err *e)
{
	auto_free char *dir = strf("%s/locks", cache), *path = strf("%s/in-use", dir);
	auto_close int fd = -1;

	if (mkdir_p(dir, e) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(e, "can't open %s", path);
	if (flock(fd, how) < 0)
		return errno == EWOULDBLOCK ? err_set(e, "another vmbuild is at work in %s: run it again when that has ended",
						      cache) : err_errno(e, "can't lock %s", path);
	return steal_fd(fd);
}

int cache_use(const char *cache, struct err *e)
{
	return lock_use(cache, LOCK_SH | LOCK_NB, e);
}

int cache_lock_all(const char *cache, struct err *e)
{
	return lock_use(cache, LOCK_EX | LOCK_NB, e);
}

char *cache_work_dir(const struct build *b, const struct step *s, struct err *e)
{
	auto_free char *dir = strf("%s/tmp/%s-%.*s", b->cache, step_name(s->kind), SHORT, s->digest);

	if (remove_tree(dir, e) < 0 || mkdir_p(dir, e) < 0)
		return NULL;
	return steal(dir);
}

static int write_list(const char *dir, const char *name, const struct text *t, struct err *e)
{
	auto_free char *path = strf("%s/%s", dir, name);

	return file_write(path, t->s ? t->s : "", t->n, 0644, e);
}

/* What other programs wrote into dir is on the disk before its name says that it is whole. */
static int sync_all(const char *dir, struct err *e)
{
	auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || syncfs(fd) < 0 ? err_errno(e, "can't sync %s to disk", dir) : 0;
}

int cache_commit(const struct build *b, struct step *s, const char *dir, struct err *e)
{
	auto_free char *to = step_dir(b, s), *steps = strf("%s/steps", b->cache), *old = strf("%s.old", dir);
	auto_text result = { 0 }, inputs = { 0 };

	for (size_t i = 0; i < s->result.names.n; i++)
		text_addf(&result, "%s=%s\n", s->result.names.v[i], s->result.values.v[i]);
	for (size_t i = 0; i < s->inputs.n; i++)
		text_addf(&inputs, "%s\n", s->inputs.v[i]);
	if (mkdir_p(steps, e) < 0 || write_list(dir, "inputs", &inputs, e) < 0 ||
	    write_list(dir, "result", &result, e) < 0)
		return -1;
	if (sync_all(dir, e) < 0 || remove_tree(old, e) < 0)
		return -1;
	if (rename(to, old) < 0 && errno != ENOENT)
		return err_errno(e, "can't move %s away", to);
	if (rename(dir, to) < 0)
		return err_errno(e, "can't put %s into the cache", to);
	free(s->dir);
	s->dir = steal(to);
	remove_tree(old, &(struct err){ "" });
	return file_sync(steps, e);
}

char *cache_log(const struct build *b, const char *name, struct err *e)
{
	auto_free char *dir = strf("%s/logs", b->cache);
	auto_free char *path = strf("%s/%s-%s.log", dir, b->recipe->name, name);

	if (mkdir_p(dir, e) < 0)
		return NULL;
	unlink(path);
	return steal(path);
}
