/* Strings, lists, names, quoting, and the error contract. */
#include "harness.h"

#include "run.h"

static const char *const keys[] = { "packages", "kernel", "base", "disk", "hostname" };

static void a_misspelt_word_finds_its_nearest_neighbour(void **state)
{
	(void)state;
	assert_string_equal(did_you_mean("pakages", keys, COUNT(keys)), "packages");
	assert_string_equal(did_you_mean("krenel", keys, COUNT(keys)), "kernel");
	assert_string_equal(did_you_mean("hostnmae", keys, COUNT(keys)), "hostname");
	assert_string_equal(did_you_mean("DISK", keys, COUNT(keys)), "disk");
}

static void of_two_neighbours_the_nearer_one_is_meant(void **state)
{
	static const char *const names[] = { "cxl-smaller", "cxl-small", "cxl" };

	(void)state;
	assert_string_equal(did_you_mean("cxl-smal", names, COUNT(names)), "cxl-small");
}

static void a_word_far_from_all_has_no_neighbour(void **state)
{
	char word[100], buf[64];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_null(did_you_mean("zzzzzz", keys, COUNT(keys)));
	assert_null(did_you_mean("", keys, COUNT(keys)));
	assert_null(did_you_mean(word, keys, COUNT(keys)));
	assert_null(did_you_mean("disk", keys, 0));
	assert_string_equal(did_you_mean_text(buf, sizeof(buf), "zzzzzz", keys, COUNT(keys)), "");
	assert_string_equal(did_you_mean_text(buf, sizeof(buf), "dsk", keys, COUNT(keys)), " (did you mean 'disk'?)");
}

static void words_that_need_no_quotes_get_none(void **state)
{
	auto_free char *q = shell_quote("root=/dev/vda1,ro:a+b@c%d");

	(void)state;
	assert_string_equal(q, "root=/dev/vda1,ro:a+b@c%d");
}

static void quoted_words_reach_a_shell_unchanged(void **state)
{
	static const char *const words[] = { "", " ", "it's", "'", "''", "$HOME", "`id`", "a\"b", "a\nb", "*", "~", "\\",
					     "a;b", "-n", "#x", "{a,b}", "!" };

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		auto_free char *q = shell_quote(words[i]), *script = strf("printf %%s %s", q);
		auto_text out = { 0 };

		assert_ok(run_simple((const char *const[]){ "sh", "-c", script, NULL }, &out, &why));
		assert_string_equal(out.s, words[i]);
	}
}

static void names_are_safe_for_files_hosts_and_machines(void **state)
{
	static const char *const good[] = { "cxl", "cxl-small", "6.12", "a_b", "0" };
	static const char *const bad[] = { "", "-x", ".hidden", "..", "a/b", "A", "a b", "a;b", "\xc3\xa4", "a\n" };
	char longest[65];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(name_ok(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(name_ok(bad[i]));
	memset(longest, 'a', 64);
	longest[64] = '\0';
	assert_false(name_ok(longest));
	longest[63] = '\0';
	assert_true(name_ok(longest));
}

static int count_lines(char *line, int number, void *arg)
{
	struct text *t = arg;

	text_addf(t, "%d[%s]", number, line);
	return !strcmp(line, "stop") ? 7 : 0;
}

static void lines_are_numbered_from_one_and_empty_ones_count(void **state)
{
	auto_text t = { 0 }, none = { 0 };

	(void)state;
	assert_int_equal(each_line("a\n\nb", count_lines, &t), 0);
	assert_string_equal(t.s, "1[a]2[]3[b]");
	assert_int_equal(each_line("", count_lines, &none), 0);
	assert_null(none.s);
}

static void the_first_line_that_refuses_ends_the_walk(void **state)
{
	auto_text t = { 0 };

	(void)state;
	assert_int_equal(each_line("a\nstop\nb\n", count_lines, &t), 7);
	assert_string_equal(t.s, "1[a]2[stop]");
}

static void lists_end_in_null_and_know_their_words(void **state)
{
	auto_strv l = { 0 };

	(void)state;
	assert_false(strv_has(&l, "a"));
	strv_add(&l, "a");
	strv_addf(&l, "b%d", 2);
	assert_int_equal(l.n, 2);
	assert_null(l.v[2]);
	assert_true(strv_has(&l, "b2"));
	assert_false(strv_has(&l, "b"));
}

static void texts_grow_and_hold_any_byte(void **state)
{
	auto_text t = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		text_add(&t, "\0x", 2);
	assert_int_equal(t.n, 2000);
	assert_int_equal(t.s[1999], 'x');
	assert_int_equal(t.s[2000], '\0');
}

static void a_message_is_one_line(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_set(&e, "%s", "first\nsecond\tthird\n\n"), -1);
	assert_string_equal(e.msg, "first second third");
}

static void context_goes_in_front_and_cures_to_the_end(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, "no such file");
	assert_int_equal(err_prefix(&e, "recipe %s", "x"), -1);
	assert_int_equal(err_append(&e, "; make one"), -1);
	assert_string_equal(e.msg, "recipe x: no such file; make one");
	errno = ENOENT;
	assert_int_equal(err_errno(&e, "can't read %s", "y"), -1);
	assert_string_equal(e.msg, "can't read y: No such file or directory");
}

static void a_message_of_any_length_fits(void **state)
{
	static char big[10000];
	struct err e;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	err_set(&e, "%s", big);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	for (int i = 0; i < 3; i++) {
		err_prefix(&e, "%s", big);
		err_append(&e, "%s", big);
		errno = EIO;
		err_errno(&e, "%s", big);
	}
	assert_true(strlen(e.msg) < sizeof(e.msg));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_misspelt_word_finds_its_nearest_neighbour),
		cmocka_unit_test(of_two_neighbours_the_nearer_one_is_meant),
		cmocka_unit_test(a_word_far_from_all_has_no_neighbour),
		cmocka_unit_test(words_that_need_no_quotes_get_none),
		cmocka_unit_test(quoted_words_reach_a_shell_unchanged),
		cmocka_unit_test(names_are_safe_for_files_hosts_and_machines),
		cmocka_unit_test(lines_are_numbered_from_one_and_empty_ones_count),
		cmocka_unit_test(the_first_line_that_refuses_ends_the_walk),
		cmocka_unit_test(lists_end_in_null_and_know_their_words),
		cmocka_unit_test(texts_grow_and_hold_any_byte),
		cmocka_unit_test(a_message_is_one_line),
		cmocka_unit_test(context_goes_in_front_and_cures_to_the_end),
		cmocka_unit_test(a_message_of_any_length_fits),
	};

	return RUN_TESTS(tests);
}
