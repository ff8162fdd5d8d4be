/* QEMU's command line, as libvirt writes it, made one that can be pasted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "qemu-args.h"
#include "text.h"

static void gives(const char *line, const char *want)
{
	auto_free char *got = qemu_args_text(line);

	assert_string_equal(got, want);
}

static void an_option_with_its_argument_a_line(void **state)
{
	(void)state;
	gives("/usr/bin/qemu -m size=2048 -nodefaults -display none", "/usr/bin/qemu \\\n  -m size=2048 \\\n  -nodefaults \\\n  -display none\n");
}

static void what_is_libvirts_own_is_left_out(void **state)
{
	(void)state;
	gives("LC_ALL=C HOME=/x /usr/bin/qemu -S -object '{\"qom-type\":\"secret\",\"id\":\"masterKey0\"}' -m 1 "
	      "-chardev socket,id=charmonitor,path=/x -mon chardev=charmonitor,id=monitor -chardev pty,id=charserial0 -no-shutdown",
	      "/usr/bin/qemu \\\n  -m 1 \\\n  -chardev pty,id=charserial0\n");
}

static void what_was_quoted_is_quoted(void **state)
{
	(void)state;
	gives("/q -append 'a b' -fw_cfg 'x=it'\\''s\ntwo' -empty ''\n", "/q \\\n  -append 'a b' \\\n  -fw_cfg 'x=it'\\''s\ntwo' \\\n  -empty ''\n");
}

static void an_empty_line_is_an_empty_line(void **state)
{
	(void)state;
	gives("", "\n");
	gives("A=1", "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_option_with_its_argument_a_line),
		cmocka_unit_test(what_is_libvirts_own_is_left_out),
		cmocka_unit_test(what_was_quoted_is_quoted),
		cmocka_unit_test(an_empty_line_is_an_empty_line),
	};

	return cmocka_run_group_tests_name("qemu-args", tests, NULL, NULL);
}
