/* What the guest's agent is asked and answers, and the bytes in it. The guest is not to be trusted: what is no answer is an
 * error. */
#include "harness.h"

#include "agent-json.h"
#include "base64.h"

static void assert_asks(char *question, const char *json)
{
	assert_string_equal(question, json);
	free(question);
}

static void questions_are_json(void **state)
{
	(void)state;
	assert_asks(ask_ping(), "{\"execute\":\"guest-ping\"}");
	assert_asks(ask_exec((const char *const[]){ "sh", "-c", "echo \"a/b\"\n", NULL }, (const char *const[]){ "A=b", NULL }),
		    "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"sh\",\"arg\":[\"-c\",\"echo \\\"a/b\\\"\\n\"],"
		    "\"env\":[\"A=b\"],\"capture-output\":true}}");
	assert_asks(ask_status(42), "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":42}}");
	assert_asks(ask_open("/a", "w"), "{\"execute\":\"guest-file-open\",\"arguments\":{\"path\":\"/a\",\"mode\":\"w\"}}");
	assert_asks(ask_read(1000, 512), "{\"execute\":\"guest-file-read\",\"arguments\":{\"handle\":1000,\"count\":512}}");
	assert_asks(ask_write(1000, "\0\xff", 2),
		    "{\"execute\":\"guest-file-write\",\"arguments\":{\"handle\":1000,\"buf-b64\":\"AP8=\"}}");
	assert_asks(ask_close(1000), "{\"execute\":\"guest-file-close\",\"arguments\":{\"handle\":1000}}");
}

static void numbers_are_read(void **state)
{
	int64_t n;

	(void)state;
	assert_ok(told_pid("{\"return\":{\"pid\":458}}", &n, &why));
	assert_int_equal(n, 458);
	assert_ok(told_handle("{\"return\":1000}", &n, &why));
	assert_int_equal(n, 1000);
	assert_ok(told_written("{\"return\":{\"count\":5,\"eof\":false}}", 5, &why));
	assert_fails(told_written("{\"return\":{\"count\":4,\"eof\":false}}", 5, &why), "the guest took 4 of 5 bytes");
}

static void what_was_read_is_added(void **state)
{
	auto_text t = { 0 };
	bool eof = true;

	(void)state;
	assert_ok(told_read("{\"return\":{\"count\":3,\"buf-b64\":\"AAEC\",\"eof\":false}}", &t, &eof, &why));
	assert_false(eof);
	assert_ok(told_read("{\"return\":{\"count\":1,\"buf-b64\":\"eA==\",\"eof\":true}}", &t, &eof, &why));
	assert_true(eof);
	assert_ok(told_read("{\"return\":{\"count\":0,\"buf-b64\":\"\",\"eof\":true}}", &t, &eof, &why));
	assert_int_equal(t.n, 4);
	assert_memory_equal(t.s, "\0\1\2x", 4);
}

static void the_end_of_a_program_is_as_a_shell_has_it(void **state)
{
	struct ended s;

	(void)state;
	assert_ok(told_status("{\"return\":{\"exited\":false}}", &s, &why));
	assert_false(s.exited);
	assert_ok(told_status("{\"return\":{\"exited\":true,\"exitcode\":7,\"err-data\":\"bm8=\"}}", &s, &why));
	assert_true(s.exited);
	assert_int_equal(s.status, 7);
	assert_string_equal(s.err, "no");
	free(s.err);
	assert_ok(told_status("{\"return\":{\"exited\":true,\"signal\":9}}", &s, &why));
	assert_int_equal(s.status, 137);
	assert_null(s.err);
}

static void what_is_no_answer_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "{", "5", "null", "[]", "{}", "{\"return\":null}", "{\"return\":[]}", "{\"return\":\"x\"}", "{\"return\":{}}",
		"{\"return\":-1}", "{\"return\":{\"pid\":\"5\"}}", "{\"return\":{\"pid\":-5}}", "{\"return\":{\"pid\":5.5}}",
		"{\"return\":{\"count\":-1}}", "{\"return\":{\"count\":\"3\",\"buf-b64\":\"AAEC\",\"eof\":true}}",
		"{\"return\":{\"count\":4,\"buf-b64\":\"AAEC\",\"eof\":true}}",
		"{\"return\":{\"count\":3,\"buf-b64\":\"AA?C\",\"eof\":true}}",
		"{\"return\":{\"count\":3,\"buf-b64\":5,\"eof\":true}}",
		"{\"return\":{\"count\":3,\"buf-b64\":\"AAEC\",\"eof\":1}}",
		"{\"return\":{\"count\":3,\"buf-b64\":\"AAEC\"}}", "{\"return\":{\"exited\":1}}", "{\"return\":{\"exited\":true}}",
		"{\"return\":{\"exited\":true,\"exitcode\":256}}", "{\"return\":{\"exited\":true,\"exitcode\":-1}}",
		"{\"return\":{\"exited\":true,\"signal\":400}}",
		"{\"return\":{\"exited\":true,\"exitcode\":0,\"err-data\":\"!\"}}",
		"{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"}}",
	};
	auto_text t = { 0 };
	struct ended s;
	int64_t n;
	bool eof;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_fails(told_pid(bad[i], &n, &why), "answers what is no answer");
		assert_fails(told_handle(bad[i], &n, &why), "answers what is no answer");
		assert_fails(told_read(bad[i], &t, &eof, &why), "answers what is no answer");
		assert_fails(told_status(bad[i], &s, &why), "answers what is no answer");
	}
	assert_int_equal(t.n, 0);
	assert_fails(told_written("{\"return\":{\"count\":null}}", 5, &why), "no answer");
	assert_fails(told_written("{\"return\":5}", 5, &why), "no answer");
}

static void base64_goes_there_and_back(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
						{ "foob", "Zm9vYg==" } };
	static const char *const bad[] = { "Z", "Zg=", "Zg", "Z===", "====", "Zg==Zg==", "Z=g=", "Zm9v\n",
					  " Zm9", "Zm-_", "Zm9\xc3" };
	unsigned char all[256];
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		auto_free char *text = base64_encode(pairs[i][0], strlen(pairs[i][0])), *back = base64_decode(pairs[i][1], &n);

		assert_string_equal(text, pairs[i][1]);
		assert_string_equal(back, pairs[i][0]);
		assert_int_equal(n, strlen(pairs[i][0]));
	}
	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	for (size_t len = 0; len <= 256; len++) {
		auto_free char *text = base64_encode(all, len), *back = base64_decode(text, &n);

		assert_int_equal(n, len);
		assert_memory_equal(back, all, len);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(base64_decode(bad[i], &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_are_json),
		cmocka_unit_test(numbers_are_read),
		cmocka_unit_test(what_was_read_is_added),
		cmocka_unit_test(the_end_of_a_program_is_as_a_shell_has_it),
		cmocka_unit_test(what_is_no_answer_is_refused),
		cmocka_unit_test(base64_goes_there_and_back),
	};

	return RUN_TESTS(tests);
}
