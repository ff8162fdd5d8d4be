/* Files and folders: whole or not at all, and nothing outside of what was named. */
#include "harness.h"

#include <dirent.h>
#include <fcntl.h>

#include "units.h"

static int entries(const char *dir)
{
	auto_closedir DIR *d = opendir(dir);
	int n = 0;

	for (struct dirent *f; d && (f = readdir(d));)
		n += *f->d_name != '.';
	return n;
}

static void a_written_file_is_whole_and_nothing_else_is_left(void **state)
{
	const char *path = in_scratch("w/file");
	struct stat st;

	(void)state;
	put_file("w/file", "old");
	assert_ok(file_write(path, "new\0text", 8, 0600, &why));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(entries(in_scratch("w")), 1);
}

static void a_write_that_fails_leaves_the_old_file_and_no_other(void **state)
{
	(void)state;
	put_file("x/dir/inside", "kept");
	assert_fails(file_write(in_scratch("x/dir"), "text", 4, 0644, &why), "can't write");
	assert_string_equal(get_file(in_scratch("x/dir/inside")), "kept");
	assert_int_equal(entries(in_scratch("x")), 1);
	assert_fails(file_write(in_scratch("nowhere/file"), "text", 4, 0644, &why), "nowhere/file: No such file");
}

static void reading_is_bounded(void **state)
{
	const char *path = put_file("ten", "0123456789");
	size_t n;
	auto_free char *s = file_read(path, 10, &n, &why), *empty = file_read(put_file("none", ""), 0, NULL, &why);

	(void)state;
	assert_string_equal(s, "0123456789");
	assert_int_equal(n, 10);
	assert_string_equal(empty, "");
	assert_null(file_read(path, 9, NULL, &why));
	assert_contains(why.msg, "ten: File too large");
	assert_null(file_read(scratch, 0, NULL, &why));
	assert_contains(why.msg, "Is a directory");
}

static void folders_are_made_with_those_above_them(void **state)
{
	(void)state;
	assert_ok(mkdir_p(in_scratch("a/b/c"), &why));
	assert_ok(mkdir_p(in_scratch("a/b/c/"), &why));
	assert_true(is_dir(in_scratch("a/b/c")));
	put_file("a/file", "");
	assert_fails(mkdir_p(in_scratch("a/file/d"), &why), "can't make the folder");
}

static void removing_a_tree_does_not_follow_links(void **state)
{
	(void)state;
	put_file("outside/kept", "kept");
	put_file("tree/sub/file", "x");
	assert_int_equal(symlink("../outside", in_scratch("tree/link")), 0);
	assert_int_equal(symlink(in_scratch("outside"), in_scratch("tree/sub/link")), 0);
	assert_ok(remove_tree(in_scratch("tree"), &why));
	assert_false(file_exists(in_scratch("tree")));
	assert_string_equal(get_file(in_scratch("outside/kept")), "kept");
	assert_int_equal(symlink("outside", in_scratch("link")), 0);
	assert_ok(remove_tree(in_scratch("link"), &why));
	assert_string_equal(get_file(in_scratch("outside/kept")), "kept");
}

static void removing_what_is_not_there_is_no_error(void **state)
{
	(void)state;
	assert_ok(remove_tree(in_scratch("never"), &why));
	assert_ok(remove_tree(put_file("single", "x"), &why));
	assert_false(file_exists(in_scratch("single")));
}

static void temporary_folders_are_new_each_time(void **state)
{
	auto_free char *a = make_temp_dir(in_scratch("t"), "p-", &why), *b = make_temp_dir(in_scratch("t"), "p-", &why);

	(void)state;
	assert_true(is_dir(a));
	assert_string_not_equal(a, b);
}

static void a_link_on_one_file_system_is_the_same_file(void **state)
{
	const char *from = put_file("l/from", "text"), *to = put_file("l/to", "old");
	struct stat a, b;

	(void)state;
	assert_ok(link_or_copy(from, to, &why));
	assert_int_equal(stat(from, &a) | stat(to, &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_fails(link_or_copy(in_scratch("l/none"), to, &why), "can't link");
}

static void a_link_to_another_file_system_becomes_a_copy(void **state)
{
	const char *from = put_file("copied", "text"), *to = keep("/dev/shm/tierlab-unit-%d", (int)getpid());
	struct stat a, b;

	(void)state;
	if (stat("/dev/shm", &b) < 0 || stat(from, &a) < 0 || a.st_dev == b.st_dev)
		skip_because("/dev/shm is no file system of its own here");
	chmod(from, 0640);
	assert_ok(link_or_copy(from, to, &why));
	assert_string_equal(get_file(to), "text");
	assert_int_equal(stat(to, &b), 0);
	unlink(to);
	assert_int_equal(b.st_mode & 0777, 0640);
}

static void a_copy_keeps_holes_and_bytes(void **state)
{
	const char *from = in_scratch("sparse"), *to = in_scratch("sparse-copy");
	auto_close int fd = open(from, O_RDWR | O_CREAT, 0644);
	char back[4] = "";
	struct stat a, b;

	(void)state;
	assert_int_equal(pwrite(fd, "head", 4, 0), 4);
	assert_int_equal(pwrite(fd, "tail", 4, 32 << 20), 4);
	assert_int_equal(ftruncate(fd, 64 << 20), 0);
	assert_ok(file_copy(from, to, &why));
	assert_int_equal(stat(from, &a) | stat(to, &b), 0);
	assert_int_equal(a.st_size, b.st_size);
	assert_true(b.st_blocks <= a.st_blocks + 256);
	close(fd);
	fd = open(to, O_RDONLY);
	assert_int_equal(pread(fd, back, 4, 32 << 20), 4);
	assert_memory_equal(back, "tail", 4);
	assert_fails(file_copy(in_scratch("never-made"), to, &why), "can't read");
}

static int note(const char *path, const char *rel, const struct stat *st, void *arg, struct err *e)
{
	(void)path;
	text_addf(arg, "%s%s ", rel, S_ISDIR(st->st_mode) ? "/" : S_ISLNK(st->st_mode) ? "@" : "");
	return !strcmp(rel, "stop") ? err_set(e, "stopped") : 0;
}

static void a_walk_meets_folders_before_their_files_in_a_fixed_order(void **state)
{
	auto_text t = { 0 };

	(void)state;
	put_file("walk/b", "");
	put_file("walk/a/z", "");
	put_file("walk/a/B", "");
	put_file("walk/.hidden", "");
	assert_int_equal(symlink("a", in_scratch("walk/c")), 0);
	assert_ok(walk_tree(in_scratch("walk"), note, &t, &why));
	assert_string_equal(t.s, ".hidden a/ a/B a/z b c@ ");
}

static void a_walk_ends_at_the_first_error(void **state)
{
	auto_text t = { 0 };

	(void)state;
	put_file("ends/a", "");
	put_file("ends/stop", "");
	put_file("ends/z", "");
	assert_fails(walk_tree(in_scratch("ends"), note, &t, &why), "stopped");
	assert_string_equal(t.s, "a stop ");
	assert_fails(walk_tree(in_scratch("gone"), note, &t, &why), "can't read the folder");
}

static void let_go(void *arg)
{
	int *fd = arg;

	close(*fd);
	*fd = -1;
}

static void a_lock_is_held_until_it_is_closed_and_waiting_is_announced(void **state)
{
	const char *path = in_scratch("lock");
	int first = lock_file(path, NULL, NULL, &why);
	auto_close int second = -1, third = -1;

	(void)state;
	assert_true(first >= 0);
	second = lock_file(path, let_go, &first, &why); /* would wait for ever if it were not told */
	assert_true(second >= 0);
	assert_int_equal(first, -1);
	close(second);
	second = -1;
	first = 12345;
	third = lock_file(path, let_go, &first, &why);
	assert_true(third >= 0);
	assert_int_equal(first, 12345); /* nobody had it: no announcement */
	assert_fails(lock_file(in_scratch("nowhere/lock"), NULL, NULL, &why), "can't open the lock");
}

static void free_space_is_asked_of_the_nearest_folder_that_exists(void **state)
{
	(void)state;
	assert_true(disk_free(in_scratch("not/yet/made")) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_written_file_is_whole_and_nothing_else_is_left),
		cmocka_unit_test(a_write_that_fails_leaves_the_old_file_and_no_other),
		cmocka_unit_test(reading_is_bounded),
		cmocka_unit_test(folders_are_made_with_those_above_them),
		cmocka_unit_test(removing_a_tree_does_not_follow_links),
		cmocka_unit_test(removing_what_is_not_there_is_no_error),
		cmocka_unit_test(temporary_folders_are_new_each_time),
		cmocka_unit_test(a_link_on_one_file_system_is_the_same_file),
		cmocka_unit_test(a_link_to_another_file_system_becomes_a_copy),
		cmocka_unit_test(a_copy_keeps_holes_and_bytes),
		cmocka_unit_test(a_walk_meets_folders_before_their_files_in_a_fixed_order),
		cmocka_unit_test(a_walk_ends_at_the_first_error),
		cmocka_unit_test(a_lock_is_held_until_it_is_closed_and_waiting_is_announced),
		cmocka_unit_test(free_space_is_asked_of_the_nearest_folder_that_exists),
	};

	return RUN_TESTS(tests);
}
