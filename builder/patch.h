/* Patches to a source tree, applied by patch(1). */
#pragma once
#include "err.h"

/* Applies one patch (-p1) to the tree at dir. Where it does not apply, the message names the file, the hunk and its line.
 * log takes what patch said. */
int patch_apply(const char *patch, const char *dir, const char *log, struct err *e);
