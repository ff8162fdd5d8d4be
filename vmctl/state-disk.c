/* The disk of a machine: over its image, whose files are linked beside it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exits.h"
#include "file.h"
#include "progress.h"
#include "run.h"
#include "state.h"
#include "text.h"
#include "units.h"

/* Copies the manifest with the names under which its files are linked here. */
static int link_image(const struct state *s, const struct manifest *man, struct err *e)
{
	const char *from[] = { man->image, man->kernel, man->initrd };

	for (int i = 0; i < 3; i++) {
		const char *base = from[i] ? strrchr(from[i], '/') + 1 : NULL;
		auto_free char *path = base ? state_path(s, base) : NULL;

		if (path && link_or_copy(from[i], path, e) < 0)
			return -1;
	}
	return 0;
}

/* The disk here, of the image's links beside it. */
static int make_here(const struct state *s, const struct manifest *man, struct err *e)
{
	auto_free char *disk = state_path(s, "disk.qcow2"), *new = strf("%s.new", disk);
	const char *backing = strrchr(man->image, '/') + 1;
	const char *argv[] = { "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", backing, new, NULL };
	char need[SIZE_TEXT], have[SIZE_TEXT];
	uint64_t room = disk_free(s->dir);

	if (room && room < DISK_NEEDED) {
		err_set(e, "a machine's disk takes up to %s in %s, and %s are free: make room, or set TIERLAB_STATE",
			size_human(DISK_NEEDED, need), s->dir, size_human(room, have));
		return err_status(e, EXIT_HOST);
	}
	unlink(disk);
	if (run_simple(argv, NULL, e) < 0)
		return -1;
	return rename(new, disk) < 0 ? err_errno(e, "can't make %s", disk) : 0;
}

/* The disk over the image. The manifest is copied last: with it the machine is whole. */
static int make_disk(const struct state *s, struct manifest *man, const struct elsewhere *there, struct err *e)
{
	auto_free char *json = state_path(s, "manifest.json"), *hosts = state_path(s, "known_hosts");
	bool own = !strcmp(man->path, json); /* the image is gone, and these are what is left of it */

	if (!own)
		unlink(json);
	unlink(hosts);
	if ((!own && link_image(s, man, e) < 0) || (there ? there->make(there->arg, man, e) : make_here(s, man, e)) < 0)
		return -1;
	if (!own && file_copy(man->path, json, e) < 0)
		return -1;
	manifest_free(man);
	return manifest_load(man, json, e);
}

/* An image that was rebuilt since: which of the two does the user want? */
static int image_changed(const struct state *s, const struct manifest *old, const struct manifest *now, struct err *e)
{
	if (strcmp(now->name, old->name))
		return err_set(e, "the disk of %s is made over the image %s, and %s is to boot now: `vmctl start --fresh %s` "
			       "begins with that and drops what was changed on the disk, `--keep` goes on with the old",
			       s->name, old->name, now->name, s->name);
	return err_set(e, "the image %s was rebuilt (%s) since the disk of %s was made (%s): `vmctl start --fresh %s` "
		       "begins with the new one and drops what was changed on the disk, `--keep` goes on with the old",
		       now->name, now->created, s->name, old->created, s->name);
}

int state_prepare_disk(const struct state *s, struct manifest *man, enum fresh fresh, const struct elsewhere *there, struct err *e)
{
	auto_free char *disk = state_path(s, "disk.qcow2"), *json = state_path(s, "manifest.json");
	int has = there ? there->has(there->arg, e) : file_exists(disk), rc = 0;
	struct manifest old = { 0 };

	if (has < 0)
		return -1;
	if (fresh != FRESH_NEW && file_exists(json) && !has)
		progress_note("%s: its disk is gone from %s: it gets a new one", s->name, there ? there->where : s->dir);
	if (fresh == FRESH_NEW || !has || !file_exists(json))
		return make_disk(s, man, there, e);
	if (manifest_load(&old, json, e) < 0) {
		manifest_free(&old);
		return err_append(e, "; or `vmctl start --fresh %s`, which drops what was changed on the disk", s->name);
	}
	if (fresh == FRESH_ASK && strcmp(old.build, man->build))
		rc = image_changed(s, &old, man, e);
	manifest_free(rc < 0 ? &old : man);
	if (rc == 0)
		*man = old;
	return rc;
}

int state_check_disk(const struct state *s, struct err *e)
{
	auto_free char *disk = state_path(s, "disk.qcow2");
	const char *argv[] = { "qemu-img", "info", "--backing-chain", "-f", "qcow2", disk, NULL };
	auto_text out = { 0 };

	if (run_simple(argv, &out, e) == 0)
		return 0;
	err_append(e, "; `vmctl start --fresh %s` makes a new disk, and what was on the old one is lost", s->name);
	return err_prefix(e, "the machine's disk can't be opened");
}
