/* Waiting for a machine that was started. */
#pragma once
#include "session.h"

#define BOOT_TIMEOUT_S 300 /* seen: 10 to 20 s; a stock kernel on a busy host took a minute */

enum until {
	UNTIL_STARTED, /* QEMU runs                                       */
	UNTIL_BOOTED,  /* the guest's SSH answers                         */
	UNTIL_READY,   /* its set-up is through, and every check holds    */
};

/* "none", "boot", "ready". */
int until_parse(const char *word, enum until *until, struct err *e);

/* Waits, with progress from step on (0: without numbers), at most timeout_s for the guest to answer. Fails as soon as it is known
 * that it won't be, after the end of its console or the checks that failed were shown. */
int wait_until(struct session *s, enum until until, double timeout_s, int step, struct err *e);

/* Fails with the cause if the machine does not run any more, stands still, or its console says that nothing comes of it. */
int ready_died(struct session *s, struct err *e);
