/* A report as a row of blocks, that one function fills and others write out: as HTML, Markdown or for a terminal. Text is plain
 * text; each form escapes it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "text.h"

enum block_kind {
	B_HEADING, /* level 1 to 3; id: its name for links  */
	B_TEXT,    /* a paragraph                           */
	B_NOTE,    /* what is to be known beside it         */
	B_WARNING,
	B_ITEM,    /* of a list; more: what it is about     */
	B_GRID,
	B_PRE,     /* text with its line breaks             */
	B_CHART,   /* text: what gnuplot is told; id        */
	B_OPEN,    /* see doc_fold; level 1: it is open     */
	B_CLOSE,
};

struct grid {
	struct strv columns; /* a name that begins with ">" stands, as what is below it, to the right */
	struct strv cells;   /* row by row                     */
};

struct block {
	enum block_kind kind;
	int level;
	char *id, *text, *more;
	struct grid grid;
};

struct doc {
	struct block *v;
	size_t n;
};

void doc_free(struct doc *d);
void doc_heading(struct doc *d, int level, const char *id, const char *text);
void doc_add(struct doc *d, enum block_kind kind, const char *text);
/* What follows until B_CLOSE is folded away under the text. */
void doc_fold(struct doc *d, const char *text, bool open);
void doc_item(struct doc *d, bool warning, const char *text, const char *more);
/* Takes the script. */
void doc_chart(struct doc *d, char *id, const char *caption, char *script);
/* columns ends in NULL. The grid is the document's, and good until the next block is added. */
struct grid *doc_grid(struct doc *d, const char *const *columns);

void grid_column(struct grid *g, const char *name);
void grid_cell(struct grid *g, const char *text);
void grid_cellf(struct grid *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool grid_is_right(const struct grid *g, size_t column);
const char *grid_name(const struct grid *g, size_t column);
size_t grid_rows(const struct grid *g);

/* A whole page, with all in it that it needs. Charts are in it as far as their text is a picture by now. */
char *doc_html(const struct doc *d, const char *title);
char *doc_markdown(const struct doc *d);
/* For a terminal, in UTF-8 (the caller has set a locale for it): of what is folded away, only that it is there. */
char *doc_text(const struct doc *d);
