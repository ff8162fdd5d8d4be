/* The picture: an SVG document that needs nothing beside itself. A region's colour is also that of the stripe on its
 * devices. */
#include <string.h>

#include "show.h"
#include "xml-tags.h"

struct colour {
	const char *fill, *line;
};

static const struct colour kinds[] = {
	[BOX_DRAM] = { "#dbeafe", "#3b82f6" },   [BOX_WINDOW] = { "#f1f5f9", "#64748b" },
	[BOX_BRIDGE] = { "#c7d2fe", "#4f46e5" }, [BOX_PORT] = { "#ffffff", "#94a3b8" },
	[BOX_SWITCH] = { "#e0e7ff", "#6366f1" }, [BOX_DEVICE] = { "#ffffff", "#475569" },
};

static const struct colour regions[] = {
	{ "#d1fae5", "#059669" }, { "#ffedd5", "#ea580c" }, { "#fce7f3", "#db2777" }, { "#cffafe", "#0891b2" },
	{ "#ecfccb", "#65a30d" }, { "#ede9fe", "#7c3aed" }, { "#fef9c3", "#ca8a04" }, { "#fee2e2", "#dc2626" },
};

static const struct colour *region_colour(size_t i)
{
	return &regions[i % (sizeof(regions) / sizeof(*regions))];
}

static void rect(writer w, int x, int y, int width, int height, const char *fill)
{
	open_tag(w, "rect");
	attr(w, "x", "%d", x);
	attr(w, "y", "%d", y);
	attr(w, "width", "%d", width);
	attr(w, "height", "%d", height);
	attr(w, "fill", "%s", fill);
}

static void text_line(writer w, const char *text, int x, int y, int font_size, bool bold, const char *fill)
{
	open_tag(w, "text");
	attr(w, "x", "%d", x);
	attr(w, "y", "%d", y);
	if (font_size != FONT_BOX)
		attr(w, "font-size", "%d", font_size);
	if (bold)
		attr(w, "font-weight", "bold");
	if (fill)
		attr(w, "fill", "%s", fill);
	xmlTextWriterWriteString(w, BAD_CAST text);
	close_tag(w);
}

static void tooltip(writer w, const struct box *b)
{
	auto_free char *facts = box_facts(b), *line = strf("%s%s%s", b->head, *facts ? ": " : "", facts);

	text_tag(w, "title", line);
}

/* From the middle of the box's right side to that of the kid's left. */
static void edge(writer w, const struct box *b, const struct box *kid)
{
	int to = kid->x;

	open_tag(w, "path");
	attr(w, "d", "M%d %dH%dV%dH%d", b->x + b->w, b->y + b->h / 2, to - COLUMN_GAP / 2, kid->y + kid->h / 2, to);
	attr(w, "fill", "none");
	attr(w, "stroke", "#94a3b8");
	close_tag(w);
}

static void stripes(writer w, const struct box *b)
{
	int n = (int)b->n_regions;

	for (int i = 0; i < n; i++) {
		int top = b->y + b->h * i / n, bottom = b->y + b->h * (i + 1) / n;

		rect(w, b->x, top, STRIPE, bottom - top, region_colour(b->regions[i])->line);
		close_tag(w);
	}
}

static void put_box(writer w, const struct box *b)
{
	const struct colour *c = b->kind == BOX_REGION ? region_colour(b->regions[0]) : &kinds[b->kind];
	int left = b->x + BOX_PAD + (b->kind == BOX_DEVICE ? STRIPE : 0);

	open_tag(w, "g");
	tooltip(w, b);
	rect(w, b->x, b->y, b->w, b->h, c->fill);
	attr(w, "rx", "3");
	attr(w, "stroke", "%s", c->line);
	if (b->faint)
		attr(w, "stroke-dasharray", "4 3");
	close_tag(w);
	if (b->kind == BOX_DEVICE)
		stripes(w, b);
	for (size_t i = 0; i < b->lines.n; i++)
		text_line(w, b->lines.v[i], left, b->y + BOX_PAD + FONT_BOX + (int)i * LINE_HEIGHT, FONT_BOX, i == 0,
			  b->faint ? "#64748b" : NULL);
	close_tag(w);
	for (size_t i = 0; i < b->n_kids; i++) {
		if (b->kind != BOX_WINDOW)
			edge(w, b, b->kids[i]);
		put_box(w, b->kids[i]);
	}
}

/* The machine's name and a group's heading are large, all that follows them in their box is small. */
static void put_text(writer w, const struct box *b, int font_size)
{
	int y = b->y;

	open_tag(w, "g");
	if (b->kind == BOX_NOTE)
		tooltip(w, b);
	for (size_t i = 0; i < b->lines.n; i++) {
		int size = i ? FONT_BOX : font_size;

		text_line(w, b->lines.v[i], b->x, y + size, size, size > FONT_BOX, b->kind == BOX_NOTE ? "#475569" : NULL);
		y += LINE_HEIGHT * size / FONT_BOX;
	}
	close_tag(w);
}

static void picture(writer w, const void *arg)
{
	const struct box *root = arg;

	open_tag(w, "svg");
	attr(w, "xmlns", "http://www.w3.org/2000/svg");
	attr(w, "width", "%d", root->w);
	attr(w, "height", "%d", root->h);
	attr(w, "viewBox", "0 0 %d %d", root->w, root->h);
	attr(w, "font-family", "sans-serif");
	attr(w, "font-size", "%d", FONT_BOX);
	attr(w, "fill", "#0f172a");
	tooltip(w, root);
	rect(w, 0, 0, root->w, root->h, "#ffffff");
	close_tag(w);
	put_text(w, root, FONT_TITLE);
	for (size_t i = 0; i < root->n_kids; i++) {
		const struct box *b = root->kids[i];

		put_text(w, b, b->kind == BOX_GROUP ? FONT_GROUP : FONT_BOX);
		for (size_t k = 0; k < b->n_kids; k++)
			put_box(w, b->kids[k]);
	}
	close_tag(w);
}

char *show_svg(const struct box *root)
{
	return xml_document(picture, root);
}
