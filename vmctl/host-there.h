/* A host that is not this one, as far as its libvirt tells: QEMU, KVM, processors, memory. */
#pragma once
#include "host.h"
#include "virt.h"

int host_probe_there(struct host *h, const struct machine *m, struct virt *v, struct err *e);
