/* The objects that a running QEMU has, as its monitor lists them. */
#pragma once
#include "machine.h"
#include "virt.h"

#define PERIPHERALS "/machine/peripheral" /* devices with an id */

/* The objects in a folder of QEMU's tree, for objects_have(); the caller's to free. */
char *objects_in(struct virt *v, const char *name, const char *folder, struct err *e);
bool objects_have(const char *list, const char *id);

/* Marks those devices of the running machine as plugged in that QEMU has, whatever the machine file says of the start. */
int objects_mark_plugged(struct virt *v, struct machine *m, struct err *e);
