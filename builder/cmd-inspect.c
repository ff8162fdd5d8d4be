/* inspect: the manifest, and what is really in the image. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "digest.h"
#include "file.h"
#include "inspect.h"
#include "print.h"
#include "progress.h"
#include "text.h"

static bool json, files;

const struct cli_option inspect_options[] = {
	{ "files", 'f', NULL, "list every file: path, type, mode, owner, digest", &files },
	{ "json", 0, NULL, "for programs", &json },
	{ 0 }
};

/* A path, or the name of an image where vmctl looks. The caller's to free. */
static char *find_image(const char *given, struct err *e)
{
	auto_free char *state = state_dir(), *named = strf("%s/images/%s.qcow2", state, given);

	if (strchr(given, '/') || str_ends(given, ".qcow2") || (file_exists(given) && !is_dir(given)))
		return xstrdup(given);
	if (file_exists(named))
		return steal(named);
	err_set(e, "no image '%s': %s is not there; `vmbuild list` shows those that are", given, named);
	return NULL;
}

/* The files beside the manifest are those that it was written for. */
static void compare_digests(const struct record *m, const char *image, struct findings *out)
{
	static const char *const keys[] = { "image", "kernel", "initrd", "config" };
	const char *slash = strrchr(image, '/');

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		auto_free char *name_key = strf("files.%s.file", keys[i]), *sum_key = strf("files.%s.sha256", keys[i]);
		const char *name = record_text(m, name_key), *sum = record_text(m, sum_key);
		auto_free char *path = strf("%.*s%s", slash ? (int)(slash - image + 1) : 0, image, name);
		char hex[DIGEST_HEX];
		struct err why;

		if (!*name)
			continue;
		progress_update("digest of %s", name);
		if (digest_file(path, DIGEST_SHA256, hex, &why) < 0)
			finding_add(out, true, name, xstrdup(why.msg));
		else
			finding_add(out, strcmp(hex, sum), name, strf("sha256 %.16s...%s", hex, strcmp(hex, sum) ?
				    ", which is not the manifest's" : ""));
	}
}

static void made(const struct record *m, struct findings *out)
{
	finding_add(out, false, "made", strf("%s by vmbuild %s from %s", record_text(m, "created"),
					     record_text(m, "vmbuild"), record_text(m, "recipe.file")));
	finding_add(out, false, "base", xstrdup(record_text(m, "base")));
}

static int report(const struct findings *l)
{
	size_t odd = 0;

	for (size_t i = 0; i < l->n; i++) {
		odd += l->v[i].differs;
		printf("%-18s %s%s\n", l->v[i].what, l->v[i].differs ? "! " : "", l->v[i].found);
	}
	return (int)odd;
}

static int list_files(const char *image, const char *cache, struct err *e)
{
	auto_strv lines = { 0 };

	if (image_list(image, cache, &lines, e) < 0)
		return -1;
	progress_abort();
	for (size_t i = 0; i < lines.n; i++)
		puts(lines.v[i]);
	return 0;
}

int cmd_inspect(int argc, char **argv, struct err *e)
{
	auto_free char *image = find_image(argv[0], e), *cache = cache_dir();
	size_t stem = image && str_ends(image, ".qcow2") ? strlen(image) - strlen(".qcow2") : 0;
	auto_free char *beside = image ? strf("%.*s.json", (int)stem, image) : NULL;
	cleanup(record_cleanup) struct record *m = NULL;
	cleanup(image_facts_free) struct image_facts f = { 0 };
	cleanup(findings_free) struct findings l = { 0 };
	int odd;

	(void)argc;
	if (!image || mkdir_p(cache, e) < 0)
		return -1;
	progress_begin(0, 0, "looking into %s", image);
	if (files)
		return list_files(image, cache, e);
	if (stem && file_exists(beside) && !(m = record_load(beside, e)))
		return -1;
	finding_add(&l, false, "image", xstrdup(image));
	if (m)
		made(m, &l);
	else
		finding_add(&l, false, "manifest", xstrdup("none: it was not made by vmbuild, or is not whole"));
	if (image_look(image, cache, &f, e) < 0)
		return -1;
	if (m)
		compare_digests(m, image, &l);
	inspect(m, &f, &l);
	progress_abort();
	if (json)
		return print_findings_json(&l);
	odd = report(&l);
	return odd ? err_set(e, "%d of it %s not as the manifest says (marked !)", odd, odd == 1 ? "is" : "are") : 0;
}
