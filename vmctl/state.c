#include "state.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "exits.h"
#include "file.h"
#include "paths.h"
#include "progress.h"
#include "run.h"
#include "text.h"
#include "units.h"

#define FIRST_PORT 2222
#define LAST_PORT 2999
#define DISK_NEEDED (1 * GiB)

int state_open(struct state *s, const char *name, struct err *e)
{
	*s = (struct state){ .root = state_dir(), .name = xstrdup(name) };
	s->dir = strf("%s/machines/%s", s->root, name);
	return name_ok(name) ? 0 : err_set(e, "'%s' can't be a machine's name: a-z, 0-9, '.', '_' and '-'", name);
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

/* The disk over the image. The manifest is copied last: with it the machine is whole. */
static int make_disk(const struct state *s, struct manifest *man, struct err *e)
{
	auto_free char *disk = state_path(s, "disk.qcow2"), *json = state_path(s, "manifest.json");
	auto_free char *hosts = state_path(s, "known_hosts");
	auto_free char *backing = xstrdup(strrchr(man->image, '/') + 1);
	const char *argv[] = { "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", backing, disk, NULL };
	char need[SIZE_TEXT], have[SIZE_TEXT];
	uint64_t room = disk_free(s->dir);

	if (room && room < DISK_NEEDED) {
		err_set(e, "a machine's disk takes up to %s in %s, and %s are free: make room, or set TIERLAB_STATE",
			size_human(DISK_NEEDED, need), s->dir, size_human(room, have));
		return err_status(e, EXIT_HOST);
	}
	unlink(json);
	unlink(disk);
	unlink(hosts);
	if (link_image(s, man, e) < 0 || run_simple(argv, NULL, e) < 0 || file_copy(man->path, json, e) < 0)
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

static int prepare_disk(const struct state *s, struct manifest *man, enum fresh fresh, struct err *e)
{
	auto_free char *disk = state_path(s, "disk.qcow2"), *json = state_path(s, "manifest.json");
	struct manifest old = { 0 };
	int rc = 0;

	if (fresh == FRESH_NEW || !file_exists(disk) || !file_exists(json))
		return make_disk(s, man, e);
	if (manifest_load(&old, json, e) < 0) {
		manifest_free(&old);
		return -1;
	}
	if (fresh == FRESH_ASK && strcmp(old.build, man->build))
		rc = image_changed(s, &old, man, e);
	manifest_free(rc < 0 ? &old : man);
	if (rc == 0)
		*man = old;
	return rc;
}

int state_prepare(const struct state *s, const char *machine_path, struct manifest *man, enum fresh fresh,
		  struct err *e)
{
	auto_free char *file = state_path(s, "machine.yaml"), *log = state_path(s, "console.log");
	auto_free char *summary = state_path(s, "summary");

	if (mkdir_p(s->dir, e) < 0 || make_key(s, e) < 0 || prepare_disk(s, man, fresh, e) < 0)
		return -1;
	unlink(log);
	unlink(summary);
	return strcmp(machine_path, file) ? file_copy(machine_path, file, e) : 0;
}

static bool port_free(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
}

static bool port_forwarded(const struct machine *m, int port)
{
	for (size_t i = 0; i < m->n_forwards; i++)
		if (m->forwards[i].host == port)
			return true;
	return false;
}

/* Ports that other machines have remembered: they may be about to start too. */
static bool port_claimed(const struct state *s, int port)
{
	auto_strv names = { 0 };

	state_list(&names, &(struct err){ "" });
	for (size_t i = 0; i < names.n; i++) {
		struct state other;
		bool same;

		if (!strcmp(names.v[i], s->name))
			continue;
		same = state_open(&other, names.v[i], &(struct err){ "" }) == 0 &&
		       state_port(&other, &(struct err){ "" }) == port;
		state_free(&other);
		if (same)
			return true;
	}
	return false;
}

int state_port(const struct state *s, struct err *e)
{
	auto_free char *path = state_path(s, "ssh-port"), *text = file_read(path, 64, NULL, e);

	return text ? atoi(text) : -1;
}

int state_choose_port(const struct state *s, const struct machine *m, int *port, struct err *e)
{
	auto_free char *path = state_path(s, "ssh-port"), *text = NULL;
	int old = state_port(s, e);

	if (m->ssh_port && !port_free((int)m->ssh_port)) {
		ydoc_err(m->doc, &m->ssh_port, e, "port %ld on 127.0.0.1 is taken: choose another 'ssh-port', or leave it out",
			 m->ssh_port);
		return err_status(e, EXIT_HOST);
	}
	*port = m->nic == NIC_NONE ? 0 : m->ssh_port ? (int)m->ssh_port : old > 0 && port_free(old) ? old : FIRST_PORT;
	while (m->nic != NIC_NONE && !m->ssh_port &&
	       (port_forwarded(m, *port) || (*port != old && (!port_free(*port) || port_claimed(s, *port)))))
		if (++*port > LAST_PORT)
			return err_set(e, "no port of 127.0.0.1 is free from %d to %d", FIRST_PORT, LAST_PORT);
	text = strf("%d\n", *port);
	return file_write(path, text, strlen(text), 0644, e);
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
	return remove_tree(s->dir, e);
}
