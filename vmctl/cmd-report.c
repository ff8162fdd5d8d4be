/* report: the results of runs as one page, or as a table; and two sets of them compared. Neither libvirt nor a guest is asked. */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "file.h"
#include "progress.h"
#include "report-content.h"
#include "report-data.h"
#include "report-plot.h"

static const char *output;
static bool csv, json, markdown, table;
static struct strv against;

const struct cli_option report_options[] = {
	{ "output", 'o', "FILE", "where it goes; -: standard output. Without one of the forms below: a page (HTML)", &output },
	{ "against", 'a', "DIR", "compares with the results there, and says what differs by more than its spread", &against, true },
	{ "csv", 0, NULL, "a line for each run", &csv },
	{ "json", 'j', NULL, "for programs", &json },
	{ "md", 0, NULL, "Markdown", &markdown },
	{ "table", 't', NULL, "counters by case alone, as the notes have them", &table },
	{ 0 }
};

/* All results of these folders. What is left out is told; nothing at all is an error. */
static int load(struct results *list, char *const *dirs, size_t n, struct err *e)
{
	auto_strv skipped = { 0 };

	for (size_t i = 0; i < n; i++)
		if (results_load(list, dirs[i], &skipped, e) < 0)
			return -1;
	for (size_t i = 0; i < skipped.n; i++)
		progress_note("%s", skipped.v[i]);
	if (list->n)
		return 0;
	return err_set(e, "%s: has no result of a run: `vmctl bench` makes them, or give the folder that has them", n == 1 ? dirs[0] : "what was named");
}

static int page(const struct report *p, const struct comparison *c, char **text, struct err *e)
{
	cleanup(doc_free) struct doc d = { 0 };
	auto_free char *title = content_title(p);

	content_page(&d, p, c);
	if (plot_draw(&d, e) < 0)
		return -1;
	*text = doc_html(&d, title);
	return 0;
}

/* What a terminal shows that is not of UTF-8: every sign has its like in ASCII. */
static char *in_ascii(const char *text)
{
	static const char *const signs[][2] = { { "\xc2\xb1", "+-" }, { "\xe2\x80\x93", "-" }, { "\xe2\x88\x92", "-" } };
	auto_text t = { 0 };

	while (*text) {
		size_t i = 0;

		while (i < 3 && !str_starts(text, signs[i][0]))
			i++;
		text_add(&t, i < 3 ? signs[i][1] : text, i < 3 ? strlen(signs[i][1]) : 1);
		text += i < 3 ? strlen(signs[i][0]) : 1;
	}
	return t.s ? steal(t.s) : xstrdup("");
}

/* Made in UTF-8, whatever the terminal is. */
static char *for_terminal(const struct doc *d)
{
	auto_free char *text = NULL;
	bool utf8;

	setlocale(LC_CTYPE, "");
	utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	setlocale(LC_CTYPE, "C.UTF-8");
	text = doc_text(d);
	return utf8 ? steal(text) : in_ascii(text);
}

static char *plain(const struct report *p, const struct comparison *c)
{
	cleanup(doc_free) struct doc d = { 0 };

	if (table)
		content_notes(&d, p);
	else if (markdown)
		content_page(&d, p, c);
	else
		content_short(&d, p, c);
	return markdown ? doc_markdown(&d) : for_terminal(&d);
}

/* The text in the form that was asked for. */
static int made(const struct report *p, const struct comparison *c, char **text, struct err *e)
{
	if (csv)
		*text = report_csv(p);
	else if (json)
		*text = report_json(p, c);
	else if (markdown || table || !output)
		*text = plain(p, c);
	else
		return page(p, c, text, e);
	return 0;
}

static int put_out(const char *text, struct err *e)
{
	bool named = output && strcmp(output, "-");
	struct stat st;
	FILE *f = stdout;

	/* a device, a pipe or a link as /dev/stdout is written to, and not replaced */
	if (named && (lstat(output, &st) < 0 || S_ISREG(st.st_mode)))
		return file_write(output, text, strlen(text), 0644, e);
	if (named && !(f = fopen(output, "we")))
		return err_errno(e, "can't write %s", output);
	if (fputs(text, f) < 0 || (named ? fclose(f) : fflush(f)) != 0)
		return err_errno(e, "can't write %s", named ? output : "the report");
	return 0;
}

static int report(const struct results *a, const struct results *b, struct err *e)
{
	cleanup(report_free) struct report p = { 0 }, other = { 0 };
	cleanup(comparison_free) struct comparison c = { 0 };
	auto_free char *text = NULL;

	report_make(&p, a, b->n ? b : NULL);
	report_make(&other, b, a);
	comparison_make(&c, &p, &other);
	if (made(&p, b->n ? &c : NULL, &text, e) < 0)
		return -1;
	return put_out(text, e);
}

int cmd_report(int argc, char **argv, struct err *e)
{
	cleanup(results_free) struct results a = { 0 }, b = { 0 };

	if (csv + json + (markdown || table) > 1)
		return err_set(e, "--csv, --json and --md exclude each other, and so do --table and the first two");
	if ((csv || table) && against.n)
		return err_set(e, "--csv and --table have the runs of one set and compare none: take --json, --md, or the page");
	if (output && !*output)
		return err_set(e, "--output '' is no file's name: name one, or - for standard output");
	if (load(&a, argv, (size_t)argc, e) < 0 || (against.n && load(&b, against.v, against.n, e) < 0))
		return -1;
	return report(&a, &b, e);
}
