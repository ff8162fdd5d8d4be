/* Any bytes as a recipe: refused with a message of one line, or read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../builder/recipe.h"
#include "fuzz.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *path = strf("%s/tierlab-fuzz-%d.yaml", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (int)getpid());
	FILE *f = fopen(path, "we");
	struct err e = { "" };
	struct recipe *r;

	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
	r = recipe_load(path, &e);
	if (!r && (!*e.msg || strchr(e.msg, '\n')))
		abort();
	recipe_free(r);
	unlink(path);
	return 0;
}
