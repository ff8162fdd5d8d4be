/* The rules that a machine file has to keep, found out before QEMU or the guest's kernel would. Pure. */
#pragma once
#include "machine.h"

/* 0, or -1 with "FILE:LINE:COLUMN: what is wrong and what would do". */
int rules_check(const struct machine *m, struct err *e);
