/* vmbuild: a recipe in, a bootable image out.
 *
 *     recipe.yaml -> struct recipe -> plan: steps with a digest of their inputs -> those not cached are run -> image */
#include "cmd.h"

static const struct cli_command build = {
	.name = "build", .args = "RECIPE", .help = "Makes the image that RECIPE describes: a file, or a name in recipes/.",
	.options = build_options, .min_args = 1, .max_args = 1, .run = cmd_build,
};

int main(int argc, char **argv)
{
	const struct cli_command commands[] = {
		{ "plan", "RECIPE", "Shows the steps, and which are in the cache.", plan_options, 1, 1, cmd_plan },
		{ "explain", "RECIPE", "Says why steps would be made again.", explain_options, 1, 1, cmd_explain },
		{ "config", "RECIPE", "Shows the kernel's options, and who asked for them.", config_options, 1, 1, cmd_config },
		{ "lock", "RECIPE", "Writes down what the recipe's names stand for now.", lock_options, 1, 1, cmd_lock },
		{ "verify", "RECIPE...", "Builds twice from nothing, and compares every file.", verify_options, 1, -1, cmd_verify },
		{ "list", "", "Shows the images that there are.", images_options, 0, 0, cmd_images },
		{ "inspect", "IMAGE", "Shows what is in an image, beside what its manifest says.", inspect_options, 1, 1,
		  cmd_inspect },
		{ "gc", "", "Removes what no image needs from the cache.", gc_options, 0, 0, cmd_gc },
		{ 0 }
	};
	const struct cli cli = {
		.program = "vmbuild", .about = "Makes a bootable VM image from a recipe.", .commands = commands,
		.fallback = &build, .epilogue = "vmbuild(1) describes the commands, recipe(5) the file.",
	};

	return cli_main(&cli, argc, argv);
}
