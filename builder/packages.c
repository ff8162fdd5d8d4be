#include "packages.h"

#include "apt.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "tarball.h"
#include "text.h"

/* What the host's apt has to know of the image. tar follows links in the image, where they lead to what they mean. */
static int show_to_apt(guestfs_h *g, const char *root, struct err *e)
{
	static const char *const files[] = { APT_FILES }, *const not[] = { APT_NOT_FILES };
	static const char tar[] = "/var/cache/tierlab-apt.tar";
	auto_free char *here = strf("%s/image.tar", root);
	auto_strv argv = { 0 };

	strv_add(&argv, "tar");
	strv_add(&argv, "-C/");
	strv_addf(&argv, "-chf%s", tar);
	strv_add(&argv, "--ignore-failed-read"); /* links that lead nowhere */
	strv_add(&argv, "--transform=s,^,image/,");
	for (size_t i = 0; i < sizeof(not) / sizeof(*not); i++)
		strv_addf(&argv, "--exclude=%s", not[i]);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		auto_free char *path = strf("/%s", files[i]);

		if (guestfs_exists(g, path) == 1)
			strv_add(&argv, files[i]);
	}
	if (mkdir_p(root, e) < 0 || guest_run(g, (const char *const *)argv.v, e) < 0)
		return -1;
	if (guestfs_download(g, tar, here) < 0 || guestfs_rm(g, tar) < 0)
		return guest_err(g, e, "can't read what apt is set up for in the image");
	return tarball_unpack(here, root, e);
}

/* With no lists to read, apt in the image has nothing to do but to bring the packages into their order. What dpkg would sync on
 * the way does not matter, for the disk counts only as a whole. */
static int install_debs(guestfs_h *g, const char *root, const struct strv *debs, struct err *e)
{
	static const char there[] = "/var/cache/apt/" APT_DEBS;
	static const char *const apt[] = { "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y",
					   "--no-install-recommends", "-oDir::Etc::sourcelist=/dev/null",
					   "-oDir::Etc::sourceparts=/dev/null", "-oAPT::Default-Release=", "-oDir::Cache::pkgcache=",
					   "-oDir::Cache::srcpkgcache=", "-oDpkg::Options::=--force-unsafe-io", "install" };
	auto_free char *here = strf("%s/" APT_DEBS, root);
	auto_strv argv = { 0 };

	for (size_t i = 0; i < sizeof(apt) / sizeof(*apt); i++)
		strv_add(&argv, apt[i]);
	for (size_t i = 0; i < debs->n; i++)
		strv_addf(&argv, "%s/%s", there, debs->v[i]);
	if (guestfs_mkdir_p(g, "/var/cache/apt") < 0 || guestfs_copy_in(g, here, "/var/cache/apt") < 0)
		return guest_err(g, e, "can't copy packages into the image");
	if (debs->n && guest_run(g, (const char *const *)argv.v, e) < 0)
		return -1;
	return guestfs_rm_rf(g, there) < 0 ? guest_err(g, e, "can't remove packages from the image") : 0;
}

int add_packages(guestfs_h *g, const struct disk_spec *s, struct err *e)
{
	const struct recipe *recipe = s->recipe;
	auto_free char *root = strf("%s/apt", s->out_dir), *notes = NULL;
	const struct apt_root r = { root, recipe->packages, recipe->n_packages, s->preferences, s->log };
	auto_strv debs = { 0 };

	if (!recipe->n_packages)
		return 0;
	if (show_to_apt(g, root, e) < 0)
		return -1;
	if (apt_fetch(&r, &debs, e) < 0) {
		struct err why = *e;

		return interrupt_check(e) < 0 ? -1 : ydoc_err(recipe->doc, &recipe->packages, e, "%s", why.msg);
	}
	progress_update("installing %zu packages in the image", debs.n);
	notes = apt_notes(&r, &debs);
	if (install_debs(g, root, &debs, e) < 0 || guest_write(g, "/var/lib/apt/extended_states", 0644, notes, e) < 0)
		return -1;
	return remove_tree(root, e);
}
