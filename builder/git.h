/* One commit of a git repository, by git itself. */
#pragma once
#include "err.h"

struct git_source {
	const char *url;
	const char *commit, *tag, *branch; /* one of them                                                       */
	const char *path;                  /* a folder or submodule of it; NULL: all                            */
	const char *log;                   /* what git said                                                     */
};

/* Fetches the commit, without its history where the server lets it, and puts its files (those of path) at to, which must
 * not exist; work is an empty folder for the while. Their Makefile gets the commit's date. *commit becomes its name, the
 * caller's to free. */
int git_fetch(const struct git_source *s, const char *work, const char *to, char **commit, struct err *e);
