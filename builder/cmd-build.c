/* build: runs the plan. And what all commands that take a recipe begin with. */
#include <stdio.h>

#include "cmd.h"
#include "interrupt.h"
#include "manifest.h"
#include "progress.h"
#include "text.h"
#include "units.h"

const char *out_dir;
struct strv sets;
static bool update, quiet;

const struct cli_option build_options[] = {
	RECIPE_OPTIONS,
	{ "update", 'u', NULL, "fetch the base and the kernel source anew, in their current versions", &update },
	{ "quiet", 'q', NULL, "say nothing but errors", &quiet },
	{ 0 }
};

int job_open(struct job *s, const char *given, struct err *e)
{
	const struct data_dirs *data = data_dirs(e);
	auto_free char *path = data ? find_by_name("recipe", data->recipes, given, e) : NULL;

	*s = (struct job){ .recipe = path ? recipe_load_with(path, &sets, e) : NULL };
	return s->recipe ? build_init(&s->b, s->recipe, path, out_dir, e) : -1;
}

void job_close(struct job *s)
{
	build_free(&s->b);
	recipe_free(s->recipe);
}

static int report(const struct build *b, int ran, double seconds)
{
	auto_free char *image = image_path(b, "qcow2");
	char time[SIZE_TEXT];

	if (quiet)
		return 0;
	if (ran)
		printf("%s: made in %s\n", image, seconds_human(seconds, time));
	else
		printf("%s: up to date\n", image);
	return 0;
}

int cmd_build(int argc, char **argv, struct err *e)
{
	cleanup(job_close) struct job s = { 0 };
	double begin = now_s();
	int ran;

	(void)argc;
	if (quiet)
		progress_quiet();
	if (job_open(&s, argv[0], e) < 0)
		return -1;
	s.b.update = update;
	ran = run_plan(&s.b, STEP_IMAGE, e);
	if (ran < 0)
		return interrupted() ? err_set(e, "interrupted: the steps that were finished are kept, run it again to go on")
				     : -1;
	return report(&s.b, ran, now_s() - begin);
}
