#include "plan.h"

#include <string.h>
#include <sys/stat.h>

#include "file.h"

/* Raised when a step does something else with the same inputs, so that what an older vmbuild made is not taken for
 * what this one makes. */
static const int revision[STEP_KINDS] = { [STEP_SOURCE] = 1, [STEP_CONFIG] = 1, [STEP_KERNEL] = 1, [STEP_BASE] = 1,
					  [STEP_IMAGE] = 1 };

const char *step_name(enum step_kind kind)
{
	static const char *const names[STEP_KINDS] = { "source", "config", "kernel", "base", "image" };

	return names[kind];
}

const char *result_get(const struct result *r, const char *name)
{
	for (size_t i = 0; r && i < r->names.n; i++)
		if (!strcmp(r->names.v[i], name))
			return r->values.v[i];
	return "";
}

void result_set(struct result *r, const char *name, const char *value)
{
	strv_add(&r->names, name);
	strv_add(&r->values, value);
}

void result_free(struct result *r)
{
	strv_free(&r->names);
	strv_free(&r->values);
}

void plan_make(struct plan *p, const struct recipe *r)
{
	bool build = r->kernel.mode == KERNEL_BUILD;
	const bool wanted[STEP_KINDS] = {
		[STEP_SOURCE] = build && !r->kernel.tree,
		[STEP_CONFIG] = build,
		[STEP_KERNEL] = build,
		[STEP_BASE] = true,
		[STEP_IMAGE] = true,
	};

	*p = (struct plan){ 0 };
	for (int i = 0; i < STEP_KINDS; i++)
		if (wanted[i])
			p->steps[p->n++].kind = (enum step_kind)i;
}

void plan_free(struct plan *p)
{
	for (int i = 0; i < p->n; i++) {
		strv_free(&p->steps[i].inputs);
		result_free(&p->steps[i].result);
		free(p->steps[i].dir);
	}
	*p = (struct plan){ 0 };
}

struct step *plan_step(struct plan *p, enum step_kind kind)
{
	for (int i = 0; i < p->n; i++)
		if (p->steps[i].kind == kind)
			return &p->steps[i];
	return NULL;
}

const struct result *plan_result(const struct plan *p, enum step_kind kind)
{
	const struct step *s = plan_step((struct plan *)p, kind);

	return s ? &s->result : NULL;
}

char *recipe_path(const struct build *b, char *const *field)
{
	const char *home = getenv("HOME"), *path = *field, *file = ydoc_file(b->recipe->doc, field);
	auto_free char *real = realpath(file, NULL);
	const char *slash = real ? strrchr(real, '/') : NULL;

	if (str_starts(path, "~/") && home)
		return strf("%s%s", home, path + 1);
	if (*path == '/')
		return xstrdup(path);
	return slash ? strf("%.*s/%s", (int)(slash - real), real, path) : strf("%s/%s", b->recipe_dir, path);
}

char *overlay_dir(const struct build *b, char *const *field, struct err *e)
{
	const char *name = *field;
	auto_free char *shipped = strf("%s/%s", b->data->overlay, name), *own = recipe_path(b, field);

	if (!strchr(name, '/') && strcmp(name, "bench") && is_dir(shipped))
		return steal(shipped);
	if (is_dir(own))
		return steal(own);
	err_set(e, "no overlay '%s': neither %s nor %s is a folder", name, shipped, own);
	return NULL;
}

#define input(s, ...) strv_addf(&(s)->inputs, __VA_ARGS__)

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

	(void)e;
	input(s, k->package ? "package=%s" : "digest=%s", k->package ? k->package : k->digest);
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
	if (strcmp(config, "tiny") && strcmp(config, "defconfig")) {
		auto_free char *path = recipe_path(b, &b->recipe->kernel.config);

		if (digest_file(path, DIGEST_SHA256, hex, e) < 0)
			return ydoc_err(b->recipe->doc, &b->recipe->kernel.config, e, "'config' is tiny, defconfig or a file, "
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
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void input_words(struct step *s, const char *name, char *const *words, size_t n)
{
	char **sorted = xcalloc(n, sizeof(*sorted));
	auto_text t = { 0 };

	for (size_t i = 0; i < n; i++)
		sorted[i] = words[i];
	qsort(sorted, n, sizeof(*sorted), by_text);
	for (size_t i = 0; i < n; i++)
		text_addf(&t, "%s%s", i ? " " : "", sorted[i]);
	input(s, "%s=%s", name, t.s ? t.s : "");
	free(sorted);
}

/* A digest says which image it is, wherever it comes from; else it is where it comes from and who vouches for it. */
static int image_base_inputs(struct build *b, struct step *s, struct err *e)
{
	const struct recipe_base *base = &b->recipe->base;
	auto_free char *keyring = NULL;
	char hex[DIGEST_HEX];

	if (base->digest) {
		input(s, "image=%s", base->digest);
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
		return ydoc_err(b->recipe->doc, &base->keyring, e, "the keyring %s can't be read", keyring);
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
	return 0;
}

static int image_inputs(struct build *b, struct step *s, struct err *e)
{
	const struct recipe *r = b->recipe;

	input(s, "base=%s", result_get(plan_result(&b->plan, STEP_BASE), "id"));
	input(s, "kernel=%s", plan_step(&b->plan, STEP_KERNEL) ?
	      result_get(plan_result(&b->plan, STEP_KERNEL), "id") : "stock");
	if (r->base.images)
		input_words(s, "packages", r->packages, r->n_packages);
	for (size_t i = 0; i < r->n_overlays; i++) {
		auto_free char *dir = overlay_dir(b, &r->overlays[i], e), *name = strf("overlay %s", r->overlays[i]);

		if (!dir || input_tree(s, name, dir, e) < 0)
			return -1;
	}
	if (r->bench && !is_dir(b->data->bench))
		return err_set(e, "the bench suite is not built: %s is not there; run `make`, or say 'bench: false'",
			       b->data->bench);
	if (r->bench && input_tree(s, "bench", b->data->bench, e) < 0)
		return -1;
	for (size_t i = 0; i < r->n_users; i++) {
		input(s, "user=%s%s", r->users[i].name, r->users[i].sudo ? " sudo" : "");
		for (size_t j = 0; j < r->users[i].n_keys; j++)
			input(s, "key=%s", r->users[i].keys[j]);
	}
	input(s, "name=%s hostname=%s disk=%llu grub-timeout=%llu", r->name, r->hostname,
	      (unsigned long long)r->disk, (unsigned long long)r->grub.timeout);
	return 0;
}

int plan_inputs(struct build *b, struct step *s, struct err *e)
{
	static int (*const inputs[STEP_KINDS])(struct build *, struct step *, struct err *) = {
		[STEP_SOURCE] = source_inputs, [STEP_CONFIG] = config_inputs, [STEP_KERNEL] = kernel_inputs,
		[STEP_BASE] = base_inputs, [STEP_IMAGE] = image_inputs,
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
