/* What the digest of each step is made of. */
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "lock.h"
#include "plan.h"

/* Raised when a step does something else with the same inputs, so that what an older vmbuild made is not taken for
 * what this one makes. */
static const int revision[STEP_KINDS] = { [STEP_SOURCE] = 1, [STEP_CONFIG] = 1, [STEP_KERNEL] = 1, [STEP_BASE] = 2,
					  [STEP_DISK] = 7, [STEP_IMAGE] = 7 };

#define input(s, ...) strv_addf(&(s)->inputs, __VA_ARGS__)

static const char *text_or(const char *s, const char *otherwise)
{
	return s ? s : otherwise;
}

static int input_tree(struct step *s, const char *name, const char *dir, struct err *e)
{
	char hex[DIGEST_HEX];

	if (digest_tree(dir, hex, e) < 0)
		return -1;
	input(s, "%s=%s", name, hex);
	return 0;
}

/* A source tree is large: name, size, time and mode of its files stand for their content, as they do for make. */
static int add_listing(const char *path, const char *rel, const struct stat *st, void *arg, struct err *e)
{
	struct digest *d = arg;
	char meta[120];

	(void)path;
	(void)e;
	if (str_starts(rel, ".git/") || S_ISDIR(st->st_mode))
		return 0;
	snprintf(meta, sizeof(meta), "%o %lld %lld.%09ld", (unsigned)st->st_mode, (long long)st->st_size,
		 (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	digest_add_str(d, rel);
	digest_add_str(d, meta);
	return 0;
}

static int source_id(struct build *b, struct step *s, struct err *e)
{
	const struct recipe_kernel *k = &b->recipe->kernel;
	auto_free char *dir = NULL;
	char hex[DIGEST_HEX];
	struct digest *d;

	if (!k->tree) {
		input(s, "source=%s", result_get(plan_result(&b->plan, STEP_SOURCE), "id"));
		return 0;
	}
	dir = recipe_path(b, &k->tree);
	d = digest_new(DIGEST_SHA256);
	if (walk_tree(dir, add_listing, d, e) < 0) {
		digest_free(d);
		return -1;
	}
	digest_end(d, hex);
	input(s, "tree=%s %s", dir, hex);
	return 0;
}

static int source_inputs(struct build *b, struct step *s, struct err *e)
{
	const struct recipe_kernel *k = &b->recipe->kernel;

	if (k->git && b->lock)
		input(s, "git=%s commit=%s path=%s", k->git, b->lock->source.version, text_or(k->path, ""));
	else if (k->git)
		input(s, "git=%s %s=%s path=%s", k->git, k->commit ? "commit" : k->tag ? "tag" : "branch",
		      k->commit ? k->commit : k->tag ? k->tag : k->branch, text_or(k->path, ""));
	else if (k->package && b->lock)
		input(s, "package=%s %s %s", k->package, b->lock->source.version, b->lock->source.digest);
	else
		input(s, k->package ? "package=%s" : "digest=%s", k->package ? k->package : k->digest);
	for (size_t i = 0; i < k->n_patches; i++) {
		auto_free char *path = recipe_path(b, &k->patches[i]);
		char hex[DIGEST_HEX];

		if (digest_file(path, DIGEST_SHA256, hex, e) < 0)
			return -1;
		input(s, "patch %s=%s", k->patches[i], hex);
	}
	return 0;
}

static int config_inputs(struct build *b, struct step *s, struct err *e)
{
	const char *config = b->recipe->kernel.config;
	auto_text asks = { 0 };
	char hex[DIGEST_HEX];

	if (source_id(b, s, e) < 0)
		return -1;
	for (size_t i = 0; i < b->asks.n; i++) {
		auto_free char *ask = ask_text(&b->asks.v[i]);

		text_addf(&asks, "%s\n", ask);
	}
	input(s, "asked=%s", asks.s ? asks.s : "");
	input(s, "compiler=%s", b->gcc);
	if (!strcmp(config, "image")) {
		input(s, "config=image base=%s", result_get(plan_result(&b->plan, STEP_BASE), "id"));
		return 0;
	}
	if (strcmp(config, "tiny") && strcmp(config, "defconfig")) {
		auto_free char *path = recipe_path(b, &b->recipe->kernel.config);

		if (digest_file(path, DIGEST_SHA256, hex, e) < 0)
			return ydoc_err(b->recipe->doc, &b->recipe->kernel.config, e, "'config' is tiny, defconfig, image or a file, "
					"and %s can't be read", path);
		config = hex;
	}
	input(s, "config=%s", config);
	return 0;
}

static int kernel_inputs(struct build *b, struct step *s, struct err *e)
{
	if (source_id(b, s, e) < 0)
		return -1;
	input(s, "config=%s", result_get(plan_result(&b->plan, STEP_CONFIG), "id"));
	input(s, "compiler=%s", b->gcc);
	if (b->recipe->kernel.headers)
		input(s, "headers=yes");
	return 0;
}

static void input_words(struct step *s, const char *name, char *const *words, size_t n)
{
	auto_strv sorted = { 0 };
	auto_text t = { 0 };

	for (size_t i = 0; i < n; i++)
		strv_add(&sorted, words[i]);
	strv_sort(&sorted);
	for (size_t i = 0; i < n; i++)
		text_addf(&t, "%s%s", i ? " " : "", sorted.v[i]);
	input(s, "%s=%s", name, t.s ? t.s : "");
}

/* All versions of the lock: they are too many to stand here one by one. */
static void input_versions(const struct build *b, struct step *s)
{
	char hex[DIGEST_HEX];
	struct digest *d;

	if (!b->lock || !b->lock->n_packages)
		return;
	d = digest_new(DIGEST_SHA256);
	for (size_t i = 0; i < b->lock->n_packages; i++)
		digest_add_str(d, b->lock->packages[i]);
	digest_end(d, hex);
	input(s, "versions=%s", hex);
}

/* A digest says which image it is, wherever it comes from; else it is where it comes from and who vouches for it. */
static int image_base_inputs(struct build *b, struct step *s, struct err *e)
{
	const struct recipe_base *base = &b->recipe->base;
	auto_free char *keyring = NULL;
	char hex[DIGEST_HEX];

	if (base->digest || b->lock) {
		input(s, "image=%s", base->digest ? base->digest : b->lock->base.digest);
		return 0;
	}
	for (size_t i = 0; i < base->n_images; i++)
		input(s, "image=%s", base->images[i]);
	if (base->sums)
		input(s, "sums=%s", base->sums);
	if (!base->signature)
		return 0;
	keyring = recipe_path(b, &base->keyring);
	if (digest_file(keyring, DIGEST_SHA256, hex, e) < 0)
		return ydoc_err(b->recipe->doc, &base->keyring, e, "the keyring %s can't be read (Ubuntu's are "
				"in the package ubuntu-keyring)", keyring);
	input(s, "signature=%s keyring=%s", base->signature, hex);
	return 0;
}

static int base_inputs(struct build *b, struct step *s, struct err *e)
{
	const struct recipe *r = b->recipe;

	if (r->base.images)
		return image_base_inputs(b, s, e);
	input(s, "suite=%s", r->base.suite);
	input_words(s, "packages", r->packages, r->n_packages);
	if (r->base.mirror)
		input(s, "mirror=%s", r->base.mirror);
	if (r->base.snapshot)
		input(s, "snapshot=%s", r->base.snapshot);
	input_versions(b, s);
	return 0;
}

static void user_inputs(struct step *s, const struct recipe_user *u)
{
	input(s, "user=%s%s shell=%s passwd=%s", u->name, u->sudo ? " sudo" : "", text_or(u->shell, ""),
	      text_or(u->passwd, ""));
	for (size_t j = 0; j < u->n_keys; j++)
		input(s, "key=%s", u->keys[j]);
	for (size_t j = 0; j < u->n_groups; j++)
		input(s, "group=%s", u->groups[j]);
}

static int copy_inputs(struct build *b, struct step *s, const struct recipe_copy *c, struct err *e)
{
	auto_free char *from = copy_source(b, c, e), *name = strf("copy to %s", c->to);
	char hex[DIGEST_HEX];

	if (!from || (is_dir(from) ? digest_tree(from, hex, e) : digest_file(from, DIGEST_SHA256, hex, e)) < 0)
		return -1;
	input(s, "%s=%s mode=%s owner=%s executable=%d", name, hex, text_or(c->mode, ""), text_or(c->owner, ""),
	      access(from, X_OK) == 0);
	return 0;
}

static int provision_inputs(struct build *b, struct step *s, struct err *e)
{
	const struct recipe *r = b->recipe;

	for (size_t i = 0; i < r->n_users; i++)
		user_inputs(s, &r->users[i]);
	for (size_t i = 0; i < r->n_copies; i++)
		if (copy_inputs(b, s, &r->copies[i], e) < 0)
			return -1;
	for (size_t i = 0; i < r->n_files; i++)
		input(s, "file %s=%s owner=%s append=%d %s", r->files[i].path, text_or(r->files[i].permissions, ""),
		      text_or(r->files[i].owner, ""), r->files[i].append, text_or(r->files[i].content, ""));
	for (size_t i = 0; i < r->n_runs; i++)
		input(s, "run %zu=%s%s", i + 1, r->runs[i].network ? "network: " : "", r->runs[i].command);
	input_words(s, "enable", r->services.enable, r->services.n_enable);
	input_words(s, "disable", r->services.disable, r->services.n_disable);
	input_words(s, "mask", r->services.mask, r->services.n_mask);
	for (size_t i = 0; i < r->n_sysctl; i++)
		input(s, "sysctl %zu=%s", i + 1, r->sysctl[i]);
	input(s, "timezone=%s", text_or(r->timezone, ""));
	return 0;
}

/* Of a kernel that is built only the release: the boot menu has it. The kernel itself comes on with the image, so that
 * another option does not lay out the disk again. */
static int disk_inputs(struct build *b, struct step *s, struct err *e)
{
	const struct recipe *r = b->recipe;

	(void)e;
	input(s, "base=%s", result_get(plan_result(&b->plan, STEP_BASE), "id"));
	input(s, "release=%s", plan_step(&b->plan, STEP_KERNEL) ?
	      result_get(plan_result(&b->plan, STEP_KERNEL), "release") : "stock");
	if (r->base.images) {
		input_words(s, "packages", r->packages, r->n_packages);
		input_versions(b, s);
	}
	for (size_t i = 0; i < r->n_kernel_args; i++)
		input(s, "kernel_arg %zu=%s", i + 1, r->kernel_args[i]);
	input(s, "disk=%llu grub-timeout=%llu", (unsigned long long)r->disk, (unsigned long long)r->grub.timeout);
	return 0;
}

static int image_inputs(struct build *b, struct step *s, struct err *e)
{
	const struct recipe *r = b->recipe;

	input(s, "disk=%s", result_get(plan_result(&b->plan, STEP_DISK), "id"));
	if (plan_step(&b->plan, STEP_KERNEL))
		input(s, "kernel=%s", result_get(plan_result(&b->plan, STEP_KERNEL), "id"));
	for (size_t i = 0; i < r->n_overlays; i++) {
		auto_free char *dir = overlay_dir(b, &r->overlays[i], e), *name = strf("overlay %s", r->overlays[i]);

		if (!dir || input_tree(s, name, dir, e) < 0)
			return -1;
	}
	if (bench_check(b, e) < 0)
		return -1;
	if (r->bench && input_tree(s, "bench", b->data->bench, e) < 0)
		return -1;
	if (provision_inputs(b, s, e) < 0)
		return -1;
	input(s, "name=%s hostname=%s", r->name, r->hostname);
	return 0;
}

int plan_inputs(struct build *b, struct step *s, struct err *e)
{
	static int (*const inputs[STEP_KINDS])(struct build *, struct step *, struct err *) = {
		[STEP_SOURCE] = source_inputs, [STEP_CONFIG] = config_inputs, [STEP_KERNEL] = kernel_inputs,
		[STEP_BASE] = base_inputs, [STEP_DISK] = disk_inputs, [STEP_IMAGE] = image_inputs,
	};
	struct digest *d;

	strv_free(&s->inputs);
	input(s, "step=%s %d", step_name(s->kind), revision[s->kind]);
	if (inputs[s->kind](b, s, e) < 0)
		return -1;
	d = digest_new(DIGEST_SHA256);
	for (size_t i = 0; i < s->inputs.n; i++)
		digest_add_str(d, s->inputs.v[i]);
	digest_end(d, s->digest);
	return 0;
}
