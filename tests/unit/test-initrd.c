/* Whether a kernel reaches its root without an initrd. */
#include "harness.h"

#include "initrd.h"

static enum initrd_need need(const char *text, const char *fs, const char **option)
{
	struct config c = { 0 };
	enum initrd_need n;

	config_parse(&c, text);
	n = initrd_need(&c, fs, option);
	config_free(&c);
	return n;
}

static void a_kernel_with_all_built_in_needs_none(void **state)
{
	const char *option = "";

	(void)state;
	assert_int_equal(need("CONFIG_EXT4_FS=y\nCONFIG_VIRTIO_BLK=y\nCONFIG_XFS_FS=m\n", "ext4", &option), INITRD_NONE);
	assert_int_equal(need("CONFIG_BTRFS_FS=y\nCONFIG_VIRTIO_BLK=m\nCONFIG_SATA_AHCI=y\n", "btrfs", &option), INITRD_NONE);
}

static void a_module_on_the_way_to_the_root_needs_one(void **state)
{
	const char *option = "";

	(void)state;
	assert_int_equal(need("CONFIG_XFS_FS=m\nCONFIG_VIRTIO_BLK=y\n", "xfs", &option), INITRD_NEEDED);
	assert_string_equal(option, "XFS_FS");
	assert_int_equal(need("CONFIG_EXT4_FS=y\nCONFIG_VIRTIO_BLK=m\n", "ext4", &option), INITRD_NEEDED);
	assert_string_equal(option, "VIRTIO_BLK");
}

static void what_is_not_in_the_kernel_no_initrd_brings(void **state)
{
	const char *option = "";

	(void)state;
	assert_int_equal(need("CONFIG_VIRTIO_BLK=y\n", "xfs", &option), INITRD_NO_HELP);
	assert_string_equal(option, "XFS_FS");
	assert_int_equal(need("CONFIG_EXT4_FS=y\n", "ext4", &option), INITRD_NO_HELP);
	assert_string_equal(option, "VIRTIO_BLK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_with_all_built_in_needs_none),
		cmocka_unit_test(a_module_on_the_way_to_the_root_needs_one),
		cmocka_unit_test(what_is_not_in_the_kernel_no_initrd_brings),
	};

	return RUN_TESTS(tests);
}
