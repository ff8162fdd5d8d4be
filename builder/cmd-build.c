/* build: runs the plan. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "events.h"
#include "file.h"
#include "interrupt.h"
#include "lock.h"
#include "manifest.h"
#include "progress.h"
#include "text.h"
#include "units.h"

static bool update, quiet, json, locked;
static const char *until;

const struct cli_option build_options[] = {
	RECIPE_OPTIONS,
	{ "update", 'u', NULL, "fetch the base and the kernel source anew, in their current versions", &update },
	{ "locked", 0, NULL, "fail where the recipe has no lock, or was locked with another compiler", &locked },
	{ "until", 0, "STEP", "end after that step: source, config, kernel, base, disk", &until },
	{ "quiet", 'q', NULL, "say nothing but errors", &quiet },
	{ "json", 0, NULL, "events for programs, one JSON object a line on standard output", &json },
	{ 0 }
};

static void report(const struct build *b, enum step_kind last, int ran, double seconds)
{
	auto_free char *image = image_path(b, "qcow2");
	const struct step *step = plan_step((struct plan *)&b->plan, last);
	const char *what = last == STEP_IMAGE ? image : step->dir;
	char time[SIZE_TEXT];

	if (json)
		events_done(b, step, ran > 0, seconds);
	else if (!quiet && ran)
		printf("%s: made in %s\n", what, seconds_human(seconds, time));
	else if (!quiet)
		printf("%s: up to date\n", what);
}

/* Which step --until names; the image. -1: none of that recipe. */
static int last_step(struct job *s, struct err *e)
{
	const char *names[STEP_KINDS];
	char meant[80];

	if (!until)
		return STEP_IMAGE;
	for (int i = 0; i < s->b.plan.n; i++) {
		names[i] = step_name(s->b.plan.steps[i].kind);
		if (!strcmp(names[i], until))
			return (int)s->b.plan.steps[i].kind;
	}
	return err_set(e, "%s has no step '%s'%s: `vmbuild plan` shows those that it has", s->recipe->path, until,
		       did_you_mean_text(meant, sizeof(meant), until, names, (size_t)s->b.plan.n));
}

static bool has_lock(const struct job *s)
{
	auto_free char *path = lock_path(s->recipe->path);

	return file_exists(path);
}

static int build(struct job *s, const char *given, struct err *e)
{
	enum lock_use use = update ? LOCK_IGNORED : locked ? LOCK_REQUIRED : LOCK_IF_THERE;
	double begin = now_s();
	int ran, last;

	if (update && locked)
		return err_set(e, "--update takes what is newest, and --locked what was: they exclude each other");
	if (job_open(s, given, use, e) < 0)
		return -1;
	s->b.update = update;
	last = last_step(s, e);
	if (last < 0)
		return -1;
	if (json)
		events_begin(&s->b);
	ran = run_plan(&s->b, STEP_BIT(last), e);
	if (ran < 0)
		return interrupted() ? err_set(e, "interrupted: the steps that were finished are kept, run it again to go on")
				     : -1;
	s->b.update = false; /* what came just now is newest */
	if (update && last == STEP_IMAGE && has_lock(s) && lock_write(s, e) < 0)
		return -1;
	report(&s->b, (enum step_kind)last, ran, now_s() - begin);
	return 0;
}

int cmd_build(int argc, char **argv, struct err *e)
{
	cleanup(job_close) struct job s = { 0 };

	(void)argc;
	if (quiet)
		progress_show(NULL);
	if (build(&s, argv[0], e) == 0)
		return 0;
	if (json) {
		progress_abort();
		events_error(e->msg);
		progress_show(NULL); /* s is about to go */
	}
	return -1;
}
