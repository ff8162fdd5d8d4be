/* plan, explain, config: what would be done, why, and what the kernel gets. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "explain.h"
#include "file.h"
#include "interrupt.h"
#include "manifest.h"
#include "print.h"
#include "table.h"
#include "text.h"
#include "units.h"

static bool json, all;

const struct cli_option plan_options[] = { RECIPE_OPTIONS, { "json", 0, NULL, "for programs", &json }, { 0 } };
const struct cli_option explain_options[] = { RECIPE_OPTIONS, { 0 } };
const struct cli_option config_options[] = {
	RECIPE_OPTIONS,
	{ "all", 'a', NULL, "also the options that nobody asked for by name", &all },
	{ 0 }
};

static const char *state_of(const struct step *s)
{
	return s->cached ? "cached" : "to do";
}

int cmd_plan(int argc, char **argv, struct err *e)
{
	cleanup(job_close) struct job s = { 0 };
	struct table *t;

	(void)argc;
	if (job_open(&s, argv[0], LOCK_IF_THERE, e) < 0 || look_at_plan(&s.b, e) < 0)
		return -1;
	if (json)
		return print_plan_json(&s.b);
	t = table_new((const char *const[]){ "STEP", "STATE", "TOOK", "DIGEST", NULL });
	for (int i = 0; i < s.b.plan.n; i++) {
		const struct step *step = &s.b.plan.steps[i];
		const char *took = result_get(&step->result, "seconds");
		char time[SIZE_TEXT] = "-", digest[16];

		if (*took)
			seconds_human(strtod(took, NULL), time);
		snprintf(digest, sizeof(digest), "%.12s", *step->digest ? step->digest : "-");
		table_row(t, (const char *const[]){ step_name(step->kind), state_of(step), time, digest, NULL });
	}
	table_print(t);
	return 0;
}

/* What differs from the image that there is; without one, all is new. */
static void explain_step(const struct build *b, const struct step *s)
{
	auto_strv was = { 0 }, why = { 0 };

	if (s->cached) {
		printf("%s: cached\n", step_name(s->kind));
		return;
	}
	if (!*s->digest) {
		printf("%s: made again, if what the steps before it make differs\n", step_name(s->kind));
		return;
	}
	if (!manifest_inputs(b, s->kind, &was)) {
		printf("%s: made, for there is no image of that name in %s that had it\n", step_name(s->kind), b->out);
		return;
	}
	explain_inputs(&was, &s->inputs, &why);
	printf("%s: made again%s\n", step_name(s->kind), why.n ? "" : ": its inputs are those of the image, but what it made "
	       "is gone");
	for (size_t i = 0; i < why.n; i++)
		printf("    %s\n", why.v[i]);
}

int cmd_explain(int argc, char **argv, struct err *e)
{
	cleanup(job_close) struct job s = { 0 };

	(void)argc;
	if (job_open(&s, argv[0], LOCK_IF_THERE, e) < 0 || look_at_plan(&s.b, e) < 0)
		return -1;
	for (int i = 0; i < s.b.plan.n; i++)
		explain_step(&s.b, &s.b.plan.steps[i]);
	return 0;
}

static void print_asked(const struct build *b, const struct config *c, struct table *t, struct strv *names)
{
	for (size_t i = 0; i < b->asks.n; i++) {
		const struct ask *ask = &b->asks.v[i];
		const struct option *met = ask_met(ask, c);
		auto_free char *from = strf("%s:%d", ask->from, ask->line), *line = NULL;

		if (!met)
			continue;
		line = strf("CONFIG_%s=%s", met->name, met->value);
		table_row(t, (const char *const[]){ line, from, NULL });
		strv_add(names, met->name);
	}
}

int cmd_config(int argc, char **argv, struct err *e)
{
	cleanup(job_close) struct job s = { 0 };
	auto_free char *path = NULL, *text = NULL;
	struct config c = { 0 };
	auto_strv asked = { 0 };
	const struct step *step;
	struct table *t;

	(void)argc;
	if (job_open(&s, argv[0], LOCK_IF_THERE, e) < 0)
		return -1;
	step = plan_step(&s.b.plan, STEP_CONFIG);
	if (!step)
		return err_set(e, "%s keeps the base's own kernel: there is nothing to configure", s.recipe->path);
	if (run_plan(&s.b, STEP_BIT(STEP_CONFIG), e) < 0)
		return -1;
	path = strf("%s/config", step->dir);
	text = file_read(path, 0, NULL, e);
	if (!text)
		return -1;
	config_parse(&c, text);
	t = table_new((const char *const[]){ "OPTION", "ASKED FOR BY", NULL });
	print_asked(&s.b, &c, t, &asked);
	for (size_t i = 0; all && i < c.n; i++) {
		auto_free char *line = strf("CONFIG_%s=%s", c.v[i].name, c.v[i].value);

		if (!strv_has(&asked, c.v[i].name) && strcmp(c.v[i].value, "n"))
			table_row(t, (const char *const[]){ line, "-", NULL });
	}
	table_print(t);
	config_free(&c);
	return 0;
}
