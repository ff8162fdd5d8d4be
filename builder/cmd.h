/* The commands of vmbuild. */
#pragma once
#include "cli.h"
#include "run-plan.h"

/* What commands that take a recipe work on. */
struct job {
	struct recipe *recipe;
	struct lock *lock;
	struct build b;
};

/* What a recipe's lock is to a command. */
enum lock_use {
	LOCK_IF_THERE,
	LOCK_REQUIRED, /* and the compiler must be that of the lock */
	LOCK_IGNORED,
};

/* The options that say which recipe, and where its image goes; the commands' tables begin with them. */
extern const char *out_dir;
extern struct strv sets;
#define RECIPE_OPTIONS \
	{ "output", 'o', "DIR", "folder for the image (default: where vmctl looks)", &out_dir }, \
	{ "set", 0, "KEY=VALUE", "a value in the place of the recipe's: kernel.config=defconfig; may stand again", &sets, true }

/* Finds and reads the recipe that the user named, with its lock, and sets up what its steps work on. */
int job_open(struct job *s, const char *given, enum lock_use use, struct err *e);
void job_close(struct job *s);

extern const struct cli_option build_options[], plan_options[], explain_options[], config_options[], images_options[],
	gc_options[], inspect_options[], verify_options[],
	lock_options[];
int cmd_build(int argc, char **argv, struct err *e);
int cmd_plan(int argc, char **argv, struct err *e);
int cmd_explain(int argc, char **argv, struct err *e);
int cmd_config(int argc, char **argv, struct err *e);
int cmd_images(int argc, char **argv, struct err *e);
int cmd_gc(int argc, char **argv, struct err *e);
int cmd_inspect(int argc, char **argv, struct err *e);
int cmd_verify(int argc, char **argv, struct err *e);
int cmd_lock(int argc, char **argv, struct err *e);

/* Writes the recipe's lock from the steps that resolve it, which are run as far as they are not in the cache. */
int lock_write(struct job *s, struct err *e);
