/* The step `config`: the kernel's configuration is resolved by the kernel's own kconfig, and then every option that
 * was asked for must be in it. */
#include <string.h>

#include "cache.h"
#include "file.h"
#include "image-read.h"
#include "kconfig.h"
#include "progress.h"
#include "run.h"
#include "steps.h"
#include "tarball.h"

static int make_config(struct build *b, const char *obj, const char *target, const char *merged, struct err *e)
{
	auto_free char *src = kernel_source_dir(b), *out = strf("O=%s", obj), *all = strf("KCONFIG_ALLCONFIG=%s", merged);
	auto_free char *log = cache_log(b, "config", e);
	const char *argv[] = { "make", "-C", src, out, "ARCH=x86_64", target, merged ? all : NULL, NULL };
	const char *env[] = { "MAKEFLAGS", "MAKELEVEL", "KCONFIG_CONFIG", "LC_ALL=C", NULL };

	if (!log)
		return -1;
	return run_program(&(struct run){ .argv = argv, .env = env, .log = log }, e);
}

static char *defconfig(struct build *b, const char *obj, struct err *e)
{
	auto_free char *path = strf("%s/.config", obj);

	return make_config(b, obj, "x86_64_defconfig", NULL, e) < 0 ? NULL : file_read(path, 0, NULL, e);
}

/* The configuration that the base's own kernel was built with. A distribution signs its modules with a key that only it has,
 * and names the file of its certificates: without them such a configuration does not build. */
static char *base_config(struct build *b, struct err *e)
{
	const struct step *base = plan_step(&b->plan, STEP_BASE);
	bool is_disk = !strcmp(result_get(&base->result, "kind"), "disk");
	auto_free char *path = strf("%s/%s", base->dir, is_disk ? "base.img" : "base.tar");
	auto_free char *text = is_disk ? image_newest(path, "boot/config-*", b->cache, e) : tarball_newest(path, "boot/config-*", e);
	struct err why = *e;
	struct text t = { 0 };

	if (!text) {
		ydoc_err(b->recipe->doc, &b->recipe->kernel.config, e, "'config: image' is that of the base's own kernel, and %s",
			 why.msg);
		return NULL;
	}
	text_puts(&t, text);
	text_puts(&t, "CONFIG_SYSTEM_TRUSTED_KEYS=\"\"\nCONFIG_SYSTEM_REVOCATION_KEYS=\"\"\n"
		      "CONFIG_MODULE_SIG_KEY=\"certs/signing_key.pem\"\n");
	return t.s;
}

/* Writes base + what is asked to obj/.config and lets kconfig complete it; of an option that stands twice the last counts. */
static int resolve_on(struct build *b, const char *obj, const struct text *asked, struct err *e)
{
	const char *config = b->recipe->kernel.config;
	auto_free char *path = strf("%s/.config", obj), *file = recipe_path(b, &b->recipe->kernel.config);
	auto_free char *old = !strcmp(config, "defconfig") ? defconfig(b, obj, e) : !strcmp(config, "image") ? base_config(b, e) :
			      file_read(file, 0, NULL, e);
	auto_text both = { 0 };

	if (!old)
		return -1;
	text_puts(&both, old);
	text_puts(&both, asked->s ? asked->s : "");
	if (file_write(path, both.s, both.n, 0644, e) < 0)
		return -1;
	return make_config(b, obj, "olddefconfig", NULL, e);
}

static int resolve(struct build *b, const char *obj, struct err *e)
{
	auto_free char *merged = strf("%s/asked.config", obj);
	auto_text asked = { 0 };

	asks_write(&b->asks, &asked);
	if (strcmp(b->recipe->kernel.config, "tiny"))
		return resolve_on(b, obj, &asked, e);
	if (file_write(merged, asked.s ? asked.s : "", asked.n, 0644, e) < 0)
		return -1;
	return make_config(b, obj, "allnoconfig", merged, e);
}

/* Why the spellings of an ask did not come out; of several, the one that this kernel knows counts. */
static char *why_missed(const struct kconfig *k, const struct config *c, const struct ask *ask)
{
	char *why = NULL;

	for (size_t i = 0; i < ask->n_alts; i++) {
		free(why);
		why = kconfig_why(k, c, &ask->alts[i]);
		if (!str_starts(why, "this kernel has no such option"))
			break;
	}
	return why;
}

/* What is missing, a line each. Returns the number of misses, -1 on error. */
static int list_misses(struct build *b, const struct config *c, struct strv *misses, struct err *e)
{
	cleanup(kconfig_cleanup) struct kconfig *k = NULL;
	auto_free char *src = kernel_source_dir(b);

	for (size_t i = 0; i < b->asks.n; i++) {
		const struct ask *ask = &b->asks.v[i];
		auto_free char *text = NULL, *why = NULL;

		if (ask_met(ask, c))
			continue;
		if (!k && !(k = kconfig_load(src, e)))
			return -1;
		text = ask_text(ask);
		why = why_missed(k, c, ask);
		strv_addf(misses, "%s:%d: %s was asked for and is %s: %s", ask->from, ask->line, text,
			  config_get(c, ask->alts[0].name), why);
	}
	return (int)misses->n;
}

static int check_contract(struct build *b, const struct config *c, struct err *e)
{
	auto_strv misses = { 0 };
	int n = list_misses(b, c, &misses, e);

	if (n <= 0)
		return n;
	for (int i = 0; i < n - 1; i++)
		progress_note("%s", misses.v[i]);
	return n == 1 ? err_set(e, "%s", misses.v[0]) :
	       err_set(e, "%s (and %d more above: %d options that were asked for are not in the kernel's "
		       "configuration)", misses.v[n - 1], n - 1, n);
}

int step_config(struct build *b, struct step *s, const char *dir, struct err *e)
{
	auto_free char *obj = strf("%s/obj", dir), *resolved = strf("%s/.config", obj), *to = strf("%s/config", dir);
	auto_free char *text = NULL, *enabled = NULL;
	struct config c = { 0 };
	char hex[DIGEST_HEX];
	int rc;

	if (mkdir_p(obj, e) < 0 || resolve(b, obj, e) < 0)
		return -1;
	text = file_read(resolved, 0, NULL, e);
	if (!text)
		return -1;
	config_parse(&c, text);
	enabled = strf("%zu", config_enabled(&c));
	rc = check_contract(b, &c, e);
	config_free(&c);
	if (rc < 0)
		return -1;
	if (rename(resolved, to) < 0)
		return err_errno(e, "can't rename %s", resolved);
	if (digest_file(to, DIGEST_SHA256, hex, e) < 0)
		return -1;
	result_set(&s->result, "id", hex);
	result_set(&s->result, "enabled", enabled);
	return remove_tree(obj, e);
}
