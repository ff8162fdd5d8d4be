/* What a recipe may say, beyond the types of its keys. */
#pragma once
#include "recipe.h"

/* 0, or -1 and the first rule that is broken, with file and line. Looks at nothing but the recipe. */
int recipe_check(const struct recipe *r, struct err *e);

/* Its part on users, files, settings and packages. */
int recipe_check_content(const struct recipe *r, struct err *e);
