/* How long the function that makes a domain's XML takes: domain-xml FILE RUNS prints the milliseconds of each run, a line each. A
 * run is as `vmctl start` has it: the file read and checked, the guest's plan and the domain made; nothing of libvirt or QEMU. */
#include <stdio.h>
#include <stdlib.h>

#include "boot.h"
#include "text.h"
#include "units.h"

static char *make(const char *path, struct err *e)
{
	struct manifest man = { .name = (char *)"image", .root = (char *)"PARTUUID=0", .image = (char *)"/i", .kernel = (char *)"/k" };
	struct host host = { .cpus = 2, .qemu = { .path = (char *)"/q", .version = 11001, .text = (char *)"11.1.3" } };
	cleanup(machine_cleanup) struct machine *m = machine_load(path, e);
	auto_free char *plan = m ? guest_plan(m, "key") : NULL;

	return m ? domain_xml(&(struct boot_spec){ .m = m, .man = &man, .host = &host, .prefix = "/d/", .plan = plan,
						   .ssh_port = 2222 }) : NULL;
}

int main(int argc, char **argv)
{
	struct err e;

	for (int i = argc == 3 ? atoi(argv[2]) : 0; i > 0; i--) {
		double begun = now_s();
		auto_free char *xml = make(argv[1], &e);

		if (!xml)
			return fprintf(stderr, "domain-xml: %s\n", e.msg), 1;
		printf("%.3f\n", (now_s() - begun) * 1000);
	}
	return argc == 3 ? 0 : 2;
}
