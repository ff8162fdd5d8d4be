/* doctor: what on this host works, and what would mend the rest. */
#include "cmd.h"
#include "doctor.h"
#include "print.h"

static bool json;

const struct cli_option doctor_options[] = {
	{ "json", 'j', NULL, "for programs", &json },
	{ 0 }
};

int cmd_doctor(int argc, char **argv, struct err *e)
{
	cleanup(virt_cleanup) struct virt *there = NULL;
	bool remote;
	struct probed *list;
	enum health worst;
	size_t n;

	(void)argc;
	(void)argv;
	if (virt_far_given() && !(there = virt_open(NULL, e)))
		return -1;
	remote = there && virt_is_remote(there);
	n = remote ? doctor_look_there(there, &list) : doctor_look(&list);
	worst = doctor_worst(list, n);
	if (json)
		print_probed_json(list, n);
	else
		print_probed(list, n);
	probed_free(list, n);
	return worst == ILL;
}
