#include "report-plot.h"

#include <string.h>

#include "run.h"

#define TIMEOUT 300 /* seconds: of a program that hangs */
#define HEAD "<svg"
#define TAIL "</svg>"

/* In single quotes gnuplot looks for nothing but their end. */
char *plot_quoted(const char *text)
{
	auto_text t = { 0 };

	text_puts(&t, "'");
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			text_puts(&t, "'.\"\\n\".'");
		else if (*p == '\'')
			text_puts(&t, "''");
		else if ((unsigned char)*p >= ' ' && *p != 0x7f)
			text_add(&t, p, 1);
	}
	text_puts(&t, "'");
	return steal(t.s);
}

void plot_begin(struct text *t, int width, int height)
{
	text_addf(t, "reset session\nset terminal svg size %d,%d dynamic font 'sans-serif,13' name 'p' noenhanced\n", width, height);
	text_puts(t, "set border 3 lw 0.8\nset tics out nomirror\nset grid ytics lc rgb '#999999' lw 0.5\n"
		     "set key outside top left horizontal Left reverse noautotitle samplen 2 maxrows 1\n"
		     "set style arrow 1 heads size screen 0.004,90 lt -1 lw 1.2\n");
}

/* ---- a picture in a page ---- */

/* What each is replaced by, where it begins at p; NULL: nothing is. "%" stands for the id. */
static const struct {
	const char *from, *to;
} edits[] = {
	{ "id=\"", "id=\"%-" }, { "id='", "id='%-" }, { "xlink:href='#", "href='#%-" }, { "xlink:href=\"#", "href=\"#%-" }, { "url(#", "url(#%-" },
	{ "color=\"black\"", "color=\"inherit\"" }, { "fill=\"black\"", "fill=\"currentColor\"" },
	{ "stroke=\"black\"", "stroke=\"currentColor\"" }, { "stroke='black'", "stroke='currentColor'" },
	{ "xmlns=\"http://www.w3.org/2000/svg\"", "" }, { "xmlns:xlink=\"http://www.w3.org/1999/xlink\"", "" },
};

static size_t edit(struct text *t, const char *p, const char *id)
{
	for (size_t i = 0; i < sizeof(edits) / sizeof(*edits); i++) {
		const char *to = edits[i].to, *mark = strchr(to, '%');

		if (!str_starts(p, edits[i].from))
			continue;
		if (mark)
			text_addf(t, "%.*s%s%s", (int)(mark - to), to, id, mark + 1);
		else
			text_puts(t, to);
		return strlen(edits[i].from);
	}
	return 0;
}

static size_t element(const char *p, const char *begin, const char *end)
{
	const char *at = str_starts(p, begin) ? strstr(p, end) : NULL;

	return at ? (size_t)(at - p) + strlen(end) : 0;
}

/* How much of it is left out: a title, which a browser shows under the mouse and gnuplot makes of its own names, or of the labels
 * last written; what is defined and not used; groups with nothing in them, which are a third of the file. */
static size_t idle(const char *p, bool uses_symbols)
{
	const char *close = str_starts(p, "<g ") ? strchr(p, '>') : NULL;

	if (close && str_starts(close, ">\n</g>\n"))
		return (size_t)(close - p) + strlen(">\n</g>\n");
	if (!uses_symbols && str_starts(p, "<defs>"))
		return element(p, "<defs>", "</defs>");
	return element(p, "<title>", "</title>") + element(p, "<desc>", "</desc>");
}

/* Is anything in the picture drawn by a symbol that is defined in it? */
static bool draws_symbols(const char *svg, const char *end)
{
	const char *drawn = strstr(svg, "</defs>"), *use = drawn ? strstr(drawn, "<use") : NULL, *url = drawn ? strstr(drawn, "url(#") : NULL;

	return !drawn || (use && use < end) || (url && url < end);
}

/* Inside of a tag names are edited; between tags stands the text of labels, which is left alone. */
char *plot_inline(const char *svg, const char *id)
{
	const char *p = strstr(svg, HEAD), *end = p ? strstr(p, TAIL) : NULL;
	auto_text t = { 0 };
	bool in_tag = true, symbols;

	if (!end)
		return NULL;
	symbols = draws_symbols(p, end);
	text_addf(&t, "<svg id=\"%s\" role=\"img\" aria-labelledby=\"%s-caption\"", id, id);
	for (p += strlen(HEAD); p < end;) {
		size_t n = in_tag ? edit(&t, p, id) : idle(p, symbols);

		if (!in_tag && !n && *p == '<')
			in_tag = true;
		else if (in_tag && *p == '>')
			in_tag = false;
		if (!n)
			text_add(&t, p++, 1);
		p += n;
	}
	text_puts(&t, TAIL);
	return steal(t.s);
}

static size_t charts(const struct doc *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].kind == B_CHART;
	return n;
}

/* gnuplot ends a picture when the next begins, or with itself: one behind the other, in the order of the scripts. */
static int take(struct doc *d, const char *drawn, struct err *e)
{
	const char *at = drawn;

	for (size_t i = 0; i < d->n; i++) {
		struct block *b = &d->v[i];
		char *picture;

		if (b->kind != B_CHART)
			continue;
		at = at ? strstr(at, HEAD) : NULL;
		picture = at ? plot_inline(at, b->id) : NULL;
		if (!picture)
			return err_set(e, "gnuplot drew nothing for the chart %s", b->id);
		at = strstr(at, TAIL);
		free(b->text);
		b->text = picture;
	}
	return 0;
}

int plot_draw(struct doc *d, struct err *e)
{
	auto_text script = { 0 }, drawn = { 0 };
	struct run r = {
		.argv = (const char *const[]){ "gnuplot", "-d", NULL }, .env = (const char *const[]){ "GNUTERM=svg", "LC_ALL=C.UTF-8", NULL },
		.out = &drawn, .timeout_s = TIMEOUT,
	};

	if (!charts(d))
		return 0;
	if (!program_exists("gnuplot"))
		return err_set(e, "gnuplot, which draws the charts, is not there: install the package gnuplot-nox, or take --md, --csv or --json");
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].kind == B_CHART)
			text_puts(&script, d->v[i].text);
	r.input = script.s;
	if (run_program(&r, e) < 0)
		return -1;
	return take(d, drawn.s ? drawn.s : "", e);
}
