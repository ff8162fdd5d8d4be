/* The document without pictures: as Markdown, as GitHub and pandoc read it, and for a terminal. */
#include <ctype.h>
#include <string.h>

#include "printable.h"
#include "report-doc.h"
#include "table.h"

/* ---- Markdown ---- */

/* A character that would be read as a mark. An underscore within a word is none, and stays legible. */
static bool is_mark(const char *s, const char *at)
{
	if (*at == '_')
		return at == s || !isalnum((unsigned char)at[-1]) || !isalnum((unsigned char)at[1]);
	return strchr("\\`*[]|<>", *at) || (at == s && *at == '#');
}

static void put_marked(struct text *t, const char *text)
{
	auto_free char *safe = printable(text);

	for (const char *p = safe; *p; p++) {
		if (is_mark(safe, p))
			text_puts(t, "\\");
		text_add(t, p, 1);
	}
}

static void put_grid(struct text *t, const struct grid *g)
{
	size_t rows = grid_rows(g), columns = g->columns.n;

	for (size_t c = 0; c < columns; c++) {
		text_puts(t, c ? " | " : "| ");
		put_marked(t, grid_name(g, c));
	}
	text_puts(t, " |\n");
	for (size_t c = 0; c < columns; c++)
		text_puts(t, grid_is_right(g, c) ? "|---:" : "|---");
	text_puts(t, "|\n");
	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < columns; c++) {
			const char *cell = g->cells.v[r * columns + c];

			text_puts(t, c ? " | " : "| ");
			if (!strcmp(cell, "-"))
				text_puts(t, cell);
			else
				put_marked(t, cell);
		}
		text_puts(t, " |\n");
	}
	text_puts(t, "\n");
}

static int put_indented(char *line, int number, void *arg)
{
	auto_free char *safe = printable(line);

	(void)number;
	text_addf(arg, "    %s\n", safe);
	return 0;
}

static void put_markdown(struct text *t, const struct block *b, const struct block *next)
{
	static const char *const before[] = { [B_HEADING] = "", [B_TEXT] = "", [B_NOTE] = "> ", [B_WARNING] = "> **Mind:** ", [B_ITEM] = "- ",
					      [B_OPEN] = "**" };

	switch (b->kind) {
	case B_GRID:
		put_grid(t, &b->grid);
		return;
	case B_PRE:
		each_line(b->text, put_indented, t);
		text_puts(t, "\n");
		return;
	case B_CHART:
	case B_CLOSE:
		return;
	default:
		break;
	}
	for (int i = 0; b->kind == B_HEADING && i < b->level; i++)
		text_puts(t, i + 1 < b->level ? "#" : "# ");
	text_puts(t, before[b->kind]);
	if (b->kind == B_ITEM && b->level)
		text_puts(t, "**Mind:** ");
	put_marked(t, b->text);
	if (b->more) {
		text_puts(t, " (");
		put_marked(t, b->more);
		text_puts(t, ")");
	}
	text_puts(t, b->kind == B_OPEN ? "**\n\n" : b->kind == B_ITEM && next && next->kind == B_ITEM ? "\n" : "\n\n");
}

/* What is folded away around charts alone is left out with them. */
static bool folds_charts(const struct doc *d, size_t i)
{
	while (++i < d->n && d->v[i].kind != B_CLOSE)
		if (d->v[i].kind != B_CHART)
			return false;
	return true;
}

char *doc_markdown(const struct doc *d)
{
	struct text t = { 0 };

	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].kind != B_OPEN || !folds_charts(d, i))
			put_markdown(&t, &d->v[i], i + 1 < d->n ? &d->v[i + 1] : NULL);
	return t.s ? t.s : xstrdup("");
}

/* ---- a terminal ---- */

#define WIDTH 100

/* Lines that end between words. */
static void put_wrapped(struct text *t, const char *first, const char *rest, const char *text)
{
	auto_free char *safe = printable(text);
	size_t at = strlen(first), begin = at;

	text_puts(t, first);
	for (const char *p = safe; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (at > begin && at + 1 + n > WIDTH) {
			text_addf(t, "\n%s", rest);
			at = begin;
		}
		text_addf(t, "%s%.*s", at > begin ? " " : "", (int)n, p);
		at += n + (at > begin);
		p += n;
	}
	text_puts(t, "\n");
}

static void put_table(struct text *t, const struct grid *g)
{
	struct table *table;
	auto_free char *text = NULL;
	const char *row[64] = { NULL };
	size_t columns = g->columns.n < 63 ? g->columns.n : 63;

	for (size_t c = 0; c < columns; c++)
		row[c] = g->columns.v[c];
	table = table_new(row);
	for (size_t r = 0; r < grid_rows(g); r++) {
		for (size_t c = 0; c < columns; c++)
			row[c] = g->cells.v[r * g->columns.n + c];
		table_row(table, row);
	}
	text = table_text(table);
	text_addf(t, "%s\n", text);
}

static void put_plain(struct text *t, const struct block *b)
{
	auto_free char *item = b->more ? strf("%s (%s)", b->text, b->more) : NULL;

	switch (b->kind) {
	case B_GRID:
		put_table(t, &b->grid);
		break;
	case B_HEADING:
		text_puts(t, t->n ? "\n" : "");
		put_wrapped(t, "", "", b->text);
		break;
	case B_ITEM:
		put_wrapped(t, b->level ? "! " : "- ", "  ", item ? item : b->text);
		break;
	case B_PRE:
		each_line(b->text, put_indented, t);
		break;
	case B_CHART:
		break;
	default:
		put_wrapped(t, "", "", b->text);
	}
}

char *doc_text(const struct doc *d)
{
	struct text t = { 0 };

	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i].kind != B_OPEN) {
			put_plain(&t, &d->v[i]);
			continue;
		}
		if (!folds_charts(d, i)) {
			auto_free char *line = strf("%s: in the page, and in --md", d->v[i].text);

			put_wrapped(&t, "  ", "  ", line);
		}
		while (d->v[i].kind != B_CLOSE)
			i++;
	}
	return t.s ? t.s : xstrdup("");
}
