#include "paths.h"

#include <limits.h>
#include <string.h>

#include "file.h"
#include "text.h"

/* It need not be there yet. */
static char *absolute(const char *path)
{
	char *real = realpath(path, NULL);
	auto_free char *cwd = real ? NULL : getcwd(NULL, 0);

	if (real)
		return real;
	return *path == '/' || !cwd ? xstrdup(path) : strf("%s/%s", cwd, path);
}

static char *own_dir(const char *override, const char *for_root, const char *xdg, const char *in_home)
{
	const char *v = getenv(override), *home = getenv("HOME");

	if (!str_empty(v))
		return absolute(v);
	if (geteuid() == 0)
		return xstrdup(for_root);
	v = getenv(xdg);
	if (!str_empty(v))
		return strf("%s/tierlab", v);
	return strf("%s/%s/tierlab", home ? home : "/tmp", in_home);
}

char *cache_dir(void)
{
	return own_dir("TIERLAB_CACHE", "/var/cache/tierlab", "XDG_CACHE_HOME", ".cache");
}

char *state_dir(void)
{
	return own_dir("TIERLAB_STATE", "/var/lib/tierlab", "XDG_DATA_HOME", ".local/share");
}

/* The folder of the running program, and the one above it. */
static char *program_dir(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return NULL;
	path[n] = '\0';
	*strrchr(path, '/') = '\0';
	return xstrdup(path);
}

static bool source_tree(const char *root)
{
	auto_free char *recipes = strf("%s/recipes", root), *machines = strf("%s/vmctl/machines", root);

	return is_dir(recipes) && is_dir(machines);
}

static char *source_root(const char *program)
{
	char *dir = xstrdup(program);

	/* build/vmbuild, build/san/vmbuild */
	for (int up = 0; up < 3 && strrchr(dir, '/') > dir; up++) {
		*strrchr(dir, '/') = '\0';
		if (source_tree(dir))
			return dir;
	}
	free(dir);
	return NULL;
}

const struct data_dirs *data_dirs(struct err *e)
{
	static struct data_dirs d;
	auto_free char *program = program_dir(), *root = NULL, *installed = NULL;
	const char *given = getenv("TIERLAB_DATA");

	if (d.recipes)
		return &d;
	if (!program) {
		err_errno(e, "can't read /proc/self/exe");
		return NULL;
	}
	if (!str_empty(given) && !source_tree(given)) {
		installed = xstrdup(given);
	} else {
		root = !str_empty(given) ? xstrdup(given) : source_root(program);
		installed = strf("%s/../share/tierlab", program);
	}
	if (!root && !is_dir(installed)) {
		err_set(e, "can't find tierlab's data: neither a source tree above %s nor %s is there; set TIERLAB_DATA "
			"to the folder that holds recipes/", program, installed);
		return NULL;
	}
	if (root) {
		auto_free char *build_bench = strf("%s/bench", program);

		d.machines = strf("%s/vmctl/machines", root);
		d.bench = is_dir(build_bench) ? steal(build_bench) : strf("%s/build/bench", root);
	} else {
		root = realpath(installed, NULL);
		d.machines = strf("%s/machines", root);
		d.bench = strf("%s/bench", root);
	}
	d.recipes = strf("%s/recipes", root);
	d.experiments = strf("%s/experiments", d.recipes);
	d.kconfigs = strf("%s/kconfigs", root);
	d.overlay = strf("%s/overlay", root);
	return &d;
}

static void not_found(const char *what, const char *dir, const char *given, const char *name, struct err *e)
{
	auto_strv names = { 0 };
	char hint[160];

	list_dir(dir, ".yaml", &names, e);
	err_set(e, "no %s '%s': there is neither such a file nor %s/%s.yaml%s", what, given, dir, name,
		did_you_mean_text(hint, sizeof(hint), name, (const char *const *)names.v, names.n));
	if (*hint || !names.n)
		return;
	err_append(e, "; there are");
	for (size_t i = 0; i < names.n; i++)
		err_append(e, "%s %s", i ? "," : "", names.v[i]);
}

char *find_by_name(const char *what, const char *dir, const char *given, struct err *e)
{
	const char *slash = strrchr(given, '/');
	auto_free char *name = xstrdup(slash ? slash + 1 : given), *path = NULL;

	if (str_ends(given, ".yaml") && file_exists(given) && !is_dir(given))
		return xstrdup(given);
	if (slash && file_exists(given) && !is_dir(given))
		return xstrdup(given);
	if (str_ends(name, ".yaml"))
		name[strlen(name) - 5] = '\0';
	path = strf("%s/%s.yaml", dir, name);
	if (*name && file_exists(path))
		return steal(path);
	not_found(what, dir, given, name, e);
	return NULL;
}
