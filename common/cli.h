/* A command line from a table: dispatch, options, --help and (later) completion all come from the same rows. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct cli_option {
	const char *name; /* long name, without the dashes */
	char letter;      /* short one, or 0               */
	const char *arg;  /* name of its argument, or NULL */
	const char *help;
	void *value;      /* bool * without argument, const char ** with one, struct strv * for one that may stand again */
	bool many;        /* it is the last of these          */
};

struct cli_command {
	const char *name;
	const char *args; /* "NAME", "NAME -- CMD [ARG]..." */
	const char *help;
	const struct cli_option *options; /* ends with a NULL name; NULL: none */
	int min_args, max_args;           /* max -1: any number                */
	/* Returns the exit status, or -1 with e filled (exit status: that of e, or 1). */
	int (*run)(int argc, char **argv, struct err *e);
};

struct cli {
	const char *program, *about;
	const struct cli_command *commands;  /* ends with a NULL name */
	const struct cli_command *fallback;  /* the command that is meant when the first word names none; NULL: none */
	const struct cli_option *options;    /* of every command, and also before it; NULL: none */
	const char *epilogue;                /* last lines of --help */
	const char *names;                   /* what prints, with these arguments, the words that a NAME can be; NULL: nothing */
};

/* Runs the command that argv names, prints the error if there is one, and returns the exit status: 0, 1 for a
 * failure, 2 for a wrong command line, 130 when interrupted. */
int cli_main(const struct cli *cli, int argc, char **argv);
