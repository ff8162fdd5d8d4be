/* What a failed kernel build said. */
#pragma once
#include "text.h"

/* The first error in the log, with the lines that belong to it: where it was included from, the source line, notes. The
 * line with the error itself is lines->v[*at]. Nothing is added where no line looks like one. */
void buildlog_error(const char *log, struct strv *lines, size_t *at);
