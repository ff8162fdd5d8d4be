/* verify: whether the images of recipes come out the same twice. */
#include <stdio.h>
#include <string.h>

#include "cache.h"
#include "cmd.h"
#include "digest.h"
#include "file.h"
#include "image-read.h"
#include "inspect.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"

static bool keep;

const struct cli_option verify_options[] = {
	{ "set", 0, "KEY=VALUE", "a value in the place of the recipe's: kernel.config=defconfig; may stand again", &sets, true },
	{ "keep", 'k', NULL, "keep both builds, and say where", &keep },
	{ 0 }
};

/* Where the nth recipe's image of a build is. */
static char *image_dir(const char *build, int nth)
{
	return strf("%s/image-%d", build, nth + 1);
}

static int build_one(const char *given, const char *cache, const char *out, struct err *e)
{
	cleanup(job_close) struct job s = { 0 };
	const char *was = out_dir;
	int rc;

	out_dir = out;
	rc = job_open(&s, given, LOCK_IF_THERE, e);
	out_dir = was;
	if (rc < 0)
		return -1;
	free(s.b.cache);
	s.b.cache = xstrdup(cache);
	s.b.use_ccache = false;
	return run_plan(&s.b, STEP_BIT(STEP_IMAGE), e) < 0 ? -1 : 0;
}

/* Builds from nothing: with a cache of its own, which is gone after it. What recipes have in common is made once. */
static int build_all(int n, char **given, const char *dir, const char *nth, struct err *e)
{
	auto_free char *cache = strf("%s/cache", dir);

	if (mkdir_p(cache, e) < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		auto_free char *out = image_dir(dir, i);

		progress_note("%s: %s build", given[i], nth);
		if (build_one(given[i], cache, out, e) < 0)
			return -1;
	}
	return keep ? 0 : remove_tree(cache, e);
}

/* The files beside the image: kernel, initrd, configuration, bit for bit. */
static int compare_beside(const char *a, const char *b, struct strv *odd, struct err *e)
{
	auto_strv left = { 0 }, right = { 0 };

	if (list_dir(a, "", &left, e) < 0 || list_dir(b, "", &right, e) < 0)
		return -1;
	for (size_t i = 0; i < left.n; i++) {
		auto_free char *x = strf("%s/%s", a, left.v[i]), *y = strf("%s/%s", b, left.v[i]);
		char hx[DIGEST_HEX], hy[DIGEST_HEX];

		if (str_ends(x, ".json") || str_ends(x, ".qcow2") || is_dir(x))
			continue;
		if (digest_file(x, DIGEST_SHA256, hx, e) < 0 || digest_file(y, DIGEST_SHA256, hy, e) < 0)
			return -1;
		if (strcmp(hx, hy))
			strv_addf(odd, "differs: %s, beside the image: sha256 %s, %s", left.v[i], hx, hy);
	}
	return 0;
}

static int list_image(const char *dir, const char *name, const char *cache, struct strv *lines, struct err *e)
{
	auto_free char *path = strf("%s/%s.qcow2", dir, name);

	progress_begin(0, 0, "looking into %s", path);
	if (image_list(path, cache, lines, e) < 0)
		return -1;
	progress_abort();
	return 0;
}

/* Says what differs between the two images. Returns 0 where nothing does, 1 where something does. */
static int compare(const char *given, const char *name, const char *a, const char *b, struct err *e)
{
	auto_strv left = { 0 }, right = { 0 }, odd = { 0 };
	auto_free char *cache = cache_dir();

	if (compare_beside(a, b, &odd, e) < 0 || list_image(a, name, cache, &left, e) < 0 ||
	    list_image(b, name, cache, &right, e) < 0)
		return -1;
	listing_diff(&left, &right, &odd);
	for (size_t i = 0; i < odd.n; i++)
		puts(odd.v[i]);
	if (odd.n)
		printf("%s: %zu %s between two builds from nothing\n", given, odd.n,
		       odd.n == 1 ? "thing differs" : "things differ");
	else
		printf("%s: two builds from nothing are the same: %zu files, and the kernel bit for bit\n", given, left.n);
	fflush(stdout);
	return odd.n > 0;
}

static int verify_in(const char *dir, int n, char **given, const struct strv *names, struct err *e)
{
	auto_free char *one = strf("%s/1", dir), *two = strf("%s/2", dir);
	int differ = 0;

	if (build_all(n, given, one, "first", e) < 0 || build_all(n, given, two, "second", e) < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		auto_free char *a = image_dir(one, i), *b = image_dir(two, i);
		int rc = compare(given[i], names->v[i], a, b, e);

		if (rc < 0)
			return -1;
		differ += rc;
	}
	return differ ? err_set(e, "%d of %d %s not come out the same twice", differ, n, n == 1 ? "recipe did" : "recipes did") :
			0;
}

int cmd_verify(int argc, char **argv, struct err *e)
{
	auto_free char *cache = cache_dir(), *dir = NULL;
	auto_strv names = { 0 };
	auto_close int in_use = -1;
	int rc;

	/* All are read before the first is built. */
	for (int i = 0; i < argc; i++) {
		cleanup(job_close) struct job s = { 0 };

		if (job_open(&s, argv[i], LOCK_IF_THERE, e) < 0)
			return -1;
		strv_add(&names, s.recipe->name);
	}
	in_use = cache_use(cache, e); /* gc stays away between the builds too */
	dir = in_use < 0 ? NULL : make_temp_dir(cache, "verify-", e);
	if (!dir)
		return -1;
	rc = verify_in(dir, argc, argv, &names, e);
	if (keep) {
		progress_note("both builds are in %s", dir);
		return rc;
	}
	remove_tree(dir, &(struct err){ "" });
	return interrupted() ? err_set(e, "interrupted") : rc;
}
