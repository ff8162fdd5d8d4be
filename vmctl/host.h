/* What the host has: processors, memory, what of both a machine can be bound to, KVM, QEMU. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "host-binding.h"
#include "machine.h"
#include "qemu.h"

struct host {
	long cpus;
	uint64_t memory_free; /* bytes (MemAvailable)                           */
	bool kvm;
	char kvm_why[160];    /* why not                                        */
	struct qemu qemu;     /* the one to use                                 */
	struct host_binding binding;
};

/* Bytes of a line of /proc/meminfo, as "MemTotal:"; 0: unknown. */
uint64_t host_meminfo(const char *key);

/* Bytes that new programs may take (MemAvailable); 0: unknown. */
uint64_t host_memory_available(void);

/* Looks at the host. QEMU: what the machine file names, else as qemu_find() has it. */
int host_probe(struct host *h, const struct machine *m, struct err *e);
void host_free(struct host *h);

/* What keeps this machine from running on this host, if anything: memory, KVM, QEMU, what it is to be bound to. */
int host_check(const struct host *h, const struct machine *m, struct err *e);

/* True if virtio devices of the machine need bounce buffers: CXL memory that the guest uses as its own is MMIO to this QEMU
 * (all of it before 11.1, and what is interleaved), into which they can't reach. They are told to go through the guest's DMA interface (iommu_platform), and QEMU copies for them. */
bool host_needs_bounce(const struct host *h, const struct machine *m);
#define QEMU_VOLATILE 8001           /* the first with volatile-memdev and persistent-memdev */
#define QEMU_BOUNCE 9002            /* the first that has the property (9.2) */
#define BOUNCE_BYTES "1073741824"   /* at one time; seen to be enough for a disk's queue */
#define BOUNCE_ARGUMENTS "disable-legacy=on,iommu_platform=on,x-max-bounce-buffer-size=" BOUNCE_BYTES

/* True if the machine is to run under KVM. */
bool host_uses_kvm(const struct host *h, const struct machine *m);
