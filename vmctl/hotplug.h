/* Changes of a machine that runs: devices in and out of their ports, regions on- and offline, more DRAM, dynamic capacity. All of
 * it is gone with the next start, which is as the machine file says. */
#pragma once
#include "session.h"

/* Puts the device into its port, waits until the guest has it, and has it make the regions that are complete by it. */
int hotplug_plug(struct session *s, struct machine *m, const char *device, struct err *e);
/* Has the guest give up the device's regions, and takes it out of its port. */
int hotplug_unplug(struct session *s, struct machine *m, const char *device, struct err *e);

/* Takes the region's memory from the guest's kernel, or gives it back. */
int hotplug_region(struct session *s, const struct machine *m, const char *number, bool online, struct err *e);

/* Grows the machine's DRAM to so many bytes. */
int hotplug_memory(struct session *s, const struct machine *m, uint64_t bytes, struct err *e);

/* Offers the guest an extent of the device's dynamic capacity, or asks for it back. Bytes, both multiples of 2 MiB. */
int hotplug_capacity(struct session *s, const struct machine *m, const char *device, uint64_t size, uint64_t offset, bool add,
		     struct err *e);
