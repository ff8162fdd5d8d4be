/* The error contract. A function that can fail returns -1 (or NULL) and fills the struct err that its caller gave it;
 * each layer may put its own context in front. Only main prints. A message is one line in lower case that says what,
 * where and what to do next. */
#pragma once
#include <errno.h>

struct err {
	char msg[2048];
	int status; /* what the program's exit status is to be; 0: the ordinary one */
};

/* Sets the message, with the ordinary exit status. Always returns -1, so that `return err_set(...)` is the usual form. Line breaks in the
 * message become blanks: it stays one line. */
int err_set(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same, followed by ": " and what errno says. */
int err_errno(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts context in front of the message that is there. Returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds to the end of the message that is there. Returns -1. */
int err_append(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Gives the message that is there an exit status, if it has none yet. Returns -1. */
int err_status(struct err *e, int status);
