#include <string.h>

#include "report-data.h"

const char *speed_name(enum speed s)
{
	static const char *const names[] = { [SPEED_OWN] = "own", [SPEED_HOST] = "host", [SPEED_TCG] = "tcg", [SPEED_ACCESS] = "access" };

	return names[s];
}

static void cell(struct text *t, const char *text)
{
	bool quoted = text && strpbrk(text, ",\"\r\n");

	if (t->n && t->s[t->n - 1] != '\n')
		text_puts(t, ",");
	else if (str_empty(text))
		quoted = true; /* an empty first cell would pass for the beginning of a line */
	if (quoted)
		text_puts(t, "\"");
	for (const char *p = text ? text : ""; *p; p++)
		text_add(t, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
	if (quoted)
		text_puts(t, "\"");
}

static void number(struct text *t, double v)
{
	auto_free char *s = isnan(v) ? NULL : strf("%.15g", v);

	cell(t, s);
}

#define TEXT(name, member) { name, offsetof(struct result, member), false }
#define NUMBER(name, member) { name, offsetof(struct result, member), true }
static const struct {
	const char *name;
	size_t off;
	bool number;
} columns[] = {
	TEXT("id", id), TEXT("experiment", experiment), TEXT("machine", key.machine), TEXT("case", case_name), TEXT("workload", key.workload),
	TEXT("args", key.args), NUMBER("threads", key.threads), TEXT("skew", key.skew), TEXT("ratio", key.ratio), TEXT("scheme", key.scheme),
	TEXT("scope", key.scope), TEXT("knobs", key.knobs), NUMBER("repetition", repetition), TEXT("error", error), TEXT("date", from.date), TEXT("kernel", kernel),
	TEXT("accelerator", from.accelerator), NUMBER("warm_up_secs", warm_up_secs), NUMBER("secs", secs), NUMBER("alloc_secs", alloc_secs),
	TEXT("work_type", work_type), NUMBER("work", work), NUMBER("whole_rate", rate),
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

static void all_counters(const struct results *list, struct strv *names)
{
	for (const char *const *c = notes_counters; *c; c++)
		strv_add(names, *c);
	for (size_t i = 0; i < list->n; i++)
		for (size_t j = 0; j < list->v[i]->end.n; j++)
			if (!strv_has(names, list->v[i]->end.names[j]))
				strv_add(names, list->v[i]->end.names[j]);
}

static void line(struct text *t, const struct result *r, const struct strv *counters)
{
	for (size_t c = 0; c < COLUMNS; c++) {
		const void *at = (const char *)r + columns[c].off;

		if (columns[c].number)
			number(t, *(const double *)at);
		else
			cell(t, *(char *const *)at);
	}
	cell(t, result_status_name(r->status));
	cell(t, speed_name(result_speed(r)));
	for (enum metric m = 0; m < N_METRICS; m++)
		number(t, metrics[m].of(r));
	for (size_t i = 0; i < counters->n; i++)
		number(t, result_delta(r, counters->v[i]));
	cell(t, r->path);
	text_puts(t, "\n");
}

char *report_csv(const struct report *p)
{
	auto_strv counters = { 0 };
	struct text t = { 0 };

	all_counters(p->results, &counters);
	for (size_t c = 0; c < COLUMNS; c++)
		cell(&t, columns[c].name);
	cell(&t, "status");
	cell(&t, "speed");
	for (enum metric m = 0; m < N_METRICS; m++)
		cell(&t, metrics[m].key);
	for (size_t i = 0; i < counters.n; i++)
		cell(&t, counters.v[i]);
	cell(&t, "file");
	text_puts(&t, "\n");
	for (size_t i = 0; i < p->results->n; i++)
		line(&t, p->results->v[i], &counters);
	return t.s;
}
