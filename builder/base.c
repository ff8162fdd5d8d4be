/* The step `base`: a Debian suite bootstrapped by mmdebstrap, or a cloud image fetched. */
#include <string.h>

#include "cache.h"
#include "fetch.h"
#include "file.h"
#include "progress.h"
#include "run.h"
#include "steps.h"

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

/* The sources of the new system, as lines for mmdebstrap; NULL: its own default. The caller's to free. */
static char *sources(const char *suite)
{
	cleanup(mirrors_free) struct mirrors m = { 0 };
	bool rolling = !strcmp(suite, "sid") || !strcmp(suite, "unstable") || !strcmp(suite, "experimental");
	struct text t = { 0 };

	find_mirrors(&m);
	if (!m.main)
		return NULL;
	text_addf(&t, "deb %s %s main\n", m.main, suite);
	if (rolling)
		return t.s;
	text_addf(&t, "deb %s %s-updates main\n", m.main, suite);
	if (m.security)
		text_addf(&t, "deb %s %s-security main\n", m.security, suite);
	return t.s;
}

/* mmdebstrap says "I: extracting archives...". */
static void show_stage(const char *line, void *arg)
{
	(void)arg;
	if (str_starts(line, "I: "))
		progress_update("%.*s", (int)strcspn(line + 3, "."), line + 3);
}

static int bootstrap(struct build *b, const char *tar, const char *dir, struct err *e)
{
	const struct recipe *r = b->recipe;
	auto_free char *input = sources(r->base.suite), *tmp = strf("TMPDIR=%s", dir), *include = NULL;
	auto_free char *log = cache_log(b, "base", e);
	const char *env[] = { tmp, "LC_ALL=C.UTF-8", NULL };
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
	strv_add(&argv, r->base.suite);
	strv_add(&argv, tar);
	if (input)
		strv_add(&argv, "-");
	return run_program(&(struct run){ .argv = (const char *const *)argv.v, .env = env, .input = input, .log = log,
					  .line = show_stage }, e);
}

static int bootstrap_base(struct build *b, struct step *s, const char *dir, struct err *e)
{
	auto_free char *tar = strf("%s/base.tar", dir);
	char hex[DIGEST_HEX];

	if (bootstrap(b, tar, dir, e) < 0)
		return -1;
	if (digest_file(tar, DIGEST_SHA256, hex, e) < 0)
		return -1;
	result_set(&s->result, "kind", "tar");
	result_set(&s->result, "id", hex);
	return 0;
}

int step_base(struct build *b, struct step *s, const char *dir, struct err *e)
{
	auto_free char *img = strf("%s/base.img", dir);

	if (b->recipe->base.suite)
		return bootstrap_base(b, s, dir, e);
	if (fetch(b->recipe->base.image, b->recipe->base.digest, img, e) < 0)
		return -1;
	result_set(&s->result, "kind", "disk");
	result_set(&s->result, "id", b->recipe->base.digest);
	return 0;
}
