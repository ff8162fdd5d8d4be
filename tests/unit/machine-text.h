/* Machine files as texts, for the tests of their rules: what is refused, at which line and with which cure, and what is not. */
#pragma once
#include "harness.h"

#include "machine.h"

static inline struct machine *load_text(const char *text)
{
	why.msg[0] = '\0';
	return machine_load(put_file("my.yaml", text), &why);
}

static inline void accepted_text(const char *text)
{
	struct machine *m = load_text(text);

	if (!m)
		fail_msg("refused: %s", why.msg);
	machine_free(m);
}

/* One line that begins with file and line and has the part. */
static inline void refused_text(const char *text, int line, const char *part)
{
	struct machine *m = load_text(text);

	if (m) {
		machine_free(m);
		fail_msg("accepted instead of '%s'", part);
	}
	assert_contains(why.msg, keep("my.yaml:%d:", line));
	assert_contains(why.msg, part);
	assert_null(strchr(why.msg, '\n'));
	assert_true(strlen(why.msg) < 700); /* nothing that the file has is repeated at length */
}

/* n letters */
static inline const char *letters(int n)
{
	char *s = malloc((size_t)n + 1);

	memset(s, 'a', (size_t)n);
	s[n] = '\0';
	strv_take(&kept, s);
	return s;
}
