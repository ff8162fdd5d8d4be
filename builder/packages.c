#include "packages.h"

#include "apt.h"
#include "customize.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"

/* What the host's apt has to know of the image. */
static int show_to_apt(guestfs_h *g, const char *root, struct err *e)
{
	static const struct { const char *path, *to; bool folder, must; } parts[] = {
		{ "/etc/apt", "etc", true, true },
		{ "/usr/share/keyrings", "usr/share", true, false },
		{ "/var/lib/dpkg/status", "var/lib/dpkg", false, true },
		{ "/var/lib/apt/extended_states", "var/lib/apt", false, false },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		auto_free char *to = strf("%s/%s", root, parts[i].to);
		int there = (parts[i].folder ? guestfs_is_dir : guestfs_is_file)(g, parts[i].path);

		if (mkdir_p(to, e) < 0)
			return -1;
		if (there == 0 && parts[i].must)
			return err_set(e, "the base image has no %s: packages can't be put in", parts[i].path);
		if (there < 0 || (there && guestfs_copy_out(g, parts[i].path, to) < 0))
			return guest_err(g, e, "can't read what apt is set up for in the image");
	}
	return 0;
}

/* With no lists to read, apt in the image has nothing to do but to bring the packages into their order. What dpkg would sync on
 * the way does not matter, for the disk counts only as a whole. */
static int install_debs(guestfs_h *g, const char *root, const struct strv *debs, struct err *e)
{
	static const char there[] = "/var/cache/apt/" APT_DEBS;
	static const char *const apt[] = { "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y",
					   "--no-install-recommends", "-oDir::Etc::sourcelist=/dev/null",
					   "-oDir::Etc::sourceparts=/dev/null", "-oDir::Cache::pkgcache=",
					   "-oDir::Cache::srcpkgcache=", "-oDpkg::Options::=--force-unsafe-io", "install" };
	auto_free char *here = strf("%s/" APT_DEBS, root);
	auto_strv argv = { 0 };

	for (size_t i = 0; i < sizeof(apt) / sizeof(*apt); i++)
		strv_add(&argv, apt[i]);
	for (size_t i = 0; i < debs->n; i++)
		strv_addf(&argv, "%s/%s", there, debs->v[i]);
	if (guestfs_copy_in(g, here, "/var/cache/apt") < 0)
		return guest_err(g, e, "can't copy packages into the image");
	if (debs->n && guest_run(g, (const char *const *)argv.v, e) < 0)
		return -1;
	return guestfs_rm_rf(g, there) < 0 ? guest_err(g, e, "can't remove packages from the image") : 0;
}

/* What came in by itself may go by itself, when what it was for is removed. */
static int note_packages(guestfs_h *g, const struct apt_root *r, const struct strv *debs, struct err *e)
{
	static const char path[] = "/var/lib/apt/extended_states";
	bool there = guestfs_is_file(g, path) == 1;
	auto_free char *old = there ? guestfs_cat(g, path) : xstrdup("");
	auto_free char *new = old ? apt_notes(old, r, debs) : NULL;

	return new ? guest_write(g, path, 0644, new, e) : guest_err(g, e, "can't read apt's notes in the image");
}

int add_packages(guestfs_h *g, const struct disk_spec *s, struct err *e)
{
	const struct recipe *recipe = s->recipe;
	auto_free char *root = strf("%s/apt", s->out_dir);
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
	if (install_debs(g, root, &debs, e) < 0 || note_packages(g, &r, &debs, e) < 0)
		return -1;
	return remove_tree(root, e);
}
