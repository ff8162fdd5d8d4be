/* Runs the plan: each step that is not in the cache. */
#pragma once
#include "plan.h"

/* Sets up what the steps work on: folders, the recipe's asks, the compiler. recipe_path is the file's real path. */
int build_init(struct build *b, const struct recipe *r, const char *path, const char *out, struct err *e);
void build_free(struct build *b);

/* Runs the steps of wanted (STEP_BITs) and those that they need, with progress. Returns the number of those that were not
 * cached, or -1. */
int run_plan(struct build *b, unsigned wanted, struct err *e);

/* Only looks which steps are cached. One whose inputs depend on a step that is not keeps an empty digest. */
int look_at_plan(struct build *b, struct err *e);
