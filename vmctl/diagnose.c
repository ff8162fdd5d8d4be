#include "diagnose.h"

#include <string.h>

#include "exits.h"
#include "text.h"

/* Of several that stand in the text the first here counts: what is more telling stands before what comes of it. */
struct sign {
	const char *pattern;
	int status;
	enum certainty certainty;
	const char *cause, *remedy;
	const char *quote; /* the last line that has this is quoted; NULL: that of the pattern; "": none */
};

static const struct sign console_signs[] = {
	{ "System is deadlocked on memory", EXIT_PANIC, FATAL, "the guest ran out of memory",
	  "give it more 'memory'", NULL },
	{ "not syncing: Out of memory", EXIT_PANIC, FATAL, "the guest ran out of memory", "give it more 'memory'", NULL },
	{ "Unable to mount root fs", EXIT_BOOT, FATAL, "the kernel has no root file system",
	  "its disk's or file system's driver is missing (kernel.options in the recipe), or root= names another disk", "VFS: " },
	{ "No working init found", EXIT_PANIC, FATAL, "the root file system holds no init", "is it the right disk? `vmctl start --fresh`", NULL },
	{ "Kernel panic - not syncing", EXIT_PANIC, FATAL, "the guest's kernel panicked", "`vmctl logs` has all of it", NULL },
	{ "Gave up waiting for root", EXIT_BOOT, FATAL, "the initrd finds no root file system",
	  "its disk's driver is missing from the initrd, or root= names another disk", "does not exist" },
	{ "dracut-initqueue timeout", EXIT_BOOT, FATAL, "the initrd finds no root file system",
	  "its disk's driver is missing from the initrd, or root= names another disk", NULL },
	{ "You are in emergency mode", EXIT_BOOT, FATAL, "the guest is in emergency mode",
	  "`vmctl console` leads into it; often a line of /etc/fstab", "[FAILED] " },
	{ "You are in rescue mode", EXIT_BOOT, FATAL, "the guest is in rescue mode", "`vmctl console` leads into it", "" },
	{ "No bootable device", EXIT_BOOT, FATAL, "the firmware finds nothing to boot on the disk",
	  "`vmctl start --fresh`, or 'boot: direct'", "" },
	{ "BdsDxe: failed to load", EXIT_BOOT, FATAL, "the UEFI firmware finds nothing to boot on the disk",
	  "the image needs an EFI system partition: take BIOS, or 'boot: direct'", NULL },
	{ "grub rescue>", EXIT_BOOT, FATAL, "GRUB finds no file system of its own", "`vmctl start --fresh`, or 'boot: direct'", "error: " },
	{ "grub>", EXIT_BOOT, FATAL, "GRUB has no menu and waits at its prompt", "`vmctl console` leads to it; or 'boot: direct'", "error: " },
	{ "Out of memory: Killed process", EXIT_BOOT, ANY, "the guest ran out of memory", "give it more 'memory'", NULL },
	{ "blocked for more than", EXIT_BOOT, ANY, "something in the guest hangs", "`vmctl logs` has all of it", NULL },
};

static const struct sign qemu_signs[] = {
	{ "bogus descriptor or out of resources", EXIT_BOOT, ANY, "a virtio device was to read or write CXL memory, which this QEMU can't",
	  "`make setup` fetches QEMU 11.1", NULL },
	{ "KVM internal error", EXIT_BOOT, ANY, "KVM can't run this guest", "say 'accelerator: tcg'", NULL },
	{ "Cannot allocate memory", EXIT_HOST, ANY, "this host has not the memory", "use a smaller machine, or stop another", NULL },
	{ "No space left on device", EXIT_HOST, ANY, "the disk under the machine is full", "make room", NULL },
	{ "Failed to get \"write\" lock", EXIT_HOST, ANY, "another QEMU has the machine's disk", "end it", NULL },
};

static const struct {
	const char *pattern, *remedy;
} setup_signs[] = {
	{ "Failed to synchronize CPU cache state", "the kernel refuses regions in a guest: take an image whose kernel has "
	  "CONFIG_CXL_REGION_INVALIDATION_TEST (cxl-tcg), or a stock one, for which vmctl takes the hypervisor bit away" },
	{ "no memdev with an endpoint", "the guest has not found the device: a driver is missing (cxl_pci, cxl_mem), or QEMU did not "
	  "show it" },
	{ "no root decoder", "the guest has not found the window: a driver is missing (cxl_acpi)" },
	{ "program cxl not found", "put cxl among the image's packages" },
	{ "which this image does not know", "the image is older than vmctl: vmbuild makes it anew" },
};

/* The kernel says why it panicked first and last, and the last time in a frame: "---[ end Kernel panic - not syncing: ... ]---". */
static char *unframe(char *line)
{
	char *begin = strstr(line, "---[ end "), *end = begin ? strstr(begin, " ]---") : NULL;

	if (!end)
		return line;
	*end = '\0';
	memmove(begin, begin + strlen("---[ end "), strlen(begin + strlen("---[ end ")) + 1);
	return line;
}

/* The last line that has the pattern; "" if none has. The one at the end of the text, which may still be being written, counts where no
 * whole line has it. The caller's to free. */
static char *last_line(const char *text, const char *pattern)
{
	const char *at = NULL, *begin;
	char *line, *end;

	for (const char *p = text; (p = strstr(p, pattern)); p++)
		if (!at || strchr(p, '\n'))
			at = p;
	if (!at)
		return xstrdup("");
	for (begin = at; begin > text && begin[-1] != '\n'; begin--)
		;
	line = xstrndup(begin, strcspn(begin, "\r\n"));
	for (end = line + strlen(line); end > line && end[-1] == ' '; end--)
		end[-1] = '\0';
	return unframe(line);
}

static struct diagnosis match(const char *text, const struct sign *signs, size_t n, enum certainty certainty)
{
	for (size_t i = 0; i < n; i++) {
		const struct sign *s = &signs[i];
		auto_free char *line = NULL;

		if (s->certainty > certainty || !strstr(text, s->pattern))
			continue;
		line = s->quote && !*s->quote ? xstrdup("") : last_line(text, s->quote ? s->quote : s->pattern);
		return (struct diagnosis){ *line ? strf("%s (%.200s): %s", s->cause, line, s->remedy) :
					   strf("%s: %s", s->cause, s->remedy), s->status };
	}
	return (struct diagnosis){ 0 };
}

struct diagnosis diagnose_console(const char *text, enum certainty certainty)
{
	return match(text, console_signs, sizeof(console_signs) / sizeof(*console_signs), certainty);
}

struct diagnosis diagnose_qemu(const char *text)
{
	return match(text, qemu_signs, sizeof(qemu_signs) / sizeof(*qemu_signs), ANY);
}

/* A line of the command ends in a backslash, but for its last. libvirt adds lines of its own in the end, which begin as the first
 * does, by the time. */
char *qemu_words(const char *log)
{
	const char *p = log;
	struct text t = { 0 };
	bool command = true;

	for (const char *q = log; (q = strstr(q, ": starting up libvirt")); q++)
		p = q;
	p += strcspn(p, "\n");
	text_puts(&t, "");
	while (*p) {
		size_t n;

		p += *p == '\n';
		n = strcspn(p, "\n");
		if (command)
			command = n > 0 && p[n - 1] == '\\';
		else if (!memmem(p, n, ": shutting down, reason=", 24) && n)
			text_addf(&t, "%.*s\n", (int)n, p);
		p += n;
	}
	return t.s;
}

/* The kernel's last word, at whatever loglevel (kernel/reboot.c). */
const char *diagnose_end(const char *tail)
{
	const char *last = strrchr(tail, '\n');

	if (!strstr(last ? last : tail, "reboot: Restarting system"))
		return NULL;
	return "its guest rebooted itself, and QEMU, which does not reset CXL devices, ended instead";
}

const char *diagnose_setup(const char *status)
{
	for (size_t i = 0; i < sizeof(setup_signs) / sizeof(*setup_signs); i++)
		if (strstr(status, setup_signs[i].pattern))
			return setup_signs[i].remedy;
	return NULL;
}

char *without_warnings(const char *words)
{
	const char *begin = strstr(words, "): "); /* "... closed the monitor (vm='NAME'): " and QEMU's lines */
	struct text t = { 0 };
	bool any = false;

	begin = begin ? begin + 3 : words;
	text_add(&t, words, (size_t)(begin - words));
	for (const char *line = begin, *end; *line; line = end) {
		auto_free char *one = NULL;

		end = line + strcspn(line, "\n");
		end += *end == '\n';
		one = xstrndup(line, (size_t)(end - line));
		if (strstr(one, ": warning: ") || strstr(one, " is deprecated"))
			continue;
		text_puts(&t, one);
		any = true;
	}
	if (any)
		return t.s;
	text_free(&t);
	return xstrdup(words);
}
