/* Everything that the domain XML is made from, beside the machine file itself. */
#pragma once
#include "host.h"
#include "machine.h"
#include "manifest.h"

struct boot_spec {
	const struct machine *m;
	const struct manifest *man;
	const struct host *host;
	const char *prefix;             /* makes a path of the name of one of the machine's files: home.h */
	const char *plan;               /* the guest's plan */
	int ssh_port;                   /* of 127.0.0.1 there; 0: none leads to the guest */
};

/* The guest's set-up plan (overlay/lab/usr/lib/tierlab/setup reads it): host name, key, regions. The caller's to
 * free. */
char *guest_plan(const struct machine *m, const char *public_key);

/* The region as a line of the plan has it, without the first word: "ram id=0 decoder=0 ...". The caller's to free. */
char *region_words(const struct machine *m, size_t region);

/* The domain XML. The caller's to free. */
char *domain_xml(const struct boot_spec *s);

/* True if the CPUID hypervisor bit is taken away: a kernel without CXL_REGION_INVALIDATION_TEST refuses to commit a
 * region where it is set (drivers/cxl/core/region.c, cxl_region_invalidate_memregion). */
bool hides_hypervisor(const struct machine *m, const struct manifest *man);

/* False if the guest would find its CXL memory in disorder when it boots again in the same QEMU: then QEMU ends instead. */
bool survives_reset(const struct machine *m);

/* Where the port is in the guest: the PCI address of its root port ("34:00.0"), and for each switch that is passed the
 * device and function of its upstream and of its downstream port ("34:00.0/00.0/01.0"): the bus numbers in between are the
 * firmware's choice. In a buffer of the caller. */
#define PORT_ADDRESS 64
const char *port_address(const struct machine *m, const char *port, char buf[PORT_ADDRESS]);

/* The UUID of a region of persistent memory: the same at each boot. In a buffer of the caller. */
#define UUID_TEXT 37
const char *region_uuid(size_t region, char buf[UUID_TEXT]);
