/* Starting a machine, for other commands. */
#pragma once
#include <stdbool.h>

#include "err.h"

/* As `vmctl start NAME`, or with again as `vmctl restart NAME`: with progress, and without the last word. */
int start_machine(const char *given, bool again, struct err *e);
