#include "clone.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain-xml-cxl.h"
#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"
#include "units.h"

static const char *base_name(const char *path)
{
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

/* What is copied: paths in the machine's folder. What is not there has never been needed. */
static void add(struct strv *files, char *path)
{
	if (file_exists(path))
		strv_take(files, path);
	else
		free(path);
}

static void files_of(const struct state *s, const struct machine *m, struct strv *files)
{
	static const char *const always[] = { "disk.qcow2", "nvram.fd", "origin", "machine.yaml", "manifest.json" };

	for (size_t i = 0; i < m->cxl.n_devices; i++) {
		auto_free char *pmem = device_file(&m->cxl.devices[i], "pmem"), *label = device_file(&m->cxl.devices[i], "label");

		add(files, state_path(s, pmem));
		add(files, state_path(s, label));
	}
	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		add(files, state_path(s, always[i]));
}

/* Holes take no room. */
static int check_room(const struct strv *files, const char *dir, struct err *e)
{
	char need_text[SIZE_TEXT], have_text[SIZE_TEXT];
	uint64_t need = 0, have = disk_free(dir);
	struct stat st;

	for (size_t i = 0; i < files->n; i++)
		need += stat(files->v[i], &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
	if (!have || need <= have)
		return 0;
	err_set(e, "a copy takes %s in %s, and %s are free: make room, or set TIERLAB_STATE", size_human(need, need_text), dir,
		size_human(have, have_text));
	return err_status(e, EXIT_HOST);
}

/* With the owner too: QEMU has to be able to write to persistent memory, of which libvirt knows nothing. */
static int copy(const char *from, const char *dir, struct err *e)
{
	auto_free char *to = strf("%s/%s", dir, base_name(from));
	struct stat st;

	if (interrupt_check(e) < 0 || file_copy(from, to, e) < 0)
		return -1;
	return stat(from, &st) < 0 || chown(to, st.st_uid, st.st_gid) < 0 ? err_errno(e, "can't give %s its owner", to) : 0;
}

static int fill(const struct manifest *man, const struct strv *files, const char *dir, struct err *e)
{
	const char *image[] = { man->image, man->kernel, man->initrd };

	for (size_t i = 0; i < 3; i++) {
		auto_free char *to = image[i] ? strf("%s/%s", dir, base_name(image[i])) : NULL;

		if (to && link_or_copy(image[i], to, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < files->n; i++)
		if (copy(files->v[i], dir, e) < 0)
			return -1;
	return file_sync(dir, e);
}

int clone_machine(const struct state *from, const struct state *to, struct err *e)
{
	cleanup(manifest_free) struct manifest man = { 0 };
	cleanup(machine_cleanup) struct machine *m = state_load(from, &man, e);
	/* Beside it, under a name that no machine has; the next clone of that name would find it if this one is killed. */
	auto_free char *new = strf("%s/machines/.%s.clone", to->root, to->name), *disk = state_path(from, "disk.qcow2");
	auto_strv files = { 0 };

	if (!m)
		return -1;
	if (!file_exists(disk))
		return err_set(e, "machine '%s' has no disk: `vmctl start --as %s` makes a machine of the same file", from->name, to->name);
	files_of(from, m, &files);
	if (check_room(&files, to->root, e) < 0 || remove_tree(new, e) < 0 || mkdir_p(new, e) < 0)
		return -1;
	progress_begin(0, 0, "%s: copying it to %s", from->name, to->name);
	if (fill(&man, &files, new, e) < 0 || (rename(new, to->dir) < 0 && err_errno(e, "can't make %s", to->dir))) {
		remove_tree(new, &(struct err){ "" });
		return -1;
	}
	return 0;
}
