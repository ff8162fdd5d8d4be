/* Which libvirt is another host's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "virt.h"

static void addresses_of_this_host_and_of_others(void **state)
{
	static const char *const here[] = { "qemu:///system", "qemu:///session", "qemu+unix:///system", "qemu+unix:///system?socket=/x", "junk" };
	static const char *const there[] = { "qemu+ssh://lab/system", "qemu+ssh://root@lab:2222/system?command=/x", "qemu+ssh:///system",
					     "qemu://lab/system", "qemu+tcp://[::1]/system", "qemu+libssh2://lab/session" };

	(void)state;
	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++)
		assert_false(virt_uri_is_remote(here[i]));
	for (size_t i = 0; i < sizeof(there) / sizeof(*there); i++)
		assert_true(virt_uri_is_remote(there[i]));
}

static void the_option_is_stronger_than_the_variable(void **state)
{
	(void)state;
	unsetenv("TIERLAB_LIBVIRT_URI");
	assert_null(virt_given());
	setenv("TIERLAB_LIBVIRT_URI", "qemu:///session", 1);
	assert_string_equal(virt_given(), "qemu:///session");
	virt_connect = "qemu+ssh://lab/system";
	assert_string_equal(virt_given(), "qemu+ssh://lab/system");
	virt_connect = "";
	assert_string_equal(virt_given(), "qemu:///session");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_this_host_and_of_others),
		cmocka_unit_test(the_option_is_stronger_than_the_variable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
