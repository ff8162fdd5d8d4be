/* Any bytes as a guest's report, and all that is asked of one. */
#include "../../vmctl/checks.h"
#include "fuzz.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *report = xstrndup((const char *)data, size);
	static struct machine *m;
	struct manifest man = { .release = (char *)"6.12" };
	struct err e = { "" };
	struct checks c;
	struct view w;

	if (!m && !(m = machine_load("vmctl/machines/cxl-small.yaml", &e)))
		abort();
	view_parse(&w, report);
	checks_make(&c, m, &man, &(struct seen){ .view = &w, .mtree = report, .qemu_version = QEMU_CXL_ALIAS, .host_cpus = 2 });
	checks_free(&c);
	view_free(&w);
	return 0;
}
