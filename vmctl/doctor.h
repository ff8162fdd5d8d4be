/* What on this host will and won't work, and what mends it. */
#pragma once
#include <stddef.h>

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
void probed_free(struct probed *list, size_t n);
/* The worst of them. */
enum health doctor_worst(const struct probed *list, size_t n);
