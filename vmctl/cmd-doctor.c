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
	struct probed *list;
	size_t n = doctor_look(&list);
	enum health worst = doctor_worst(list, n);

	(void)argc;
	(void)argv;
	(void)e;
	if (json)
		print_probed_json(list, n);
	else
		print_probed(list, n);
	probed_free(list, n);
	return worst == ILL;
}
