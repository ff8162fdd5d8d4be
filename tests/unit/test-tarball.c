/* Archives: the same trees give the same bytes, and nothing is unpacked outside of its folder. */
#include "harness.h"

#include <fcntl.h>

#include "digest.h"
#include "run.h"
#include "tarball.h"

static void pack(const char *out)
{
	const struct tarball_tree trees[] = { { in_scratch("one"), "" }, { in_scratch("two"), "usr/local/bin/" } };

	assert_ok(tarball_pack(out, trees, 2, &why));
}

static int setup(void **state)
{
	(void)state;
	assert_ok(remove_tree(in_scratch("one"), &why));
	assert_ok(remove_tree(in_scratch("two"), &why));
	put_file("one/etc/motd", "welcome\n");
	put_file("one/etc/empty", "");
	put_file("two/gups", "binary");
	chmod(in_scratch("two/gups"), 0700);
	assert_int_equal(symlink("motd", in_scratch("one/etc/link")), 0);
	return 0;
}

static void the_same_trees_give_the_same_bytes(void **state)
{
	char a[DIGEST_HEX], b[DIGEST_HEX];

	(void)state;
	pack(in_scratch("a.tar"));
	setup(NULL);
	chmod(in_scratch("one/etc/motd"), 0600); /* whether it can be run is all that counts */
	pack(in_scratch("b.tar"));
	assert_ok(digest_file(in_scratch("a.tar"), DIGEST_SHA256, a, &why));
	assert_ok(digest_file(in_scratch("b.tar"), DIGEST_SHA256, b, &why));
	assert_string_equal(a, b);
}

static void files_belong_to_root_and_folders_are_left_to_the_guest(void **state)
{
	const char *argv[] = { "tar", "--numeric-owner", "-tvf", in_scratch("a.tar"), NULL };
	auto_text out = { 0 };

	(void)state;
	pack(in_scratch("a.tar"));
	assert_ok(run_simple(argv, &out, &why));
	assert_contains(out.s, "-rw-r--r-- 0/0");
	assert_contains(out.s, "-rwxr-xr-x 0/0");
	assert_contains(out.s, "usr/local/bin/gups");
	assert_contains(out.s, "etc/link -> motd");
	assert_lacks(out.s, "drwx");
}

static void an_archive_is_listed(void **state)
{
	const char *argv[] = { "tar", "-C", in_scratch("list"), "--owner=7", "--group=8", "--sort=name", "-cf",
			       in_scratch("list.tar"), ".", NULL };
	auto_strv l = { 0 };
	auto_free char *hello = NULL;
	int fd;

	(void)state;
	put_file("list/b", "hello\n");
	put_file("list/dir/x y", "");
	assert_int_equal(link(in_scratch("list/b"), in_scratch("list/a")), 0);
	assert_int_equal(symlink("b", in_scratch("list/c")), 0);
	assert_int_equal(chmod(in_scratch("list/b"), 04755), 0);
	assert_ok(run_simple(argv, NULL, &why));
	fd = open(in_scratch("list.tar"), O_RDONLY);
	assert_ok(tarball_list(fd, &l, &why));
	close(fd);
	hello = strf("f 4755 7:8 %s", "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
	assert_int_equal(l.n, 6);
	assert_string_equal(l.v[0], "/\td 0755 7:8");
	assert_string_equal(l.v[1], keep("/a\t%s", hello));
	assert_string_equal(l.v[2], keep("/b\t%s", hello)); /* the same file, by whichever name it came */
	assert_string_equal(l.v[3], "/c\tl 0777 7:8 -> b");
	assert_string_equal(l.v[4], "/dir\td 0755 7:8");
	assert_string_equal(l.v[5], "/dir/x y\tf 0644 7:8 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void the_newest_of_several_files_is_read(void **state)
{
	const char *argv[] = { "tar", "-C", in_scratch("newest"), "-cf", in_scratch("newest.tar"), ".", NULL };
	auto_free char *text = NULL;

	(void)state;
	put_file("newest/boot/config-6.9.1", "old");
	put_file("newest/boot/config-6.12.1", "new");
	put_file("newest/boot/vmlinuz-6.13", "kernel");
	assert_ok(run_simple(argv, NULL, &why));
	text = tarball_newest(in_scratch("newest.tar"), "boot/config-*", &why);
	assert_non_null(text);
	assert_string_equal(text, "new");
	assert_null(tarball_newest(in_scratch("newest.tar"), "boot/nothing-*", &why));
	assert_contains(why.msg, "it has no file /boot/nothing-*");
}

static void a_device_is_refused(void **state)
{
	const struct tarball_tree tree = { in_scratch("odd"), "" };

	(void)state;
	put_file("odd/file", "");
	assert_int_equal(mkfifo(in_scratch("odd/pipe"), 0600), 0);
	assert_fails(tarball_pack(in_scratch("odd.tar"), &tree, 1, &why), "is neither a file, a folder nor a link");
}

static void names_beyond_ascii_are_kept(void **state)
{
	const struct tarball_tree tree = { in_scratch("utf8"), "" };

	(void)state;
	put_file("utf8/d/\xc3\xa4.txt", "umlaut");
	assert_ok(tarball_pack(in_scratch("utf8.tar"), &tree, 1, &why));
	assert_ok(mkdir_p(in_scratch("utf8-out"), &why));
	assert_ok(tarball_unpack(in_scratch("utf8.tar"), in_scratch("utf8-out"), &why));
	assert_string_equal(get_file(in_scratch("utf8-out/\xc3\xa4.txt")), "umlaut");
}

/* Makes scratch/NAME with tar from the folder scratch/src. */
static const char *made(const char *name, const char *const *options)
{
	const char *path = in_scratch(name);
	auto_strv argv = { 0 };

	strv_add(&argv, "tar");
	strv_add(&argv, "-C");
	strv_add(&argv, in_scratch("src"));
	strv_add(&argv, "-cf");
	strv_add(&argv, path);
	for (; *options; options++)
		strv_add(&argv, *options);
	assert_ok(run_simple((const char *const *)argv.v, NULL, &why));
	return path;
}

#define MADE(name, ...) made(name, (const char *const[]){ __VA_ARGS__, NULL })

static const char *unpacked_at(const char *name)
{
	const char *dir = in_scratch(name);

	assert_ok(remove_tree(dir, &why));
	assert_ok(mkdir_p(dir, &why));
	return dir;
}

static void the_first_component_is_left_out(void **state)
{
	struct stat st;

	(void)state;
	put_file("src/linux-6.12/Makefile", "VERSION = 6\n");
	put_file("src/linux-6.12/scripts/run", "#!/bin/sh\n");
	chmod(in_scratch("src/linux-6.12/scripts/run"), 0755);
	assert_ok(remove_tree(in_scratch("src/linux-6.12/link"), &why));
	assert_int_equal(symlink("Makefile", in_scratch("src/linux-6.12/link")), 0);
	assert_ok(tarball_unpack(MADE("l.tar", "linux-6.12"), unpacked_at("l"), &why));
	assert_string_equal(get_file(in_scratch("l/Makefile")), "VERSION = 6\n");
	assert_string_equal(get_file(in_scratch("l/link")), "VERSION = 6\n");
	assert_int_equal(stat(in_scratch("l/scripts/run"), &st), 0);
	assert_true(st.st_mode & 0100);
	assert_ok(tarball_unpack(MADE("l2.tar", "./linux-6.12"), unpacked_at("l2"), &why));
	assert_string_equal(get_file(in_scratch("l2/Makefile")), "VERSION = 6\n");
}

static void compressed_archives_are_read(void **state)
{
	static const char *const kinds[] = { "-z", "-J", "-j" };

	(void)state;
	put_file("src/top/file", "text");
	for (size_t i = 0; i < COUNT(kinds); i++) {
		assert_ok(tarball_unpack(MADE("c.tar", kinds[i], "top"), unpacked_at("c"), &why));
		assert_string_equal(get_file(in_scratch("c/file")), "text");
	}
}

static void hard_links_lead_to_their_file(void **state)
{
	struct stat a, b;

	(void)state;
	put_file("src/hard/a", "text");
	unlink(in_scratch("src/hard/b"));
	assert_int_equal(link(in_scratch("src/hard/a"), in_scratch("src/hard/b")), 0);
	assert_ok(tarball_unpack(MADE("h.tar", "hard"), unpacked_at("h"), &why));
	assert_int_equal(stat(in_scratch("h/a"), &a) | stat(in_scratch("h/b"), &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_ok(tarball_unpack(MADE("h2.tar", "./hard"), unpacked_at("h2"), &why));
	assert_string_equal(get_file(in_scratch("h2/b")), "text");
}

static void paths_that_lead_outside_are_refused(void **state)
{
	static const char *const to[] = { "s|evil|../../evil|", "s|^top/evil|/tmp/tierlab-evil|", "s|evil|x/../../../evil|",
					  "s|evil|..|" };

	(void)state;
	put_file("src/top/evil", "evil");
	for (size_t i = 0; i < COUNT(to); i++) {
		const char *tar_file = MADE("evil.tar", "-P", "--transform", to[i], "top/evil");

		assert_fails(tarball_unpack(tar_file, unpacked_at("in/side"), &why), "which leads outside");
	}
	assert_false(file_exists(in_scratch("evil")));
	assert_false(file_exists("/tmp/tierlab-evil"));
}

/* A link that leads outside, and then a file through it. */
static void files_are_not_written_through_links(void **state)
{
	const char *outside = in_scratch("outside"), *tar_file = in_scratch("through.tar");

	(void)state;
	assert_ok(mkdir_p(outside, &why));
	assert_ok(mkdir_p(in_scratch("src/t1/top"), &why));
	unlink(in_scratch("src/t1/top/d"));
	assert_int_equal(symlink(outside, in_scratch("src/t1/top/d")), 0);
	put_file("src/t2/top/d/evil", "evil");
	MADE("through.tar", "-C", in_scratch("src/t1"), "top/d", "-C", in_scratch("src/t2"), "top/d/evil");
	(void)tarball_unpack(tar_file, unpacked_at("through"), &why);
	assert_false(file_exists(in_scratch("outside/evil")));
}

static void a_name_that_ends_in_two_dots_leads_nowhere(void **state)
{
	(void)state;
	put_file("src/top/a../file", "text");
	assert_ok(tarball_unpack(MADE("dots.tar", "top/a.."), unpacked_at("dots"), &why));
	assert_string_equal(get_file(in_scratch("dots/a../file")), "text");
}

static void a_damaged_archive_is_an_error(void **state)
{
	const char *path;

	(void)state;
	put_file("src/top/file", "0123456789");
	path = MADE("cut.tar.gz", "-z", "top");
	assert_int_equal(truncate(path, 60), 0);
	assert_fails(tarball_unpack(path, unpacked_at("cut"), &why), "cut.tar.gz");
	assert_fails(tarball_unpack(put_file("text.tar", "this is no archive"), unpacked_at("cut"), &why), "text.tar");
	assert_fails(tarball_unpack(in_scratch("none.tar"), unpacked_at("cut"), &why), "none.tar");
	assert_fails(tarball_unpack(path, in_scratch("no-folder"), &why), "can't find");
}

#define T(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_same_trees_give_the_same_bytes),
		T(files_belong_to_root_and_folders_are_left_to_the_guest),
		T(an_archive_is_listed),
		T(the_newest_of_several_files_is_read),
		T(a_device_is_refused),
		T(names_beyond_ascii_are_kept),
		T(the_first_component_is_left_out),
		T(compressed_archives_are_read),
		T(hard_links_lead_to_their_file),
		T(paths_that_lead_outside_are_refused),
		T(files_are_not_written_through_links),
		T(a_name_that_ends_in_two_dots_leads_nowhere),
		T(a_damaged_archive_is_an_error),
	};

	return RUN_TESTS(tests);
}
