#include "apt.h"

#include <string.h>
#include <sys/stat.h>

#include "dpkg.h"
#include "file.h"
#include "progress.h"
#include "run.h"

/* ---- sources ---- */

/* Where a path begins in the word, with its scheme or without; NULL: it names none of this system's. */
static const char *local_path(const char *word, size_t n)
{
	static const char *const before[] = { "signed-by=", "mirror+file:", "file:", "copy:" };

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		size_t skip = strlen(before[i]);

		if (n > skip && !strncmp(word, before[i], skip)) {
			word += skip;
			n -= skip;
		}
	}
	while (n > 1 && word[0] == '/' && word[1] == '/') {
		word++;
		n--;
	}
	return n > 1 && *word == '/' ? word : NULL;
}

/* A comment goes to the end of its line, and a key that stands in the file itself to its own. */
static size_t verbatim(const char *p)
{
	static const char begin[] = "-----BEGIN ", stop[] = "-----END ";
	const char *end = str_starts(p, begin) ? strstr(p, stop) : NULL;

	return *p == '#' ? strcspn(p, "\n") : end ? (size_t)(end - p) + strlen(stop) : str_starts(p, begin) ? strlen(p) : 0;
}

/* Words end at blanks, and at what is around and between options. */
char *apt_move_sources(const char *text, const char *root, struct err *e)
{
	static const char ends[] = " \t\n[],";
	auto_text t = { 0 };
	char *moved;

	text_puts(&t, "");
	for (const char *p = text; *p;) {
		size_t as_is = verbatim(p), n = as_is ? as_is : strcspn(p, ends);
		const char *path = as_is ? NULL : local_path(p, n);

		if (path && !str_starts(path, "/etc/apt/") && !str_starts(path, "/usr/share/keyrings/")) {
			err_set(e, "the image's sources name %.*s: only what is in /etc/apt and /usr/share/keyrings is looked at; "
				"move it there in the base, or install by 'run'", (int)(n - (size_t)(path - p)), path);
			return NULL;
		}
		if (path) {
			text_add(&t, p, (size_t)(path - p));
			text_puts(&t, root);
			text_add(&t, path, n - (size_t)(path - p));
		} else {
			text_add(&t, p, n);
		}
		p += n;
		n = strspn(p, ends);
		text_add(&t, p, n);
		p += n;
	}
	moved = t.s;
	t = (struct text){ 0 };
	return moved;
}

/* What is no file, apt does not read either. */
static int move_file(const char *path, const char *root, struct err *e)
{
	auto_free char *text = NULL, *moved = NULL;
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	text = file_read(path, 0, NULL, e);
	moved = text ? apt_move_sources(text, root, e) : NULL;
	return moved ? file_write(path, moved, strlen(moved), 0644, e) : -1;
}

static int move_all_sources(const char *root, struct err *e)
{
	static const char *const suffixes[] = { ".list", ".sources" };
	auto_free char *one = strf("%s/etc/apt/sources.list", root), *dir = strf("%s.d", one);

	if (move_file(one, root, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		auto_strv names = { 0 };

		if (list_dir(dir, suffixes[i], &names, e) < 0)
			return -1;
		for (size_t j = 0; j < names.n; j++) {
			auto_free char *path = strf("%s/%s%s", dir, names.v[j], suffixes[i]);

			if (move_file(path, root, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- apt ---- */

static char *read_if_there(const struct apt_root *r, const char *path)
{
	auto_free char *whole = strf("%s/%s", r->dir, path), *text = file_read(whole, 0, NULL, &(struct err){ "" });

	return text ? steal(text) : xstrdup("");
}

static int add_architecture(char *line, int number, void *arg)
{
	(void)number;
	if (*line)
		text_addf(arg, " \"%s\";", line);
	return 0;
}

/* The host's own configuration counts, for its proxies, but not what it prefers and what it runs. */
static int configure(const struct apt_root *r, const char *path, struct err *e)
{
	auto_free char *architectures = read_if_there(r, "var/lib/dpkg/arch");
	auto_text t = { 0 };

	text_puts(&t, "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n"
		      "#clear APT::Update::Post-Invoke-Success;\n#clear APT::Architectures;\n"
		      "APT::Default-Release \"\";\nAPT::Install-Recommends \"false\";\nAPT::Install-Suggests \"false\";\n"
		      "APT::Update::Error-Mode \"any\";\nAcquire::Languages \"none\";\n"
		      "Acquire::AllowInsecureRepositories \"false\";\n"
		      "Acquire::IndexTargets::deb-src::Sources::DefaultEnabled \"false\";\n"
		      "APT::Architecture \"amd64\";\nAPT::Architectures {");
	if (each_line(*architectures ? architectures : "amd64", add_architecture, &t) < 0)
		return -1;
	text_puts(&t, " };\n");
	return file_write(path, t.s, t.n, 0644, e);
}

static void show(const char *line, void *arg)
{
	(void)arg;
	if (str_starts(line, "Get:"))
		progress_update("fetching %.60s", line + strcspn(line, " "));
}

static int apt_get(const struct apt_root *r, const char *config, const char *command, char *const *words, size_t n, struct err *e)
{
	static const char *const env[] = { "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", NULL };
	auto_strv argv = { 0 };

	strv_add(&argv, "apt-get");
	strv_add(&argv, "-qy");
	strv_add(&argv, "--download-only");
	strv_addf(&argv, "--config-file=%s", config);
	strv_addf(&argv, "-oDir=%s", r->dir);
	strv_addf(&argv, "-oDir::State::status=%s/var/lib/dpkg/status", r->dir);
	strv_addf(&argv, "-oDir::Cache::archives=%s/" APT_DEBS, r->dir);
	strv_add(&argv, command);
	for (size_t i = 0; i < n; i++)
		strv_add(&argv, words[i]);
	return run_program(&(struct run){ .argv = (const char *const *)argv.v, .env = env, .log = r->log, .line = show }, e);
}

static int lay_out(const struct apt_root *r, const char *config, struct err *e)
{
	auto_free char *lists = strf("%s/var/lib/apt/lists/partial", r->dir), *debs = strf("%s/" APT_DEBS "/partial", r->dir);
	auto_free char *dir = strf("%s/etc/apt/preferences.d", r->dir), *path = strf("%s/tierlab-lock", dir);

	if (mkdir_p(lists, e) < 0 || mkdir_p(debs, e) < 0 || mkdir_p(dir, e) < 0 || configure(r, config, e) < 0 ||
	    move_all_sources(r->dir, e) < 0)
		return -1;
	return r->preferences ? file_write(path, r->preferences, strlen(r->preferences), 0644, e) : 0;
}

int apt_fetch(const struct apt_root *r, struct strv *debs, struct err *e)
{
	auto_free char *dir = strf("%s/" APT_DEBS, r->dir), *config = strf("%s/tierlab.conf", r->dir);
	auto_strv names = { 0 };

	if (!program_exists("apt-get"))
		return err_set(e, "'packages' on a base image are chosen by this host's apt, and there is no apt-get: install the "
			       "package apt");
	progress_update("fetching package lists");
	if (lay_out(r, config, e) < 0 || apt_get(r, config, "update", NULL, 0, e) < 0 ||
	    apt_get(r, config, "install", r->packages, r->n_packages, e) < 0 || list_dir(dir, ".deb", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		strv_addf(debs, "%s.deb", names.v[i]);
	return 0;
}

/* ---- notes ---- */

static bool is_wanted(const struct apt_root *r, const char *name)
{
	for (size_t i = 0; i < r->n_packages; i++)
		if (!strcmp(r->packages[i], name))
			return true;
	return false;
}

/* NAME_VERSION_ARCHITECTURE.deb */
static char *deb_name(const char *deb)
{
	return xstrndup(deb, strcspn(deb, "_"));
}

/* Is there a line "NAME VERSION" of it? */
static bool is_listed(const struct strv *list, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < list->n; i++)
		if (!strncmp(list->v[i], name, n) && list->v[i][n] == ' ')
			return true;
	return false;
}

/* Is something wanted that is no package by that name, but what others provide? */
static bool is_vague(const struct apt_root *r, const struct strv *debs, const struct strv *installed)
{
	size_t known = 0;

	for (size_t i = 0; i < r->n_packages; i++) {
		bool found = is_listed(installed, r->packages[i]);

		for (size_t j = 0; j < debs->n && !found; j++) {
			auto_free char *name = deb_name(debs->v[j]);

			found = !strcmp(name, r->packages[i]);
		}
		known += found;
	}
	return known < r->n_packages;
}

static void add_note(struct text *t, const char *deb)
{
	auto_free char *name = deb_name(deb);
	const char *architecture = strrchr(deb, '_');
	bool all = !architecture || str_starts(architecture, "_all.");

	text_addf(t, "Package: %s\nArchitecture: %.*s\nAuto-Installed: 1\n\n", name,
		  all ? 5 : (int)strcspn(architecture + 1, "."), all ? "amd64" : architecture + 1);
}

/* Stanzas end in an empty line; each begins with its package's name. */
char *apt_notes(const struct apt_root *r, const struct strv *debs)
{
	static const char key[] = "Package: ";
	auto_free char *notes = read_if_there(r, "var/lib/apt/extended_states"), *status = read_if_there(r, "var/lib/dpkg/status");
	auto_strv installed = { 0 };
	struct text t = { 0 };

	dpkg_list(status, &installed);
	text_puts(&t, "");
	for (const char *p = notes; *p;) {
		const char *end = strstr(p, "\n\n");
		size_t n = end ? (size_t)(end - p) : strlen(p);
		auto_free char *name = str_starts(p, key) ? xstrndup(p + strlen(key), strcspn(p + strlen(key), "\n")) : NULL;

		if (name && !is_wanted(r, name))
			text_addf(&t, "%.*s\n\n", (int)n - (p[n - 1] == '\n'), p);
		p += n + strspn(p + n, "\n");
	}
	/* which of them provides it is not known here, and so none is put down as nobody's wish */
	if (is_vague(r, debs, &installed))
		return t.s;
	for (size_t i = 0; i < debs->n; i++) {
		auto_free char *name = deb_name(debs->v[i]);

		if (!is_wanted(r, name) && !is_listed(&installed, name))
			add_note(&t, debs->v[i]);
	}
	return t.s;
}
