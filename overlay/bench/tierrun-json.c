/* JSON: is what a workload printed an object, the numbers in it, and strings. See tierrun.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tierrun.h"

#define DEEPEST 64

/* -- Reading: each takes where something begins, and returns where it ends, or NULL if it is none --------- */

static const char *value(const char *s, int deep);

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

static const char *digits(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n ? s + n : NULL;
}

static const char *number(const char *s)
{
	s += *s == '-';
	s = *s == '0' ? s + 1 : digits(s);
	if (s && *s == '.')
		s = digits(s + 1);
	if (s && (*s == 'e' || *s == 'E'))
		s = digits(s + 1 + (s[1] == '+' || s[1] == '-'));
	return s;
}

/* Bytes of the character that begins here; 0: it is no UTF-8 (RFC 3629). */
static int character(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	int n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	for (int i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than it need be, a surrogate, or beyond U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static const char *escape(const char *s)
{
	if (*s != 'u')
		return *s && strchr("\"\\/bfnrt", *s) ? s + 1 : NULL;
	for (int i = 1; i <= 4; i++)
		if (!isxdigit((unsigned char)s[i]))
			return NULL;
	return s + 5;
}

static const char *string(const char *s)
{
	if (*s++ != '"')
		return NULL;
	while (s && *s != '"') {
		int n = (unsigned char)*s < ' ' ? 0 : character(s);

		if (!n)
			return NULL;
		s = *s == '\\' ? escape(s + 1) : s + n;
	}
	return s ? s + 1 : NULL;
}

static const char *list(const char *s, int deep, char close)
{
	s = blanks(s + 1);
	if (*s == close)
		return s + 1;
	for (;; s = blanks(s + 1)) {
		if (close == '}') {
			s = string(s);
			s = s ? blanks(s) : NULL;
			if (!s || *s != ':')
				return NULL;
			s = blanks(s + 1);
		}
		s = value(s, deep + 1);
		s = s ? blanks(s) : NULL;
		if (!s || (*s != ',' && *s != close))
			return NULL;
		if (*s == close)
			return s + 1;
	}
}

static const char *value(const char *s, int deep)
{
	static const char *const words[] = { "true", "false", "null" };

	if (deep > DEEPEST)
		return NULL;
	if (*s == '{' || *s == '[')
		return list(s, deep, *s == '{' ? '}' : ']');
	if (*s == '"')
		return string(s);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(s, words[i], strlen(words[i])))
			return s + strlen(words[i]);
	return number(s);
}

bool tier_json_ok(const char *text)
{
	const char *end = *(text = blanks(text)) == '{' ? value(text, 0) : NULL;

	return end && *blanks(end) == '\0';
}

double tier_json_number(const char *json, const char *key)
{
	size_t n = strlen(key);
	const char *s, *name;

	if (!tier_json_ok(json))
		return 0;
	for (s = blanks(blanks(json) + 1); *s == '"'; s = blanks(s + 1)) {
		name = s + 1;
		s = blanks(blanks(string(s)) + 1);
		if (!strncmp(name, key, n) && name[n] == '"')
			return number(s) ? strtod(s, NULL) : 0;
		s = blanks(value(s, 0));
		if (*s != ',')
			break;
	}
	return 0;
}

/* -- Writing --------------------------------------------------------------------------------- */

void tier_json_text(FILE *f, const char *s)
{
	int n;

	putc('"', f);
	for (; *s; s += n ? n : 1) {
		unsigned char c = (unsigned char)*s;

		n = character(s);
		if (!n)
			fputs("\\ufffd", f);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fwrite(s, 1, (size_t)n, f);
	}
	putc('"', f);
}
