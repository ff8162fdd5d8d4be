/* The running guest: over SSH, on its port of 127.0.0.1. */
#pragma once
#include "state.h"

/* Waits until the guest's SSH answers. alive is called now and then: it returns 0 while it is worth waiting, -1 with e
 * filled when the machine is gone or has died. */
int guest_wait(const struct state *s, double timeout_s, int (*alive)(void *arg, struct err *e), void *arg,
	       struct err *e);

/* Runs a command in the guest with our standard input and outputs. argv may be NULL: a login shell. Returns its exit
 * status, or -1. */
int guest_exec(const struct state *s, char *const *argv, bool terminal, struct err *e);

/* Runs a command in the guest and takes its standard output. The words are quoted. */
int guest_capture(const struct state *s, const char *const *argv, struct text *out, struct err *e);

/* The last lines of the console log, the caller's to free; NULL: there is none. */
char *guest_console_tail(const struct state *s, int lines);
