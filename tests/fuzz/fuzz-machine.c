/* Any bytes as a machine file. What is read has a plan and a domain too, for an old QEMU and for a new one, and can be drawn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../vmctl/boot.h"
#include "fuzz.h"
#include "show.h"
#include "text.h"

static void draw(const struct machine *m)
{
	cleanup(box_cleanup) struct box *tree = show_tree(m, 2);
	auto_free char *text = show_text(tree, true), *svg = NULL;

	for (const char *s = text; *s; s++)
		if ((unsigned char)*s < 0x20 && *s != '\n')
			abort();
	show_layout(tree);
	svg = show_svg(tree);
	if (!strstr(svg, "</svg>"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *path = strf("%s/tierlab-fuzz-%d.yaml", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (int)getpid());
	FILE *f = fopen(path, "we");
	struct err e = { "" };
	struct machine *m;

	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
	m = machine_load(path, &e);
	if (!m && (!*e.msg || strchr(e.msg, '\n')))
		abort();
	for (int old = 0; m && old < 2; old++) {
		struct host host = { .cpus = 2, .kvm = !old, .qemu = { .path = (char *)"/q", .text = (char *)"?",
								      .version = old ? 8002 : QEMU_CXL_ALIAS } };
		struct manifest man = { .build = (char *)"0", .root = (char *)"r", .kernel = (char *)"/k", .stock = !old };
		auto_free char *plan = guest_plan(m, "key"), *xml = NULL;

		draw(m);
		xml = domain_xml(&(struct boot_spec){ .m = m, .man = &man, .host = &host, .plan = plan, .prefix = "/d/",
						      .ssh_port = 2222 });
		if (host_check(&host, m, &e) < 0 && (!*e.msg || strchr(e.msg, '\n')))
			abort();
	}
	machine_free(m);
	unlink(path);
	return 0;
}
