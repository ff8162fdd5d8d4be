/* Where each box of the picture stands: notes on top, below them the NUMA nodes side by side with their regions in them,
 * below them the CXL topology as a tree from left to right. */
#include <string.h>

#include "printable.h"
#include "show.h"

enum {
	MARGIN = 16,
	GAP = 10,         /* between boxes                                 */
	WIDTH = 920,      /* of what is side by side                        */
	LINE_WIDTH = 240, /* of text in a box                               */
	MAX_COLUMNS = 16, /* of the tree: more than switches can be deep    */
};

/* Hundredths of the font's size, of DejaVu Sans and Verdana: the widest that browsers take for sans-serif. */
static int glyph(unsigned c, bool bold)
{
	static const struct {
		const char *glyphs;
		int width;
	} widths[] = { { "ijl.,:;'|! ", 35 }, { "-ftr()[]/\\", 42 }, { "mwMWQO@%+=<>~#", 92 },
		       { "ABCDEFGHIJKLNPRSTUVXYZ", 72 } };
	int w = c > 0x2ff ? 100 : c > 0x7e ? 75 : 64;

	for (size_t i = 0; c && c < 0x7f && i < sizeof(widths) / sizeof(*widths); i++)
		if (strchr(widths[i].glyphs, (int)c))
			w = widths[i].width;
	return bold ? w * 112 / 100 : w;
}

int glyphs_width(const char *s, size_t n, int font_size, bool bold)
{
	const char *end = s + n;
	int sum = 0;

	while (s < end) {
		unsigned c;
		int bytes = utf8_char(s, &c);

		sum += glyph(c, bold);
		s += bytes ? bytes : 1;
	}
	return (sum * font_size + 99) / 100;
}

static int measure(const char *s, size_t n)
{
	return glyphs_width(s, n, FONT_BOX, false);
}

/* Shortens a line that is wider than limit; the whole is in the box's tooltip. */
static char *cut(const char *s, int limit, int font_size, bool bold)
{
	int room = limit - glyphs_width("\u2026", strlen("\u2026"), font_size, bold);
	size_t n = 0, next = 0;

	if (glyphs_width(s, strlen(s), font_size, bold) <= limit)
		return xstrdup(s);
	while (glyphs_width(s, next, font_size, bold) <= room) {
		n = next;
		next += (size_t)utf8_char(s + n, &(unsigned){ 0 });
	}
	return strf("%.*s\u2026", (int)n, s);
}

/* Adds the phrases to the box, in lines. */
static void add_lines(struct box *b, const struct strv *phrases, int limit)
{
	auto_strv lines = { 0 };

	wrap_phrases(phrases, limit, measure, &lines);
	for (size_t i = 0; i < lines.n; i++)
		strv_take(&b->lines, cut(lines.v[i], limit, FONT_BOX, false));
}

/* Nodes and regions have a line for each fact; what is in the tree has few, for there may be many of them. */
static void fill_box(struct box *b)
{
	bool apart = b->kind == BOX_DRAM || b->kind == BOX_WINDOW || b->kind == BOX_REGION;
	auto_strv phrases = { 0 };
	int widest;

	strv_take(&b->lines, cut(b->head, LINE_WIDTH, FONT_BOX, true));
	for (size_t i = 0; i < b->facts.n; i++) {
		auto_strv words = { 0 };

		split_words(b->facts.v[i], &words);
		if (apart)
			add_lines(b, &words, LINE_WIDTH);
		else
			strv_addf(&phrases, "%s%s", b->facts.v[i], i + 1 < b->facts.n ? "," : "");
	}
	add_lines(b, &phrases, LINE_WIDTH);
	widest = glyphs_width(b->lines.v[0], strlen(b->lines.v[0]), FONT_BOX, true);
	for (size_t i = 1; i < b->lines.n; i++) {
		int w = measure(b->lines.v[i], strlen(b->lines.v[i]));

		widest = w > widest ? w : widest;
	}
	b->w = widest + 2 * BOX_PAD + (b->kind == BOX_DEVICE ? STRIPE : 0);
	b->h = (int)b->lines.n * LINE_HEIGHT + 2 * BOX_PAD;
}

static void move(struct box *b, int dx, int dy)
{
	b->x += dx;
	b->y += dy;
	for (size_t i = 0; i < b->n_kids; i++)
		move(b->kids[i], dx, dy);
}

/* ---- boxes side by side ---- */

/* Puts the kids of b side by side from x, y on, in rows of at most the width, of one height each. Returns the height of all;
 * right becomes where the widest row ends. */
static int flow(struct box *b, int x, int y, int width, int *right)
{
	int top = y, at = x, row = 0;
	size_t first = 0;

	*right = x;
	for (size_t i = 0; i < b->n_kids; i++) {
		struct box *k = b->kids[i];

		if (at > x && at + k->w > x + width) {
			top += row + GAP;
			at = x;
			row = 0;
			first = i;
		}
		move(k, at - k->x, top - k->y);
		at += k->w + GAP;
		*right = at - GAP > *right ? at - GAP : *right;
		row = k->h > row ? k->h : row;
		for (size_t j = first; j <= i; j++)
			b->kids[j]->h = row;
	}
	return top + row - y;
}

static void size_node(struct box *b)
{
	int right, inner;

	fill_box(b);
	for (size_t i = 0; i < b->n_kids; i++)
		fill_box(b->kids[i]);
	if (!b->n_kids)
		return;
	inner = flow(b, b->x + BOX_PAD, b->y + b->h, WIDTH - 2 * BOX_PAD, &right);
	b->h += inner + BOX_PAD;
	b->w = right + BOX_PAD - b->x > b->w ? right + BOX_PAD - b->x : b->w;
}

/* ---- the tree ---- */

/* Where each column begins, how wide it is, and how wide each kind of box is in it. */
struct tree {
	int x[MAX_COLUMNS], w[MAX_COLUMNS], kind_w[MAX_COLUMNS][BOX_DEVICE + 1];
};

static void size_columns(struct box *b, struct tree *t, size_t depth)
{
	int *kind_w = &t->kind_w[depth][b->kind];

	fill_box(b);
	*kind_w = b->w > *kind_w ? b->w : *kind_w;
	t->w[depth] = b->w > t->w[depth] ? b->w : t->w[depth];
	for (size_t i = 0; i < b->n_kids && depth + 1 < MAX_COLUMNS; i++)
		size_columns(b->kids[i], t, depth + 1);
}

/* Puts b and what is below it from y on; a box stands at half the height of its kids. Returns the height of all. */
static int place(struct box *b, const struct tree *t, size_t depth, int y)
{
	int below = 0, h;

	for (size_t i = 0; i < b->n_kids && depth + 1 < MAX_COLUMNS; i++)
		below += (i ? GAP : 0) + place(b->kids[i], t, depth + 1, y + below + (i ? GAP : 0));
	h = b->h > below ? b->h : below;
	b->x = t->x[depth];
	b->w = t->kind_w[depth][b->kind];
	b->y = y + (h - b->h) / 2;
	for (size_t i = 0; i < b->n_kids; i++)
		move(b->kids[i], 0, (h - below) / 2);
	return h;
}

static int place_tree(struct box *group, int x, int y, int *right)
{
	struct tree t = { 0 };
	int top = y;

	for (size_t i = 0; i < group->n_kids; i++)
		size_columns(group->kids[i], &t, 0);
	for (size_t d = 0; d < MAX_COLUMNS && t.w[d]; d++) {
		t.x[d] = d ? *right + COLUMN_GAP : x;
		*right = t.x[d] + t.w[d];
	}
	for (size_t i = 0; i < group->n_kids; i++)
		top += place(group->kids[i], &t, 0, top) + 2 * GAP;
	return top - 2 * GAP - y;
}

/* ---- the whole ---- */

/* A heading, or a note: text without a box. */
static void place_text(struct box *b, int x, int y, int font_size)
{
	b->x = x;
	b->y = y;
	b->h = 0;
	for (size_t i = 0; i < b->lines.n; i++) {
		int size = i ? FONT_BOX : font_size;
		int w = glyphs_width(b->lines.v[i], strlen(b->lines.v[i]), size, size > FONT_BOX);

		b->w = w > b->w ? w : b->w;
		b->h += LINE_HEIGHT * size / FONT_BOX;
	}
}

static int place_group(struct box *g, int y, int *right)
{
	int h, widest = 0;

	strv_add(&g->lines, g->head);
	place_text(g, MARGIN, y, FONT_GROUP);
	h = g->h + GAP / 2;
	if (g->n_kids && g->kids[0]->kind == BOX_BRIDGE)
		return h + place_tree(g, MARGIN, y + h, right);
	for (size_t i = 0; i < g->n_kids; i++) {
		size_node(g->kids[i]);
		if (g->kids[i]->kind == BOX_DRAM && g->kids[i]->w > widest)
			widest = g->kids[i]->w;
	}
	for (size_t i = 0; i < g->n_kids; i++)
		if (g->kids[i]->kind == BOX_DRAM)
			g->kids[i]->w = widest;
	return h + flow(g, MARGIN, y + h, WIDTH, right);
}

/* A note, or the machine: its lines; those of the machine begin with its name, large. */
static int place_note(struct box *b, int y)
{
	auto_strv phrases = { 0 };

	if (b->kind == BOX_MACHINE) {
		strv_take(&b->lines, cut(b->head, WIDTH, FONT_TITLE, true));
		for (size_t i = 0; i < b->facts.n; i++)
			strv_addf(&phrases, "%s%s", b->facts.v[i], i + 1 < b->facts.n ? "," : "");
	} else {
		box_phrases(b, "", &phrases);
	}
	add_lines(b, &phrases, WIDTH);
	place_text(b, MARGIN, y, b->kind == BOX_MACHINE ? FONT_TITLE : FONT_BOX);
	return b->h;
}

void show_layout(struct box *root)
{
	int y = MARGIN + place_note(root, MARGIN), width = root->w;

	for (size_t i = 0; i < root->n_kids; i++) {
		struct box *b = root->kids[i];
		int right = 0;

		if (b->kind == BOX_GROUP) {
			y += 2 * GAP;
			y += place_group(b, y, &right);
		} else {
			y += place_note(b, y);
		}
		right = b->x + b->w > right ? b->x + b->w : right;
		width = right - MARGIN > width ? right - MARGIN : width;
	}
	root->w = width + 2 * MARGIN;
	root->h = y + MARGIN;
}
