/* The guest by its agent (qemu-ga), over a virtio-serial port: no network is needed. */
#pragma once
#include "call.h"
#include "virt.h"

/* 0 if the guest's agent answers, else -1. At once where it is known not to listen, else within 5 s. */
int agent_alive(struct virt *v, const char *name, struct err *e);

/* Runs it, as root with a login's environment in root's home, and hands on what it says while it says it. Its input is sent
 * before it begins. Returns its exit status, or -1. */
int agent_run(struct virt *v, const char *name, const struct call *c, struct err *e);
