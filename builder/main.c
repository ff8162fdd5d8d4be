/* vmbuild: a recipe in, a bootable image out.
 *
 *     recipe.yaml -> struct recipe -> plan: steps with a digest of their inputs -> those not cached are run -> image */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "interrupt.h"
#include "manifest.h"
#include "progress.h"
#include "recipe.h"
#include "run-plan.h"
#include "text.h"
#include "units.h"

static const char *out_dir;
static bool update, quiet;

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

static int build_image(int argc, char **argv, struct err *e)
{
	const struct data_dirs *data = data_dirs(e);
	cleanup(recipe_cleanup) struct recipe *recipe = NULL;
	cleanup(build_free) struct build b = { 0 };
	auto_free char *path = NULL;
	double begin = now_s();
	int ran;

	(void)argc;
	if (quiet)
		progress_quiet();
	path = data ? find_by_name("recipe", data->recipes, argv[0], e) : NULL;
	recipe = path ? recipe_load(path, e) : NULL;
	if (!recipe || build_init(&b, recipe, path, out_dir, e) < 0)
		return -1;
	b.update = update;
	ran = run_plan(&b, e);
	if (ran < 0)
		return interrupted() ? err_set(e, "interrupted: the steps that were finished are kept, run it again to go on")
				     : -1;
	return report(&b, ran, now_s() - begin);
}

static const struct cli_option options[] = {
	{ "output", 'o', "DIR", "folder for the image (default: where vmctl looks)", &out_dir },
	{ "update", 'u', NULL, "fetch the base and the kernel source anew, in their current versions", &update },
	{ "quiet", 'q', NULL, "say nothing but errors", &quiet },
	{ 0 }
};

static const struct cli_command build = {
	.name = "build", .args = "RECIPE", .help = "Makes the image that RECIPE describes: a file, or a name in recipes/.",
	.options = options, .min_args = 1, .max_args = 1, .run = build_image,
};

int main(int argc, char **argv)
{
	static const struct cli_command commands[] = { { 0 } };
	const struct cli cli = {
		.program = "vmbuild", .about = "Makes a bootable VM image from a recipe.", .commands = commands,
		.fallback = &build, .epilogue = "vmbuild(1) describes the command, recipe(5) the file.",
	};

	return cli_main(&cli, argc, argv);
}
