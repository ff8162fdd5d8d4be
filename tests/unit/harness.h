/* What the unit tests share: cmocka, a scratch folder, an error to fill, golden files. Tests run in the root of the
 * source tree, wherever they were started. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "err.h"
#include "file.h"
#include "text.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct err why;      /* what the tested function says */
static char *scratch;       /* a folder of this program's own */
static struct strv kept;    /* strings that live until the end */

/* Formats a string that lives until the end of the program. */
static inline const char *keep(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline const char *keep(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	strv_take(&kept, s);
	return s;
}

static inline const char *in_scratch(const char *name)
{
	return keep("%s/%s", scratch, name);
}

/* Writes a file in the scratch folder, with the folders above it. Returns its path. */
static inline const char *put_file(const char *name, const char *content)
{
	const char *path = in_scratch(name);
	char *dir = strdup(path);

	*strrchr(dir, '/') = '\0';
	if (mkdir_p(dir, &why) < 0 || file_write(path, content, strlen(content), 0644, &why) < 0)
		fail_msg("%s", why.msg);
	free(dir);
	return path;
}

/* The content of a file, kept until the end. */
static inline const char *get_file(const char *path)
{
	char *s = file_read(path, 0, NULL, &why);

	if (!s)
		fail_msg("%s", why.msg);
	strv_take(&kept, s);
	return s;
}

/* text with the first `from` replaced by `to`, kept until the end. */
static inline const char *edited(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (!at)
		fail_msg("the sample has no '%s'", from);
	return keep("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static inline void assert_contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("'%s' does not contain '%s'", text ? text : "(null)", part);
}

static inline void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' contains '%s'", text, part);
}

#define assert_ok(call) do { if ((call) < 0) fail_msg("%s: %s", #call, why.msg); } while (0)

/* The call fails, and its message has this part. */
#define assert_fails(call, part) do { \
	why.msg[0] = '\0'; \
	if ((call) != -1) \
		fail_msg("%s did not fail with '%s'", #call, part); \
	assert_contains(why.msg, part); \
} while (0)

/* text is what tests/golden/NAME holds; with GOLDEN_UPDATE set the file is written instead. */
static inline void assert_golden(const char *name, const char *text)
{
	const char *path = keep("tests/golden/%s", name);

	if (getenv("GOLDEN_UPDATE")) {
		assert_ok(file_write(path, text, strlen(text), 0644, &why));
		return;
	}
	if (strcmp(get_file(path), text))
		fail_msg("%s differs (GOLDEN_UPDATE=1 renews it); this is what was made:\n%s", path, text);
}

/* Leaves the test as not run. tests/unit/tap turns the comment into TAP's reason. */
#define skip_because(reason) do { printf("# because: %s\n", reason); skip(); } while (0)

static inline int harness_begin(void **state)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	(void)state;
	setvbuf(stdout, NULL, _IOLBF, 0);
	exe[n > 0 ? n : 0] = '\0';
	do {
		char *slash = strrchr(exe, '/');

		if (!slash)
			return -1;
		*slash = '\0';
	} while (!file_exists(keep("%s/tests/golden", exe)));
	scratch = make_temp_dir(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", "tierlab-unit-", &why);
	return scratch && chdir(exe) == 0 ? 0 : -1;
}

static inline int harness_end(void **state)
{
	(void)state;
	remove_tree(scratch, &why);
	free(scratch);
	strv_free(&kept);
	return 0;
}

#define RUN_TESTS(tests) cmocka_run_group_tests(tests, harness_begin, harness_end)
