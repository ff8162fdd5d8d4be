#include "grub.h"

#include <string.h>

#include "progress.h"
#include "text.h"

/* GRUB: a menu that is seen, on both consoles, whose default is our kernel. The file sorts after those of cloud images,
 * which hide the menu. */
static int write_grub_defaults(guestfs_h *g, const struct disk_spec *s, const char *root, const char *release,
			       struct err *e)
{
	auto_free char *uuid = guestfs_vfs_uuid(g, root);
	auto_text t = { 0 };

	if (!uuid)
		return guest_err(g, e, "can't read the root's UUID");
	text_addf(&t, "GRUB_TIMEOUT_STYLE=menu\nGRUB_TIMEOUT=%llu\nGRUB_RECORDFAIL_TIMEOUT=%llu\n",
		  (unsigned long long)s->recipe->grub.timeout / 1000, (unsigned long long)s->recipe->grub.timeout / 1000);
	text_puts(&t, "GRUB_TERMINAL=\"console serial\"\nGRUB_SERIAL_COMMAND=\"serial --unit=0 --speed=115200\"\n"
		      "GRUB_CMDLINE_LINUX_DEFAULT=\"\"\n"
		      "GRUB_DISABLE_SUBMENU=y\nGRUB_DISABLE_OS_PROBER=true\nGRUB_DISABLE_RECOVERY=true\n"
		      "GRUB_DISABLE_LINUX_PARTUUID=false\n");
	text_puts(&t, "GRUB_CMDLINE_LINUX=\"console=tty0 console=ttyS0,115200");
	for (size_t i = 0; i < s->recipe->n_kernel_args; i++)
		text_addf(&t, " %s", s->recipe->kernel_args[i]);
	text_puts(&t, "\"\n");
	text_addf(&t, "GRUB_DEFAULT=\"gnulinux-%s-advanced-%s\"\n", release, uuid);
	if (guestfs_mkdir_p(g, "/etc/default/grub.d") < 0)
		return guest_err(g, e, "can't make /etc/default/grub.d in the image");
	return guest_write(g, "/etc/default/grub.d/zz-tierlab.cfg", 0644, t.s, e);
}

/* Takes each word that begins so, and the blank after it, out of the text. In place. */
static void drop_words(char *text, const char *prefix)
{
	for (char *word; (word = strstr(text, prefix)); text = word) {
		char *end = word + strcspn(word, " \n");

		end += *end == ' ';
		memmove(word, end, strlen(end) + 1);
	}
}

/* GRUB numbers the disks as the kernel here does, which is one of the appliance's two, in the order in which they answered: the
 * map says that ours is the first, as it is in a machine. A firmware's own hints come from the kernel's letter, past the map, and
 * go; --hint alone is by the map. */
int grub_menu(guestfs_h *g, char **menu, struct err *e)
{
	static const char map[] = "/boot/grub/device.map", path[] = "/boot/grub/grub.cfg";
	static const char *const hints[] = { "--hint-bios=", "--hint-efi=", "--hint-baremetal=" };
	const char *config[] = { "grub-mkconfig", "-o", path, NULL };

	progress_update("making GRUB's menu");
	if (guest_write(g, map, 0644, "(hd0)\t/dev/disk/guestfs/" DISK_LABEL "\n", e) < 0 || guest_run(g, config, e) < 0)
		return -1;
	if (guestfs_rm_f(g, map) < 0)
		return guest_err(g, e, "can't remove GRUB's device map in the image");
	*menu = guestfs_cat(g, path);
	if (!*menu)
		return guest_err(g, e, "can't read GRUB's menu");
	if (strstr(*menu, " root=/dev/sd"))
		return err_set(e, "GRUB's menu names the root by its device, which is another one in a machine: take "
			       "GRUB_DISABLE_LINUX_UUID out of the base's /etc/default/grub");
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		drop_words(*menu, hints[i]);
	return guest_write(g, path, 0600, *menu, e);
}

int grub_set_up(guestfs_h *g, const struct disk_spec *s, const char *root, const char *release, struct err *e)
{
	const char *install[] = { "grub-install", "--target=i386-pc", "--no-floppy", "/dev/disk/guestfs/" DISK_LABEL,
				  NULL };
	auto_free char *menu = NULL, *entry = strf("gnulinux-%s-advanced-", release);

	if (write_grub_defaults(g, s, root, release, e) < 0)
		return -1;
	progress_update("installing GRUB");
	if (!s->base_is_disk && guest_run(g, install, e) < 0)
		return -1;
	if (grub_menu(g, &menu, e) < 0)
		return -1;
	return strstr(menu, entry) ? 0 : err_set(e, "GRUB's menu has no entry for the kernel %s", release);
}
