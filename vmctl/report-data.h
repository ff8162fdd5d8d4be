/* A report for programs. */
#pragma once
#include "report-compare.h"

/* A line for each run, done or not, under a line of names (RFC 4180, lines ending in LF). What is not known is empty. The
 * caller's to free. */
char *report_csv(const struct report *p);
/* One object. c: NULL where nothing is compared. The caller's to free. */
char *report_json(const struct report *p, const struct comparison *c);

/* "own", "host", "tcg", "access" */
const char *speed_name(enum speed s);
