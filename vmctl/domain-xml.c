/* The domain XML: all that libvirt knows in its own words, the rest as QEMU arguments. Written with libxml2. */
#include "boot.h"
#include "domain-xml-cxl.h"
#include "domain-xml-parts.h"
#include "text.h"

#define QEMU_NS "http://libvirt.org/schemas/domain/qemu/1.0"
#define TIERLAB_NS "urn:tierlab:machine"

bool hides_hypervisor(const struct machine *m, const struct manifest *man)
{
	return man->stock && m->cxl.n_regions > 0;
}

/* QEMU 11.1.3 at least leaves a device's decoder committed over a reset, and the alias of RAM that serves its region in place. The
 * kernel then finds a device that decodes what it does not know, and makes no region of it ("Range register decodes outside
 * platform defined CXL ranges"); or it makes one elsewhere, and the guest reads what is not there. Also with regions that were
 * made by hand, so what counts are the devices. */
bool survives_reset(const struct machine *m)
{
	return m->cxl.n_devices == 0;
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
	auto_free char *nvram = strf("%snvram.fd", s->prefix);

	open_tag(w, "os");
	if (s->m->firmware == FIRMWARE_UEFI)
		attr(w, "firmware", "efi");
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
		/* What the firmware says, and GRUB before it has its configuration: there is no screen for it. */
		if (s->m->firmware == FIRMWARE_BIOS)
			tag(w, "bios", "useserial", "yes", NULL);
	}
	if (s->m->firmware == FIRMWARE_UEFI) {
		/* The kernels that tierlab builds are not signed. */
		open_tag(w, "firmware");
		tag(w, "feature", "enabled", "no", "name", "secure-boot", NULL);
		close_tag(w);
		text_tag(w, "nvram", nvram);
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

static void commandline(writer w, const struct boot_spec *s)
{
	auto_strv args = { 0 };

	cxl_arguments(s, &args);
	device_arguments(s, &args);
	open_tag(w, "qemu:commandline");
	for (size_t i = 0; i < args.n; i++)
		tag(w, "qemu:arg", "value", args.v[i], NULL);
	close_tag(w);
}

static void domain(writer w, const void *spec)
{
	const struct boot_spec *s = spec;

	open_tag(w, "domain");
	attr(w, "type", "%s", host_uses_kvm(s->host, s->m) ? "kvm" : "qemu");
	attr(w, "xmlns:qemu", QEMU_NS);
	text_tag(w, "name", s->m->name);
	metadata(w, s);
	xml_memory(w, s);
	plan(w, s);
	os(w, s);
	open_tag(w, "features");
	tag(w, "acpi", NULL);
	tag(w, "apic", NULL);
	close_tag(w);
	xml_cpu(w, s);
	tag(w, "clock", "offset", "utc", NULL);
	if (!survives_reset(s->m))
		text_tag(w, "on_reboot", "destroy");
	xml_devices(w, s);
	commandline(w, s);
	xml_overrides(w, s);
	close_tag(w);
}

char *domain_xml(const struct boot_spec *s)
{
	return xml_document(domain, s);
}
