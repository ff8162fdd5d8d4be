/* Ctrl-C and SIGTERM: a flag that long work looks at, so that it can stop between two steps and leave nothing
 * half-made. */
#pragma once
#include <stdbool.h>

#include "err.h"

/* Catches SIGINT, SIGTERM and SIGHUP from here on, and ignores SIGPIPE. A second signal ends the program at once. */
void interrupt_catch(void);
bool interrupted(void);

/* 0, or -1 with the message "interrupted". */
int interrupt_check(struct err *e);

/* A function to call in the signal handler itself (async-signal-safe, or NULL for none), for a library that has to be
 * told. */
void interrupt_hook(void (*fn)(void *arg), void *arg);
