/* Digests: known values, and what changes that of a tree. */
#include "harness.h"

#include <fcntl.h>

#include "digest.h"

#define ABC256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC512 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" \
	       "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static void files_have_the_digests_of_the_standard(void **state)
{
	char hex[DIGEST_HEX];

	(void)state;
	assert_ok(digest_file(put_file("abc", "abc"), DIGEST_SHA256, hex, &why));
	assert_string_equal(hex, ABC256);
	assert_ok(digest_file(in_scratch("abc"), DIGEST_SHA512, hex, &why));
	assert_string_equal(hex, ABC512);
	assert_ok(digest_file(put_file("empty", ""), DIGEST_SHA256, hex, &why));
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_fails(digest_file(in_scratch("none"), DIGEST_SHA256, hex, &why), "none: No such file");
}

static void strings_do_not_run_into_each_other(void **state)
{
	struct digest *a = digest_new(DIGEST_SHA256), *b = digest_new(DIGEST_SHA256);
	char x[DIGEST_HEX], y[DIGEST_HEX];

	(void)state;
	digest_add_str(a, "ab");
	digest_add_str(a, "c");
	digest_add_str(b, "a");
	digest_add_str(b, "bc");
	digest_end(a, x);
	digest_end(b, y);
	assert_string_not_equal(x, y);
	digest_free(NULL);
}

static const char *tree(void)
{
	static char hex[2][DIGEST_HEX];
	static int which;

	which = !which;
	assert_ok(digest_tree(in_scratch("tree"), hex[which], &why));
	return hex[which];
}

static void make_tree(void)
{
	assert_ok(remove_tree(in_scratch("tree"), &why));
	put_file("tree/a", "content");
	put_file("tree/sub/b", "");
	assert_int_equal(symlink("a", in_scratch("tree/link")), 0);
}

static void a_tree_made_again_has_the_same_digest(void **state)
{
	char first[DIGEST_HEX];

	(void)state;
	make_tree();
	strcpy(first, tree());
	make_tree();
	assert_string_equal(tree(), first);
}

static void all_that_counts_changes_the_digest_of_a_tree(void **state)
{
	char was[DIGEST_HEX];

	(void)state;
	make_tree();
	strcpy(was, tree());
	put_file("tree/a", "Content");
	assert_string_not_equal(tree(), was);
	strcpy(was, tree());
	chmod(in_scratch("tree/a"), 0755);
	assert_string_not_equal(tree(), was);
	strcpy(was, tree());
	rename(in_scratch("tree/a"), in_scratch("tree/c"));
	assert_string_not_equal(tree(), was);
	strcpy(was, tree());
	unlink(in_scratch("tree/link"));
	assert_int_equal(symlink("c", in_scratch("tree/link")), 0);
	assert_string_not_equal(tree(), was);
	strcpy(was, tree());
	mkdir(in_scratch("tree/empty"), 0755);
	assert_string_not_equal(tree(), was);
	strcpy(was, tree());
	rename(in_scratch("tree/sub/b"), in_scratch("tree/b"));
	assert_string_not_equal(tree(), was);
}

static void times_do_not_change_the_digest_of_a_tree(void **state)
{
	char was[DIGEST_HEX];

	(void)state;
	make_tree();
	strcpy(was, tree());
	assert_int_equal(utimensat(AT_FDCWD, in_scratch("tree/a"), (struct timespec[2]){ { 1, 0 }, { 1, 0 } }, 0), 0);
	assert_string_equal(tree(), was);
}

static void a_file_is_not_taken_for_a_link_of_the_same_text(void **state)
{
	char was[DIGEST_HEX];

	(void)state;
	assert_ok(remove_tree(in_scratch("tree"), &why));
	put_file("tree/x", "target");
	strcpy(was, tree());
	unlink(in_scratch("tree/x"));
	assert_int_equal(symlink("target", in_scratch("tree/x")), 0);
	assert_string_not_equal(tree(), was);
}

static void a_missing_tree_is_an_error(void **state)
{
	char hex[DIGEST_HEX];

	(void)state;
	assert_fails(digest_tree(in_scratch("nowhere"), hex, &why), "can't read the folder");
}

static void digests_of_recipes_are_read(void **state)
{
	enum digest_alg alg;
	const char *hex;

	(void)state;
	assert_ok(digest_spec("sha256:" ABC256, &alg, &hex, &why));
	assert_int_equal(alg, DIGEST_SHA256);
	assert_string_equal(hex, ABC256);
	assert_ok(digest_spec("sha512:" ABC512, &alg, &hex, &why));
	assert_int_equal(alg, DIGEST_SHA512);
	assert_string_equal(digest_alg_name(alg), "sha512");
}

static void digests_that_are_none_are_refused(void **state)
{
	enum digest_alg alg;
	const char *hex;

	(void)state;
	assert_fails(digest_spec(ABC256, &alg, &hex, &why), "write sha256:HEX or sha512:HEX");
	assert_fails(digest_spec("md5:abc", &alg, &hex, &why), "write sha256:HEX or sha512:HEX");
	assert_fails(digest_spec("sha256:abc", &alg, &hex, &why), "it takes 64 lower-case hexadecimal digits");
	assert_fails(digest_spec("sha256:" ABC512, &alg, &hex, &why), "it takes 64");
	assert_fails(digest_spec("sha512:" ABC256, &alg, &hex, &why), "it takes 128");
	assert_fails(digest_spec("sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", &alg, &hex, &why),
		     "lower-case");
	assert_fails(digest_spec("", &alg, &hex, &why), "is no digest");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_have_the_digests_of_the_standard),
		cmocka_unit_test(strings_do_not_run_into_each_other),
		cmocka_unit_test(a_tree_made_again_has_the_same_digest),
		cmocka_unit_test(all_that_counts_changes_the_digest_of_a_tree),
		cmocka_unit_test(times_do_not_change_the_digest_of_a_tree),
		cmocka_unit_test(a_file_is_not_taken_for_a_link_of_the_same_text),
		cmocka_unit_test(a_missing_tree_is_an_error),
		cmocka_unit_test(digests_of_recipes_are_read),
		cmocka_unit_test(digests_that_are_none_are_refused),
	};

	return RUN_TESTS(tests);
}
