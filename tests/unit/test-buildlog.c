/* The first error of a failed kernel build. */
#include "harness.h"

#include "buildlog.h"

static const char log_of_gcc[] =
	"+ make -C linux bzImage\n"
	"  CC      mm/vmscan.o\n"
	"  CC      mm/page_alloc.o\n"
	"In file included from ./include/linux/mm.h:7,\n"
	"                 from mm/vmscan.c:14:\n"
	"mm/vmscan.c: In function 'shrink_node':\n"
	"mm/vmscan.c:123:9: error: 'foo' undeclared (first use in this function)\n"
	"  123 |         foo = 1;\n"
	"      |         ^~~\n"
	"mm/vmscan.c:123:9: note: each undeclared identifier is reported only once\n"
	"make[4]: *** [scripts/Makefile.build:243: mm/vmscan.o] Error 1\n"
	"mm/other.c:1:1: error: later\n"
	"make: *** [Makefile:224: __sub-make] Error 2\n";

static void the_first_error_comes_with_its_lines(void **state)
{
	auto_strv l = { 0 };
	size_t at = 99;

	(void)state;
	buildlog_error(log_of_gcc, &l, &at);
	assert_int_equal(l.n, 7);
	assert_int_equal(at, 3);
	assert_string_equal(l.v[0], "In file included from ./include/linux/mm.h:7,");
	assert_string_equal(l.v[3], "mm/vmscan.c:123:9: error: 'foo' undeclared (first use in this function)");
	assert_string_equal(l.v[6], "mm/vmscan.c:123:9: note: each undeclared identifier is reported only once");
}

static void what(const char *log, const char *line)
{
	auto_strv l = { 0 };
	size_t at = 0;

	buildlog_error(log, &l, &at);
	if (line)
		assert_string_equal(l.v[at], line);
	else
		assert_int_equal(l.n, 0);
}

static void linker_modpost_and_make_have_errors_too(void **state)
{
	(void)state;
	what("  LD      vmlinux\nld: mm/x.o: in function `f':\nx.c:(.text+0x1): undefined reference to `g'\nmake: *** [x] Error 1\n",
	     "x.c:(.text+0x1): undefined reference to `g'");
	what("ERROR: modpost: \"g\" [drivers/cxl/cxl.ko] undefined!\n", "ERROR: modpost: \"g\" [drivers/cxl/cxl.ko] undefined!");
	what("make[1]: *** No rule to make target 'debian/certs/x.pem', needed by 'certs/x509'.  Stop.\n",
	     "make[1]: *** No rule to make target 'debian/certs/x.pem', needed by 'certs/x509'.  Stop.");
	what("a.c:1: fatal error: error writing to /tmp/x.s: No space left on device\n",
	     "a.c:1: fatal error: error writing to /tmp/x.s: No space left on device");
}

static void a_log_without_an_error_gives_none(void **state)
{
	(void)state;
	what("  CC      kernel/error.o\n  CC      lib/errname.o\n", NULL);
	what("", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_error_comes_with_its_lines),
		cmocka_unit_test(linker_modpost_and_make_have_errors_too),
		cmocka_unit_test(a_log_without_an_error_gives_none),
	};

	return RUN_TESTS(tests);
}
