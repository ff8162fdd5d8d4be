#include "apt.h"

#include <string.h>

#include "file.h"
#include "progress.h"
#include "run.h"

/* ---- sources ---- */

char *apt_move_sources(const char *text, const char *root)
{
	static const char *const dirs[] = { "/etc/apt/", "/usr/share/keyrings/" };
	struct text t = { 0 };

	text_puts(&t, "");
	for (const char *p = text; *p; p++) {
		for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
			if (str_starts(p, dirs[i]))
				text_puts(&t, root);
		text_add(&t, p, 1);
	}
	return t.s;
}

static int move_sources(const char *path, const char *root, struct err *e)
{
	auto_free char *text = file_read(path, 0, NULL, e), *moved = text ? apt_move_sources(text, root) : NULL;

	return moved ? file_write(path, moved, strlen(moved), 0644, e) : -1;
}

static int move_all_sources(const char *root, struct err *e)
{
	auto_free char *one = strf("%s/etc/apt/sources.list", root), *dir = strf("%s.d", one);
	auto_strv names = { 0 };

	if (file_exists(one) && move_sources(one, root, e) < 0)
		return -1;
	if (list_dir(dir, "", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *path = strf("%s/%s", dir, names.v[i]);

		if (move_sources(path, root, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- apt ---- */

static void show(const char *line, void *arg)
{
	(void)arg;
	if (str_starts(line, "Get:"))
		progress_update("fetching %.60s", line + strcspn(line, " "));
}

/* The host's own configuration counts too, for its proxies. */
static int apt_get(const struct apt_root *r, const char *command, char *const *words, size_t n, struct err *e)
{
	static const char *const env[] = { "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", NULL };
	static const char *const options[] = {
		"-q", "-y", "--no-install-recommends", "--download-only", "-oAPT::Architecture=amd64",
		"-oAPT::Architectures=amd64", "-oAPT::Update::Error-Mode=any", "-oAcquire::Languages=none",
		"-oAcquire::IndexTargets::deb-src::Sources::DefaultEnabled=false",
	};
	auto_strv argv = { 0 };

	strv_add(&argv, "apt-get");
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		strv_add(&argv, options[i]);
	strv_addf(&argv, "-oDir=%s", r->dir);
	strv_addf(&argv, "-oDir::State::status=%s/var/lib/dpkg/status", r->dir);
	strv_addf(&argv, "-oDir::Cache::archives=%s/" APT_DEBS, r->dir);
	strv_add(&argv, command);
	for (size_t i = 0; i < n; i++)
		strv_add(&argv, words[i]);
	return run_program(&(struct run){ .argv = (const char *const *)argv.v, .env = env, .log = r->log, .line = show }, e);
}

static int lay_out(const struct apt_root *r, struct err *e)
{
	auto_free char *lists = strf("%s/var/lib/apt/lists/partial", r->dir), *debs = strf("%s/" APT_DEBS "/partial", r->dir);
	auto_free char *dir = strf("%s/etc/apt/preferences.d", r->dir), *path = strf("%s/tierlab-lock", dir);

	if (mkdir_p(lists, e) < 0 || mkdir_p(debs, e) < 0 || mkdir_p(dir, e) < 0)
		return -1;
	return r->preferences ? file_write(path, r->preferences, strlen(r->preferences), 0644, e) : 0;
}

int apt_fetch(const struct apt_root *r, struct strv *debs, struct err *e)
{
	auto_free char *dir = strf("%s/" APT_DEBS, r->dir);
	auto_strv names = { 0 };

	if (!program_exists("apt-get"))
		return err_set(e, "'packages' on a base image are chosen by this host's apt, and there is no apt-get: install the "
			       "package apt");
	progress_update("fetching package lists");
	if (lay_out(r, e) < 0 || move_all_sources(r->dir, e) < 0 || apt_get(r, "update", NULL, 0, e) < 0 ||
	    apt_get(r, "install", r->packages, r->n_packages, e) < 0 || list_dir(dir, ".deb", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		strv_addf(debs, "%s.deb", names.v[i]);
	return 0;
}

/* ---- notes ---- */

/* Is the package of that name, n long, among what is wanted: "NAME", "NAME=VERSION", "NAME/SUITE", "NAME:ARCHITECTURE"? */
static bool is_wanted(const struct apt_root *r, const char *name, size_t n)
{
	for (size_t i = 0; i < r->n_packages; i++)
		if (strcspn(r->packages[i], "=/:") == n && !strncmp(r->packages[i], name, n))
			return true;
	return false;
}

/* Stanzas end in an empty line; each begins with its package's name. */
char *apt_notes(const char *notes, const struct apt_root *r, const struct strv *debs)
{
	static const char key[] = "Package: ";
	struct text t = { 0 };

	text_puts(&t, "");
	for (const char *p = notes; *p;) {
		const char *end = strstr(p, "\n\n"), *name = p + strlen(key);
		size_t n = end ? (size_t)(end - p) + 2 : strlen(p);

		if (!str_starts(p, key) || !is_wanted(r, name, strcspn(name, "\n")))
			text_add(&t, p, n);
		p += n;
	}
	if (t.n && debs->n && !str_ends(t.s, "\n\n"))
		text_puts(&t, "\n");
	for (size_t i = 0; i < debs->n; i++) {
		const char *deb = debs->v[i];
		size_t n = strcspn(deb, "_");

		if (!is_wanted(r, deb, n))
			text_addf(&t, "%s%.*s\nArchitecture: amd64\nAuto-Installed: 1\n\n", key, (int)n, deb);
	}
	return t.s;
}
