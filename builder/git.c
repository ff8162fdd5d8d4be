#include "git.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "run.h"
#include "text.h"

/* git says "Receiving objects:  42% (123/290), 1.2 MiB | 3 MiB/s". */
static void show(const char *line, void *arg)
{
	(void)arg;
	if (strchr(line, '%'))
		progress_update("%s", str_starts(line, "remote: ") ? line + strlen("remote: ") : line);
}

struct git {
	const struct git_source *s;
	const char *dir;
};

/* git in the working folder with up to seven words; what it prints goes to out, if not NULL, without the line break. */
static int git(const struct git *g, struct text *out, const char *const *words, struct err *e)
{
	/* A file:// repository may have submodules by file:// too; others may not lead to files of this host. */
	const char *files = str_starts(g->s->url, "file://") ? "protocol.file.allow=always" : "protocol.file.allow=user";
	const char *env[] = { "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", NULL };
	auto_strv argv = { 0 };

	for (const char *const *w = (const char *const[]){ "git", "-C", g->dir, "-c", files, "-c", "advice.detachedHead=false",
	     NULL }; *w; w++)
		strv_add(&argv, *w);
	for (; *words; words++)
		strv_add(&argv, *words);
	if (run_program(&(struct run){ .argv = (const char *const *)argv.v, .env = env, .log = g->s->log, .out = out,
				       .line = show }, e) < 0)
		return -1;
	if (out && out->n)
		out->s[strcspn(out->s, "\n")] = '\0';
	return 0;
}

#define git_do(g, e, ...) git(g, NULL, (const char *const[]){ __VA_ARGS__, NULL }, e)
#define git_ask(g, out, e, ...) git(g, out, (const char *const[]){ __VA_ARGS__, NULL }, e)

/* Not every server hands out a commit that no branch or tag ends at: then all that it has is fetched. */
static int fetch_commit(const struct git *g, struct err *e)
{
	const struct git_source *s = g->s;
	struct err why;

	if (git_do(g, &why, "fetch", "--progress", "--depth=1", "--no-tags", "origin", s->commit) == 0)
		return 0;
	if (interrupt_check(e) < 0)
		return -1;
	if (git_do(g, e, "fetch", "--progress", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*") < 0)
		return -1;
	if (git_do(g, &why, "cat-file", "-e", s->commit) < 0)
		return err_set(e, "it has no commit %s, neither by that name nor in any branch or tag", s->commit);
	return 0;
}

static int fetch(const struct git *g, struct err *e)
{
	const struct git_source *s = g->s;
	auto_free char *ref = s->tag ? strf("refs/tags/%s", s->tag) : s->branch ? strf("refs/heads/%s", s->branch) : NULL;

	if (git_do(g, e, "init", "-q", ".") < 0 || git_do(g, e, "remote", "add", "origin", s->url) < 0)
		return -1;
	progress_update("asking for %s", s->commit ? s->commit : ref);
	if ((ref ? git_do(g, e, "fetch", "--progress", "--depth=1", "--no-tags", "origin", ref) : fetch_commit(g, e)) < 0)
		return err_prefix(e, "can't fetch %s of %s", s->commit ? s->commit : ref, s->url);
	progress_update("checking out");
	return git_do(g, e, "checkout", "-q", "--detach", s->commit ? s->commit : "FETCH_HEAD");
}

/* "160000 commit HEX<tab>PATH" is a submodule, "040000 tree ..." a folder. */
static int open_path(const struct git *g, struct err *e)
{
	const char *path = g->s->path;
	auto_text entry = { 0 };

	if (git_ask(g, &entry, e, "ls-tree", "HEAD", path) < 0)
		return -1;
	if (entry.s && str_starts(entry.s, "160000 ")) {
		progress_update("the submodule %s", path);
		if (git_do(g, e, "submodule", "update", "--init", "--depth=1", "--progress", "--", path) < 0)
			return err_prefix(e, "can't fetch the submodule %s of %s", path, g->s->url);
		return 0;
	}
	return entry.s && str_starts(entry.s, "040000 ") ? 0 :
	       err_set(e, "%s has neither a folder nor a submodule %s in that commit", g->s->url, path);
}

/* What the time of a checkout says is nothing: the kernel is dated by its commit. */
static int date(const struct git *g, const char *dir, struct err *e)
{
	const struct git here = { g->s, dir };
	auto_free char *makefile = strf("%s/Makefile", dir);
	auto_text seconds = { 0 };
	struct timespec t[2] = { { 0 } };

	if (git_ask(&here, &seconds, e, "log", "-1", "--format=%ct") < 0)
		return -1;
	t[0].tv_sec = t[1].tv_sec = strtoll(seconds.s, NULL, 10);
	utimensat(AT_FDCWD, makefile, t, 0);
	return 0;
}

int git_fetch(const struct git_source *s, const char *work, const char *to, char **commit, struct err *e)
{
	auto_free char *dir = s->path ? strf("%s/%s", work, s->path) : xstrdup(work), *dot_git = strf("%s/.git", dir);
	const struct git g = { s, work };
	auto_text head = { 0 };

	if (fetch(&g, e) < 0 || (s->path && open_path(&g, e) < 0) || date(&g, dir, e) < 0 ||
	    git_ask(&g, &head, e, "rev-parse", "HEAD") < 0)
		return -1;
	if (remove_tree(dot_git, e) < 0)
		return -1;
	if (rename(dir, to) < 0)
		return err_errno(e, "can't move %s to %s", dir, to);
	*commit = steal(head.s);
	head = (struct text){ 0 };
	return s->path ? remove_tree(work, e) : 0;
}
