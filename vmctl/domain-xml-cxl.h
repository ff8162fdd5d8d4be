/* The CXL part of a domain, which libvirt does not know (through 12.8): QEMU arguments, for <qemu:commandline>.
 * docs/system/devices/cxl.rst of QEMU describes them. */
#pragma once
#include "machine.h"
#include "text.h"

/* The guest's PCI bus number of host bridge i: high, so that libvirt's own buses have room below, and 0x18 apart, so
 * that each has room for its ports. */
unsigned bridge_bus(size_t i);

/* Adds "-machine", "cxl=on,..." and so on. */
void cxl_arguments(const struct machine *m, struct strv *args);
