/* lock: writes down what the names in a recipe stand for. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "dpkg.h"
#include "file.h"
#include "interrupt.h"
#include "lock.h"
#include "tarball.h"

static bool update;

const struct cli_option lock_options[] = {
	{ "update", 'u', NULL, "fetch what is newest first, and lock that", &update },
	{ 0 }
};

static int add_line(char *line, int number, void *arg)
{
	(void)number;
	strv_add(arg, line);
	return 0;
}

/* Of a suite they are in its archive; those that are put into a cloud image are known when its disk is made. */
static int find_packages(const struct build *b, struct strv *packages, struct err *e)
{
	const struct step *base = plan_step((struct plan *)&b->plan, STEP_BASE), *disk = plan_step((struct plan *)&b->plan, STEP_DISK);
	bool suite = b->recipe->base.suite;
	auto_free char *path = strf(suite ? "%s/base.tar" : "%s/packages", suite ? base->dir : disk->dir);
	auto_free char *text = suite ? tarball_newest(path, "var/lib/dpkg/status", e) : file_read(path, 0, NULL, e);

	if (!text)
		return -1;
	if (suite)
		dpkg_list(text, packages);
	else
		each_line(text, add_line, packages);
	return 0;
}

int lock_write(struct job *s, struct err *e)
{
	bool in_disk = s->recipe->base.images && s->recipe->n_packages;
	auto_free char *path = lock_path(s->recipe->path), *text = NULL;
	auto_strv packages = { 0 };
	time_t now = time(NULL);
	unsigned wanted = 0;
	char when[32];

	for (int i = 0; i < s->b.plan.n; i++)
		if (s->b.plan.steps[i].kind == STEP_SOURCE || s->b.plan.steps[i].kind == STEP_BASE ||
		    (in_disk && s->b.plan.steps[i].kind == STEP_DISK))
			wanted |= STEP_BIT(s->b.plan.steps[i].kind);
	if (run_plan(&s->b, wanted, e) < 0)
		return interrupted() ? err_set(e, "interrupted: there is no new lock") : -1;
	if ((s->recipe->base.suite || in_disk) && find_packages(&s->b, &packages, e) < 0)
		return -1;
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	text = lock_text(&s->b, &packages, when);
	if (file_write(path, text, strlen(text), 0644, e) < 0)
		return -1;
	printf("%s: written\n", path);
	return 0;
}

int cmd_lock(int argc, char **argv, struct err *e)
{
	cleanup(job_close) struct job s = { 0 };

	(void)argc;
	if (job_open(&s, argv[0], LOCK_IGNORED, e) < 0)
		return -1;
	s.b.update = update;
	return lock_write(&s, e);
}
