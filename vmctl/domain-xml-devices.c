/* Disk, network card, shared folders, console. */
#include <string.h>

#include "domain-slots.h"
#include "domain-xml-parts.h"
#include "text.h"

static const struct disk {
	const char *bus, *dev;
} disks[] = {
	[DISK_VIRTIO] = { "virtio", "vda" },
	[DISK_AHCI] = { "sata", "sda" },
	[DISK_IDE] = { "sata", "sda" },
	[DISK_SCSI] = { "scsi", "sda" },
};

static const char *const nic_drivers[] = { [NIC_VIRTIO] = "virtio-net-pci", [NIC_E1000] = "e1000", [NIC_E1000E] = "e1000e" };

/* Bounce buffers need virtio 1.0 alone (QEMU: hw/virtio/virtio-pci.c). */
#define BOUNCE_MODEL "virtio-non-transitional"

static void pci_address(writer w, unsigned slot)
{
	open_tag(w, "address");
	attr(w, "type", "pci");
	attr(w, "domain", "0x0000");
	attr(w, "bus", "0x00");
	attr(w, "slot", "0x%02x", slot);
	attr(w, "function", "0x0");
	close_tag(w);
}

/* What the disk hangs on, unless that is the machine's bus itself or the chipset's controller. */
static void controller(writer w, int bus)
{
	if (bus != DISK_AHCI && bus != DISK_SCSI)
		return;
	open_tag(w, "controller");
	attr(w, "type", "%s", disks[bus].bus);
	attr(w, "index", bus == DISK_AHCI ? "1" : "0"); /* SATA's 0 is the chipset's */
	if (bus == DISK_SCSI)
		attr(w, "model", "virtio-scsi");
	pci_address(w, SLOT_DISK);
	close_tag(w);
}

static void disk(writer w, const struct boot_spec *s)
{
	int bus = s->m->disk;
	bool bounce = bus == DISK_VIRTIO && host_needs_bounce(s->host, s->m);
	auto_free char *path = strf("%sdisk.qcow2", s->prefix);

	controller(w, bus);
	open_tag(w, "disk");
	attr(w, "type", "file");
	attr(w, "device", "disk");
	if (bounce)
		attr(w, "model", BOUNCE_MODEL);
	open_tag(w, "driver");
	attr(w, "name", "qemu");
	attr(w, "type", "qcow2");
	attr(w, "discard", "unmap");
	if (bounce)
		attr(w, "iommu", "on");
	close_tag(w);
	tag(w, "source", "file", path, NULL);
	tag(w, "target", "dev", disks[bus].dev, "bus", disks[bus].bus, NULL);
	if (bus == DISK_VIRTIO)
		pci_address(w, SLOT_DISK);
	else
		tag(w, "address", "type", "drive", "controller", bus == DISK_AHCI ? "1" : "0", "bus", "0", "target", "0", "unit",
		    "0", NULL);
	close_tag(w);
}

static void share(writer w, const struct share *s, unsigned slot, bool bounce)
{
	open_tag(w, "filesystem");
	attr(w, "type", "mount");
	attr(w, "accessmode", "%s", s->type == SHARE_VIRTIOFS ? "passthrough" : "mapped");
	if (bounce)
		attr(w, "model", BOUNCE_MODEL);
	if (s->type == SHARE_VIRTIOFS)
		tag(w, "driver", "type", "virtiofs", NULL);
	else if (bounce)
		tag(w, "driver", "type", "path", "iommu", "on", NULL);
	tag(w, "source", "dir", s->path, NULL);
	tag(w, "target", "dir", s->name, NULL);
	if (s->read_only)
		tag(w, "readonly", NULL);
	pci_address(w, slot);
	close_tag(w);
}

/* Serial console: for `vmctl console`, and all of it in a file. */
static void console(writer w, const struct boot_spec *s)
{
	auto_free char *log = strf("%sconsole.log", s->prefix);

	open_tag(w, "serial");
	attr(w, "type", "pty");
	tag(w, "log", "file", log, "append", "on", NULL);
	open_tag(w, "target");
	attr(w, "type", "isa-serial");
	attr(w, "port", "0");
	close_tag(w);
	close_tag(w);
}

static void rng(writer w)
{
	open_tag(w, "rng");
	attr(w, "model", "virtio");
	open_tag(w, "backend");
	attr(w, "model", "random");
	xmlTextWriterWriteString(w, BAD_CAST "/dev/urandom");
	close_tag(w);
	pci_address(w, SLOT_RNG);
	close_tag(w);
}

/* What vmctl reaches the guest by when it has no network: libvirt keeps the socket, the guest's agent listens at the port. */
static void agent_channel(writer w)
{
	open_tag(w, "controller");
	attr(w, "type", "virtio-serial");
	attr(w, "index", "0");
	pci_address(w, SLOT_SERIAL);
	close_tag(w);
	open_tag(w, "channel");
	attr(w, "type", "unix");
	tag(w, "target", "type", "virtio", "name", "org.qemu.guest_agent.0", NULL);
	close_tag(w);
}

void xml_devices(writer w, const struct boot_spec *s)
{
	open_tag(w, "devices");
	text_tag(w, "emulator", s->host->qemu.path);
	disk(w, s);
	for (size_t i = 0; i < s->m->n_shares; i++)
		share(w, &s->m->shares[i], SLOT_FIRST_SHARE + (unsigned)i, host_needs_bounce(s->host, s->m));
	console(w, s);
	rng(w);
	agent_channel(w);
	tag(w, "controller", "type", "usb", "model", "none", NULL);
	tag(w, "memballoon", "model", "none", NULL);
	close_tag(w);
}

/* User networking with ports of 127.0.0.1 forwarded to the guest: libvirt's own interface of that kind forwards none
 * without passt. */
static void network(const struct boot_spec *s, struct strv *args)
{
	struct text t = { 0 };

	text_puts(&t, "user,id=net0");
	if (s->ssh_port)
		text_addf(&t, ",hostfwd=tcp:127.0.0.1:%d-:22", s->ssh_port);
	for (size_t i = 0; i < s->m->n_forwards; i++)
		text_addf(&t, ",hostfwd=tcp:127.0.0.1:%ld-:%ld", s->m->forwards[i].host, s->m->forwards[i].guest);
	strv_add(args, "-netdev");
	strv_take(args, t.s);
	strv_add(args, "-device");
	strv_addf(args, "%s,netdev=net0,bus=pcie.0,addr=0x%x,romfile=%s", nic_drivers[s->m->nic], SLOT_NIC,
		  s->m->nic == NIC_VIRTIO && host_needs_bounce(s->host, s->m) ? "," BOUNCE_ARGUMENTS : "");
}

void device_arguments(const struct boot_spec *s, struct strv *args)
{
	if (s->m->disk != DISK_IDE) {
		/* The chipset's own SATA ports are empty then, and looking at them takes the guest half a second. */
		strv_add(args, "-machine");
		strv_add(args, "sata=off");
	}
	if (s->m->nic != NIC_NONE)
		network(s, args);
}

/* By the alias that libvirt gives the device. */
static void bounce_property(writer w, const char *alias)
{
	open_tag(w, "qemu:device");
	attr(w, "alias", "%s", alias);
	open_tag(w, "qemu:frontend");
	tag(w, "qemu:property", "name", "x-max-bounce-buffer-size", "type", "unsigned", "value", BOUNCE_BYTES, NULL);
	close_tag(w);
	close_tag(w);
}

void xml_overrides(writer w, const struct boot_spec *s)
{
	if (!host_needs_bounce(s->host, s->m) || (s->m->disk != DISK_VIRTIO && !s->m->n_shares))
		return;
	open_tag(w, "qemu:override");
	if (s->m->disk == DISK_VIRTIO)
		bounce_property(w, "virtio-disk0");
	for (size_t i = 0; i < s->m->n_shares; i++) {
		auto_free char *alias = strf("fs%zu", i);

		bounce_property(w, alias);
	}
	close_tag(w);
}
