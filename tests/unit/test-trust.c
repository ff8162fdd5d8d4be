/* Files of digests: the line of a name. */
#include "harness.h"

#include "trust.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void finds(const char *text, const char *name, const char *digest)
{
	auto_free char *got = sums_find(text, name, &why);

	if (!got)
		fail_msg("%s", why.msg);
	assert_string_equal(got, digest);
}

static void misses(const char *text, const char *name, const char *words)
{
	assert_null(sums_find(text, name, &why));
	assert_contains(why.msg, words);
}

static void both_forms_of_a_line_are_known(void **state)
{
	(void)state;
	finds(A64 "  x.img\n", "x.img", "sha256:" A64);
	finds(A64 " *x.img\n", "x.img", "sha256:" A64);
	finds(A64 "  ./x.img", "x.img", "sha256:" A64);
	finds(A64 A64 "  x.img\r\n", "x.img", "sha512:" A64 A64);
	finds("SHA256 (x.img) = " A64 "\n", "x.img", "sha256:" A64);
	finds("# x.img: 5 bytes\nSHA512 (x.img) = " A64 B64 "\n", "x.img", "sha512:" A64 B64);
	finds("AAAAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  x\n", "x", "sha256:" A64);
}

static void only_the_whole_name_counts(void **state)
{
	(void)state;
	finds(B64 "  xx.img\n" B64 "  x.img.xz\n" B64 "  dir/x.img\n" A64 "  x.img\n", "x.img", "sha256:" A64);
	misses(B64 "  xx.img\n" B64 "  x.img.xz\n" B64 "  x.img2\n", "x.img", "'x.img' is not in it");
}

static void what_is_no_digest_is_none(void **state)
{
	(void)state;
	misses("", "x", "is not in it");
	misses("d41d8cd98f00b204e9800998ecf8427e  x\n", "x", "is not in it"); /* MD5 */
	misses("zz" A64 "  x\n", "x", "is not in it");
	misses(A64 " x\n" A64 "\n" A64, "x", "is not in it");
	misses("SHA256 (x) = \nSHA256 (x\n) = " A64, "x", "is not in it");
}

static void a_name_with_two_digests_is_not_believed(void **state)
{
	(void)state;
	misses(A64 "  x\n" B64 "  x\n", "x", "two different digests");
	finds(A64 "  x\n" A64 "  x\n", "x", "sha256:" A64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_of_a_line_are_known),
		cmocka_unit_test(only_the_whole_name_counts),
		cmocka_unit_test(what_is_no_digest_is_none),
		cmocka_unit_test(a_name_with_two_digests_is_not_believed),
	};

	return RUN_TESTS(tests);
}
