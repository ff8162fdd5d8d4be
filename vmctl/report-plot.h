/* Charts by gnuplot, as pictures that stand in a page beside others. */
#pragma once
#include "err.h"
#include "report-doc.h"

/* A text in gnuplot's quotes, the caller's to free: nothing in it is a command. A line break in it is one. */
char *plot_quoted(const char *text);

/* What each script begins with. */
void plot_begin(struct text *script, int width, int height);

/* What gnuplot drew, made fit for a page: from <svg on, with the id, every name in it beginning with that id, no address of
 * another place, and black being the page's own text colour. The caller's to free; NULL: it is no picture. Pure. */
char *plot_inline(const char *svg, const char *id);

/* Draws all charts of the document by one gnuplot: their text is then the picture. */
int plot_draw(struct doc *d, struct err *e);
