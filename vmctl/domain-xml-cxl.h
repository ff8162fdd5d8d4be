/* The CXL topology as QEMU arguments (QEMU: docs/system/devices/cxl.rst). */
#pragma once
#include "boot.h"
#include "text.h"

/* Adds the arguments. None if the machine has no CXL. */
void cxl_arguments(const struct boot_spec *s, struct strv *args);

/* Bus number of the host bridge, which is also its name in the guest: pci0000:34. */
unsigned bridge_bus(size_t i);

/* QEMU's arguments for one device: its memory (-object), and itself (-device; the caller's to free). For hot-plug too, where
 * serial counts how often the device was plugged in before: QEMU takes a memory backend once. */
void device_objects(const struct device *d, const char *prefix, int serial, struct strv *objects);
char *device_option(const struct machine *m, const struct device *d, int serial);

/* The name of the machine's file that keeps a device's persistent memory ("pmem") or labels ("label"), the caller's to
 * free. */
char *device_file(const struct device *d, const char *what);
