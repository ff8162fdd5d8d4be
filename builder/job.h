/* What commands that take a recipe begin with. */
#pragma once
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
