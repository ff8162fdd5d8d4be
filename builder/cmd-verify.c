/* verify: whether the image of a recipe comes out the same twice. */
#include <stdio.h>
#include <string.h>

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

/* Builds from nothing: with a cache of its own, which is gone after it. */
static int build_in(const char *given, const char *dir, const char *nth, struct err *e)
{
	auto_free char *cache = strf("%s/cache", dir), *out = strf("%s/image", dir);
	cleanup(job_close) struct job s = { 0 };
	const char *was = out_dir;
	int rc;

	out_dir = out;
	rc = mkdir_p(cache, e) < 0 ? -1 : job_open(&s, given, LOCK_IF_THERE, e);
	out_dir = was;
	if (rc < 0)
		return -1;
	free(s.b.cache);
	s.b.cache = steal(cache);
	s.b.use_ccache = false;
	progress_note("%s build", nth);
	if (run_plan(&s.b, STEP_BIT(STEP_IMAGE), e) < 0)
		return -1;
	return keep ? 0 : remove_tree(s.b.cache, e);
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

static int compare(const char *a, const char *b, const char *name, const char *cache, struct strv *odd, size_t *n,
		   struct err *e)
{
	auto_strv left = { 0 }, right = { 0 };

	if (compare_beside(a, b, odd, e) < 0 || list_image(a, name, cache, &left, e) < 0 ||
	    list_image(b, name, cache, &right, e) < 0)
		return -1;
	listing_diff(&left, &right, odd);
	*n = left.n;
	return 0;
}

static int verify_in(const char *dir, const char *given, const char *name, struct err *e)
{
	auto_free char *one = strf("%s/1", dir), *two = strf("%s/2", dir), *a = strf("%s/image", one);
	auto_free char *b = strf("%s/image", two), *cache = cache_dir();
	auto_strv odd = { 0 };
	size_t n = 0;

	if (build_in(given, one, "first", e) < 0 || build_in(given, two, "second", e) < 0 ||
	    compare(a, b, name, cache, &odd, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < odd.n; i++)
		puts(odd.v[i]);
	if (odd.n)
		return err_set(e, "%zu %s between two builds of %s", odd.n, odd.n == 1 ? "thing differs" : "things differ", given);
	printf("%s: two builds from nothing are the same: %zu files, and the kernel bit for bit\n", name, n);
	return 0;
}

int cmd_verify(int argc, char **argv, struct err *e)
{
	auto_free char *cache = cache_dir(), *name = NULL, *dir = NULL;
	cleanup(job_close) struct job s = { 0 };
	int rc;

	(void)argc;
	if (job_open(&s, argv[0], LOCK_IF_THERE, e) < 0)
		return -1;
	name = xstrdup(s.recipe->name);
	dir = make_temp_dir(cache, "verify-", e);
	if (!dir)
		return -1;
	rc = verify_in(dir, argv[0], name, e);
	if (keep) {
		progress_note("both builds are in %s", dir);
		return rc;
	}
	remove_tree(dir, &(struct err){ "" });
	return interrupted() ? err_set(e, "interrupted") : rc;
}
