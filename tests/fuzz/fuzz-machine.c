/* Any bytes as a machine file. What is read has a plan and QEMU arguments too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../vmctl/boot.h"
#include "../../vmctl/domain-xml-cxl.h"
#include "fuzz.h"
#include "text.h"

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
	}
	machine_free(m);
	unlink(path);
	return 0;
}
