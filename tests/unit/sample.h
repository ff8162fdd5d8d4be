/* A machine as it looks when all is well: cxl-small with the image cxl-tcg, and what its guest reports
 * (tests/golden/report-cxl-small.txt). */
#pragma once
#include "harness.h"

#include "../../vmctl/boot.h"
#include "../../vmctl/checks.h"

#define SAMPLE_MTREE \
	"  0000000310000000-000000040fffffff (prio 0, i/o): cxl-fixed-memory-region-0\n" \
	"    0000000310000000-000000034fffffff (prio 0, ram): alias cxl-direct-mapping-alias-0 @cxl-ram-mem0 0-3fffffff\n"

struct sample {
	struct machine *m;
	struct manifest man;
	struct host host;
	struct kernel_option options[3];
};

static inline void sample_make_from(struct sample *s, const char *machine_path)
{
	*s = (struct sample){
		.m = machine_load(machine_path, &why),
		.man = { .name = (char *)"cxl-tcg", .build = (char *)"0123456789abcdef", .created = (char *)"2026-01-02T03:04:05Z",
			 .root = (char *)"PARTUUID=7ae71ab0-0000-4000-8000-000000000001", .base = (char *)"trixie",
			 .image = (char *)"/images/cxl-tcg.qcow2", .kernel = (char *)"/images/cxl-tcg.vmlinuz",
			 .release = (char *)"6.12.117", .n_options = 3 },
		.host = { .cpus = 2, .qemu = { .path = (char *)"/usr/bin/qemu-system-x86_64", .version = 11001,
					       .text = (char *)"11.1.3" } },
	};
	if (!s->m)
		fail_msg("%s", why.msg);
	strv_add(&s->options[0].spellings, "CXL_REGION=y");
	strv_add(&s->options[1].spellings, "MEMORY_HOTPLUG_DEFAULT_ONLINE=y");
	strv_add(&s->options[1].spellings, "MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO=y");
	strv_add(&s->options[2].spellings, "SOUND=n");
	s->man.options = s->options;
}

static inline void sample_make(struct sample *s)
{
	sample_make_from(s, "vmctl/machines/cxl-small.yaml");
}

static inline void sample_free(struct sample *s)
{
	for (size_t i = 0; i < COUNT(s->options); i++)
		strv_free(&s->options[i].spellings);
	machine_free(s->m);
}

static inline const char *sample_report(void)
{
	return get_file("tests/golden/report-cxl-small.txt");
}

#define SAMPLE_KEY "ssh-ed25519 AAAAC3Nz tierlab"

/* The domain that it would be started with; until the end of the test. */
static inline const char *sample_xml(const struct sample *s)
{
	char *plan = guest_plan(s->m, SAMPLE_KEY), *xml;

	xml = domain_xml(&(struct boot_spec){ .m = s->m, .man = &s->man, .host = &s->host, .plan = plan, .ssh_port = 2222,
					      .prefix = "/state/machines/x/" });
	free(plan);
	strv_take(&kept, xml);
	return xml;
}
