/* Ending a machine, for stop, restart and delete. */
#pragma once
#include "session.h"

#define STOP_TIMEOUT_S 60.0

/* Asks the guest to power off, waits up to timeout_s, then ends QEMU. Says which it was. s->running is false after. */
int stop_machine(struct session *s, double timeout_s, struct err *e);

/* Removes all that there is of a machine that does not run. */
int forget_machine(struct session *s, struct err *e);
