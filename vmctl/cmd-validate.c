/* validate: all rules that a machine file and this host can be held against without starting anything. */
#include <stdio.h>

#include "cmd.h"
#include "host-there.h"
#include "state.h"
#include "text.h"
#include "topology.h"
#include "units.h"

static void report(const struct machine *m, const char *path, const struct host *h)
{
	char memory[SIZE_TEXT], behind[SIZE_TEXT];
	auto_free char *cxl = m->cxl.n_devices ? strf(", %s behind CXL on %zu device%s, %zu region%s", size_human(cxl_total(m), behind),
						      m->cxl.n_devices, m->cxl.n_devices > 1 ? "s" : "", m->cxl.n_regions,
						      m->cxl.n_regions == 1 ? "" : "s") : xstrdup("");

	printf("%s: good: %ld CPUs, %s of DRAM%s; runs under %s, QEMU %s\n", path, machine_cpus(m, h->cpus),
	       size_human(m->memory, memory), cxl, host_uses_kvm(h, m) ? "KVM" : "TCG", h->qemu.text);
}

/* This host, unless another was named: then that one. */
static int probe(struct host *h, const struct machine *m, struct err *e)
{
	cleanup(virt_cleanup) struct virt *v = NULL;

	v = virt_far_given() ? virt_open(NULL, e) : NULL;
	if (virt_far_given() && !v)
		return -1;
	return v && virt_is_remote(v) ? host_probe_there(h, m, v, e) : host_probe(h, m, e);
}

static int validate(const char *given, struct err *e)
{
	cleanup(machine_cleanup) struct machine *m = NULL;
	cleanup(host_free) struct host h = { 0 };
	auto_free char *path = NULL;

	m = state_find_machine(given, &path, e);
	if (!m || probe(&h, m, e) < 0 || host_check(&h, m, e) < 0)
		return -1;
	report(m, path, &h);
	return 0;
}

int cmd_validate(int argc, char **argv, struct err *e)
{
	for (int i = 0; i < argc; i++)
		if (validate(argv[i], e) < 0)
			return -1;
	return 0;
}
