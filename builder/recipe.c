#include "recipe.h"

#include <stddef.h>
#include <string.h>

#include "file.h"
#include "paths.h"
#include "recipe-check.h"
#include "text.h"
#include "units.h"

#define BASE(f) offsetof(struct recipe_base, f)
#define KERNEL(f) offsetof(struct recipe_kernel, f)
#define USER(f) offsetof(struct recipe_user, f)
#define COPY(f) offsetof(struct recipe_copy, f)
#define WRITE(f) offsetof(struct recipe_file, f)
#define RUN(f) offsetof(struct recipe_run, f)
#define SERVICES(f) offsetof(struct recipe_services, f)
#define RECIPE(f) offsetof(struct recipe, f)

#define SET "--set " /* before a key of the command line, in the place of a file's name */
#define MAX_CHAIN 8

static const char *const kernel_modes[] = { "build", "stock", NULL };

static const struct ymap base_map = {
	.what = "base", .size = sizeof(struct recipe_base), .keys = (const struct ykey[]){
		{ "suite", Y_STR, BASE(suite), .group = 2, .help = "Debian suite to bootstrap with mmdebstrap (trixie)" },
		{ "mirror", Y_STR, BASE(mirror), .help = "URL of the archive that it comes from (https://HOST/debian)" },
		{ "snapshot", Y_STR, BASE(snapshot), .help = "the archive as it was at that time (20261101T000000Z)" },
		{ "image", Y_STRS, BASE(images), BASE(n_images), .group = 2, .whole = true,
		  .help = "URL (https, http, file) of a qcow2 or raw cloud image, also .xz, .zst or .gz; of several, each "
			  "is tried in turn" },
		{ "digest", Y_STR, BASE(digest), .help = "digest of the image as it is served: sha256:HEX or sha512:HEX" },
		{ "sums", Y_STR, BASE(sums), .help = "URL of a file of digests (SHA256SUMS) that has the image's" },
		{ "signature", Y_STR, BASE(signature), .help = "URL of a detached signature over 'sums'" },
		{ "keyring", Y_STR, BASE(keyring), .help = "file with the keys that may have made the signature" },
		{ "insecure", Y_BOOL, BASE(insecure), .fallback = "false",
		  .help = "take it although nobody vouches for it: plain http, or neither digest nor signature" },
		{ 0 } }
};

static const struct ymap kernel_map = {
	.what = "kernel", .size = sizeof(struct recipe_kernel), .scalar = "mode", .keys = (const struct ykey[]){
		{ "mode", Y_ENUM, KERNEL(mode), .names = kernel_modes, .group = 1, .fallback = "build",
		  .help = "build a kernel, or keep the base's own (stock)" },
		{ "package", Y_STR, KERNEL(package), .group = 1, .help = "Debian package with the source (linux-source-6.12)" },
		{ "url", Y_STR, KERNEL(url), .group = 1, .help = "URL of a source tarball" },
		{ "digest", Y_STR, KERNEL(digest), .group = 1, .help = "digest of the tarball: sha256:HEX or sha512:HEX" },
		{ "git", Y_STR, KERNEL(git), .group = 1, .help = "URL of a git repository, of which one commit is fetched" },
		{ "commit", Y_STR, KERNEL(commit), .group = 1, .help = "which: all 40 digits of its name" },
		{ "tag", Y_STR, KERNEL(tag), .group = 1, .help = "or a tag" },
		{ "branch", Y_STR, KERNEL(branch), .group = 1, .help = "or the end of a branch" },
		{ "path", Y_STR, KERNEL(path), .group = 1,
		  .help = "folder or submodule of the repository that holds the kernel" },
		{ "tree", Y_STR, KERNEL(tree), .group = 1, .help = "folder with a local source tree, from the recipe's folder" },
		{ "patches", Y_STRS, KERNEL(patches), KERNEL(n_patches),
		  .help = "patches to the source, applied in this order by patch -p1" },
		{ "config", Y_STR, KERNEL(config), .fallback = "tiny",
		  .help = "what the fragments are put on: tiny (allnoconfig), defconfig, image (the base's own), or a file" },
		{ "fragments", Y_STRS, KERNEL(fragments), KERNEL(n_fragments),
		  .help = "option fragments: names in kconfigs/, or files" },
		{ "options", Y_STRS, KERNEL(options), KERNEL(n_options), .help = "single options: CONFIG_X=y" },
		{ "headers", Y_BOOL, KERNEL(headers), .fallback = "false",
		  .help = "put in what modules are compiled with against this kernel" },
		{ 0 } }
};

static const struct ymap grub_map = {
	.what = "grub", .size = sizeof(struct recipe_grub), .keys = (const struct ykey[]){
		{ "timeout", Y_DURATION, offsetof(struct recipe_grub, timeout), .fallback = "5s",
		  .help = "how long the boot menu is shown, in whole seconds" },
		{ 0 } }
};

static const struct ymap user_map = {
	.what = "a user", .size = sizeof(struct recipe_user), .keys = (const struct ykey[]){
		{ "name", Y_STR, USER(name), .required = true, .help = "login name" },
		{ "keys", Y_STRS, USER(keys), USER(n_keys), .help = "SSH public keys" },
		{ "ssh_authorized_keys", Y_STRS, USER(keys), USER(n_keys), .help = "the same, by cloud-init's name" },
		{ "groups", Y_STRS, USER(groups), USER(n_groups), .help = "groups to be in, which must be there" },
		{ "shell", Y_STR, USER(shell), .fallback = "/bin/bash", .help = "login shell" },
		{ "passwd", Y_STR, USER(passwd), .help = "a password, hashed as mkpasswd(1) does; without it there is none" },
		{ "sudo", Y_BOOL, USER(sudo), .fallback = "false", .help = "may use sudo without a password" },
		{ 0 } }
};

static const struct ymap copy_map = {
	.what = "a copy", .size = sizeof(struct recipe_copy), .keys = (const struct ykey[]){
		{ "from", Y_STR, COPY(from), .required = true, .help = "file or folder of the host" },
		{ "to", Y_STR, COPY(to), .required = true, .help = "where it goes in the image" },
		{ "mode", Y_STR, COPY(mode), .help = "permissions of a file: 0755" },
		{ "owner", Y_STR, COPY(owner), .fallback = "root", .help = "USER or USER:GROUP" },
		{ 0 } }
};

static const struct ymap file_map = {
	.what = "a file", .size = sizeof(struct recipe_file), .keys = (const struct ykey[]){
		{ "path", Y_STR, WRITE(path), .required = true, .help = "where it is in the image" },
		{ "content", Y_STR, WRITE(content), .help = "its text" },
		{ "permissions", Y_STR, WRITE(permissions), .fallback = "0644", .help = "in octal" },
		{ "owner", Y_STR, WRITE(owner), .fallback = "root", .help = "USER or USER:GROUP" },
		{ "append", Y_BOOL, WRITE(append), .fallback = "false", .help = "add the text to what is there" },
		{ 0 } }
};

static const struct ymap run_map = {
	.what = "a command", .size = sizeof(struct recipe_run), .scalar = "command", .keys = (const struct ykey[]){
		{ "command", Y_STR, RUN(command), .required = true, .help = "what sh runs, as root" },
		{ "network", Y_BOOL, RUN(network), .fallback = "false", .help = "give it the host's network" },
		{ 0 } }
};

static const struct ymap services_map = {
	.what = "services", .size = sizeof(struct recipe_services), .keys = (const struct ykey[]){
		{ "enable", Y_STRS, SERVICES(enable), SERVICES(n_enable), .help = "units that start at boot" },
		{ "disable", Y_STRS, SERVICES(disable), SERVICES(n_disable), .help = "units that do not" },
		{ "mask", Y_STRS, SERVICES(mask), SERVICES(n_mask), .help = "units that nothing can start" },
		{ 0 } }
};

const struct ymap recipe_map = {
	.what = "the recipe", .size = sizeof(struct recipe), .keys = (const struct ykey[]){
		{ "extends", Y_STR, RECIPE(extends),
		  .help = "another recipe, a file or a name, that this one is put over" },
		{ "name", Y_STR, RECIPE(name), .fallback = "the recipe file's name", .help = "name of the image" },
		{ "base", Y_MAP, RECIPE(base), .map = &base_map, .required = true, .whole = true, .help = "the base system" },
		{ "kernel", Y_MAP, RECIPE(kernel), .map = &kernel_map, .required = true,
		  .help = "the kernel: a source to build, or stock" },
		{ "packages", Y_STRS, RECIPE(packages), RECIPE(n_packages), .help = "Debian packages to install" },
		{ "disk", Y_SIZE, RECIPE(disk), .fallback = "8GiB", .help = "size of the disk" },
		{ "hostname", Y_STR, RECIPE(hostname), .fallback = "the image's name", .help = "host name" },
		{ "users", Y_LIST, RECIPE(users), RECIPE(n_users), .map = &user_map,
		  .help = "users to make, with their SSH keys; nobody gets a password" },
		{ "timezone", Y_STR, RECIPE(timezone), .help = "time zone (Europe/Berlin); the image needs tzdata" },
		{ "copy", Y_LIST, RECIPE(copies), RECIPE(n_copies), .map = &copy_map,
		  .help = "files and folders of the host that go into the image" },
		{ "write_files", Y_LIST, RECIPE(files), RECIPE(n_files), .map = &file_map,
		  .help = "files whose text stands in the recipe" },
		{ "run", Y_LIST, RECIPE(runs), RECIPE(n_runs), .map = &run_map, .help = "commands that are run in the image" },
		{ "runcmd", Y_LIST, RECIPE(runs), RECIPE(n_runs), .map = &run_map, .help = "the same, by cloud-init's name" },
		{ "services", Y_MAP, RECIPE(services), .map = &services_map, .help = "systemd units" },
		{ "sysctl", Y_PAIRS, RECIPE(sysctl), RECIPE(n_sysctl), .help = "kernel parameters, set at boot" },
		{ "kernel_args", Y_STRS, RECIPE(kernel_args), RECIPE(n_kernel_args),
		  .help = "words for the kernel's command line, from the boot menu and from vmctl" },
		{ "overlay", Y_STRS, RECIPE(overlays), RECIPE(n_overlays),
		  .help = "folders whose content is copied onto the root: names in overlay/, or paths" },
		{ "bench", Y_BOOL, RECIPE(bench), .fallback = "true", .help = "put in the bench suite" },
		{ "grub", Y_MAP, RECIPE(grub), .map = &grub_map, .help = "the boot menu" },
		{ 0 } }
};

/* A name that stands in a recipe which this one extends is that one's. */
static bool own_name(const struct recipe *r, const char *path)
{
	const char *from = ydoc_file(r->doc, &r->name);

	return r->name && (!strcmp(from, path) || str_starts(from, SET));
}

static void fill_defaults(struct recipe *r, const char *path)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	size_t n = strlen(file);

	if (!own_name(r, path))
		r->name = str_ends(file, ".yaml") ? xstrndup(file, n - 5) : xstrdup(file);
	else
		r->name = xstrdup(r->name);
	if (!r->hostname)
		r->hostname = r->name;
	if (!ydoc_line(r->doc, &r->disk))
		r->disk = 8 * GiB;
	if (r->kernel.mode == KERNEL_BUILD && !r->kernel.config)
		r->kernel.config = (char *)"tiny";
	if (!ydoc_line(r->doc, &r->grub.timeout))
		r->grub.timeout = 5000;
	if (!ydoc_line(r->doc, &r->bench))
		r->bench = true;
}

/* ---- several files, one recipe ---- */

/* The file that 'extends' in path names: from the folder of path, or one of the shipped ones. The caller's to free. */
static char *parent_path(const char *path, const char *given, struct ypos pos, struct err *e)
{
	const char *slash = strrchr(path, '/');
	auto_free char *own = *given == '/' || !slash ? xstrdup(given) : strf("%.*s/%s", (int)(slash - path), path, given);
	auto_free char *with_suffix = strf("%s.yaml", own), *found = NULL;
	const struct data_dirs *data;
	struct err why;

	if (file_exists(own))
		return steal(own);
	if (file_exists(with_suffix))
		return steal(with_suffix);
	data = data_dirs(&why);
	found = data ? find_by_name("recipe", data->recipes, given, &why) : NULL;
	if (!found)
		ypos_err(path, pos, e, "'extends': %s", why.msg);
	return steal(found);
}

/* All files of the recipe, from path on to the one that extends no other. */
static int chain(const char *path, struct strv *files, struct err *e)
{
	strv_add(files, path);
	for (;;) {
		const char *last = files->v[files->n - 1];
		auto_free char *given = NULL, *parent = NULL, *real = NULL;
		struct ypos pos = { 0 };

		if (ydoc_peek(last, "extends", &given, &pos, e) < 0)
			return -1;
		if (!given)
			return 0;
		parent = parent_path(last, given, pos, e);
		if (!parent)
			return -1;
		real = realpath(parent, NULL);
		for (size_t i = 0; real && i < files->n; i++) {
			auto_free char *other = realpath(files->v[i], NULL);

			if (other && !strcmp(other, real))
				return ypos_err(last, pos, e, "'extends' leads in a circle: %s extends this one, or is it",
						parent);
		}
		if (files->n == MAX_CHAIN)
			return ypos_err(last, pos, e, "'extends' goes more than %d recipes deep", MAX_CHAIN);
		strv_add(files, parent);
	}
}

/* "a.b=VALUE" as the YAML that it stands for. */
static int add_set(struct recipe *r, const char *set, struct err *e)
{
	const char *eq = strchr(set, '=');
	auto_free char *label = eq ? strf(SET "%.*s", (int)(eq - set), set) : NULL;
	auto_text yaml = { 0 };
	size_t depth = 1;

	if (!eq || eq == set || strspn(set, "abcdefghijklmnopqrstuvwxyz0123456789_-.") < (size_t)(eq - set))
		return err_set(e, "--set takes KEY=VALUE, as in kernel.config=defconfig, not '%s'", set);
	for (const char *p = set; p < eq; p++) {
		if (*p == '.')
			depth++;
		text_addf(&yaml, *p == '.' ? ": {" : "%c", *p);
	}
	text_addf(&yaml, ": %s", eq + 1);
	while (--depth > 0)
		text_puts(&yaml, "}");
	text_puts(&yaml, "\n");
	return (memchr(set, '.', (size_t)(eq - set)) ? ydoc_add_value : ydoc_add)(r->doc, label, yaml.s, yaml.n, &recipe_map, r,
										  e);
}

static int load_all(struct recipe *r, const struct strv *files, const struct strv *sets, struct err *e)
{
	r->doc = NULL;
	for (size_t i = files->n; i-- > 0;) {
		if (r->doc && ydoc_add_file(r->doc, files->v[i], &recipe_map, r, e) < 0)
			return -1;
		if (!r->doc) {
			struct ydoc *doc = ydoc_load(files->v[i], &recipe_map, r, e);

			r->doc = doc; /* ydoc_load() zeroes what it fills */
			if (!doc)
				return -1;
		}
	}
	for (size_t i = 0; sets && i < sets->n; i++)
		if (add_set(r, sets->v[i], e) < 0)
			return -1;
	return 0;
}

struct recipe *recipe_load_with(const char *path, const struct strv *sets, struct err *e)
{
	struct recipe *r = xcalloc(1, sizeof(*r));
	auto_strv files = { 0 };

	if (chain(path, &files, e) < 0 || load_all(r, &files, sets, e) < 0) {
		ydoc_free(r->doc);
		free(r);
		return NULL;
	}
	r->path = xstrdup(path);
	fill_defaults(r, path);
	if (recipe_check(r, e) == 0)
		return r;
	recipe_free(r);
	return NULL;
}

struct recipe *recipe_load(const char *path, struct err *e)
{
	return recipe_load_with(path, NULL, e);
}

void recipe_free(struct recipe *r)
{
	if (!r)
		return;
	ydoc_free(r->doc);
	free(r->name);
	free(r->path);
	free(r);
}
