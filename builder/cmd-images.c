/* list, gc: the images that there are, and what the cache keeps for nobody. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cache.h"
#include "cmd.h"
#include "file.h"
#include "interrupt.h"
#include "manifest.h"
#include "print.h"
#include "table.h"
#include "text.h"
#include "units.h"

static bool json, dry_run;
static const char *keep = "3", *older_than = "14d";

const struct cli_option images_options[] = {
	{ "output", 'o', "DIR", "folder with images (default: where vmctl looks)", &out_dir },
	{ "json", 0, NULL, "for programs", &json },
	{ 0 }
};

const struct cli_option gc_options[] = {
	{ "keep", 'k', "N", "of each kind of step, keep the N used last (default: 3)", &keep },
	{ "older-than", 0, "TIME", "keep what was used since: 12h, 14d (default: 14d)", &older_than },
	{ "dry-run", 'n', NULL, "only say what would be removed", &dry_run },
	{ 0 }
};

struct images {
	struct image_info *v;
	size_t n;
};

static void images_free(struct images *list)
{
	for (size_t i = 0; i < list->n; i++)
		image_info_free(&list->v[i]);
	free(list->v);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct image_info *)a)->name, ((const struct image_info *)b)->name);
}

/* Those in dir; one without its manifest is not whole, and is none. */
static int images_load(struct images *list, const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *f;
	int rc = 0;

	if (!d)
		return errno == ENOENT ? 0 : err_errno(e, "can't read %s", dir);
	while (rc == 0 && (f = readdir(d))) {
		auto_free char *path = strf("%s/%s", dir, f->d_name);

		if (*f->d_name == '.' || !str_ends(f->d_name, ".json"))
			continue;
		list->v = xrealloc(list->v, (list->n + 1) * sizeof(*list->v));
		rc = image_info_load(&list->v[list->n], path, e);
		list->n += rc == 0;
	}
	closedir(d);
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_name);
	return rc;
}

int cmd_images(int argc, char **argv, struct err *e)
{
	auto_free char *state = state_dir(), *dir = out_dir ? xstrdup(out_dir) : strf("%s/images", state);
	cleanup(images_free) struct images list = { 0 };
	struct table *t;

	(void)argc;
	(void)argv;
	if (images_load(&list, dir, e) < 0)
		return -1;
	if (json)
		return print_images_json(list.v, list.n);
	if (!list.n) {
		printf("no image in %s yet: `vmbuild cxl-tcg` makes one\n", dir);
		return 0;
	}
	t = table_new((const char *const[]){ "IMAGE", "SIZE", "MADE", "BASE", "KERNEL", "RECIPE", NULL });
	for (size_t i = 0; i < list.n; i++) {
		char size[SIZE_TEXT];

		table_row(t, (const char *const[]){ list.v[i].name, size_human(list.v[i].bytes, size), list.v[i].created,
						    list.v[i].base, list.v[i].kernel, list.v[i].recipe, NULL });
	}
	table_print(t);
	return 0;
}

/* ---- gc ---- */

/* Something in the cache that may go. */
struct item {
	char *path, *kind; /* steps of one kind are counted together */
	time_t used;
	uint64_t bytes;
	bool needed;       /* an image is made of it */
};

struct items {
	struct item *v;
	size_t n;
};

static void items_free(struct items *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].kind);
	}
	free(l->v);
}

static int add_bytes(const char *path, const char *rel, const struct stat *st, void *arg, struct err *e)
{
	(void)path;
	(void)rel;
	*(uint64_t *)arg += (uint64_t)st->st_blocks * 512;
	return interrupt_check(e);
}

/* "config-0123..." stands for the step whose digest begins like that. */
static bool is_needed(const struct images *images, const char *name)
{
	const char *digest = strchr(name, '-');

	for (size_t i = 0; digest && i < images->n; i++)
		for (size_t j = 0; j < images->v[i].digests.n; j++)
			if (str_starts(images->v[i].digests.v[j], digest + 1))
				return true;
	return false;
}

/* What is in a folder of the cache. used_by: the file in it whose time says when it was used last; NULL: its own. */
static int collect(struct items *l, const char *dir, const char *used_by, const struct images *images, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *f;
	int rc = 0;

	if (!d)
		return errno == ENOENT ? 0 : err_errno(e, "can't read %s", dir);
	while (rc == 0 && (f = readdir(d))) {
		auto_free char *path = strf("%s/%s", dir, f->d_name), *mark = strf("%s/%s", path, used_by ? used_by : "");
		struct item i = { .needed = images && is_needed(images, f->d_name) };
		struct stat st;

		if (*f->d_name == '.' || str_ends(f->d_name, ".lock") ||
		    (stat(used_by ? mark : path, &st) < 0 && stat(path, &st) < 0))
			continue;
		i.used = st.st_mtime;
		i.bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_blocks * 512 : 0;
		i.kind = xstrndup(f->d_name, strcspn(f->d_name, "-"));
		if (is_dir(path))
			rc = walk_tree(path, add_bytes, &i.bytes, e);
		i.path = steal(path);
		l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
		l->v[l->n++] = i;
	}
	closedir(d);
	return rc;
}

static int newest_first(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int kind = strcmp(x->kind, y->kind);

	return kind ? kind : x->used < y->used ? 1 : x->used > y->used ? -1 : strcmp(x->path, y->path);
}

/* Removes those that are not needed, not among the keep newest of their kind, and not used since. */
static int sweep(struct items *l, long keep_n, time_t since, uint64_t *freed, size_t *count, struct err *e)
{
	long nth = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), newest_first);
	for (size_t i = 0; i < l->n; i++) {
		struct item *x = &l->v[i];
		char size[SIZE_TEXT];

		nth = i > 0 && !strcmp(x->kind, x[-1].kind) ? nth + 1 : 0;
		if (x->needed || nth < keep_n || x->used > since)
			continue;
		printf("%s %s (%s)\n", dry_run ? "would remove" : "removed", x->path, size_human(x->bytes, size));
		if (!dry_run && remove_tree(x->path, e) < 0)
			return -1;
		*freed += x->bytes;
		++*count;
	}
	return 0;
}

/* A folder of the cache, and what in it may go: by count and age, or by age alone. */
static int collect_and_sweep(const char *cache, const char *name, const char *used_by, const struct images *images,
			     long keep_n, time_t since, uint64_t *freed, size_t *count, struct err *e)
{
	auto_free char *dir = strf("%s/%s", cache, name);
	cleanup(items_free) struct items l = { 0 };

	if (collect(&l, dir, used_by, images, e) < 0)
		return -1;
	return sweep(&l, keep_n, since, freed, count, e);
}

int cmd_gc(int argc, char **argv, struct err *e)
{
	auto_free char *state = state_dir(), *dir = strf("%s/images", state), *cache = cache_dir();
	cleanup(images_free) struct images images = { 0 };
	uint64_t age, freed = 0;
	size_t count = 0;
	char *end, size[SIZE_TEXT];
	long keep_n = strtol(keep, &end, 10);
	auto_close int lock = -1;
	struct err why;
	time_t since;

	(void)argc;
	(void)argv;
	if (*end || end == keep || keep_n < 0)
		return err_set(e, "--keep takes a number, not '%s'", keep);
	if (duration_parse(older_than, &age, &why) < 0)
		return err_set(e, "--older-than: %s", why.msg);
	since = time(NULL) - (time_t)(age / 1000);
	lock = cache_lock_all(cache, e);
	if (lock < 0 || images_load(&images, dir, e) < 0)
		return -1;
	if (collect_and_sweep(cache, "steps", "result", &images, keep_n, since, &freed, &count, e) < 0 ||
	    collect_and_sweep(cache, "objects", ".config", NULL, 0, since, &freed, &count, e) < 0 ||
	    collect_and_sweep(cache, "fetch", NULL, NULL, 0, since, &freed, &count, e) < 0 ||
	    collect_and_sweep(cache, "logs", NULL, NULL, 0, since, &freed, &count, e) < 0 ||
	    collect_and_sweep(cache, "tmp", NULL, NULL, 0, time(NULL), &freed, &count, e) < 0)
		return -1;
	if (count)
		printf("%zu %s, %s %s\n", count, count == 1 ? "thing" : "things", size_human(freed, size),
		       dry_run ? "would be free" : "are free again");
	else
		printf("nothing to remove: what there is is needed by an image, among the %ld used last of its kind, or was used in "
		       "the last %s\n", keep_n, older_than);
	return 0;
}
