/* What the files of virt share; nobody else includes it. */
#pragma once
#include <stdbool.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "cleanup.h"
#include "err.h"

struct virt {
	virConnectPtr conn;
	bool remote;
};

static inline void free_domain(virDomainPtr *d)
{
	if (*d)
		virDomainFree(*d);
}
#define auto_domain cleanup(free_domain) virDomainPtr

/* what, and libvirt's own words. Returns -1. */
int virt_err(struct err *e, const char *what);

/* The running domain of that name; NULL with e filled if there is none, or it is none of ours. */
virDomainPtr virt_find_running(struct virt *v, const char *name, struct err *e);
