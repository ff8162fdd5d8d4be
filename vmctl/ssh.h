/* The guest over SSH, on its port of 127.0.0.1. */
#pragma once
#include "call.h"
#include "state.h"

/* Waits until the guest's SSH answers. alive is called now and then: it returns 0 while it is worth waiting, -1 with e
 * filled when the machine is gone or has died. */
int ssh_wait(const struct state *s, double timeout_s, int (*alive)(void *arg, struct err *e), void *arg, struct err *e);

/* Runs it. Returns its exit status, or -1. absent, which may be NULL: no SSH server answers, so that for certain nothing was
 * run. */
int ssh_run(const struct state *s, const struct call *c, bool *absent, struct err *e);

/* A login shell. Returns its exit status, 255 if the guest can't be reached, or -1. */
int ssh_login(const struct state *s, bool terminal, struct err *e);
