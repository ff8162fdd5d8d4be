#include "bootstrap.h"

#include <string.h>

#include "cache.h"
#include "dpkg.h"
#include "fetch.h"
#include "file.h"
#include "interrupt.h"
#include "lock.h"
#include "progress.h"
#include "run.h"
#include "tarball.h"

/* Left out of every bootstrapped base: a third of the files, none of which a guest in a lab reads. */
static const char *const excluded[] = { "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*",
					"/usr/share/info/*" };

struct mirrors {
	char *main, *security;
};

static void mirrors_free(struct mirrors *m)
{
	free(m->main);
	free(m->security);
}

/* A line "LABEL|URI" of apt's own list of its sources. */
static int mirror_line(char *line, int number, void *arg)
{
	struct mirrors *m = arg;
	char *uri = strchr(line, '|');

	(void)number;
	if (!uri)
		return 0;
	*uri++ = '\0';
	if (!strcmp(line, "Debian") && !m->main)
		m->main = xstrdup(uri);
	if (!strcmp(line, "Debian-Security") && !m->security)
		m->security = xstrdup(uri);
	return 0;
}

/* The Debian mirrors of the host's own apt configuration; none on a host that is not Debian. */
static void find_mirrors(struct mirrors *m)
{
	const char *argv[] = { "apt-get", "indextargets", "--format", "$(LABEL)|$(REPO_URI)", "Created-By: Packages",
			       NULL };
	auto_text out = { 0 };

	if (run_simple(argv, &out, &(struct err){ "" }) == 0)
		each_line(out.s, mirror_line, m);
}

/* Is there an archive at uri that has the suite? */
static bool has_suite(struct build *b, const char *uri, const char *suite, const char *dir, struct err *e)
{
	auto_free char *path = strf("%s/InRelease", dir);
	char *url = strf("%s/dists/%s/InRelease", uri, suite);
	int rc;

	progress_update("looking for %s", url);
	rc = fetch(&(struct fetch){ &url, 1, NULL, b->cache }, path, NULL, e);
	unlink(path);
	free(url);
	return rc == 0;
}

static void add_source(struct text *t, const char *uri, const char *suite, const char *of, bool old)
{
	/* what says how long a list is valid lies in the past with every snapshot */
	text_addf(t, "deb %s%s %s%s main\n", old ? "[check-valid-until=no] " : "", uri, suite, of);
}

/* The archives as they were on the recipe's day. Where a mirror has its snapshots they are in folders by date; of an archive
 * MIRROR/debian that of security updates is MIRROR/debian-security. */
static int old_mirrors(struct build *b, struct mirrors *m, const char *dir, struct err *e)
{
	const struct recipe_base *base = &b->recipe->base;
	auto_free char *now = steal(m->main), *security = steal(m->security), *of_security = strf("%s-security", base->suite);
	auto_free char *old_security = NULL;
	struct err why;

	m->main = strf("%s/%s", now, base->snapshot);
	if (!has_suite(b, m->main, base->suite, dir, &why))
		return interrupted() ? err_set(e, "interrupted") :
		       ydoc_err(b->recipe->doc, &base->snapshot, e, "the mirror %s has no snapshot %s of %s (%s): 'mirror' names an "
				"archive that keeps them", now, base->snapshot, base->suite, why.msg);
	if (!security)
		security = strf("%s-security", now);
	old_security = strf("%s/%s", security, base->snapshot);
	if (has_suite(b, old_security, of_security, dir, &why))
		m->security = steal(old_security);
	return interrupt_check(e);
}

static char *without_slash(char *uri)
{
	while (uri && str_ends(uri, "/"))
		uri[strlen(uri) - 1] = '\0';
	return uri;
}

/* The sources of the new system, as lines for mmdebstrap, the caller's to free; NULL with rc 0: its own default. */
static char *sources(struct build *b, const char *dir, int *rc, struct err *e)
{
	cleanup(mirrors_free) struct mirrors m = { 0 };
	const struct recipe_base *base = &b->recipe->base;
	const char *suite = base->suite;
	bool rolling = !strcmp(suite, "sid") || !strcmp(suite, "unstable") || !strcmp(suite, "experimental");
	bool old = base->snapshot;
	struct text t = { 0 };

	*rc = 0;
	if (base->mirror)
		m.main = xstrdup(base->mirror);
	else
		find_mirrors(&m);
	without_slash(m.main);
	without_slash(m.security);
	if (old && !m.main)
		*rc = ydoc_err(b->recipe->doc, &base->snapshot, e, "'snapshot' takes a 'mirror' on a host that has none of its own");
	if (!m.main)
		return NULL;
	if (old && (*rc = old_mirrors(b, &m, dir, e)) < 0)
		return NULL;
	add_source(&t, m.main, suite, "", old);
	if (rolling)
		return t.s;
	add_source(&t, m.main, suite, "-updates", old);
	if (m.security)
		add_source(&t, m.security, suite, "-security", old);
	return t.s;
}

/* mmdebstrap says "I: extracting archives...". */
static void show_stage(const char *line, void *arg)
{
	(void)arg;
	if (str_starts(line, "I: "))
		progress_update("%.*s", (int)strcspn(line + 3, "."), line + 3);
}

#define PREFERENCES "etc/apt/preferences.d/tierlab-lock"

/* The lock's versions are preferred while packages are installed, and no longer. */
static int pin(const struct lock *l, const char *dir, struct strv *argv, struct err *e)
{
	auto_free char *path = strf("%s/tierlab-lock", dir), *text = lock_preferences(l);

	strv_addf(argv, "--setup-hook=copy-in %s /etc/apt/preferences.d/", path);
	strv_add(argv, "--customize-hook=rm \"$1/" PREFERENCES "\"");
	return file_write(path, text, strlen(text), 0644, e);
}

/* Where mmdebstrap unpacks. For an ordinary user that is done in a user namespace, by ids that are not the user's: they may not pass
 * a home that is closed to others. */
static const char *scratch_dir(const char *dir)
{
	const char *own = getenv("TMPDIR");

	return geteuid() == 0 ? dir : str_empty(own) ? "/var/tmp" : own;
}

static int bootstrap(struct build *b, const char *tar, const char *dir, struct err *e)
{
	const struct recipe *r = b->recipe;
	int rc;
	auto_free char *input = sources(b, dir, &rc, e), *tmp = strf("TMPDIR=%s", scratch_dir(dir)), *include = NULL;
	auto_free char *log = rc < 0 ? NULL : cache_log(b, "base", e);
	/* no file of the archive is newer in it: the same packages give the same bytes (2024-01-01) */
	const char *env[] = { tmp, "LC_ALL=C.UTF-8", "SOURCE_DATE_EPOCH=1704067200", NULL };
	auto_strv argv = { 0 };
	auto_text list = { 0 };

	if (!log)
		return -1;
	for (size_t i = 0; i < r->n_packages; i++)
		text_addf(&list, "%s%s", i ? "," : "", r->packages[i]);
	include = strf("--include=%s", list.s ? list.s : "");
	strv_add(&argv, "mmdebstrap");
	strv_add(&argv, "--variant=minbase");
	strv_add(&argv, "--format=tar");
	for (size_t i = 0; i < sizeof(excluded) / sizeof(*excluded); i++)
		strv_addf(&argv, "--dpkgopt=path-exclude=%s", excluded[i]);
	if (list.n)
		strv_add(&argv, include);
	if (b->lock && pin(b->lock, dir, &argv, e) < 0)
		return -1;
	strv_add(&argv, r->base.suite);
	strv_add(&argv, tar);
	if (input)
		strv_add(&argv, "-");
	return run_program(&(struct run){ .argv = (const char *const *)argv.v, .env = env, .input = input, .log = log,
					  .line = show_stage }, e);
}

/* What was installed is what the lock has, or the lock is no use. */
static int check_versions(struct build *b, const char *tar, struct err *e)
{
	auto_free char *status = tarball_newest(tar, "var/lib/dpkg/status", e);
	auto_strv installed = { 0 };

	if (!status)
		return -1;
	dpkg_list(status, &installed);
	return lock_verify(b->lock, &installed, e);
}

int bootstrap_base(struct build *b, struct step *s, const char *dir, struct err *e)
{
	auto_free char *tar = strf("%s/base.tar", dir), *pins = strf("%s/tierlab-lock", dir);
	char hex[DIGEST_HEX];

	if (bootstrap(b, tar, dir, e) < 0 || (b->lock && check_versions(b, tar, e) < 0))
		return -1;
	unlink(pins);
	if (digest_file(tar, DIGEST_SHA256, hex, e) < 0)
		return -1;
	result_set(&s->result, "kind", "tar");
	result_set(&s->result, "id", hex);
	return 0;
}
