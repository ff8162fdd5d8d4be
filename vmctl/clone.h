/* Copies of machines. */
#pragma once
#include "state.h"

/* Makes the machine `to`, which must not be there, of the machine `from`, which must not run: file, image (linked), disk with its
 * snapshots, persistent memory, UEFI's variables. Port and known host key are its own. It appears whole or not at all. The
 * caller holds the locks of both. */
int clone_machine(const struct state *from, const struct state *to, struct err *e);
