/* Which QEMU? The host's own, or the bundle that `make setup` keeps where the host's is older than 11.1. */
#pragma once
#include "err.h"

struct qemu {
	char *path; /* of the program                      */
	int version; /* 1000 * major + minor: 11001 is 11.1 */
	char *text; /* "11.1.3"                            */
};

/* From this version on QEMU makes a committed CXL region that is not interleaved an alias of the RAM behind it. */
#define QEMU_CXL_ALIAS 11001

/* given (a path, or NULL), else TIERLAB_QEMU, else the newer of the one in PATH and the bundle. */
int qemu_find(struct qemu *q, const char *given, struct err *e);
/* Where the bundle's program is on a host whose folders are the usual ones. */
const char *qemu_bundle(void);
void qemu_free(struct qemu *q);

/* "qemu-system-x86_64 version 11.1.3 (Debian ...)" -> 11001, and the text "11.1.3" (the caller's to free). -1: no
 * version in it. */
int qemu_version_parse(const char *said, char **text);
