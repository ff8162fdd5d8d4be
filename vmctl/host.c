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
/* An emulated processor has 40 bits of physical addresses (QEMU: TCG_PHYS_ADDR_BITS). */
#define TCG_ADDRESSES (1 * TiB)
#define QEMU_DYNAMIC 9001  /* the first with volatile-dc-memdev */

uint64_t host_meminfo(const char *key)
{
	auto_free char *info = file_read("/proc/meminfo", 0, NULL, &(struct err){ "" });
	const char *line = info ? strstr(info, key) : NULL;

	return line ? strtoull(line + strlen(key), NULL, 10) * KiB : 0;
}

uint64_t host_memory_available(void)
{
	return host_meminfo("MemAvailable:");
}

int host_probe(struct host *h, const struct machine *m, struct err *e)
{
	*h = (struct host){ .cpus = sysconf(_SC_NPROCESSORS_ONLN), .memory_free = host_memory_available() };
	h->kvm = kvm_usable(h->kvm_why, sizeof(h->kvm_why));
	binding_probe(&h->binding);
	return qemu_find(&h->qemu, m->qemu, e) < 0 ? err_status(e, EXIT_HOST) : 0;
}

void host_free(struct host *h)
{
	qemu_free(&h->qemu);
	binding_free(&h->binding);
	*h = (struct host){ 0 };
}

bool host_uses_kvm(const struct host *h, const struct machine *m)
{
	return m->accelerator == ACCEL_KVM || (m->accelerator == ACCEL_AUTO && h->kvm);
}

bool host_needs_bounce(const struct host *h, const struct machine *m)
{
	for (size_t i = 0; i < m->cxl.n_regions; i++) {
		const struct region *r = &m->cxl.regions[i];

		if (region_is_memory(r) && (h->qemu.version < QEMU_CXL_ALIAS || !region_is_fast(m, r)))
			return true;
	}
	return false;
}

static int check_qemu(const struct host *h, const struct machine *m, struct err *e)
{
	if (m->cxl.n_devices && h->qemu.version < QEMU_VOLATILE)
		return ydoc_err(m->doc, &m->cxl.devices, e, "CXL devices need QEMU 8.1, and %s is %s: use QEMU 11.1 (`make setup`)",
				h->qemu.path, h->qemu.text);
	for (size_t i = 0; i < m->cxl.n_devices; i++)
		if (m->cxl.devices[i].dynamic_size && h->qemu.version < QEMU_DYNAMIC)
			return ydoc_err(m->doc, &m->cxl.devices[i].dynamic_size, e, "dynamic capacity needs QEMU 9.1, and %s is %s: use "
					"QEMU 11.1 (`make setup`)", h->qemu.path, h->qemu.text);
	return 0;
}

static int check_kvm(const struct host *h, const struct machine *m, struct err *e)
{
	if (!host_uses_kvm(h, m))
		return 0;
	if (m->cxl.n_devices && h->qemu.version < QEMU_CXL_ALIAS)
		return ydoc_err(m->doc, &m->accelerator, e, "CXL memory under KVM needs QEMU 11.1, and %s is %s: a guest that "
				"touched it would die; use tcg, or a newer QEMU", h->qemu.path, h->qemu.text);
	for (size_t i = 0; i < m->cxl.n_regions; i++) {
		const struct region *r = &m->cxl.regions[i];

		if (r->type == REGION_RAM && r->n_devices > 1)
			return ydoc_err(m->doc, &m->accelerator, e, "interleaved memory (the region of line %d) is emulated access by access "
					"(MMIO), of which a KVM guest dies, and 'auto' is KVM here: write tcg",
					ydoc_line(m->doc, &r->devices));
		if (r->type == REGION_RAM && !region_is_fast(m, r))
			return ydoc_err(m->doc, &r->devices, e, "the region would be emulated access by access (MMIO), of which a KVM guest dies: "
					"a later window leads to its host bridge too; give each window a host bridge of its own");
	}
	return 0;
}

/* Disk and network card reach into CXL memory that is MMIO: by bounce buffers, or because they are emulated. */
static int check_bounce(const struct host *h, const struct machine *m, struct err *e)
{
	if (!host_needs_bounce(h, m))
		return 0;
	if (h->qemu.version < QEMU_BOUNCE && (m->disk == DISK_VIRTIO || m->disk == DISK_SCSI))
		return ydoc_err(m->doc, &m->disk, e, "QEMU %s can't read a virtio disk into CXL memory, and the guest would hang: write "
				"'disk: ahci' and 'nic: e1000e', or use QEMU 11.1 (`make setup`)", h->qemu.text);
	if (m->disk == DISK_SCSI) /* seen: reads into it fail, with bounce buffers too */
		return ydoc_err(m->doc, &m->disk, e, "QEMU %s can't read a SCSI disk into CXL memory that it emulates, and programs there "
				"would die: write 'disk: virtio' or 'disk: ahci'", h->qemu.text);
	if (h->qemu.version < QEMU_BOUNCE && m->nic == NIC_VIRTIO)
		return ydoc_err(m->doc, &m->nic, e, "QEMU %s can't let a virtio network card write into CXL memory, and the guest would "
				"hang: write 'nic: e1000e', or use QEMU 11.1 (`make setup`)", h->qemu.text);
	for (size_t i = 0; i < m->n_shares; i++)
		if (h->qemu.version < QEMU_BOUNCE || m->shares[i].type == SHARE_VIRTIOFS)
			return ydoc_err(m->doc, &m->shares[i].name, e, "a share of type %s can't reach into CXL memory that QEMU %s emulates: "
					"%s", share_names[m->shares[i].type], h->qemu.text,
					h->qemu.version < QEMU_BOUNCE ? "take it out, or use QEMU 11.1 (`make setup`)" :
					"write 'type: 9p'");
	return 0;
}

/* DRAM of huge pages comes out of what was reserved for these, which is not free to anything else. */
static int check_memory(const struct host *h, const struct machine *m, struct err *e)
{
	uint64_t need = (m->huge_pages ? 0 : m->memory) + cxl_total(m) + QEMU_OVERHEAD;
	char a[SIZE_TEXT], b[SIZE_TEXT];

	if (!h->memory_free || need <= h->memory_free)
		return 0;
	return ydoc_err(m->doc, &m->memory, e, "%s takes %s of memory (%sCXL and QEMU), and this host has %s free: use a smaller machine "
			"(cxl-small), or stop another", m->name, size_human(need, a), m->huge_pages ? "" : "DRAM, ",
			size_human(h->memory_free, b));
}

static int check(const struct host *h, const struct machine *m, struct err *e)
{
	uint64_t dram = m->memory_max ? m->memory_max : m->memory, top = dram;
	char a[SIZE_TEXT], b[SIZE_TEXT];

	if (m->accelerator == ACCEL_KVM && !h->kvm)
		return ydoc_err(m->doc, &m->accelerator, e, "'accelerator: kvm', and KVM can't be used here: %s; write tcg or "
				"auto", h->kvm_why);
	if (check_memory(h, m, e) < 0)
		return -1;
	for (size_t i = 0; i < m->cxl.n_windows; i++)
		top += m->cxl.windows[i].size;
	if (!host_uses_kvm(h, m) && top >= TCG_ADDRESSES)
		return ydoc_err(m->doc, dram == m->memory ? &m->memory : &m->memory_max, e, "DRAM (%s) and windows are %s together: an emulated "
				"processor addresses 1TiB; make them smaller", size_human(dram, a), size_human(top, b));
	if (binding_check(&h->binding, m, e) < 0)
		return -1;
	return check_qemu(h, m, e) < 0 || check_kvm(h, m, e) < 0 ? -1 : check_bounce(h, m, e);
}

int host_check(const struct host *h, const struct machine *m, struct err *e)
{
	return check(h, m, e) < 0 ? err_status(e, EXIT_HOST) : 0;
}
