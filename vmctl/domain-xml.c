/* The domain XML: all that libvirt knows in its own words, the rest as QEMU arguments. Written with libxml2. */
#include <libxml/xmlwriter.h>
#include <stdarg.h>

#include "boot.h"
#include "domain-slots.h"
#include "domain-xml-cxl.h"
#include "text.h"
#include "units.h"

#define QEMU_NS "http://libvirt.org/schemas/domain/qemu/1.0"
#define TIERLAB_NS "urn:tierlab:machine"

typedef xmlTextWriterPtr writer;

static void open_tag(writer w, const char *name)
{
	xmlTextWriterStartElement(w, BAD_CAST name);
}

static void close_tag(writer w)
{
	xmlTextWriterEndElement(w);
}

static void attr(writer w, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void attr(writer w, const char *name, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	xmlTextWriterWriteAttribute(w, BAD_CAST name, BAD_CAST text);
	free(text);
}

/* <name a="..." b="..."/>: pairs of attribute and value, ending in NULL. */
static void tag(writer w, const char *name, ...) __attribute__((sentinel));

static void tag(writer w, const char *name, ...)
{
	const char *a;
	va_list ap;

	open_tag(w, name);
	va_start(ap, name);
	while ((a = va_arg(ap, const char *)))
		attr(w, a, "%s", va_arg(ap, const char *));
	va_end(ap);
	close_tag(w);
}

static void text_tag(writer w, const char *name, const char *text)
{
	xmlTextWriterWriteElement(w, BAD_CAST name, BAD_CAST text);
}

bool hides_hypervisor(const struct machine *m, const struct manifest *man)
{
	return man->stock && m->cxl.n_regions > 0;
}

/* What makes an emulated boot shorter and takes nothing away: few messages on a slow serial line, no asking that line for
 * its size, no look whether /etc is older than /usr. */
#define QUICK "quiet systemd.tty.rows.console=24 systemd.tty.columns.console=80 systemd.condition_needs_update=0"

/* An emulated processor has its host's time stamp counter, the same on all of them. Linux takes it for unsynchronized, as
 * the counter of any AMD machine with many sockets (arch/x86/kernel/tsc.c, unsynchronized_tsc()), and falls back on the
 * HPET: an exit from the guest each time that a program looks at the clock. */
#define EMULATED "tsc=reliable"

static char *kernel_cmdline(const struct boot_spec *s)
{
	const char *own = s->m->kernel_args, *images = s->man->kernel_args;

	return strf("root=%s rw console=tty0 console=ttyS0,115200 " QUICK "%s%s%s%s%s", s->man->root,
		    host_uses_kvm(s->host, s->m) ? "" : " " EMULATED, images ? " " : "", images ? images : "",
		    own ? " " : "", own ? own : "");
}

static void metadata(writer w, const struct boot_spec *s)
{
	open_tag(w, "metadata");
	open_tag(w, "tierlab:machine");
	attr(w, "xmlns:tierlab", TIERLAB_NS);
	attr(w, "ssh-port", "%d", s->ssh_port);
	attr(w, "image", "%s", s->man->build);
	close_tag(w);
	close_tag(w);
}

static void os(writer w, const struct boot_spec *s)
{
	open_tag(w, "os");
	open_tag(w, "type");
	attr(w, "arch", "x86_64");
	attr(w, "machine", "q35");
	xmlTextWriterWriteString(w, BAD_CAST "hvm");
	close_tag(w);
	if (s->m->boot == BOOT_DIRECT) {
		auto_free char *args = kernel_cmdline(s);

		text_tag(w, "kernel", s->man->kernel);
		if (s->man->initrd)
			text_tag(w, "initrd", s->man->initrd);
		text_tag(w, "cmdline", args);
	} else {
		tag(w, "boot", "dev", "hd", NULL);
	}
	tag(w, "smbios", "mode", "emulate", NULL);
	close_tag(w);
}

/* The plan reaches the guest at /sys/firmware/qemu_fw_cfg/by_name/opt/org.tierlab/plan/raw. */
static void plan(writer w, const struct boot_spec *s)
{
	open_tag(w, "sysinfo");
	attr(w, "type", "fwcfg");
	open_tag(w, "entry");
	attr(w, "name", "opt/org.tierlab/plan");
	xmlTextWriterWriteString(w, BAD_CAST s->plan);
	close_tag(w);
	close_tag(w);
}

static void cpu(writer w, const struct boot_spec *s, long cpus)
{
	open_tag(w, "cpu");
	attr(w, "mode", "%s", host_uses_kvm(s->host, s->m) ? "host-passthrough" : "maximum");
	attr(w, "check", "none");
	if (hides_hypervisor(s->m, s->man))
		tag(w, "feature", "policy", "disable", "name", "hypervisor", NULL);
	/* A node of its own for the DRAM: the CXL window's node then is the next. */
	open_tag(w, "numa");
	open_tag(w, "cell");
	attr(w, "id", "0");
	attr(w, "cpus", cpus > 1 ? "0-%ld" : "%ld", cpus - 1);
	attr(w, "memory", "%llu", (unsigned long long)(s->m->memory / KiB));
	attr(w, "unit", "KiB");
	close_tag(w);
	close_tag(w);
	close_tag(w);
}

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

static void disk(writer w, const struct boot_spec *s)
{
	open_tag(w, "disk");
	attr(w, "type", "file");
	attr(w, "device", "disk");
	tag(w, "driver", "name", "qemu", "type", "qcow2", "discard", "unmap", NULL);
	tag(w, "source", "file", s->disk, NULL);
	tag(w, "target", "dev", "vda", "bus", "virtio", NULL);
	pci_address(w, SLOT_DISK);
	close_tag(w);
}

/* Serial console: for `vmctl console`, and all of it in a file. */
static void console(writer w, const struct boot_spec *s)
{
	open_tag(w, "serial");
	attr(w, "type", "pty");
	tag(w, "log", "file", s->console_log, "append", "on", NULL);
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

static void devices(writer w, const struct boot_spec *s)
{
	open_tag(w, "devices");
	text_tag(w, "emulator", s->host->qemu.path);
	disk(w, s);
	console(w, s);
	rng(w);
	agent_channel(w);
	tag(w, "controller", "type", "usb", "model", "none", NULL);
	tag(w, "memballoon", "model", "none", NULL);
	close_tag(w);
}

/* User networking with a port of 127.0.0.1 forwarded to the guest's SSH: libvirt's own interface of that kind forwards
 * none without passt. */
static void commandline(writer w, const struct boot_spec *s)
{
	auto_strv args = { 0 };

	/* The chipset's own SATA ports are empty, and looking at them takes the guest half a second. */
	strv_add(&args, "-machine");
	strv_add(&args, "sata=off");
	cxl_arguments(s->m, &args);
	strv_add(&args, "-netdev");
	strv_addf(&args, "user,id=net0,hostfwd=tcp:127.0.0.1:%d-:22", s->ssh_port);
	strv_add(&args, "-device");
	strv_addf(&args, "virtio-net-pci,netdev=net0,bus=pcie.0,addr=0x%x,romfile=", SLOT_NIC);
	open_tag(w, "qemu:commandline");
	for (size_t i = 0; i < args.n; i++)
		tag(w, "qemu:arg", "value", args.v[i], NULL);
	close_tag(w);
}

static void domain(writer w, const struct boot_spec *s)
{
	long cpus = machine_cpus(s->m, s->host->cpus);
	auto_free char *vcpu = strf("%ld", cpus);

	open_tag(w, "domain");
	attr(w, "type", "%s", host_uses_kvm(s->host, s->m) ? "kvm" : "qemu");
	attr(w, "xmlns:qemu", QEMU_NS);
	text_tag(w, "name", s->m->name);
	metadata(w, s);
	open_tag(w, "memory");
	attr(w, "unit", "KiB");
	xmlTextWriterWriteFormatString(w, "%llu", (unsigned long long)(s->m->memory / KiB));
	close_tag(w);
	text_tag(w, "vcpu", vcpu);
	plan(w, s);
	os(w, s);
	open_tag(w, "features");
	tag(w, "acpi", NULL);
	tag(w, "apic", NULL);
	close_tag(w);
	cpu(w, s, cpus);
	tag(w, "clock", "offset", "utc", NULL);
	devices(w, s);
	commandline(w, s);
	close_tag(w);
}

char *domain_xml(const struct boot_spec *s)
{
	xmlBufferPtr buf = xmlBufferCreate();
	writer w = xmlNewTextWriterMemory(buf, 0);
	char *xml;

	xmlTextWriterSetIndent(w, 1);
	xmlTextWriterSetIndentString(w, BAD_CAST "  ");
	domain(w, s);
	xmlTextWriterEndDocument(w);
	xmlFreeTextWriter(w);
	xml = xstrdup((const char *)xmlBufferContent(buf));
	xmlBufferFree(buf);
	return xml;
}
