/* What console and QEMU say is sorted into one cause. */
#include "harness.h"

#include "diagnose.h"
#include "exits.h"
#include "printable.h"

static void console(const char *text, int status, const char *part)
{
	struct diagnosis d = diagnose_console(text, FATAL);

	if (!d.text)
		fail_msg("nothing known of: %s", text);
	assert_contains(d.text, part);
	assert_int_equal(d.status, status);
	free(d.text);
}

static void each_end_of_a_boot_has_its_cause(void **state)
{
	(void)state;
	console("[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n[    2.2] CPU: 0 PID: 1\n"
		"[    2.3] ---[ end Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0) ]---\n",
		EXIT_BOOT, "the kernel has no root file system ([    2.3] Kernel panic - not syncing: VFS: Unable to mount root fs on "
		"unknown-block(0,0)): ");
	/* the last line is still being written */
	console("[    2.1] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n[    2.2] CPU: 0 PID: 1\n"
		"[    2.3] ---[ end Kernel panic - not syncing: Attempted to kill init! exi",
		EXIT_PANIC, "panicked ([    2.1] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100): ");
	console("[    9.0] Kernel panic - not syncing: sysrq triggered crash\n", EXIT_PANIC, "panicked ([    9.0] Kernel panic - not syncing: "
		"sysrq triggered crash)");
	console("Kernel panic - not syncing: System is deadlocked on memory\n", EXIT_PANIC, "ran out of memory");
	console("Kernel panic - not syncing: No working init found.\n", EXIT_PANIC, "holds no init");
	console("Gave up waiting for root file system device.\nALERT!  PARTUUID=1-2 does not exist.  Dropping to a shell! \n(initramfs) ",
		EXIT_BOOT, "the initrd finds no root file system (ALERT!  PARTUUID=1-2 does not exist.  Dropping to a shell!): ");
	console("[FAILED] Failed to start systemd-fsck\n[FAILED] Failed to mount data.mount - /data.\n"
		"You are in emergency mode. After\n", EXIT_BOOT, "emergency mode ([FAILED] Failed to mount data.mount - /data.)");
	console("Booting from Hard Disk...\nNo bootable device.\n", EXIT_BOOT, "finds nothing to boot");
	console("BdsDxe: failed to load Boot0001 \"UEFI Misc Device\": Not Found\n", EXIT_BOOT, "UEFI firmware finds nothing");
	console("error: no such device: 1234.\nEntering rescue mode...\ngrub rescue> ", EXIT_BOOT, "(error: no such device: 1234.)");
	console("  GNU GRUB  version 2.12\n\ngrub> ", EXIT_BOOT, "waits at its prompt:");
}

static void a_boot_that_goes_on_has_none(void **state)
{
	static const char *const texts[] = {
		"", "[    1.0] Linux version 6.12\n[    2.0] VFS: Mounted root (ext4 filesystem) readonly on device 254:2.\n",
		"[  OK  ] Started ssh.service\ncxl-small login: ", "[   30.0] Out of memory: Killed process 77 (stress)\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_null(diagnose_console(texts[i], FATAL).text);
}

static void what_may_have_been_the_reason_counts_when_nothing_came(void **state)
{
	struct diagnosis d = diagnose_console("[   30.0] Out of memory: Killed process 77 (sshd)\n", ANY);

	(void)state;
	assert_non_null(d.text);
	assert_contains(d.text, "ran out of memory ([   30.0] Out of memory: Killed process 77 (sshd)): give it more");
	free(d.text);
}

static const char libvirt_log[] =
	"2026-11-01 10:00:00.000+0000: starting up libvirt version: 11.3.0\nLC_ALL=C \\\n/usr/bin/qemu \\\n-msg timestamp=on\n"
	"qemu: old words\n2026-11-01 10:00:09.000+0000: shutting down, reason=crashed\n"
	"2026-11-01 11:00:00.000+0000: starting up libvirt version: 11.3.0\nLC_ALL=C \\\n/usr/bin/qemu \\\n-device virtio-blk \\\n"
	"-msg timestamp=on\n"
	"char device redirected to /dev/pts/1 (label charserial0)\n"
	"2026-11-01T11:00:07Z qemu-system-x86_64: virtio: bogus descriptor or out of resources\n"
	"2026-11-01 11:00:09.000+0000: shutting down, reason=destroyed\n";

static void qemu_is_heard_without_its_command_and_what_others_said(void **state)
{
	auto_free char *words = qemu_words(libvirt_log), *none = qemu_words(""), *odd = qemu_words("not a log of libvirt's");
	struct diagnosis d = diagnose_qemu(words);

	(void)state;
	assert_string_equal(words, "char device redirected to /dev/pts/1 (label charserial0)\n"
			    "2026-11-01T11:00:07Z qemu-system-x86_64: virtio: bogus descriptor or out of resources\n");
	assert_contains(d.text, "a virtio device was to read or write CXL memory");
	assert_int_equal(d.status, EXIT_BOOT);
	free(d.text);
	assert_string_equal(none, "");
	assert_string_equal(odd, "");
	assert_null(diagnose_qemu("char device redirected\n").text);
	d = diagnose_qemu("KVM internal error. Suberror: 1\nemulation failure\n");
	assert_contains(d.text, "accelerator: tcg");
	free(d.text);
}

static void a_guest_that_rebooted_itself_is_told_from_others(void **state)
{
	(void)state;
	assert_contains(diagnose_end("reboot: Restarting system"), "rebooted itself");
	assert_contains(diagnose_end("login: \n [6nreboot: Restarting system"), "rebooted itself");
	assert_null(diagnose_end("reboot: Power down"));
	assert_null(diagnose_end("reboot: Restarting system\nSeaBIOS"));
	assert_null(diagnose_end(""));
}

static void a_set_up_that_failed_has_its_remedy(void **state)
{
	(void)state;
	assert_contains(diagnose_setup("failed: cxl create-region: ...; the kernel: cxl region0: Failed to synchronize CPU cache state"),
			"CONFIG_CXL_REGION_INVALIDATION_TEST");
	assert_contains(diagnose_setup("failed: no memdev with an endpoint below root port 0000:34:00.0"), "cxl_pci");
	assert_null(diagnose_setup("ok"));
}

static void a_console_is_stripped_of_what_steers_a_terminal(void **state)
{
	static const char *const texts[][2] = {
		{ "[\033[0;1;31mFAILED\033[0m] Failed to mount \033[0;1;39mdata.mount\033[0m.\r\n", "[FAILED] Failed to mount data.mount.\n" },
		{ "\033c\033[?7l\033[2J\033[0mSeaBIOS\r\n", "SeaBIOS\n" },
		{ "\033[!p\033]104\a\033[?7hone\033]0;title\033\\two\033(Bthree", "onetwothree" },
		{ "\033", "" }, { "a\033[", "a" }, { "a\033]b", "a" }, { "\033]b\nc", "\nc" }, { "\tM\xc3\xa4rz\x7f\b", "\tM\xc3\xa4rz" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		auto_free char *text = xstrdup(texts[i][0]);

		strip_terminal(text);
		assert_string_equal(text, texts[i][1]);
	}
}

static void what_only_warns_does_not_hide_the_reason(void **state)
{
	static const struct {
		const char *said, *kept;
	} cases[] = {
		{ "internal error: QEMU unexpectedly closed the monitor (vm='a'): 2026-11-26T15:00:00.1Z qemu-system-x86_64: -mon x: warning: '-mon' is "
		  "deprecated\n2026-11-26T15:00:00.2Z qemu-system-x86_64: no room\n",
		  "internal error: QEMU unexpectedly closed the monitor (vm='a'): 2026-11-26T15:00:00.2Z qemu-system-x86_64: no room\n" },
		{ "closed (vm='a'): q: warning: only this", "closed (vm='a'): q: warning: only this" },
		{ "no domain", "no domain" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *kept_words = without_warnings(cases[i].said);

		assert_string_equal(kept_words, cases[i].kept);
		free(kept_words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_only_warns_does_not_hide_the_reason),
		cmocka_unit_test(each_end_of_a_boot_has_its_cause),
		cmocka_unit_test(a_boot_that_goes_on_has_none),
		cmocka_unit_test(what_may_have_been_the_reason_counts_when_nothing_came),
		cmocka_unit_test(qemu_is_heard_without_its_command_and_what_others_said),
		cmocka_unit_test(a_guest_that_rebooted_itself_is_told_from_others),
		cmocka_unit_test(a_set_up_that_failed_has_its_remedy),
		cmocka_unit_test(a_console_is_stripped_of_what_steers_a_terminal),
	};

	return RUN_TESTS(tests);
}
