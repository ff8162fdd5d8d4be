/* What the host has: processors, memory, KVM, QEMU. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

struct host {
	long cpus;
	uint64_t memory_free; /* bytes (MemAvailable)                           */
	bool kvm;
	char kvm_why[160];    /* why not                                        */
	char *qemu;           /* the program to use                             */
	int qemu_version;     /* 1000 * major + minor: 11001 is 11.1            */
	char *qemu_text;      /* "11.1.3"                                       */
};

/* QEMU makes a committed region that is not interleaved an alias of its RAM from this version on. */
#define QEMU_CXL_ALIAS 11001

/* Looks at the host. QEMU: what the machine file names, else TIERLAB_QEMU, else the newer of the host's own and the
 * bundle that `make setup` keeps. */
int host_probe(struct host *h, const struct machine *m, struct err *e);
void host_free(struct host *h);

/* What keeps this machine from running on this host, if anything: memory, KVM. */
int host_check(const struct host *h, const struct machine *m, struct err *e);

/* True if the machine is to run under KVM. */
bool host_uses_kvm(const struct host *h, const struct machine *m);

/* "qemu-system-x86_64 version 11.1.3 (Debian ...)" -> 11001, and the text "11.1.3" (the caller's to free). -1: no
 * version in it. */
int qemu_version_parse(const char *said, char **text);
