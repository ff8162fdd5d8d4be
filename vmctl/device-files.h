/* The files that keep a device's persistent memory and its labels, among the machine's files: DEVICE.pmem and DEVICE.label. They
 * are sparse, and stay until the machine is deleted. */
#pragma once
#include <sys/types.h>

#include "machine.h"
#include "home.h"

/* Makes those that are not there yet, for the user that QEMU runs as. A file of another size than the machine file says is
 * left as it is, and an error: what is on it would be lost. */
int device_files_make(const struct machine *m, const struct home *p, uid_t uid, gid_t gid, struct err *e);
