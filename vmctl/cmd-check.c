/* check: the machine file and the guest, side by side. */
#include "cmd.h"
#include "exits.h"
#include "print.h"
#include "session.h"

static bool json;

const struct cli_option check_options[] = {
	{ "json", 'j', NULL, "for programs", &json },
	{ 0 }
};

int cmd_check(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	cleanup(look_free) struct look l = { 0 };

	(void)argc;
	if (session_open_running(&s, argv[0], e) < 0 || session_look(&s, &l, e) < 0)
		return -1;
	if (json)
		print_checks_json(&l.checks);
	else
		print_checks(&l.checks);
	return checks_ok(&l.checks) ? 0 : EXIT_EXPECT;
}
