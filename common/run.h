/* Running another program: by an argument vector, never through a shell. The one module that forks. */
#pragma once
#include <stdbool.h>

#include "err.h"
#include "text.h"

struct run {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
	const char *cwd;         /* NULL: ours */
	const char *const *env;  /* NAME=VALUE to add, or NAME to take away; NULL: nothing */
	const char *input;       /* what it reads from its standard input; NULL: nothing (/dev/null) */
	const char *log;         /* a file that takes what it says, appended; NULL: none */
	struct text *out;        /* takes its standard output (its standard error then still goes to log and line) */
	const int *fds;          /* its standard input, output and error, in the place of all that (-1: not this one); NULL: none */
	int *status;             /* takes its exit status (128 + N for signal N), which then is no failure; NULL: nobody */
	void (*line)(const char *line, void *arg); /* called with each line that it says; NULL: nobody */
	void *arg;
	void (*tick)(void *arg); /* called about five times a second while it runs; NULL: nobody */
	unsigned timeout_s;      /* ended after so many seconds; 0: never */
};

/* Runs it to its end. Returns 0 if it exited with 0; -1 otherwise: the message names the program, how it ended, the
 * last thing it said, and the log. When the user interrupts, the program and its children are ended first. */
int run_program(const struct run *r, struct err *e);

/* The short form: no input, standard output to out (which may be NULL). */
int run_simple(const char *const *argv, struct text *out, struct err *e);

/* Runs it with our own standard input, output and error. Returns its exit status (128 + N when signal N ended it), or
 * -1 if it could not be started. */
int run_attached(const char *const *argv, struct err *e);

/* The program's full path by PATH, the caller's to free; NULL: it is not there. */
char *program_path(const char *name);
/* True if the program is in PATH. */
bool program_exists(const char *name);
