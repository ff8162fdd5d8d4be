/* The step `source`: a kernel's source, from a Debian package, a tarball or a git repository, with the recipe's patches. */
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cache.h"
#include "fetch.h"
#include "file.h"
#include "git.h"
#include "lock.h"
#include "patch.h"
#include "progress.h"
#include "run.h"
#include "steps.h"
#include "tarball.h"
#include "units.h"

char *kernel_source_dir(const struct build *b)
{
	const struct step *s = plan_step((struct plan *)&b->plan, STEP_SOURCE);

	return s ? strf("%s/src", s->dir) : recipe_path(b, &b->recipe->kernel.tree);
}

/* The one file that matches, the caller's to free. */
static char *only_match(const char *dir, const char *pattern, struct err *e)
{
	auto_free char *full = strf("%s/%s", dir, pattern);
	char *found = NULL;
	glob_t g = { 0 };

	if (glob(full, 0, NULL, &g) == 0 && g.gl_pathc == 1)
		found = xstrdup(g.gl_pathv[0]);
	else
		err_set(e, "%s: %zu files match where one was expected", full, g.gl_pathc);
	globfree(&g);
	return found;
}

/* apt writes the package into its own working folder: what is there already is the progress. */
static void show_bytes(void *arg)
{
	auto_free char *pattern = strf("%s/*.deb*", (const char *)arg);
	char size[SIZE_TEXT];
	uint64_t n = 0;
	glob_t g = { 0 };
	struct stat st;

	if (glob(pattern, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			if (stat(g.gl_pathv[i], &st) == 0)
				n += (uint64_t)st.st_size;
	globfree(&g);
	if (n)
		progress_update("%s fetched", size_human(n, size));
}

/* Fetches the package and takes the tarball out of it. Returns the tarball's path, the caller's to free. */
static char *package_tarball(const struct build *b, struct step *s, const char *dir, struct err *e)
{
	const char *package = b->recipe->kernel.package;
	const struct lock *lock = b->lock;
	auto_free char *exact = lock ? strf("%s=%s", package, lock->source.version) : NULL;
	const char *get[] = { "apt-get", "download", "-q", exact ? exact : package, NULL };
	const char *ask[] = { "dpkg-deb", "-f", NULL, "Version", NULL };
	const char *unpack[] = { "dpkg-deb", "-x", NULL, dir, NULL };
	auto_free char *deb = NULL, *id = NULL;
	auto_text version = { 0 };
	char hex[DIGEST_HEX];

	if (run_program(&(struct run){ .argv = get, .cwd = dir, .tick = show_bytes, .arg = (void *)dir }, e) < 0) {
		err_prefix(e, "can't get the package %s", package);
		err_append(e, "; is it in this host's release (apt-cache policy %s), and are apt's lists there "
			   "(apt-get update)?%s", package, lock ? " If that version is gone, `vmbuild lock --update` takes the one "
			   "that there is" : "");
		return NULL;
	}
	deb = only_match(dir, "*.deb", e);
	if (!deb || digest_file(deb, DIGEST_SHA256, hex, e) < 0)
		return NULL;
	if (lock && strcmp(lock->source.digest + strlen("sha256:"), hex)) {
		ydoc_err(lock->doc, &lock->source.digest, e, "the lock has %s for %s, and what came has sha256:%s", lock->source.digest,
			 exact, hex);
		return NULL;
	}
	ask[2] = unpack[2] = deb;
	if (run_simple(ask, &version, e) < 0 || run_simple(unpack, NULL, e) < 0)
		return NULL;
	version.s[strcspn(version.s, "\n")] = '\0';
	id = strf("%s %s sha256:%s", package, version.s, hex);
	result_set(&s->result, "id", id);
	result_set(&s->result, "version", version.s);
	unlink(deb);
	return only_match(dir, "usr/src/linux-source-*.tar.*", e);
}

static char *fetched_tarball(const struct build *b, struct step *s, const char *dir, struct err *e)
{
	const struct recipe_kernel *k = &b->recipe->kernel;
	char *path = strf("%s/tarball", dir);

	result_set(&s->result, "id", k->digest);
	if (fetch(&(struct fetch){ &k->url, 1, k->digest, b->cache }, path, NULL, e) == 0)
		return path;
	free(path);
	return NULL;
}

/* A tarball, of the package or by its URL, unpacked into src. */
static int unpacked(struct build *b, struct step *s, const char *dir, const char *src, struct err *e)
{
	auto_free char *usr = strf("%s/usr", dir);
	auto_free char *tarball = b->recipe->kernel.package ? package_tarball(b, s, dir, e) : fetched_tarball(b, s, dir, e);

	if (!tarball || mkdir_p(src, e) < 0 || tarball_unpack(tarball, src, e) < 0)
		return -1;
	unlink(tarball);
	return remove_tree(usr, e);
}

static int checked_out(struct build *b, struct step *s, const char *dir, const char *src, struct err *e)
{
	const struct recipe_kernel *k = &b->recipe->kernel;
	auto_free char *work = strf("%s/git", dir), *log = cache_log(b, "source", e), *commit = NULL, *id = NULL;
	const char *commit_wanted = b->lock ? b->lock->source.version : k->commit;
	const struct git_source from = { k->git, commit_wanted, commit_wanted ? NULL : k->tag, commit_wanted ? NULL : k->branch,
					 k->path, log };

	if (!log || mkdir_p(work, e) < 0 || git_fetch(&from, work, src, &commit, e) < 0)
		return -1;
	id = strf("git %s%s%s", commit, k->path ? " " : "", k->path ? k->path : "");
	result_set(&s->result, "id", id);
	result_set(&s->result, "version", commit);
	return 0;
}

/* The source's own date, so that the same source gives the same kernel: a patch changes that of what it touches. */
static void keep_date(struct step *s, const char *makefile)
{
	struct stat st;
	struct tm tm;
	char text[64];

	if (stat(makefile, &st) == 0 && gmtime_r(&st.st_mtime, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm))
		result_set(&s->result, "date", text);
}

static int patch_all(struct build *b, struct step *s, const char *src, struct err *e)
{
	const struct recipe_kernel *k = &b->recipe->kernel;
	auto_free char *log = k->n_patches ? cache_log(b, "patches", e) : NULL;
	auto_text id = { 0 };

	text_puts(&id, result_get(&s->result, "id"));
	for (size_t i = 0; i < k->n_patches; i++) {
		auto_free char *path = recipe_path(b, &k->patches[i]);
		char hex[DIGEST_HEX];
		struct err why;

		progress_update("patch %zu of %zu", i + 1, k->n_patches);
		if (!log || digest_file(path, DIGEST_SHA256, hex, e) < 0)
			return -1;
		if (patch_apply(path, src, log, &why) < 0)
			return ydoc_err(b->recipe->doc, &k->patches[i], e, "%s", why.msg);
		text_addf(&id, " patch:%s", hex);
	}
	if (k->n_patches)
		result_set(&s->result, "id", id.s);
	return 0;
}

int step_source(struct build *b, struct step *s, const char *dir, struct err *e)
{
	auto_free char *src = strf("%s/src", dir), *makefile = strf("%s/Makefile", src), *kconfig = strf("%s/Kconfig", src);
	bool git = b->recipe->kernel.git;

	if ((git ? checked_out : unpacked)(b, s, dir, src, e) < 0)
		return -1;
	if (!file_exists(makefile) || !file_exists(kconfig))
		return err_set(e, "what was fetched is no kernel source: there is no Makefile and Kconfig in it%s",
			       git ? " ('path' says where in the repository they are)" : "");
	keep_date(s, makefile);
	return patch_all(b, s, src, e);
}
