/* The steps `disk` and `image`: the disk is kept in the cache; of a copy of it, with the overlays and what the recipe puts
 * in, the image is made, and put with its kernel and manifest into the output folder: beside first, then by renames, the
 * manifest last. */
#include <string.h>

#include "tarball.h"
#include "cache.h"
#include "file.h"
#include "lock.h"
#include "manifest.h"
#include "progress.h"
#include "steps.h"
#include "units.h"

#define DISK_NEEDED (2 * GiB) /* seen: 1.1 GB for the shipped recipes */

/* Overlays, what is copied, and the bench suite as one tar file. */
static int pack_overlays(struct build *b, const char *tar, struct err *e)
{
	const struct recipe *r = b->recipe;
	struct tarball_tree *trees = xcalloc(r->n_overlays + r->n_copies + 1, sizeof(*trees));
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < r->n_overlays && rc == 0; i++) {
		trees[n].prefix = "";
		trees[n].dir = overlay_dir(b, &r->overlays[i], e);
		rc = trees[n].dir ? 0 : -1;
		n += rc == 0;
	}
	for (size_t i = 0; i < r->n_copies && rc == 0; i++) {
		trees[n].prefix = r->copies[i].to + 1;
		trees[n].dir = copy_source(b, &r->copies[i], e);
		rc = trees[n].dir ? 0 : -1;
		n += rc == 0;
	}
	if (rc == 0 && r->bench)
		trees[n++] = (struct tarball_tree){ xstrdup(b->data->bench), "usr/local/bin/" };
	if (rc == 0)
		rc = tarball_pack(tar, trees, n, e);
	for (size_t i = 0; i < n; i++)
		free((char *)trees[i].dir);
	free(trees);
	return rc;
}

static int rename_to(const char *from, const char *to, struct err *e)
{
	return rename(from, to) < 0 ? err_errno(e, "can't rename %s to %s", from, to) : 0;
}

/* From here on until the manifest is written the folder holds no image of this name. */
static int publish(struct build *b, const char *part, const char *kernel, const char *initrd, const char *config,
		   struct err *e)
{
	auto_free char *image = image_path(b, "qcow2"), *manifest = image_path(b, "json");
	auto_free char *kernel_to = image_path(b, "vmlinuz"), *initrd_to = image_path(b, "initrd");
	auto_free char *config_to = image_path(b, "config");

	if (unlink(manifest) < 0 && errno != ENOENT)
		return err_errno(e, "can't replace %s", manifest);
	if (rename_to(part, image, e) < 0 || file_copy(kernel, kernel_to, e) < 0)
		return -1;
	unlink(initrd_to);
	unlink(config_to);
	if (initrd && file_copy(initrd, initrd_to, e) < 0)
		return -1;
	return config ? file_write(config_to, config, strlen(config), 0644, e) : 0;
}

static int make_and_publish(struct build *b, struct image_spec *spec, struct image_result *r, struct err *e)
{
	const struct step *kernel = plan_step(&b->plan, STEP_KERNEL), *disk = plan_step(&b->plan, STEP_DISK);
	auto_free char *vmlinuz = strf("%s/vmlinuz", kernel ? kernel->dir : disk->dir);
	auto_free char *stock_initrd = strf("%s/initrd", disk->dir);
	const char *initrd;
	struct config c = { 0 };
	int rc;

	if (image_make(spec, r, e) < 0)
		return -1;
	initrd = r->initrd ? spec->initrd : !kernel && !strcmp(result_get(&disk->result, "initrd"), "yes") ? stock_initrd : NULL;
	if (b->asks.n && !r->config)
		return err_set(e, "the image does not carry its kernel's configuration");
	progress_update("writing image and manifest");
	if (publish(b, spec->out, vmlinuz, initrd, r->config, e) < 0)
		return -1;
	if (r->config)
		config_parse(&c, r->config);
	rc = manifest_write(b, r, &c, initrd, e);
	config_free(&c);
	return rc;
}

static int check_room(const char *dir, struct err *e)
{
	uint64_t have = disk_free(dir);
	char need_text[SIZE_TEXT], have_text[SIZE_TEXT];

	if (have && have < DISK_NEEDED)
		return err_set(e, "an image takes up to %s in %s, and %s are free: make room, or choose another folder (-o, TIERLAB_CACHE)",
			       size_human(DISK_NEEDED, need_text), dir, size_human(have, have_text));
	return 0;
}

static void waiting(void *arg)
{
	progress_note("another vmbuild makes the image %s: waiting for it", (const char *)arg);
}

/* The step's own lock keeps apart those that make the same; this one, those that make something else of that name. */
static int lock_name(struct build *b, struct err *e)
{
	auto_free char *path = strf("%s/.%s.lock", b->out, b->recipe->name);

	return lock_file(path, waiting, b->recipe->name, e);
}

/* What partition and file system ids are made of: all that the disk is made of, the base by what it was asked to be and not by
 * its bytes, which carry times. The same recipe and lock give the same ids. */
static void seed_of(const struct build *b, const struct step *s, char hex[DIGEST_HEX])
{
	struct digest *d = digest_new(DIGEST_SHA256);

	for (size_t i = 0; i < s->inputs.n; i++)
		if (!str_starts(s->inputs.v[i], "base="))
			digest_add_str(d, s->inputs.v[i]);
	digest_add_str(d, plan_step((struct plan *)&b->plan, STEP_BASE)->digest);
	digest_end(d, hex);
}

static int add_line(char *line, int number, void *arg)
{
	(void)number;
	strv_add(arg, line);
	return 0;
}

/* What apt put into a cloud image, against the lock. */
static int check_versions(const struct build *b, const char *packages, struct err *e)
{
	auto_strv installed = { 0 };

	each_line(packages, add_line, &installed);
	return b->lock && b->lock->n_packages ? lock_verify(b->lock, &installed, e) : 0;
}

int step_disk(struct build *b, struct step *s, const char *dir, struct err *e)
{
	const struct step *base = plan_step(&b->plan, STEP_BASE), *kernel = plan_step(&b->plan, STEP_KERNEL);
	bool is_disk = !strcmp(result_get(&base->result, "kind"), "disk");
	auto_free char *base_path = strf("%s/%s", base->dir, is_disk ? "base.img" : "base.tar");
	auto_free char *live = strf("%s.live", dir), *out = strf("%s/disk.qcow2", live), *kept = strf("%s/disk.qcow2", dir);
	auto_free char *packages = strf("%s/packages", dir);
	auto_free char *preferences = b->lock && is_disk ? lock_preferences(b->lock) : NULL, *log = cache_log(b, "disk", e);
	cleanup(disk_result_free) struct disk_result r = { 0 };
	char seed[DIGEST_HEX];
	const struct disk_spec spec = {
		.recipe = b->recipe, .base = base_path, .base_is_disk = is_disk,
		.release = kernel ? result_get(&kernel->result, "release") : NULL, .out = out, .kept = kept,
		.out_dir = dir, .cache = b->cache, .seed = seed, .preferences = preferences, .log = log,
	};

	seed_of(b, s, seed);
	if (!log)
		return -1;
	if (check_room(b->cache, e) < 0 || check_room(b->out, e) < 0)
		return -1;
	/* What a killed one left goes: the step's lock is held. */
	if (remove_tree(live, e) < 0 || mkdir_p(live, e) < 0 || disk_make(&spec, &r, &b->live, e) < 0)
		return -1;
	if (r.packages && (file_write(packages, r.packages, strlen(r.packages), 0644, e) < 0 ||
			   (is_disk && check_versions(b, r.packages, e) < 0)))
		return -1;
	result_set(&s->result, "id", s->digest);
	result_set(&s->result, "root", r.root);
	result_set(&s->result, "release", r.release);
	result_set(&s->result, "mounts", r.mounts);
	result_set(&s->result, "initrd", r.initrd ? "yes" : "no");
	return 0;
}

int step_image(struct build *b, struct step *s, const char *dir, struct err *e)
{
	const struct step *disk = plan_step(&b->plan, STEP_DISK), *kernel = plan_step(&b->plan, STEP_KERNEL);
	auto_free char *kernel_tar = kernel ? strf("%s/kernel.tar", kernel->dir) : NULL;
	auto_free char *overlay = strf("%s/overlay.tar", dir), *initrd = strf("%s/initrd", dir), *part = image_path(b, "qcow2.part");
	auto_free char *from = strf("%s/disk.qcow2", disk->dir);
	cleanup(image_result_free) struct image_result r = { 0 };
	struct image_spec spec = {
		.recipe = b->recipe, .out = part, .mounts = result_get(&disk->result, "mounts"),
		.release = result_get(&disk->result, "release"), .kernel_tar = kernel_tar, .overlay_tar = overlay,
		.initrd = initrd, .cache = b->cache, .live = &b->live,
	};
	auto_close int lock = -1;
	int rc = 0;

	(void)s;
	if (mkdir_p(b->out, e) < 0 || check_room(b->out, e) < 0 || pack_overlays(b, overlay, e) < 0)
		return -1;
	lock = lock_name(b, e);
	if (lock < 0)
		return -1;
	/* On another file system than the cache the live disk is of no use. */
	if (live_disk_move(b->live, part) < 0) {
		live_disk_close(&b->live);
		progress_update("copying the disk");
		rc = file_copy(from, part, e);
	}
	if (rc == 0)
		rc = make_and_publish(b, &spec, &r, e);
	if (rc < 0)
		unlink(part);
	return rc;
}
