/* What libvirt tells of the host that it runs on. */
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "units.h"
#include "virt-private.h"
#include "virt.h"

#define ARCH "x86_64"
#define MACHINE "q35"

int virt_host(struct virt *v, long *cpus, uint64_t *memory_free, struct err *e)
{
	virNodeMemoryStats stats[16];
	virNodeInfo info;
	int n = 0;

	*memory_free = 0;
	if (virNodeGetInfo(v->conn, &info) < 0)
		return virt_err(e, "libvirt can't tell of its host");
	*cpus = info.cpus;
	/* What is cached counts as free, as in Linux' own MemAvailable, which libvirt does not pass on. */
	if (virNodeGetMemoryStats(v->conn, VIR_NODE_MEMORY_STATS_ALL_CELLS, NULL, &n, 0) == 0 && n <= 16 &&
	    virNodeGetMemoryStats(v->conn, VIR_NODE_MEMORY_STATS_ALL_CELLS, stats, &n, 0) == 0)
		for (int i = 0; i < n; i++)
			if (strcmp(stats[i].field, VIR_NODE_MEMORY_STATS_TOTAL))
				*memory_free += stats[i].value * KiB;
	return 0;
}

/* <path>/usr/bin/qemu-system-x86_64</path><domain>qemu</domain><machine>pc-q35-11.1</machine>: the text between the tags, the
 * caller's to free; NULL: there is none. */
static char *between(const char *xml, const char *tag)
{
	const char *at = strstr(xml, tag);

	return at ? xstrndup(at + strlen(tag), strcspn(at + strlen(tag), "<")) : NULL;
}

/* Its newest machine type has the version of the QEMU in its name, but for some distributions'. */
int virt_emulator(struct virt *v, const char *path, struct qemu *q)
{
	auto_free char *xml = virConnectGetDomainCapabilities(v->conn, path, ARCH, MACHINE, "qemu", 0);
	auto_free char *machine = xml ? between(xml, "<machine>") : NULL;
	unsigned long version = 0;
	int major, minor;

	*q = (struct qemu){ .path = xml ? between(xml, "<path>") : NULL, .version = -1 };
	if (!q->path || !machine) {
		qemu_free(q);
		return -1;
	}
	if (sscanf(machine, "pc-q35-%d.%d", &major, &minor) != 2) {
		if (path || virConnectGetVersion(v->conn, &version) < 0) {
			qemu_free(q);
			return -1;
		}
		major = (int)(version / 1000000);
		minor = (int)(version / 1000 % 1000);
	}
	q->version = major * 1000 + minor;
	q->text = strf("%d.%d", major, minor);
	return 0;
}

/* libvirt offers KVM where there is a /dev/kvm that makes machines, in which a kernel need not come far: the processor has to have the
 * means. All features of the host's <cpu>, those that are in its model's name too. */
bool virt_has_kvm(struct virt *v, const char *emulator)
{
	auto_free char *offered = virConnectGetDomainCapabilities(v->conn, emulator, ARCH, MACHINE, "kvm", 0);
	auto_free char *caps = virConnectGetCapabilities(v->conn), *all = NULL;
	char *cpu = caps ? strstr(caps, "<cpu>") : NULL, *end = cpu ? strstr(cpu, "</cpu>") : NULL;

	if (!offered || !end)
		return false;
	end[strlen("</cpu>")] = '\0';
	all = virConnectBaselineCPU(v->conn, (const char *[]){ cpu }, 1, VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES);
	return all && (strstr(all, "'require' name='vmx'") || strstr(all, "'require' name='svm'"));
}
