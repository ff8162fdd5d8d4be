/* The step `base`: a Debian suite bootstrapped by mmdebstrap, or a cloud image fetched. */
#include <string.h>

#include "cache.h"
#include "fetch.h"
#include "file.h"
#include "progress.h"
#include "run.h"
#include "steps.h"
#include "tarball.h"
#include "trust.h"

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

/* ---- a cloud image ---- */

/* The first bytes of a disk image that can be used: qcow2's magic, or a boot sector, which GPT has too. */
static bool is_disk(const char *path)
{
	auto_fclose FILE *f = fopen(path, "re");
	unsigned char head[512] = { 0 };

	return f && fread(head, 1, sizeof(head), f) == sizeof(head) &&
	       (!memcmp(head, "QFI\xfb", 4) || (head[510] == 0x55 && head[511] == 0xaa));
}

/* A small file beside the image, the caller's to free. */
static int fetch_beside(struct build *b, char *url, const char *path, struct err *e)
{
	progress_update("%s", url);
	return fetch(&(struct fetch){ &url, 1, NULL, b->cache }, path, NULL, e);
}

/* The image's digest out of the file of digests, whose signature is checked if there is one. The caller's to free. */
static char *digest_by_sums(struct build *b, struct step *s, const char *dir, struct err *e)
{
	const struct recipe_base *base = &b->recipe->base;
	auto_free char *sums = strf("%s/sums", dir), *signature = strf("%s/signature", dir), *keyring = NULL;
	auto_free char *text = NULL, *signer = NULL;
	const char *name = strrchr(base->images[0], '/') + 1;
	struct err why;
	char *digest;

	if (fetch_beside(b, base->sums, sums, e) < 0)
		return NULL;
	if (base->signature) {
		keyring = recipe_path(b, &base->keyring);
		if (fetch_beside(b, base->signature, signature, e) < 0)
			return NULL;
		if (signature_check(sums, signature, keyring, &signer, &why) < 0) {
			ydoc_err(b->recipe->doc, &base->signature, e, "%s: %s", base->sums, why.msg);
			return NULL;
		}
		result_set(&s->result, "signed_by", signer);
	}
	text = file_read(sums, 0, NULL, e);
	if (!text)
		return NULL;
	digest = sums_find(text, name, &why);
	if (!digest)
		ydoc_err(b->recipe->doc, &base->sums, e, "%s: %s", base->sums, why.msg);
	unlink(sums);
	unlink(signature);
	return digest;
}

static int unpack_image(const char *fetched, const char *img, const char *url, struct err *e)
{
	const char *how = compression_of(fetched);

	if (!how && rename(fetched, img) < 0)
		return err_errno(e, "can't rename %s", fetched);
	if (how && decompress(fetched, img, e) < 0)
		return err_prefix(e, "%s", url);
	if (how)
		unlink(fetched);
	return is_disk(img) ? 0 : err_set(e, "%s is no disk image: it is neither qcow2 nor a raw disk with a partition table",
					  url);
}

static int image_base(struct build *b, struct step *s, const char *dir, struct err *e)
{
	const struct recipe_base *base = &b->recipe->base;
	auto_free char *img = strf("%s/base.img", dir), *fetched = strf("%s/fetched", dir), *digest = NULL;
	cleanup(origin_free) struct origin from = { 0 };
	char hex[DIGEST_HEX];

	if (base->digest)
		digest = xstrdup(base->digest);
	else if (base->sums && !(digest = digest_by_sums(b, s, dir, e)))
		return -1;
	if (fetch(&(struct fetch){ base->images, base->n_images, digest, b->cache }, fetched, &from, e) < 0)
		return -1;
	if (!digest && digest_file(fetched, DIGEST_SHA256, hex, e) < 0)
		return -1;
	if (!digest)
		digest = strf("sha256:%s", hex);
	result_set(&s->result, "kind", "disk");
	result_set(&s->result, "id", digest);
	result_set(&s->result, "from", from.url);
	if (*from.date)
		result_set(&s->result, "date", from.date);
	result_set(&s->result, "verified_by", base->digest ? "digest" : base->signature ? "signature" :
		   base->sums ? "sums without a signature (insecure)" : "nothing (insecure)");
	return unpack_image(fetched, img, from.url, e);
}

int step_base(struct build *b, struct step *s, const char *dir, struct err *e)
{
	return b->recipe->base.suite ? bootstrap_base(b, s, dir, e) : image_base(b, s, dir, e);
}
