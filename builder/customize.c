#include "customize.h"

#include <string.h>

#include "dpkg.h"
#include "file.h"
#include "grub.h"
#include "image-layout.h"
#include "initrd.h"
#include "interrupt.h"
#include "packages.h"
#include "progress.h"
#include "provision.h"
#include "text.h"

static int unpack(guestfs_h *g, const char *tar, const char *what, struct err *e)
{
	if (!tar)
		return 0;
	progress_update("copying %s", what);
	return guestfs_tar_in(g, tar, "/") < 0 ? guest_err(g, e, "can't copy into the image") : interrupt_check(e);
}

static int name_host(guestfs_h *g, const char *name, struct err *e)
{
	auto_free char *line = strf("%s\n", name);
	auto_free char *hosts = strf("127.0.0.1\tlocalhost\n127.0.1.1\t%s\n::1\tlocalhost ip6-localhost ip6-loopback\n",
				     name);

	if (guest_write(g, "/etc/hostname", 0644, line, e) < 0 || guest_write(g, "/etc/hosts", 0644, hosts, e) < 0)
		return -1;
	/* mmdebstrap left the build host's there: the guest writes its own. A cloud image's is a link. */
	return guestfs_is_symlink(g, "/etc/resolv.conf") == 1 ? 0 : guest_write(g, "/etc/resolv.conf", 0644, "", e);
}

static int write_fstab(guestfs_h *g, const char *root, struct err *e)
{
	auto_free char *uuid = guestfs_vfs_uuid(g, root);
	auto_free char *line = uuid ? strf("UUID=%s / ext4 defaults 0 1\n", uuid) : NULL;

	return line ? guest_write(g, "/etc/fstab", 0644, line, e) : guest_err(g, e, "can't read the root's UUID");
}

static char **kernels(guestfs_h *g)
{
	return guestfs_glob_expand_opts(g, "/boot/vmlinuz-*", -1);
}

/* The newest of the base's own kernels, by the version sort of dpkg's order of digits and the rest. */
static char *stock_release(guestfs_h *g, struct err *e)
{
	char **list = kernels(g), *best = NULL;

	for (char **k = list; k && *k; k++) {
		const char *release = *k + strlen("/boot/vmlinuz-");

		if (!best || strverscmp(release, best) > 0) {
			free(best);
			best = xstrdup(release);
		}
	}
	for (char **k = list; k && *k; k++)
		free(*k);
	free(list);
	if (!best)
		err_set(e, "the base has no kernel in /boot: add one to 'packages' (linux-image-amd64), or let one be built");
	return best;
}

/* From 9.8 on sshd locks an address out that hangs up before the login, as who waits for a guest does, for up to ten minutes;
 * and all that comes through QEMU's user network has one address. -G (9.3) reads the settings without looking for keys. */
static int forgive_at_sshd(guestfs_h *g, struct err *e)
{
	static const char dir[] = "/etc/ssh/sshd_config.d", option[] = "PerSourcePenalties no";
	auto_free char *path = strf("%s/10-tierlab-penalties.conf", dir), *line = strf("%s\n", option);
	const char *known[] = { "/usr/sbin/sshd", "-G", "-o", option, NULL };

	if (guestfs_is_dir(g, dir) != 1 || guest_run(g, known, &(struct err){ "" }) < 0)
		return interrupt_check(e);
	return guest_write(g, path, 0644, line, e);
}

/* Every image made from this one makes its own. */
static int forget_identity(guestfs_h *g, struct err *e)
{
	if (guestfs_rm_f(g, "/var/lib/dbus/machine-id") < 0 || guestfs_write(g, "/etc/machine-id", "", 0) < 0)
		return guest_err(g, e, "can't reset the machine id");
	char **keys = guestfs_glob_expand_opts(g, "/etc/ssh/ssh_host_*", -1);

	for (char **k = keys; k && *k; k++) {
		guestfs_rm_f(g, *k);
		free(*k);
	}
	free(keys);
	return 0;
}

static int take_stock_kernel(guestfs_h *g, const struct disk_spec *s, struct disk_result *r, struct err *e)
{
	auto_free char *kernel = strf("/boot/vmlinuz-%s", r->release), *initrd = strf("/boot/initrd.img-%s", r->release);
	auto_free char *to = strf("%s/vmlinuz", s->out_dir), *initrd_to = strf("%s/initrd", s->out_dir);

	progress_update("taking out the kernel");
	if (guestfs_download(g, kernel, to) < 0)
		return guest_err(g, e, "can't take the kernel out of the image");
	r->initrd = guestfs_is_file(g, initrd) == 1;
	if (r->initrd && guestfs_download(g, initrd, initrd_to) < 0)
		return guest_err(g, e, "can't take the initrd out of the image");
	return 0;
}

/* "NAME VERSION" lines, the caller's to free; NULL where there is no dpkg. */
static char *list_packages(guestfs_h *g)
{
	auto_free char *status = guestfs_is_file(g, "/var/lib/dpkg/status") == 1 ? guestfs_cat(g, "/var/lib/dpkg/status") : NULL;
	auto_strv list = { 0 };
	struct text t = { 0 };

	if (status)
		dpkg_list(status, &list);
	for (size_t i = 0; i < list.n; i++)
		text_addf(&t, "%s\n", list.v[i]);
	return t.s;
}

/* The kernel comes on with the image: what makes the menu finds its place taken. */
static int announce_kernel(guestfs_h *g, const char *release, struct err *e)
{
	auto_free char *path = strf("/boot/vmlinuz-%s", release);

	return guest_write(g, path, 0644, "", e);
}

int furnish(guestfs_h *g, const struct disk_spec *s, const char *root, struct disk_result *r, struct err *e)
{
	if (s->base_is_disk && add_packages(g, s, e) < 0)
		return -1;
	if (s->release && announce_kernel(g, s->release, e) < 0)
		return -1;
	if (!s->base_is_disk && write_fstab(g, root, e) < 0)
		return -1;
	r->release = s->release ? xstrdup(s->release) : stock_release(g, e);
	if (!r->release || grub_set_up(g, s, root, r->release, e) < 0)
		return -1;
	if (!s->release && take_stock_kernel(g, s, r, e) < 0)
		return -1;
	r->packages = list_packages(g);
	r->root = layout_root_argument(g, root, e);
	return r->root ? 0 : -1;
}

static void inventory(guestfs_h *g, const char *release, struct image_result *r)
{
	auto_free char *config = strf("/boot/config-%s", release);

	r->packages = list_packages(g);
	if (guestfs_is_file(g, config) == 1)
		r->config = guestfs_cat(g, config);
}

/* initramfs-tools makes it, and GRUB's menu has to hear of it. */
static int make_initrd(guestfs_h *g, const struct image_spec *s, const char *option, struct err *e)
{
	const char *make[] = { "update-initramfs", "-c", "-k", s->release, NULL };
	auto_free char *path = strf("/boot/initrd.img-%s", s->release), *menu = NULL;

	if (guestfs_is_file_opts(g, "/usr/sbin/update-initramfs", GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1, -1) != 1)
		return ydoc_err(s->recipe->doc, &s->recipe->kernel, e, "the kernel has CONFIG_%s as a module, and so boots only with an "
				"initrd: add CONFIG_%s=y to 'kernel.options', or initramfs-tools, which makes one, to 'packages'", option,
				option);
	progress_update("making the initrd");
	if (guest_run(g, make, e) < 0 || grub_menu(g, &menu, e) < 0)
		return -1;
	return guestfs_download(g, path, s->initrd) < 0 ? guest_err(g, e, "can't take the initrd out of the image") : 0;
}

/* Only where the kernel needs one to reach its root. */
static int add_initrd(guestfs_h *g, const struct image_spec *s, struct image_result *r, struct err *e)
{
	auto_free char *path = strf("/boot/config-%s", s->release), *root = layout_root(s->mounts);
	auto_free char *text = s->kernel_tar ? guestfs_cat(g, path) : NULL, *fs = guestfs_vfs_type(g, root);
	const char *option = "";
	struct config c = { 0 };
	enum initrd_need need;

	if (!s->kernel_tar)
		return 0;
	if (!text || !fs)
		return guest_err(g, e, "can't see whether the kernel mounts its root");
	config_parse(&c, text);
	need = initrd_need(&c, fs, &option);
	config_free(&c);
	if (need == INITRD_NO_HELP)
		return ydoc_err(s->recipe->doc, &s->recipe->kernel, e, "the root is %s, and the kernel that was built has no way to it: "
				"add CONFIG_%s=y to 'kernel.options'", fs, option);
	r->initrd = need == INITRD_NEEDED;
	return r->initrd ? make_initrd(g, s, option, e) : 0;
}

int customize(guestfs_h *g, const struct image_spec *s, struct image_result *r, struct err *e)
{
	if (unpack(g, s->kernel_tar, "the kernel", e) < 0 || add_initrd(g, s, r, e) < 0 ||
	    unpack(g, s->overlay_tar, "the overlays", e) < 0)
		return -1;
	progress_update("host name");
	if (name_host(g, s->recipe->hostname, e) < 0 || forgive_at_sshd(g, e) < 0 || forget_identity(g, e) < 0 ||
	    provision(g, s->recipe, e) < 0)
		return -1;
	inventory(g, s->release, r);
	return 0;
}
