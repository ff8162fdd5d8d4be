#include "printable.h"

#include <stddef.h>
#include <string.h>

#include "text.h"

int utf8_char(const char *s, unsigned *code)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *b = (const unsigned char *)s;
	int n = !*b || *b >= 0xf8 ? 0 : *b >= 0xf0 ? 4 : *b >= 0xe0 ? 3 : *b >= 0xc0 ? 2 : *b < 0x80 ? 1 : 0;

	*code = n == 1 ? *b : n ? *b & (0x7fU >> n) : 0;
	for (int i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (b[i] & 0x3f);
	}
	return n && *code >= least[n] && *code <= 0x10ffff && (*code < 0xd800 || *code > 0xdfff) ? n : 0;
}

/* Controls (C0, DEL, C1), what separates lines, what turns the direction of writing, and what is no character in XML. */
static bool is_steering(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == 0xfffe || c == 0xffff;
}

char *printable(const char *s)
{
	auto_text t = { 0 };

	text_puts(&t, "");
	while (*s) {
		unsigned c;
		int n = utf8_char(s, &c);

		if (n && !is_steering(c))
			text_add(&t, s, (size_t)n);
		else if (n && c > 0xff)
			text_addf(&t, "\\u%04x", c);
		else
			text_addf(&t, "\\x%02x", n ? c : (unsigned char)*s);
		s += n ? n : 1;
	}
	return steal(t.s);
}

/* The end of the escape sequence that s begins with: control sequences, strings to the terminal ("set the title"), and the short
 * ones (ECMA-48, 5.3 to 5.6). */
static const char *after_escape(const char *s)
{
	char kind = s[1];

	s += 1 + (kind != '\0');
	if (kind == ']') {
		s += strcspn(s, "\a\033\n");
		return s + (*s == '\a' ? 1 : !strncmp(s, "\033\\", 2) ? 2 : 0);
	}
	if (kind != '[' && (kind < 0x20 || kind > 0x2f))
		return s;
	while (*s >= 0x20 && *s <= 0x3f)
		s++;
	return s + (*s >= 0x40 && *s <= 0x7e);
}

void strip_terminal(char *text)
{
	char *to = text;

	for (const char *s = text; *s;) {
		if (*s == '\033')
			s = after_escape(s);
		else if (((unsigned char)*s >= ' ' && *s != 127) || *s == '\n' || *s == '\t')
			*to++ = *s++;
		else
			s++;
	}
	*to = '\0';
}
