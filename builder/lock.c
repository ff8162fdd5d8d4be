#include "lock.h"

#include <stddef.h>
#include <string.h>

#include "recipe.h"

#define FORMAT 1 /* raised when a key changes its meaning */
#define LOCK(f) offsetof(struct lock, f)
#define SOURCE(f) (offsetof(struct lock, source.f) - offsetof(struct lock, source))
#define BASE(f) (offsetof(struct lock, base.f) - offsetof(struct lock, base))

static const struct ymap source_map = {
	.what = "source", .size = sizeof(((struct lock *)0)->source), .keys = (const struct ykey[]){
		{ "of", Y_STR, SOURCE(of), .required = true, .help = "what the recipe names: a package, URL or repository" },
		{ "version", Y_STR, SOURCE(version), .help = "the package's version, or the repository's commit" },
		{ "digest", Y_STR, SOURCE(digest), .help = "digest of the package or tarball" },
		{ 0 } }
};

static const struct ymap base_map = {
	.what = "base", .size = sizeof(((struct lock *)0)->base), .keys = (const struct ykey[]){
		{ "of", Y_STR, BASE(of), .required = true, .help = "what the recipe names: a suite, or the image's first URL" },
		{ "digest", Y_STR, BASE(digest), .help = "digest of the image" },
		{ 0 } }
};

const struct ymap lock_map = {
	.what = "the lock", .size = sizeof(struct lock), .keys = (const struct ykey[]){
		{ "lock", Y_INT, LOCK(format), .min = 1, .max = FORMAT, .required = true, .help = "the format: 1" },
		{ "made", Y_STR, LOCK(made), .help = "when" },
		{ "compiler", Y_STR, LOCK(compiler), .help = "what kernels were compiled with" },
		{ "source", Y_MAP, LOCK(source), .map = &source_map, .help = "the kernel's source" },
		{ "base", Y_MAP, LOCK(base), .map = &base_map, .required = true, .help = "the base system" },
		{ "packages", Y_PAIRS, LOCK(packages), LOCK(n_packages), .help = "all that is installed, in which version" },
		{ 0 } }
};

char *lock_path(const char *recipe)
{
	size_t n = strlen(recipe);

	return strf("%.*s.lock", (int)(str_ends(recipe, ".yaml") ? n - strlen(".yaml") : n), recipe);
}

struct lock *lock_load(const char *path, struct err *e)
{
	struct lock *l = xcalloc(1, sizeof(*l));
	struct ydoc *doc = ydoc_load(path, &lock_map, l, e);

	l->doc = doc; /* ydoc_load() zeroes what it fills */
	l->path = xstrdup(path);
	if (doc)
		return l;
	lock_free(l);
	return NULL;
}

void lock_free(struct lock *l)
{
	if (!l)
		return;
	ydoc_free(l->doc);
	free(l->path);
	free(l);
}

static const char *base_name(const struct recipe *r)
{
	return r->base.suite ? r->base.suite : r->base.images[0];
}

static int stale(const struct lock *l, const void *field, const char *has, const char *wants, struct err *e)
{
	return ydoc_err(l->doc, field, e, "the lock is of '%s', and the recipe says '%s' now: `vmbuild lock --update` renews it",
			has, wants);
}

int lock_check(const struct lock *l, const struct build *b, bool strict, struct err *e)
{
	const struct recipe *r = b->recipe;
	bool fetched = r->kernel.mode == KERNEL_BUILD && !r->kernel.tree;

	if (strcmp(l->base.of, base_name(r)))
		return stale(l, &l->base.of, l->base.of, base_name(r), e);
	if (fetched && (!l->source.of || strcmp(l->source.of, kernel_source(b))))
		return stale(l, &l->source, l->source.of ? l->source.of : "no source", kernel_source(b), e);
	if (fetched && r->kernel.commit && strcmp(l->source.version, r->kernel.commit))
		return stale(l, &l->source.version, l->source.version, r->kernel.commit, e);
	for (size_t i = 0; l->n_packages && i < r->n_packages; i++) {
		auto_free char *prefix = strf("%s = ", r->packages[i]);
		size_t j = 0;

		while (j < l->n_packages && !str_starts(l->packages[j], prefix))
			j++;
		if (j == l->n_packages)
			return ydoc_err(l->doc, &l->packages, e, "the lock has no package '%s', which the recipe asks for: `vmbuild "
					"lock --update` renews it", r->packages[i]);
	}
	if (strict && r->kernel.mode == KERNEL_BUILD && l->compiler && strcmp(l->compiler, b->gcc))
		return ydoc_err(l->doc, &l->compiler, e, "the lock is of a build by '%s', and this host has '%s': the kernel would "
				"not be the same; build where that compiler is, or renew the lock", l->compiler, b->gcc);
	return 0;
}

/* Between double quotes, as YAML has it. */
static void put(struct text *t, const char *key, const char *value)
{
	if (!*value)
		return;
	text_addf(t, "%s: \"", key);
	for (; *value; value++)
		text_addf(t, strchr("\"\\", *value) ? "\\%c" : "%c", *value);
	text_puts(t, "\"\n");
}

/* A package's id is "NAME VERSION sha256:HEX", and patches after that. */
static void put_package(struct text *t, const char *id)
{
	auto_free char *copy = xstrdup(id);
	char *save, *name = strtok_r(copy, " ", &save), *version = name ? strtok_r(NULL, " ", &save) : NULL;
	char *digest = version ? strtok_r(NULL, " ", &save) : NULL;

	put(t, "  version", version ? version : "");
	put(t, "  digest", digest ? digest : "");
}

static void put_source(struct text *t, const struct build *b)
{
	const struct recipe_kernel *k = &b->recipe->kernel;
	const struct result *r = plan_result(&b->plan, STEP_SOURCE);

	if (!r)
		return;
	text_puts(t, "source:\n");
	put(t, "  of", kernel_source(b));
	if (k->package)
		put_package(t, result_get(r, "id"));
	else if (k->git)
		put(t, "  version", result_get(r, "version"));
	else
		put(t, "  digest", k->digest);
}

char *lock_text(const struct build *b, const struct strv *packages, const char *when)
{
	const struct recipe *r = b->recipe;
	struct text t = { 0 };

	text_puts(&t, "# Written by `vmbuild lock`, of the recipe of that name. A build takes what stands here;\n"
		      "# `vmbuild lock --update` renews it.\n");
	text_addf(&t, "lock: %d\n", FORMAT);
	put(&t, "made", when);
	if (r->kernel.mode == KERNEL_BUILD)
		put(&t, "compiler", b->gcc);
	put_source(&t, b);
	text_puts(&t, "base:\n");
	put(&t, "  of", base_name(r));
	if (r->base.images)
		put(&t, "  digest", result_get(plan_result(&b->plan, STEP_BASE), "id"));
	if (packages->n)
		text_puts(&t, "packages:\n");
	for (size_t i = 0; i < packages->n; i++) {
		auto_free char *key = strf("  %.*s", (int)strcspn(packages->v[i], " "), packages->v[i]);
		const char *version = strchr(packages->v[i], ' ');

		put(&t, key, version ? version + 1 : "");
	}
	return t.s;
}

/* "NAME = VERSION" of the lock as "NAME VERSION". The caller's to free. */
static char *plain(const char *pair)
{
	const char *eq = strstr(pair, " = ");

	return strf("%.*s %s", (int)(eq - pair), pair, eq + 3);
}

/* What differs first, the caller's to free; NULL: nothing. */
static char *differs(const struct lock *l, const struct strv *installed)
{
	auto_strv locked = { 0 };

	for (size_t i = 0; i < l->n_packages; i++) {
		auto_free char *line = plain(l->packages[i]);

		strv_add(&locked, line);
		if (!strv_has(installed, line))
			return strf("%s is not to be had any more", line);
	}
	for (size_t i = 0; i < installed->n; i++)
		if (!strv_has(&locked, installed->v[i]))
			return strf("%s came in on top", installed->v[i]);
	return NULL;
}

int lock_verify(const struct lock *l, const struct strv *installed, struct err *e)
{
	auto_free char *odd = differs(l, installed);

	return odd ? ydoc_err(l->doc, &l->packages, e, "%s: the archive moved on; `vmbuild lock --update` takes what it has now, "
			      "'snapshot' in the recipe what it had", odd) : 0;
}

char *lock_preferences(const struct lock *l)
{
	struct text t = { 0 };

	for (size_t i = 0; i < l->n_packages; i++) {
		const char *eq = strstr(l->packages[i], " = ");

		text_addf(&t, "Package: %.*s\nPin: version %s\nPin-Priority: 1001\n\n", (int)(eq - l->packages[i]), l->packages[i],
			  eq + 3);
	}
	return t.s ? t.s : xstrdup("");
}
