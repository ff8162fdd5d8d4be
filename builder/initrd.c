#include "initrd.h"

#include <string.h>

/* The kernel's options for what a root is and lies on. Of the disks one is enough; vmctl's machines have virtio where the kernel
 * has it. */
static const struct {
	const char *fs, *option;
} file_systems[] = { { "ext4", "EXT4_FS" }, { "xfs", "XFS_FS" }, { "btrfs", "BTRFS_FS" } };
static const char *const disks[] = { "VIRTIO_BLK", "SATA_AHCI", "BLK_DEV_NVME", "ATA_PIIX" };

enum initrd_need initrd_need(const struct config *c, const char *fs, const char **option)
{
	bool module = false;

	for (size_t i = 0; i < sizeof(file_systems) / sizeof(*file_systems); i++)
		if (!strcmp(file_systems[i].fs, fs))
			*option = file_systems[i].option;
	if (!strcmp(config_get(c, *option), "n"))
		return INITRD_NO_HELP;
	if (!strcmp(config_get(c, *option), "m"))
		return INITRD_NEEDED;
	for (size_t i = 0; i < sizeof(disks) / sizeof(*disks); i++) {
		const char *value = config_get(c, disks[i]);

		if (!strcmp(value, "y"))
			return INITRD_NONE;
		if (!strcmp(value, "m") && !module) {
			module = true;
			*option = disks[i];
		}
	}
	if (!module)
		*option = disks[0];
	return module ? INITRD_NEEDED : INITRD_NO_HELP;
}
