#include "host.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "kvm.h"
#include "run.h"
#include "text.h"
#include "units.h"

#define BUNDLE "/var/cache/tierlab/qemu/qemu-system-x86_64"
/* What QEMU itself takes beside the guest's memory; seen: 100 to 200 MiB under TCG. */
#define QEMU_OVERHEAD (256 * MiB)

int qemu_version_parse(const char *said, char **text)
{
	const char *v = strstr(said, "version ");
	int major, minor;
	size_t n;

	*text = NULL;
	if (!v || sscanf(v, "version %d.%d", &major, &minor) != 2)
		return -1;
	v += strlen("version ");
	n = strspn(v, "0123456789.");
	*text = xstrndup(v, n);
	return major * 1000 + minor;
}

static int ask_version(const char *qemu, char **text)
{
	const char *argv[] = { qemu, "--version", NULL };
	auto_text out = { 0 };

	*text = NULL;
	return run_simple(argv, &out, &(struct err){ "" }) < 0 ? -1 : qemu_version_parse(out.s, text);
}

/* The full path of a program in PATH, the caller's to free; NULL: not there. */
static char *in_path(const char *name)
{
	const char *path = getenv("PATH");
	auto_free char *list = xstrdup(path ? path : "/usr/bin:/bin");

	for (char *save, *dir = strtok_r(list, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
		char *p = strf("%s/%s", dir, name);

		if (access(p, X_OK) == 0)
			return p;
		free(p);
	}
	return NULL;
}

/* Takes the program if it is newer than what is there. */
static void consider(struct host *h, const char *qemu)
{
	auto_free char *text = NULL;
	int version = qemu && access(qemu, X_OK) == 0 ? ask_version(qemu, &text) : -1;

	if (version <= h->qemu_version)
		return;
	free(h->qemu);
	free(h->qemu_text);
	h->qemu = xstrdup(qemu);
	h->qemu_text = steal(text);
	h->qemu_version = version;
}

static int find_qemu(struct host *h, const struct machine *m, struct err *e)
{
	const char *given = m->qemu ? m->qemu : getenv("TIERLAB_QEMU"), *dir = getenv("TIERLAB_QEMU_DIR");
	auto_free char *own = NULL, *bundle = str_empty(dir) ? xstrdup(BUNDLE) : strf("%s/qemu-system-x86_64", dir);

	if (!str_empty(given)) {
		consider(h, given);
		if (!h->qemu)
			return err_set(e, "%s is no QEMU that runs (%s)", given, m->qemu ? "the machine file's 'qemu'" : "TIERLAB_QEMU");
		return 0;
	}
	own = in_path("qemu-system-x86_64");
	consider(h, own);
	if (h->qemu_version < QEMU_CXL_ALIAS)
		consider(h, bundle);
	return h->qemu ? 0 : err_set(e, "qemu-system-x86_64 is not installed: run `make setup`");
}

static uint64_t memory_available(void)
{
	auto_free char *info = file_read("/proc/meminfo", 0, NULL, &(struct err){ "" });
	const char *line = info ? strstr(info, "MemAvailable:") : NULL;

	return line ? strtoull(line + strlen("MemAvailable:"), NULL, 10) * KiB : 0;
}

int host_probe(struct host *h, const struct machine *m, struct err *e)
{
	*h = (struct host){ .cpus = sysconf(_SC_NPROCESSORS_ONLN), .memory_free = memory_available(), .qemu_version = -1 };
	h->kvm = kvm_usable(h->kvm_why, sizeof(h->kvm_why));
	return find_qemu(h, m, e);
}

void host_free(struct host *h)
{
	free(h->qemu);
	free(h->qemu_text);
	*h = (struct host){ 0 };
}

bool host_uses_kvm(const struct host *h, const struct machine *m)
{
	return m->accelerator == ACCEL_KVM || (m->accelerator == ACCEL_AUTO && h->kvm);
}

int host_check(const struct host *h, const struct machine *m, struct err *e)
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
	if (host_uses_kvm(h, m) && m->cxl.n_devices && h->qemu_version < QEMU_CXL_ALIAS)
		return ydoc_err(m->doc, &m->accelerator, e, "CXL memory under KVM needs QEMU 11.1, and %s is %s: a guest that "
				"touched it would die; use tcg, or a newer QEMU", h->qemu, h->qemu_text);
	return 0;
}
