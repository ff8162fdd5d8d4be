/* What on this host will and won't work, and what mends it. */
#pragma once
#include <stddef.h>

#include "qemu.h"
#include "units.h"
#include "virt.h"

#define DOCTOR_MEMORY (3 * GiB + 256 * MiB) /* cxl-small, with what QEMU takes beside the guest's memory */
#define DOCTOR_ROOM (3 * GiB)               /* an image, and what a machine writes over it               */

enum health {
	HEALTHY,
	LACKING, /* something does not work, or not as well, that not everybody needs */
	ILL,     /* no machine will start, or no image be made */
};

struct probed {
	const char *what;
	enum health health;
	char *detail, *remedy; /* remedy: NULL where there is nothing to do */
};

/* Looks at the host: runs QEMU for its version, and asks libvirt. *list is the caller's, to be freed by probed_free(). Returns
 * how many there are. */
size_t doctor_look(struct probed **list);
/* The same of the host of that libvirt, which is another: as far as libvirt tells. */
size_t doctor_look_there(struct virt *v, struct probed **list);
/* What a QEMU is good for. */
struct probed doctor_qemu(const struct qemu *q, const char *remedy);
void probed_free(struct probed *list, size_t n);
/* The worst of them. */
enum health doctor_worst(const struct probed *list, size_t n);
