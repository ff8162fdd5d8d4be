#include "provision.h"

#include <string.h>

#include "interrupt.h"
#include "progress.h"
#include "text.h"

/* ---- users ---- */

static int add_keys(guestfs_h *g, const struct recipe_user *u, const char *home, struct err *e)
{
	auto_free char *dir = strf("%s/.ssh", home), *path = strf("%s/authorized_keys", dir);
	auto_free char *owner = strf("%s:", u->name);
	const char *chown[] = { "chown", "-R", owner, dir, NULL };
	auto_text keys = { 0 };

	if (!u->n_keys)
		return 0;
	for (size_t i = 0; i < u->n_keys; i++)
		text_addf(&keys, "%s\n", u->keys[i]);
	if (guestfs_mkdir_p(g, dir) < 0 || guestfs_chmod(g, 0700, dir) < 0)
		return guest_err(g, e, "can't make .ssh in the image");
	return guest_write(g, path, 0600, keys.s, e) < 0 ? -1 : guest_run(g, chown, e);
}

static int set_password(guestfs_h *g, const struct recipe_user *u, struct err *e)
{
	const char *set[] = { "usermod", "-p", u->passwd, u->name, NULL };

	return u->passwd ? guest_run(g, set, e) : 0;
}

/* useradd makes the account locked: without a password of the recipe's there is none, only keys. */
static int add_user(guestfs_h *g, const struct recipe_user *u, struct err *e)
{
	const char *shell = u->shell ? u->shell : "/bin/bash";
	const char *add[] = { "useradd", "-m", "-s", shell, u->name, NULL };
	auto_free char *home = !strcmp(u->name, "root") ? xstrdup("/root") : strf("/home/%s", u->name);
	auto_free char *path = strf("/etc/sudoers.d/%s", u->name), *line = strf("%s ALL=(ALL) NOPASSWD: ALL\n", u->name);

	if (strcmp(u->name, "root") && guest_run(g, add, e) < 0)
		return -1;
	for (size_t i = 0; i < u->n_groups; i++) {
		const char *join[] = { "usermod", "-a", "-G", u->groups[i], u->name, NULL };

		if (guest_run(g, join, e) < 0)
			return -1;
	}
	if (set_password(g, u, e) < 0 || add_keys(g, u, home, e) < 0)
		return -1;
	if (!u->sudo)
		return 0;
	if (guestfs_mkdir_p(g, "/etc/sudoers.d") < 0)
		return guest_err(g, e, "can't make /etc/sudoers.d in the image");
	return guest_write(g, path, 0440, line, e);
}

/* ---- files ---- */

static int give_to(guestfs_h *g, const char *owner, const char *path, struct err *e)
{
	const char *chown[] = { "chown", "-R", owner, path, NULL };

	return owner ? guest_run(g, chown, e) : 0;
}

/* "0644" is octal; the recipe's check has seen that it is. */
static int mode_of(const char *permissions, int otherwise)
{
	return permissions ? (int)strtol(permissions, NULL, 8) : otherwise;
}

static int write_one(guestfs_h *g, const struct recipe_file *f, struct err *e)
{
	auto_free char *dir = xstrndup(f->path, (size_t)(strrchr(f->path, '/') - f->path));
	auto_free char *what = strf("can't write %s in the image", f->path);
	const char *content = f->content ? f->content : "";

	if (*dir && guestfs_mkdir_p(g, dir) < 0)
		return guest_err(g, e, what);
	if (f->append && guestfs_write_append(g, f->path, content, strlen(content)) < 0)
		return guest_err(g, e, what);
	if (f->append)
		return f->permissions && guestfs_chmod(g, mode_of(f->permissions, 0), f->path) < 0 ? guest_err(g, e, what) :
		       give_to(g, f->owner, f->path, e);
	if (guest_write(g, f->path, mode_of(f->permissions, 0644), content, e) < 0)
		return -1;
	return give_to(g, f->owner, f->path, e);
}

/* The files are there; what they are given is done now that the users are. */
static int finish_copy(guestfs_h *g, const struct recipe_copy *c, struct err *e)
{
	const char *slash = strrchr(c->from, '/');
	auto_free char *to = strf("%s%s", c->to, !str_ends(c->to, "/") ? "" : slash ? slash + 1 : c->from);

	if (c->mode && guestfs_chmod(g, mode_of(c->mode, 0), to) < 0)
		return guest_err(g, e, to);
	return give_to(g, c->owner, to, e);
}

/* ---- settings ---- */

static int set_timezone(guestfs_h *g, const struct recipe *r, struct err *e)
{
	auto_free char *zone = r->timezone ? strf("/usr/share/zoneinfo/%s", r->timezone) : NULL;
	auto_free char *line = r->timezone ? strf("%s\n", r->timezone) : NULL;

	if (!zone)
		return 0;
	if (guestfs_is_file_opts(g, zone, GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1, -1) != 1)
		return ydoc_err(r->doc, &r->timezone, e, "the image has no %s: is it the name of a zone (Europe/Berlin), and the "
				"package tzdata in it?", zone);
	if (guestfs_ln_sf(g, zone, "/etc/localtime") < 0)
		return guest_err(g, e, "can't set the time zone");
	return guest_write(g, "/etc/timezone", 0644, line, e);
}

static int set_sysctl(guestfs_h *g, const struct recipe *r, struct err *e)
{
	auto_text t = { 0 };

	if (!r->n_sysctl)
		return 0;
	for (size_t i = 0; i < r->n_sysctl; i++)
		text_addf(&t, "%s\n", r->sysctl[i]);
	if (guestfs_mkdir_p(g, "/etc/sysctl.d") < 0)
		return guest_err(g, e, "can't make /etc/sysctl.d in the image");
	return guest_write(g, "/etc/sysctl.d/90-recipe.conf", 0644, t.s, e);
}

/* ---- commands and services ---- */

/* A command without the network has a network of its own, with nothing in it, also where others have one. */
static int run_one(guestfs_h *g, const struct recipe *r, const struct recipe_run *c, struct err *e)
{
	const char *argv[] = { "env", "DEBIAN_FRONTEND=noninteractive", "unshare", "-n", "sh", "-e", "-c", c->command, NULL };
	const char *online[] = { "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-e", "-c", c->command, NULL };
	struct err why;

	progress_update("running: %.50s", c->command);
	if (guest_run(g, c->network ? online : argv, &why) == 0)
		return 0;
	return interrupt_check(e) < 0 ? -1 : ydoc_err(r->doc, &c->command, e, "'%.60s' failed in the image: %s%s", c->command,
						      why.msg, c->network ? "" : " (it has no network: 'network: true' gives it "
						      "one)");
}

static int systemctl(guestfs_h *g, const struct recipe *r, const char *verb, char *const *units, size_t n, struct err *e)
{
	struct err why;

	for (size_t i = 0; i < n; i++) {
		const char *argv[] = { "systemctl", verb, units[i], NULL };

		if (guest_run(g, argv, &why) < 0)
			return interrupt_check(e) < 0 ? -1 : ydoc_err(r->doc, &units[i], e, "can't %s %s: %s", verb, units[i],
								      why.msg);
	}
	return 0;
}

int provision(guestfs_h *g, const struct recipe *r, struct err *e)
{
	const struct recipe_services *s = &r->services;

	progress_update("users, files, settings");
	for (size_t i = 0; i < r->n_users; i++)
		if (add_user(g, &r->users[i], e) < 0)
			return -1;
	for (size_t i = 0; i < r->n_copies; i++)
		if (finish_copy(g, &r->copies[i], e) < 0)
			return -1;
	for (size_t i = 0; i < r->n_files; i++)
		if (write_one(g, &r->files[i], e) < 0)
			return -1;
	if (set_timezone(g, r, e) < 0 || set_sysctl(g, r, e) < 0)
		return -1;
	for (size_t i = 0; i < r->n_runs; i++)
		if (run_one(g, r, &r->runs[i], e) < 0)
			return -1;
	if (systemctl(g, r, "enable", s->enable, s->n_enable, e) < 0 ||
	    systemctl(g, r, "disable", s->disable, s->n_disable, e) < 0)
		return -1;
	return systemctl(g, r, "mask", s->mask, s->n_mask, e);
}
