#include "state.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "exits.h"
#include "file.h"
#include "paths.h"
#include "progress.h"
#include "run.h"
#include "text.h"
#include "units.h"

#define NAME_RULE "a-z, 0-9, '.', '_' and '-', at most 63 of them"

int state_open(struct state *s, const char *name, struct err *e)
{
	*s = (struct state){ .root = state_dir(), .name = xstrdup(name) };
	s->dir = strf("%s/machines/%s", s->root, name);
	return name_ok(name) ? 0 : err_set(e, "'%.80s' can't be a machine's name: " NAME_RULE, name);
}

int state_new_name(const char *name, struct err *e)
{
	const struct data_dirs *data = data_dirs(e);
	auto_free char *as_file = machine_name(name), *shipped = data ? strf("%s/%s.yaml", data->machines, name) : NULL;

	if (!data)
		return -1;
	if (!name_ok(name) || strcmp(as_file, name)) /* x.yaml would be known as x */
		return err_set(e, "'%.80s' can't be a machine's name: " NAME_RULE, name);
	return file_exists(shipped) ? err_set(e, "'%s' is the name of a machine that comes with tierlab: take another", name) : 0;
}

void state_free(struct state *s)
{
	free(s->root);
	free(s->name);
	free(s->dir);
	*s = (struct state){ 0 };
}

char *state_path(const struct state *s, const char *file)
{
	return strf("%s/%s", s->dir, file);
}

bool state_exists(const struct state *s)
{
	auto_free char *file = state_path(s, "machine.yaml");

	return file_exists(file);
}

struct machine *state_find_machine(const char *given, char **path, struct err *e)
{
	const struct data_dirs *data = data_dirs(e);
	auto_free char *name = machine_name(given), *root = state_dir();
	auto_free char *kept = strf("%s/machines/%s/machine.yaml", root, name);
	struct machine *m;

	*path = data ? find_by_name("machine", data->machines, given, e) : NULL;
	if (data && !*path && !strchr(given, '/') && file_exists(kept))
		*path = steal(kept);
	m = *path ? machine_load(*path, e) : NULL;
	if (m) {
		free(m->name);
		m->name = steal(name);
	}
	return m;
}

static bool same_text(const char *a, const char *b)
{
	auto_free char *x = file_read(a, 0, NULL, &(struct err){ "" }), *y = file_read(b, 0, NULL, &(struct err){ "" });

	return x && y && !strcmp(x, y);
}

/* The path of the file that the machine was started from, the caller's to free; NULL: not known. */
static char *origin(const struct state *s)
{
	auto_free char *path = state_path(s, "origin");
	char *text = file_read(path, 0, NULL, &(struct err){ "" });

	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

int state_check_origin(const struct state *s, const char *path, struct err *e)
{
	auto_free char *kept = state_path(s, "machine.yaml"), *old = origin(s), *now = realpath(path, NULL);

	if (!old || !now || !strcmp(now, old) || !strcmp(now, kept) || !file_exists(old) || same_text(kept, path))
		return 0;
	return err_set(e, "there is a machine '%s' already, from %s and not from %s: `vmctl start --as NAME %s` makes another, `vmctl delete %s` "
		       "drops it", s->name, old, now, path, s->name);
}

/* The file first where it is the machine's first: from here on the machine is known by its name, however far it comes. */
static int keep_file(const struct state *s, const char *path, struct err *e)
{
	auto_free char *kept = state_path(s, "machine.yaml"), *from = state_path(s, "origin"), *real = realpath(path, NULL);
	auto_free char *line = real ? strf("%s\n", real) : NULL;

	if (!line || !strcmp(path, kept))
		return line ? 0 : err_errno(e, "can't read %s", path);
	return file_write(from, line, strlen(line), 0644, e) < 0 ? -1 : file_copy(path, kept, e);
}

struct machine *state_load(const struct state *s, struct manifest *man, struct err *e)
{
	auto_free char *file = state_path(s, "machine.yaml"), *json = state_path(s, "manifest.json");
	struct machine *m;

	if (!state_exists(s)) {
		err_set(e, "machine '%s' has never been started here: `vmctl start %s`", s->name, s->name);
		return NULL;
	}
	m = machine_load(file, e);
	if (!m || manifest_load(man, json, e) < 0) {
		machine_free(m);
		return NULL;
	}
	free(m->name);
	m->name = xstrdup(s->name);
	return m;
}

int state_list(struct strv *names, struct err *e)
{
	auto_free char *root = state_dir(), *dir = strf("%s/machines", root);
	auto_strv all = { 0 };

	if (list_dir(dir, "", &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		auto_free char *file = strf("%s/%s/machine.yaml", dir, all.v[i]);

		if (file_exists(file))
			strv_add(names, all.v[i]);
	}
	return 0;
}

int state_find_image(const struct machine *m, struct manifest *man, struct err *e)
{
	auto_free char *state = state_dir();
	bool path = strchr(m->image, '/') || str_ends(m->image, ".json");
	auto_free char *json = path ? xstrdup(m->image) : strf("%s/images/%s.json", state, m->image);

	*man = (struct manifest){ 0 };
	if (!file_exists(json))
		ydoc_err(m->doc, &m->image, e, "the image '%s' is not built: there is no %s; run `vmbuild %s`", m->image, json, m->image);
	else if (manifest_load(man, json, e) == 0)
		return 0;
	return err_status(e, EXIT_HOST);
}

int state_image(const struct state *s, const struct machine *m, struct manifest *man, struct err *e)
{
	auto_free char *json = state_path(s, "manifest.json"), *image = machine_name(m->image);
	struct manifest own = { 0 };

	if (state_find_image(m, man, e) == 0)
		return 0;
	if (str_ends(image, ".json"))
		image[strlen(image) - strlen(".json")] = '\0';
	if (!file_exists(json) || manifest_load(&own, json, &(struct err){ "" }) < 0 || strcmp(own.name, image)) {
		manifest_free(&own);
		return -1;
	}
	progress_note("%s: the image %s is gone (%s), and the machine goes on with its own copy of it", s->name, own.name, m->image);
	manifest_free(man);
	*man = own;
	return 0;
}

static int make_key(const struct state *s, struct err *e)
{
	auto_free char *key = strf("%s/id_ed25519", s->root), *pub = strf("%s.pub", key);
	const char *argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tierlab", "-f", key, NULL };

	if (file_exists(key) && file_exists(pub))
		return 0;
	unlink(key);
	unlink(pub);
	return run_simple(argv, NULL, e);
}

char *state_public_key(const struct state *s, struct err *e)
{
	auto_free char *path = strf("%s/id_ed25519.pub", s->root);
	char *key = file_read(path, 0, NULL, e);

	if (key)
		key[strcspn(key, "\n")] = '\0';
	return key;
}

int state_prepare(const struct state *s, const char *machine_path, struct manifest *man, enum fresh fresh,
		  const struct elsewhere *there, struct err *e)
{
	auto_free char *file = state_path(s, "machine.yaml"), *log = state_path(s, "console.log");
	auto_free char *summary = state_path(s, "summary");

	if (mkdir_p(s->dir, e) < 0 || (!file_exists(file) && keep_file(s, machine_path, e) < 0) || make_key(s, e) < 0 ||
	    state_prepare_disk(s, man, fresh, there, e) < 0)
		return -1;
	unlink(log);
	unlink(summary);
	return keep_file(s, machine_path, e);
}

/* The log is open in libvirt's hands, which append: it can't be another file. */
int state_reboot(const struct state *s, struct err *e)
{
	auto_free char *log = state_path(s, "console.log"), *summary = state_path(s, "summary");

	unlink(summary);
	return truncate(log, 0) < 0 && errno != ENOENT ? err_errno(e, "can't empty %s", log) : 0;
}

static void waiting(void *arg)
{
	progress_note("another vmctl is at work on %s: waiting for it", (const char *)arg);
}

int state_lock(const struct state *s, struct err *e)
{
	auto_free char *dir = strf("%s/locks", s->root), *path = strf("%s/%s", dir, s->name);

	return mkdir_p(dir, e) < 0 ? -1 : lock_file(path, waiting, s->name, e);
}

int state_delete(const struct state *s, struct err *e)
{
	auto_free char *lock = strf("%s/locks/%s", s->root, s->name);
	auto_strv files = { 0 };

	if (list_dir(s->dir, "", &files, e) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		auto_free char *path = state_path(s, files.v[i]);

		if (strcmp(files.v[i], "machine.yaml") && remove_tree(path, e) < 0)
			return -1;
	}
	if (remove_tree(s->dir, e) < 0)
		return -1;
	unlink(lock);
	return 0;
}
