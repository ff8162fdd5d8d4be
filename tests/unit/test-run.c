/* Running other programs. */
#include "harness.h"

#include <fcntl.h>

#include "run.h"
#include "units.h"

#define SH(script) ((const char *const[]){ "sh", "-c", script, NULL })

static void success_is_zero(void **state)
{
	(void)state;
	assert_ok(run_simple(SH("exit 0"), NULL, &why));
}

static void a_failure_has_its_status_and_the_last_words(void **state)
{
	(void)state;
	assert_fails(run_simple(SH("echo first; echo last words >&2; exit 3"), NULL, &why),
		     "sh failed with exit status 3: last words");
}

static void of_many_lines_the_first_error_is_told(void **state)
{
	(void)state;
	assert_fails(run_simple(SH("echo a.c:1: error: no such thing; echo make: leaving; exit 2"), NULL, &why),
		     "sh failed with exit status 2: a.c:1: error: no such thing");
	assert_fails(run_simple(SH("echo E: no package >&2; echo bye; exit 1"), NULL, &why), ": E: no package");
}

static void a_signal_is_named(void **state)
{
	(void)state;
	assert_fails(run_simple(SH("kill -9 $$"), NULL, &why), "sh was ended by signal 9 (Killed)");
}

static void a_program_that_is_not_there_is_told_from_one_that_fails(void **state)
{
	(void)state;
	assert_fails(run_simple((const char *const[]){ "no-such-program-here", NULL }, NULL, &why),
		     "no-such-program-here is not installed: run `make setup`");
	assert_false(program_exists("no-such-program-here"));
	assert_true(program_exists("sh"));
	assert_true(program_exists("/bin/sh"));
}

/* ssh passes on that a command in the guest was not found: ssh itself is there. */
static void status_127_of_a_program_that_is_there_is_its_own(void **state)
{
	(void)state;
	assert_fails(run_simple(SH("echo report: not found; exit 127"), NULL, &why), "exit status 127: report: not found");
}

static void output_is_captured_and_errors_are_not(void **state)
{
	auto_text out = { 0 }, none = { 0 };

	(void)state;
	assert_ok(run_simple(SH("printf 'a\\nb'; echo noise >&2"), &out, &why));
	assert_string_equal(out.s, "a\nb");
	assert_ok(run_simple(SH(":"), &none, &why));
	assert_string_equal(none.s, "");
}

static void more_output_than_a_pipe_holds_is_captured(void **state)
{
	auto_text out = { 0 };

	(void)state;
	assert_ok(run_simple(SH("head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2"), &out, &why));
	assert_int_equal(out.n, 300000);
}

static void input_reaches_it_and_is_empty_otherwise(void **state)
{
	auto_text out = { 0 }, none = { 0 };

	(void)state;
	assert_ok(run_program(&(struct run){ .argv = SH("cat"), .input = "some\ninput", .out = &out }, &why));
	assert_string_equal(out.s, "some\ninput");
	assert_ok(run_simple(SH("cat"), &none, &why));
	assert_string_equal(none.s, "");
}

static void descriptors_of_the_caller_take_the_place_of_ours(void **state)
{
	const char *in = put_file("in", "abc"), *path = in_scratch("out");
	auto_close int from = open(in, O_RDONLY), to = open(path, O_RDWR | O_CREAT, 0644);
	auto_text text = { 0 };
	int status = -1;

	(void)state;
	assert_ok(run_program(&(struct run){ .argv = SH("cat; exit 5"), .fds = (const int[]){ from, to, -1 }, .status = &status }, &why));
	assert_int_equal(status, 5);
	assert_ok(fd_text(to, &text, &why));
	assert_string_equal(text.s, "abc");
	assert_ok(run_program(&(struct run){ .argv = SH("kill -9 $$"), .status = &status }, &why));
	assert_int_equal(status, 128 + 9);
	assert_fails(run_program(&(struct run){ .argv = (const char *const[]){ "no-such-program-here", NULL }, .status = &status }, &why),
		     "is not installed");
}

static void the_environment_is_added_to_and_taken_from(void **state)
{
	const char *env[] = { "ADDED=a b", "TIERLAB_UNIT_GONE", NULL };
	auto_text out = { 0 };

	(void)state;
	setenv("TIERLAB_UNIT_GONE", "x", 1);
	assert_ok(run_program(&(struct run){ .argv = SH("echo \"$ADDED:${TIERLAB_UNIT_GONE-none}\""), .env = env,
					     .out = &out }, &why));
	assert_string_equal(out.s, "a b:none\n");
	assert_string_equal(getenv("TIERLAB_UNIT_GONE"), "x");
}

static void it_runs_in_the_folder_that_was_asked_for(void **state)
{
	auto_text out = { 0 };

	(void)state;
	assert_ok(run_program(&(struct run){ .argv = SH("pwd"), .cwd = "/usr", .out = &out }, &why));
	assert_string_equal(out.s, "/usr\n");
	assert_fails(run_program(&(struct run){ .argv = SH("pwd"), .cwd = "/nowhere" }, &why), "can't enter /nowhere");
}

static void take_line(const char *line, void *arg)
{
	text_addf(arg, "[%s]", line);
}

static void its_lines_are_handed_over_one_by_one(void **state)
{
	auto_text t = { 0 };

	(void)state;
	assert_ok(run_program(&(struct run){ .argv = SH("printf 'a\\nb b\\n'; printf last"), .line = take_line, .arg = &t },
			      &why));
	assert_string_equal(t.s, "[a][b b][last]");
}

static void a_line_without_end_does_not_fill_the_memory(void **state)
{
	auto_text t = { 0 };

	(void)state;
	assert_ok(run_program(&(struct run){ .argv = SH("head -c 1000000 /dev/zero | tr '\\0' x"), .line = take_line,
					     .arg = &t }, &why));
	assert_true(t.n > 100 && t.n < 10000);
}

static void a_log_has_command_output_and_status(void **state)
{
	const char *log = in_scratch("log");

	(void)state;
	assert_fails(run_program(&(struct run){ .argv = SH("echo 'it is'; exit 4"), .log = log }, &why),
		     keep("(all it said: %s)", log));
	assert_contains(get_file(log), "+ sh -c 'echo '\\''it is'\\''; exit 4'\nit is\n= status 4 after");
}

static void what_takes_too_long_is_ended_with_its_children(void **state)
{
	const char *mark = in_scratch("survived");
	double begin = now_s();

	(void)state;
	assert_fails(run_program(&(struct run){ .argv = SH(keep("(sleep 4; touch %s) & sleep 30", mark)), .timeout_s = 1 },
				 &why), "sh was ended after 1 s: it took too long");
	assert_true(now_s() - begin < 4);
	sleep(3);
	assert_false(file_exists(mark));
}

static void what_has_closed_its_outputs_is_ended_too(void **state)
{
	double begin = now_s();

	(void)state;
	assert_fails(run_program(&(struct run){ .argv = SH("exec >/dev/null 2>&1; sleep 5"), .timeout_s = 1 }, &why),
		     "took too long");
	assert_true(now_s() - begin < 4);
}

static void count(void *arg)
{
	++*(int *)arg;
}

static void a_tick_comes_while_it_runs(void **state)
{
	int n = 0;

	(void)state;
	assert_ok(run_program(&(struct run){ .argv = SH("sleep 1.2"), .tick = count, .arg = &n }, &why));
	assert_in_range(n, 2, 7);
}

static void an_attached_program_gives_its_status(void **state)
{
	(void)state;
	assert_int_equal(run_attached(SH("exit 5"), &why), 5);
	assert_int_equal(run_attached(SH("kill -15 $$"), &why), 128 + 15);
	assert_fails(run_attached((const char *const[]){ "no-such-program-here", NULL }, &why), "is not installed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_is_zero),
		cmocka_unit_test(a_failure_has_its_status_and_the_last_words),
		cmocka_unit_test(of_many_lines_the_first_error_is_told),
		cmocka_unit_test(a_signal_is_named),
		cmocka_unit_test(a_program_that_is_not_there_is_told_from_one_that_fails),
		cmocka_unit_test(status_127_of_a_program_that_is_there_is_its_own),
		cmocka_unit_test(output_is_captured_and_errors_are_not),
		cmocka_unit_test(more_output_than_a_pipe_holds_is_captured),
		cmocka_unit_test(input_reaches_it_and_is_empty_otherwise),
		cmocka_unit_test(the_environment_is_added_to_and_taken_from),
		cmocka_unit_test(it_runs_in_the_folder_that_was_asked_for),
		cmocka_unit_test(its_lines_are_handed_over_one_by_one),
		cmocka_unit_test(a_line_without_end_does_not_fill_the_memory),
		cmocka_unit_test(a_log_has_command_output_and_status),
		cmocka_unit_test(what_takes_too_long_is_ended_with_its_children),
		cmocka_unit_test(what_has_closed_its_outputs_is_ended_too),
		cmocka_unit_test(a_tick_comes_while_it_runs),
		cmocka_unit_test(an_attached_program_gives_its_status),
		cmocka_unit_test(descriptors_of_the_caller_take_the_place_of_ours),
	};

	return RUN_TESTS(tests);
}
