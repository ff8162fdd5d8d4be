/* Any bytes as a machine file. What is read has a plan and QEMU arguments too, and can be drawn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../vmctl/boot.h"
#include "../../vmctl/domain-xml-cxl.h"
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
	if (m) {
		auto_strv args = { 0 };
		auto_free char *plan = guest_plan(m, "key");

		cxl_arguments(&(struct boot_spec){ .m = m, .dir = "/d" }, &args);
		draw(m);
	}
	machine_free(m);
	unlink(path);
	return 0;
}
