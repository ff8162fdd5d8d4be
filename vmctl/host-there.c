#include "host-there.h"

#include <stdio.h>
#include <string.h>

#include "exits.h"
#include "text.h"

/* The machine file's; else the newer of the bundle, where `make setup` has put one there, and the one that libvirt would take. */
static void find_qemu(struct qemu *q, const struct machine *m, struct virt *v)
{
	const char *candidates[] = { m->qemu ? m->qemu : qemu_bundle(), m->qemu ? m->qemu : NULL };

	*q = (struct qemu){ .version = -1 };
	for (size_t i = 0; i < sizeof(candidates) / sizeof(*candidates); i++) {
		struct qemu other;

		if (virt_emulator(v, candidates[i], &other) < 0)
			continue;
		if (other.version > q->version) {
			qemu_free(q);
			*q = other;
		} else {
			qemu_free(&other);
		}
	}
}

int host_probe_there(struct host *h, const struct machine *m, struct virt *v, struct err *e)
{
	auto_free char *uri = virt_uri(v);

	*h = (struct host){ 0 };
	if (virt_host(v, &h->cpus, &h->memory_free, e) < 0)
		return err_status(e, EXIT_HOST);
	find_qemu(&h->qemu, m, v);
	if (!h->qemu.path) {
		err_set(e, m->qemu ? "libvirt at %s can't use the machine file's 'qemu' (%s)" :
			"libvirt at %s has no QEMU for x86_64: `make setup` installs it there%s", uri, m->qemu ? m->qemu : "");
		return err_status(e, EXIT_HOST);
	}
	h->kvm = m->accelerator != ACCEL_TCG && virt_has_kvm(v, h->qemu.path);
	snprintf(h->kvm_why, sizeof(h->kvm_why), "libvirt at %.90s offers none, or the processor shows neither vmx nor svm", uri);
	return 0;
}
