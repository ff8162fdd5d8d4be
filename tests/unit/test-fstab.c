/* What a system's own files say of it. */
#include "harness.h"

#include "fstab.h"

static const char text[] = "# comment\n"
			   "PARTUUID=1a2b-01 / ext4 rw,discard 0 1\n"
			   "\tUUID=\"ABCD-1234\"\t/boot/efi\tvfat\tumask=0077\t0\t0\n"
			   "LABEL=my\\040disk /srv/a\\040b ext4 defaults\n"
			   "PARTLABEL=x /x ext4\n"
			   "/dev/vda2 /boot ext4 defaults 0 2\n"
			   "/dev/nvme0n1p3 /n ext4 defaults\n"
			   "/dev/disk/by-uuid/77 /by btrfs compress=zstd,subvol=/@by,ro\n"
			   "LABEL=x /v btrfs subvol=v 0 0";

static void assert_entry(const struct fstab_entry *f, enum fstab_by by, const char *value, const char *path, const char *subvolume)
{
	assert_int_equal(f->by, by);
	assert_string_equal(f->value, value);
	assert_string_equal(f->path, path);
	if (!subvolume)
		assert_null(f->subvolume);
	else
		assert_string_equal(f->subvolume, subvolume);
}

static void a_partition_is_told_by_tag_link_or_name(void **state)
{
	cleanup(fstab_free) struct fstab f = { 0 };

	(void)state;
	fstab_parse(&f, text);
	assert_int_equal(f.n, 8);
	assert_entry(&f.list[0], FSTAB_PARTUUID, "1a2b-01", "/", NULL);
	assert_entry(&f.list[1], FSTAB_UUID, "ABCD-1234", "/boot/efi", NULL);
	assert_entry(&f.list[2], FSTAB_LABEL, "my disk", "/srv/a b", NULL);
	assert_entry(&f.list[3], FSTAB_PARTLABEL, "x", "/x", NULL);
	assert_entry(&f.list[4], FSTAB_NUMBER, "2", "/boot", NULL);
	assert_entry(&f.list[5], FSTAB_NUMBER, "3", "/n", NULL);
	assert_entry(&f.list[6], FSTAB_UUID, "77", "/by", "@by");
	assert_entry(&f.list[7], FSTAB_LABEL, "x", "/v", "v");
}

static void what_is_not_on_the_first_disk_is_passed_over(void **state)
{
	cleanup(fstab_free) struct fstab f = { 0 };

	(void)state;
	fstab_parse(&f, "tmpfs /tmp tmpfs\nUUID=1 none swap sw\n/dev/sdb1 /b ext4\n/dev/sda /a ext4\n/dev/sdaa1 /a ext4\nhost:/x /x nfs\n"
			"/dev/mapper/vg-lv /l ext4\n#UUID=2 /c ext4\nUUID= /d ext4\nUUID=3 /e\nUUID=4\n\n\\\nUUID=\" /f ext4\n");
	assert_int_equal(f.n, 1);
	assert_entry(&f.list[0], FSTAB_UUID, "\"", "/f", NULL);
}

static void a_distribution_names_itself(void **state)
{
	auto_free char *plain = os_release_id("NAME=x\nID=debian\nID_LIKE=y\n"), *quoted = os_release_id("VERSION_ID=\"40\"\nID=\"fedora\"");

	(void)state;
	assert_string_equal(plain, "debian");
	assert_string_equal(quoted, "fedora");
	assert_null(os_release_id("ID_LIKE=debian\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_partition_is_told_by_tag_link_or_name),
		cmocka_unit_test(what_is_not_on_the_first_disk_is_passed_over),
		cmocka_unit_test(a_distribution_names_itself),
	};

	return RUN_TESTS(tests);
}
