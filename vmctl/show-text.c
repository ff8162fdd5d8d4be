/* The tree on a terminal. A port and what it holds share a line. */
#include <string.h>

#include "printable.h"
#include "show.h"

#define COLUMNS 80

/* What stands before a box: it has others of its parent's after it, or is the last; and before what is below it. */
static const struct signs {
	const char *more, *last, *below_more, *below_last, *holds;
} box_signs = { "├─ ", "└─ ", "│  ", "   ", " ── " }, ascii_signs = { "|- ", "`- ", "|  ", "   ", " -- " };

/* Columns, where each character takes one: what takes two, or none, is in paths at most. */
static int columns(const char *s, size_t n)
{
	int count = 0;

	for (size_t i = 0; i < n; i++)
		count += ((unsigned char)s[i] & 0xc0) != 0x80;
	return count;
}

/* The phrases in lines; those after the first begin below, and 2 columns further. */
static void put_lines(struct text *out, const struct strv *phrases, const char *before, const char *below)
{
	auto_strv lines = { 0 };

	wrap_phrases(phrases, COLUMNS - columns(below, strlen(below)) - 2, columns, &lines);
	for (size_t i = 0; i < lines.n; i++)
		text_addf(out, "%s%s%s\n", i ? below : before, i ? "  " : "", lines.v[i]);
}

static void put(struct text *out, const struct box *b, const struct signs *s, const char *before, const char *below)
{
	auto_free char *port = NULL, *under = NULL;
	auto_strv phrases = { 0 };

	if (b->kind == BOX_PORT && b->n_kids) {
		port = strf("%s%s", b->head, s->holds);
		b = b->kids[0];
	}
	box_phrases(b, port ? port : "", &phrases);
	under = strf("%s%s", below, b->n_kids ? s->below_more : "");
	put_lines(out, &phrases, before, under);
	for (size_t i = 0; i < b->n_kids; i++) {
		bool last = i + 1 == b->n_kids;
		auto_free char *at = strf("%s%s", below, last ? s->last : s->more);
		auto_free char *after = strf("%s%s", below, last ? s->below_last : s->below_more);

		put(out, b->kids[i], s, at, after);
	}
}

/* What ASCII has not. */
static void to_ascii(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (((unsigned char)*s & 0xc0) != 0x80)
			*to++ = (unsigned char)*s < 0x80 ? *s : '?';
	*to = '\0';
}

char *show_text(const struct box *root, bool utf8)
{
	auto_text out = { 0 };

	put(&out, root, utf8 ? &box_signs : &ascii_signs, "", "");
	if (!utf8)
		to_ascii(out.s);
	return steal(out.s);
}
