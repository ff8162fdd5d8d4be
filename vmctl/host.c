#include "host.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exits.h"
#include "file.h"
#include "kvm.h"
#include "text.h"
#include "topology.h"
#include "units.h"

/* What QEMU itself takes beside the guest's memory; seen: 100 to 200 MiB under TCG. */
#define QEMU_OVERHEAD (256 * MiB)

uint64_t host_memory_available(void)
{
	auto_free char *info = file_read("/proc/meminfo", 0, NULL, &(struct err){ "" });
	const char *line = info ? strstr(info, "MemAvailable:") : NULL;

	return line ? strtoull(line + strlen("MemAvailable:"), NULL, 10) * KiB : 0;
}

int host_probe(struct host *h, const struct machine *m, struct err *e)
{
	*h = (struct host){ .cpus = sysconf(_SC_NPROCESSORS_ONLN), .memory_free = host_memory_available() };
	h->kvm = kvm_usable(h->kvm_why, sizeof(h->kvm_why));
	return qemu_find(&h->qemu, m->qemu, e) < 0 ? err_status(e, EXIT_HOST) : 0;
}

void host_free(struct host *h)
{
	qemu_free(&h->qemu);
	*h = (struct host){ 0 };
}

bool host_uses_kvm(const struct host *h, const struct machine *m)
{
	return m->accelerator == ACCEL_KVM || (m->accelerator == ACCEL_AUTO && h->kvm);
}

static bool has_memory_regions(const struct machine *m)
{
	for (size_t i = 0; i < m->cxl.n_regions; i++)
		if (region_is_memory(&m->cxl.regions[i]))
			return true;
	return false;
}

bool host_needs_bounce(const struct host *h, const struct machine *m)
{
	return has_memory_regions(m) && h->qemu.version < QEMU_CXL_ALIAS;
}

static int check(const struct host *h, const struct machine *m, struct err *e)
{
	uint64_t need = m->memory + cxl_total(m) + QEMU_OVERHEAD;
	char a[SIZE_TEXT], b[SIZE_TEXT];

	if (m->accelerator == ACCEL_KVM && !h->kvm)
		return ydoc_err(m->doc, &m->accelerator, e, "'accelerator: kvm', and KVM can't be used here: %s; write tcg or "
				"auto", h->kvm_why);
	if (h->memory_free && need > h->memory_free)
		return ydoc_err(m->doc, &m->memory, e, "%s takes %s of memory (DRAM, CXL and QEMU), and this host has %s free: "
				"use a smaller machine (cxl-small), or stop another", m->name, size_human(need, a),
				size_human(h->memory_free, b));
	if (host_uses_kvm(h, m) && m->cxl.n_devices && h->qemu.version < QEMU_CXL_ALIAS)
		return ydoc_err(m->doc, &m->accelerator, e, "CXL memory under KVM needs QEMU 11.1, and %s is %s: a guest that "
				"touched it would die; use tcg, or a newer QEMU", h->qemu.path, h->qemu.text);
	if (host_needs_bounce(h, m) && h->qemu.version < QEMU_BOUNCE && (m->disk == DISK_VIRTIO || m->disk == DISK_SCSI))
		return ydoc_err(m->doc, &m->disk, e, "QEMU %s can't read a virtio disk into CXL memory, and the guest would hang: write "
				"'disk: ahci' and 'nic: e1000e', or use QEMU 11.1 (`make setup`)", h->qemu.text);
	if (host_needs_bounce(h, m) && h->qemu.version < QEMU_BOUNCE && m->nic == NIC_VIRTIO)
		return ydoc_err(m->doc, &m->nic, e, "QEMU %s can't let a virtio network card write into CXL memory, and the guest would "
				"hang: write 'nic: e1000e', or use QEMU 11.1 (`make setup`)", h->qemu.text);
	return 0;
}

int host_check(const struct host *h, const struct machine *m, struct err *e)
{
	return check(h, m, e) < 0 ? err_status(e, EXIT_HOST) : 0;
}
