/* What happens in a build, for programs: on standard output, one JSON object a line, in the place of what people see. Each has
 * "event" and "time"; vmbuild(1) lists them. */
#pragma once
#include "plan.h"

/* From here on. b is looked at for the names of its steps, and must stay. */
void events_begin(const struct build *b);

/* The last one: {"event":"done",...} */
void events_done(const struct build *b, const struct step *last, bool made, double seconds);
/* or {"event":"error",...}. */
void events_error(const char *message);
