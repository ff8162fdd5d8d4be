#include "run-plan.h"

#include <limits.h>
#include <string.h>

#include "cache.h"
#include "file.h"
#include "image.h"
#include "interrupt.h"
#include "manifest.h"
#include "progress.h"
#include "run.h"
#include "steps.h"
#include "tarball.h"
#include "units.h"

static int (*const runners[STEP_KINDS])(struct build *, struct step *, const char *, struct err *) = {
	[STEP_SOURCE] = step_source, [STEP_CONFIG] = step_config, [STEP_KERNEL] = step_kernel,
	[STEP_BASE] = step_base, [STEP_DISK] = step_disk, [STEP_IMAGE] = step_image,
};

static int add_fragment(struct build *b, char *const *fragment, struct err *e)
{
	const char *name = *fragment;
	auto_free char *shipped = strf("%s/%s", b->data->kconfigs, name), *own = recipe_path(b, fragment), *text = NULL;
	auto_free char *label = strf("kconfigs/%s", name);
	bool is_shipped = !strchr(name, '/') && file_exists(shipped);

	if (!is_shipped && !file_exists(own))
		return ydoc_err(b->recipe->doc, fragment, e, "no fragment '%s': neither %s nor %s is there", name, shipped,
				own);
	text = file_read(is_shipped ? shipped : own, 0, NULL, e);
	return text ? asks_add_text(&b->asks, is_shipped ? label : own, text, e) : -1;
}

static int collect_asks(struct build *b, struct err *e)
{
	const struct recipe_kernel *k = &b->recipe->kernel;

	for (size_t i = 0; i < k->n_fragments; i++)
		if (add_fragment(b, &k->fragments[i], e) < 0)
			return -1;
	for (size_t i = 0; i < k->n_options; i++)
		if (asks_add_line(&b->asks, ydoc_file(b->recipe->doc, &k->options[i]), ydoc_line(b->recipe->doc, &k->options[i]),
				  k->options[i], e) < 0)
			return -1;
	return 0;
}

/* Now, and not when the kernel is built. */
static int check_sources(struct build *b, struct err *e)
{
	const struct recipe *r = b->recipe;

	for (size_t i = 0; i < r->n_overlays; i++) {
		auto_free char *dir = overlay_dir(b, &r->overlays[i], e);
		bool good = dir && tarball_check(dir, e) == 0;
		struct err why = *e;

		if (!good)
			return ydoc_err(r->doc, &r->overlays[i], e, "%s", why.msg);
	}
	for (size_t i = 0; i < r->n_copies; i++) {
		auto_free char *from = copy_source(b, &r->copies[i], e);

		if (!from)
			return -1;
	}
	for (size_t i = 0; i < r->kernel.n_patches; i++) {
		auto_free char *path = recipe_path(b, &r->kernel.patches[i]);

		if (access(path, R_OK) < 0)
			return ydoc_err(r->doc, &r->kernel.patches[i], e, "the patch %s can't be read: %s", path,
					strerror(errno));
	}
	return bench_check(b, e);
}

static int find_compiler(struct build *b, struct err *e)
{
	const char *argv[] = { "gcc", "--version", NULL };
	auto_text out = { 0 };

	b->gcc = xstrdup("");
	if (b->recipe->kernel.mode == KERNEL_STOCK)
		return 0;
	if (run_simple(argv, &out, e) < 0)
		return -1;
	free(b->gcc);
	b->gcc = xstrndup(out.s, strcspn(out.s, "\n"));
	return 0;
}

int build_init(struct build *b, const struct recipe *r, const char *path, const char *out, struct err *e)
{
	auto_free char *state = state_dir(), *real = realpath(path, NULL);

	*b = (struct build){ .recipe = r, .cache = cache_dir(), .data = data_dirs(e), .use_ccache = true,
			     .in_use = -1 };
	if (!b->data)
		return -1;
	if (!real)
		return err_errno(e, "can't find %s", path);
	*strrchr(real, '/') = '\0';
	b->recipe_dir = steal(real);
	b->in_use = mkdir_p(b->cache, e) < 0 ? -1 : cache_use(b->cache, e);
	if (b->in_use < 0)
		return -1;
	if (out && mkdir_p(out, e) < 0)
		return -1;
	b->out = out ? realpath(out, NULL) : strf("%s/images", state);
	if (digest_file(path, DIGEST_SHA256, b->recipe_digest, e) < 0 || collect_asks(b, e) < 0 || check_sources(b, e) < 0)
		return -1;
	plan_make(&b->plan, r);
	return find_compiler(b, e);
}

void build_free(struct build *b)
{
	if (b->in_use > 0)
		close(b->in_use);
	live_disk_close(&b->live);
	plan_free(&b->plan);
	asks_free(&b->asks);
	free(b->recipe_dir);
	free(b->cache);
	free(b->out);
	free(b->gcc);
}

static const char *doing(enum step_kind kind)
{
	static const char *const words[STEP_KINDS] = { "kernel source", "kernel configuration", "kernel", "base system",
						       "disk", "image" };
	return words[kind];
}

/* What there is to say of a step that is done. */
static char *summary(const struct build *b, const struct step *s)
{
	const struct result *r = &s->result;

	switch (s->kind) {
	case STEP_SOURCE:
		return strf("kernel source: %s %s", kernel_source(b), result_get(r, "version"));
	case STEP_CONFIG:
		return strf("kernel configuration: %s options on, all %zu that were asked for among them",
			    result_get(r, "enabled"), b->asks.n);
	case STEP_KERNEL:
		return strf("kernel: %s", result_get(r, "release"));
	case STEP_BASE:
		return strf("base system: %s", b->recipe->base.suite ? b->recipe->base.suite : b->recipe->base.images[0]);
	case STEP_DISK:
		return strf("disk: %s, kernel %s", result_get(r, "root"), result_get(r, "release"));
	default:
		return strf("image: %s/%s.qcow2", b->out, b->recipe->name);
	}
}

/* The image is not in the cache but in the output folder. */
static int lookup(struct build *b, struct step *s, struct err *e)
{
	if (s->kind != STEP_IMAGE)
		return cache_lookup(b, s, e);
	s->cached = manifest_matches(b, s->digest);
	return s->cached;
}

static int run_step(struct build *b, struct step *s, struct err *e)
{
	auto_free char *dir = cache_work_dir(b, s, e), *seconds = NULL;
	int rc;

	if (!dir)
		return -1;
	s->begun = now_s();
	rc = runners[s->kind](b, s, dir, e);
	s->seconds = now_s() - s->begun;
	seconds = strf("%.1f", s->seconds);
	result_set(&s->result, "seconds", seconds);
	if (rc == 0 && s->kind != STEP_IMAGE)
		rc = cache_commit(b, s, dir, e);
	if (rc < 0 || s->kind == STEP_IMAGE)
		remove_tree(dir, &(struct err){ "" });
	return rc;
}

/* With the lock held: another vmbuild may have made it while we waited. */
static int run_locked(struct build *b, struct step *s, int number, bool anew, struct err *e)
{
	auto_free char *words = NULL;
	auto_close int lock = cache_lock(b, s, e);
	int found;

	if (lock < 0)
		return -1;
	found = anew ? 0 : lookup(b, s, e);
	if (found)
		return found;
	progress_begin(number, b->plan.n, "%s", doing(s->kind));
	if (run_step(b, s, e) < 0)
		return -1;
	words = summary(b, s);
	progress_end("%s", words);
	return 0;
}

/* --update makes these anew although their inputs are the same: what they name moves on. */
static bool wants_update(const struct build *b, const struct step *s)
{
	return b->update && ((s->kind == STEP_BASE && !b->recipe->base.digest) ||
			     (s->kind == STEP_SOURCE && (b->recipe->kernel.package || b->recipe->kernel.tag ||
							 b->recipe->kernel.branch)));
}

int look_at_plan(struct build *b, struct err *e)
{
	unsigned missing = 0;

	for (int i = 0; i < b->plan.n; i++) {
		struct step *s = &b->plan.steps[i];

		if (!(s->needs & missing) && (plan_inputs(b, s, e) < 0 || lookup(b, s, e) < 0))
			return -1;
		if (!s->cached)
			missing |= 1U << s->kind;
	}
	return 0;
}

int run_plan(struct build *b, unsigned wanted, struct err *e)
{
	unsigned all = plan_closure(&b->plan, wanted);
	int ran = 0;

	for (int i = 0; i < b->plan.n; i++) {
		struct step *s = &b->plan.steps[i];
		bool anew = wants_update(b, s);
		int cached;

		if (!(all & STEP_BIT(s->kind)))
			continue;
		if (interrupt_check(e) < 0 || plan_inputs(b, s, e) < 0)
			return -1;
		cached = anew ? 0 : lookup(b, s, e);
		if (cached == 0)
			cached = run_locked(b, s, i + 1, anew, e);
		if (cached < 0)
			return -1;
		if (s->cached)
			progress_skip(i + 1, b->plan.n, doing(s->kind));
		ran += !s->cached;
		if (s->cached)
			s->seconds = strtod(result_get(&s->result, "seconds"), NULL);
	}
	return ran;
}
