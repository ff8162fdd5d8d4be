/* list, gc: the images that there are, and what the cache keeps for nobody. */
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

/* Those in dir; one without its manifest is not whole, and is none. */
static int images_load(struct images *list, const char *dir, struct err *e)
{
	auto_strv names = { 0 };

	if (list_dir(dir, ".json", &names, e) < 0)
		return -1;
	list->v = xcalloc(names.n, sizeof(*list->v));
	for (; list->n < names.n; list->n++) {
		auto_free char *path = strf("%s/%s.json", dir, names.v[list->n]);

		if (image_info_load(&list->v[list->n], path, e) < 0)
			return -1;
	}
	return 0;
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

/* The folders of the cache of which things may go. */
static const struct folder {
	const char *name;
	const char *used;  /* the file in a thing whose time says when it was used last; NULL: its own */
	bool kept;         /* images are made of these, and the last of each kind stay                 */
	bool at_any_age;   /* what killed runs left                                                    */
} folders[] = {
	{ "steps", "result", .kept = true }, { "objects", ".config" }, { "fetch", NULL }, { "logs", NULL },
	{ "tmp", NULL, .at_any_age = true },
};

/* Something in such a folder. */
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

/* What to keep, and what came of it. */
struct sweep {
	struct images images;
	long keep;         /* of a kind                 */
	time_t since;      /* what was used after that  */
	uint64_t freed;
	size_t count;
};

static void sweep_free(struct sweep *w)
{
	images_free(&w->images);
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

static int add_item(struct items *l, const struct folder *f, const char *dir, const char *name, const struct sweep *w,
		    struct err *e)
{
	struct item *i = &l->v[l->n];
	auto_free char *path = strf("%s/%s", dir, name), *used = f->used ? strf("%s/%s", path, f->used) : xstrdup(path);
	struct stat st;

	if (stat(used, &st) < 0 && stat(path, &st) < 0)
		return 0; /* gone meanwhile */
	*i = (struct item){ .kind = xstrndup(name, strcspn(name, "-")), .used = st.st_mtime,
			    .needed = f->kept && is_needed(&w->images, name) };
	l->n++;
	if (is_dir(path) ? walk_tree(path, add_bytes, &i->bytes, e) < 0 : add_bytes(path, "", &st, &i->bytes, e) < 0)
		return -1;
	i->path = steal(path);
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int kind = strcmp(x->kind, y->kind);

	return kind ? kind : x->used < y->used ? 1 : x->used > y->used ? -1 : strcmp(x->path, y->path);
}

static int remove_item(struct sweep *w, const struct item *x, struct err *e)
{
	char size[SIZE_TEXT];

	printf("%s %s (%s)\n", dry_run ? "would remove" : "removed", x->path, size_human(x->bytes, size));
	w->freed += x->bytes;
	w->count++;
	return dry_run ? 0 : remove_tree(x->path, e);
}

static int sweep_folder(struct sweep *w, const char *cache, const struct folder *f, struct err *e)
{
	auto_free char *dir = strf("%s/%s", cache, f->name);
	cleanup(items_free) struct items l = { 0 };
	auto_strv names = { 0 };
	long nth = 0;

	if (list_dir(dir, "", &names, e) < 0)
		return -1;
	l.v = xcalloc(names.n, sizeof(*l.v));
	for (size_t i = 0; i < names.n; i++)
		if (!str_ends(names.v[i], ".lock") && add_item(&l, f, dir, names.v[i], w, e) < 0)
			return -1;
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), newest_first);
	for (size_t i = 0; i < l.n; i++) {
		const struct item *x = &l.v[i];

		nth = i > 0 && !strcmp(x->kind, x[-1].kind) ? nth + 1 : 0;
		if (x->needed || (f->kept && nth < w->keep) || (!f->at_any_age && x->used > w->since))
			continue;
		if (remove_item(w, x, e) < 0)
			return -1;
	}
	return 0;
}

int cmd_gc(int argc, char **argv, struct err *e)
{
	auto_free char *state = state_dir(), *dir = strf("%s/images", state), *cache = cache_dir();
	char *end, size[SIZE_TEXT];
	cleanup(sweep_free) struct sweep w = { .keep = strtol(keep, &end, 10) };
	auto_close int lock = -1;
	struct err why;
	uint64_t age;

	(void)argc;
	(void)argv;
	if (*end || end == keep || w.keep < 0)
		return err_set(e, "--keep takes a number, not '%s'", keep);
	if (duration_parse(older_than, &age, &why) < 0)
		return err_set(e, "--older-than: %s", why.msg);
	w.since = time(NULL) - (time_t)(age / 1000);
	lock = cache_lock_all(cache, e);
	if (lock < 0 || images_load(&w.images, dir, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (sweep_folder(&w, cache, &folders[i], e) < 0)
			return -1;
	if (w.count)
		printf("%zu %s, %s %s\n", w.count, w.count == 1 ? "thing" : "things", size_human(w.freed, size),
		       dry_run ? "would be free" : "are free again");
	else
		printf("nothing to remove: what there is is needed by an image, among the %ld used last of its kind, or was used in "
		       "the last %s\n", w.keep, older_than);
	return 0;
}
