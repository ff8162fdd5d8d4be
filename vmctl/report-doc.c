#include "report-doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct block *block(struct doc *d, enum block_kind kind, const char *text)
{
	d->v = xrealloc(d->v, (d->n + 1) * sizeof(*d->v));
	d->v[d->n] = (struct block){ .kind = kind, .text = text ? xstrdup(text) : NULL };
	return &d->v[d->n++];
}

void doc_add(struct doc *d, enum block_kind kind, const char *text)
{
	block(d, kind, text);
}

void doc_heading(struct doc *d, int level, const char *id, const char *text)
{
	struct block *b = block(d, B_HEADING, text);

	b->level = level;
	b->id = id ? xstrdup(id) : NULL;
}

void doc_fold(struct doc *d, const char *text, bool open)
{
	block(d, B_OPEN, text)->level = open;
}

void doc_item(struct doc *d, bool warning, const char *text, const char *more)
{
	struct block *b = block(d, B_ITEM, text);

	b->level = warning;
	b->more = str_empty(more) ? NULL : xstrdup(more);
}

void doc_chart(struct doc *d, char *id, const char *caption, char *script)
{
	struct block *b = block(d, B_CHART, NULL);

	b->id = id;
	b->text = script;
	b->more = xstrdup(caption);
}

struct grid *doc_grid(struct doc *d, const char *const *columns)
{
	struct block *b = block(d, B_GRID, NULL);

	for (; *columns; columns++)
		grid_column(&b->grid, *columns);
	return &b->grid;
}

void grid_column(struct grid *g, const char *name)
{
	strv_add(&g->columns, name);
}

void grid_cell(struct grid *g, const char *text)
{
	strv_add(&g->cells, text ? text : "-");
}

void grid_cellf(struct grid *g, const char *fmt, ...)
{
	char *s;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	strv_take(&g->cells, s);
}

bool grid_is_right(const struct grid *g, size_t column)
{
	return g->columns.v[column][0] == '>';
}

const char *grid_name(const struct grid *g, size_t column)
{
	return g->columns.v[column] + grid_is_right(g, column);
}

size_t grid_rows(const struct grid *g)
{
	return g->columns.n ? g->cells.n / g->columns.n : 0;
}

void doc_free(struct doc *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].id);
		free(d->v[i].text);
		free(d->v[i].more);
		strv_free(&d->v[i].grid.columns);
		strv_free(&d->v[i].grid.cells);
	}
	free(d->v);
	*d = (struct doc){ 0 };
}
