/* The document as a page that needs nothing beside itself. All text goes through libxml2's writer, which escapes it, and before that
 * through printable(). */
#include <string.h>

#include "printable.h"
#include "report-doc.h"
#include "xml-tags.h"

#define WIDE 7 /* columns: more are set closer */

static const char style[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1c2127;--dim:#5b6672;--line:#d5dae0;--soft:#f4f6f8;--link:#0a5fa8;--mind:#b45309}\n"
	"@media(prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#dfe4ea;--dim:#9aa5b1;--line:#343b44;--soft:#1c2127;--link:#7ab8f0;--mind:#f0a95b}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}\n"
	".page{max-width:1340px;margin:0 auto;padding:24px;display:grid;grid-template-columns:170px minmax(0,1fr);gap:36px}\n"
	"nav{font-size:14px}nav ul{position:sticky;top:24px;list-style:none;margin:0;padding:0}nav li{margin:0 0 7px}\n"
	"a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}\n"
	"h1{font-size:28px;line-height:1.2;margin:0 0 12px}h2{font-size:21px;margin:44px 0 12px;padding-top:14px;border-top:1px solid var(--line)}\n"
	"h3{font-size:16px;margin:26px 0 8px}p{margin:10px 0;max-width:78ch}\n"
	"ul.said{padding-left:20px;max-width:88ch}ul.said li{margin:0 0 8px}.of{color:var(--dim);font-size:14px}\n"
	".note,.mind{border-left:3px solid var(--line);padding:4px 12px;margin:12px 0;color:var(--dim);font-size:14px;max-width:88ch}\n"
	".mind{border-color:var(--mind)}strong.mark{color:var(--mind);font-weight:600}\n"
	".scroll{overflow-x:auto;margin:12px 0}table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:5px 14px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}\n"
	"th{font-weight:600;color:var(--dim);vertical-align:bottom}td{overflow-wrap:break-word;max-width:460px}\n"
	".r{text-align:right;white-space:nowrap}th.r{white-space:normal;min-width:76px;max-width:150px}tbody tr:hover{background:var(--soft)}\n"
	".wide{font-size:13px}.wide th,.wide td{padding-right:10px}.wide th.r{min-width:60px}\n"
	"figure{margin:18px 0;max-width:900px}figure svg{width:100%;height:auto;display:block;color:var(--fg)}\n"
	"figcaption{font-size:14px;color:var(--dim);margin-bottom:4px;max-width:88ch}\n"
	"pre{background:var(--soft);padding:12px 14px;overflow-x:auto;font-size:13px;line-height:1.4}\n"
	"details{margin:10px 0;border:1px solid var(--line);border-radius:6px;padding:6px 14px}summary{cursor:pointer;font-weight:500}\n"
	"footer{margin-top:44px;color:var(--dim);font-size:13px}\n"
	"@media(max-width:960px){.page{grid-template-columns:minmax(0,1fr);gap:12px;padding:16px}nav ul{position:static;display:flex;flex-wrap:wrap;gap:4px 16px}}\n"
	"@media print{:root{--bg:#fff;--fg:#000;--dim:#444;--line:#bbb;--soft:#f4f4f4;color-scheme:light}nav{display:none}.page{display:block;max-width:none;padding:0}"
	"body{font-size:11pt}details{border:0;padding:0}details::details-content{content-visibility:visible;block-size:auto}"
	"figure,tr{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}}\n";

static void put(writer w, const char *text)
{
	auto_free char *safe = printable(text ? text : "");

	xmlTextWriterWriteString(w, BAD_CAST safe);
}

/* <name class="..."> ... </name>; class NULL: none. An empty one is closed by a tag of its own, as HTML wants it. */
static void element(writer w, const char *name, const char *class, const char *text)
{
	open_tag(w, name);
	if (class)
		attr(w, "class", "%s", class);
	put(w, text);
	xmlTextWriterFullEndElement(w);
}

static void open_class(writer w, const char *name, const char *class)
{
	open_tag(w, name);
	attr(w, "class", "%s", class);
}

static void put_grid(writer w, const struct grid *g)
{
	size_t columns = g->columns.n;

	open_class(w, "div", "scroll");
	open_tag(w, "table");
	if (columns > WIDE)
		attr(w, "class", "wide");
	open_tag(w, "thead");
	open_tag(w, "tr");
	for (size_t c = 0; c < columns; c++)
		element(w, "th", grid_is_right(g, c) ? "r" : NULL, grid_name(g, c));
	close_tag(w);
	close_tag(w);
	open_tag(w, "tbody");
	for (size_t r = 0; r < grid_rows(g); r++) {
		open_tag(w, "tr");
		for (size_t c = 0; c < columns; c++)
			element(w, "td", grid_is_right(g, c) ? "r" : NULL, g->cells.v[r * columns + c]);
		close_tag(w);
	}
	xmlTextWriterFullEndElement(w);
	close_tag(w);
	close_tag(w);
}

static int put_line(char *line, int number, void *arg)
{
	auto_free char *safe = printable(line);

	(void)number;
	xmlTextWriterWriteString(arg, BAD_CAST safe);
	xmlTextWriterWriteString(arg, BAD_CAST "\n");
	return 0;
}

static void put_heading(writer w, const struct block *b)
{
	open_tag(w, b->level == 1 ? "h1" : b->level == 2 ? "h2" : "h3");
	if (b->id)
		attr(w, "id", "%s", b->id);
	put(w, b->text);
	close_tag(w);
}

static void mark(writer w)
{
	element(w, "strong", "mark", "Mind:");
	put(w, " ");
}

static void put_item(writer w, const struct block *b)
{
	open_tag(w, "li");
	xmlTextWriterWriteString(w, BAD_CAST "");
	if (b->level)
		mark(w);
	put(w, b->text);
	if (b->more) {
		put(w, " ");
		element(w, "span", "of", b->more);
	}
	close_tag(w);
}

static void put_chart(writer w, const struct block *b)
{
	open_tag(w, "figure");
	open_tag(w, "figcaption");
	attr(w, "id", "%s-caption", b->id);
	put(w, b->more);
	close_tag(w);
	xmlTextWriterWriteRaw(w, BAD_CAST b->text);
	close_tag(w);
}

static void put_block(writer w, const struct block *b)
{
	switch (b->kind) {
	case B_HEADING:
		put_heading(w, b);
		break;
	case B_TEXT:
		element(w, "p", NULL, b->text);
		break;
	case B_NOTE:
		element(w, "p", "note", b->text);
		break;
	case B_WARNING:
		open_class(w, "p", "mind");
		xmlTextWriterWriteString(w, BAD_CAST "");
		mark(w);
		put(w, b->text);
		close_tag(w);
		break;
	case B_ITEM:
		put_item(w, b);
		break;
	case B_GRID:
		put_grid(w, &b->grid);
		break;
	case B_PRE:
		open_tag(w, "pre");
		each_line(b->text, put_line, w);
		xmlTextWriterFullEndElement(w);
		break;
	case B_CHART:
		put_chart(w, b);
		break;
	case B_OPEN:
		open_tag(w, "details");
		if (b->level)
			attr(w, "open", "open");
		element(w, "summary", NULL, b->text);
		break;
	case B_CLOSE:
		xmlTextWriterFullEndElement(w);
		break;
	}
}

static void contents(writer w, const struct doc *d)
{
	open_tag(w, "nav");
	attr(w, "aria-label", "contents");
	open_tag(w, "ul");
	for (size_t i = 0; i < d->n; i++) {
		const struct block *b = &d->v[i];

		if (b->kind != B_HEADING || b->level != 2 || !b->id)
			continue;
		open_tag(w, "li");
		open_tag(w, "a");
		attr(w, "href", "#%s", b->id);
		put(w, b->text);
		close_tag(w);
		close_tag(w);
	}
	xmlTextWriterFullEndElement(w);
	close_tag(w);
}

struct page {
	const struct doc *doc;
	const char *title;
};

static void head(writer w, const char *title)
{
	open_tag(w, "head");
	tag(w, "meta", "charset", "utf-8", NULL);
	tag(w, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1", NULL);
	tag(w, "link", "rel", "icon", "href", "data:,", NULL);
	element(w, "title", NULL, title);
	open_tag(w, "style");
	xmlTextWriterWriteRaw(w, BAD_CAST style);
	close_tag(w);
	close_tag(w);
}

/* Items that follow each other are one list, also where some of them are folded away. */
static void blocks(writer w, const struct doc *d)
{
	bool in_list = false;

	for (size_t i = 0; i < d->n; i++) {
		bool item = d->v[i].kind == B_ITEM;

		if (item && !in_list)
			open_class(w, "ul", "said");
		if (!item && in_list)
			close_tag(w);
		in_list = item;
		put_block(w, &d->v[i]);
	}
	if (in_list)
		close_tag(w);
}

static void page(writer w, const void *arg)
{
	const struct page *p = arg;

	open_tag(w, "html");
	attr(w, "lang", "en");
	head(w, p->title);
	open_tag(w, "body");
	open_class(w, "div", "page");
	contents(w, p->doc);
	open_tag(w, "main");
	blocks(w, p->doc);
	element(w, "footer", NULL, "Made by vmctl report, tierlab " VERSION ". Charts by gnuplot.");
	close_tag(w);
	close_tag(w);
	close_tag(w);
	close_tag(w);
}

char *doc_html(const struct doc *d, const char *title)
{
	const struct page p = { d, title };
	auto_free char *html = xml_document(page, &p);

	return strf("<!DOCTYPE html>\n%s", html);
}
