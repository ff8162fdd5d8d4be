/* exec, ssh, console: into the guest. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "guest.h"
#include "session.h"

int cmd_exec(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	int skip = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;

	if (session_open_running(&s, argv[0], e) < 0)
		return -1;
	if (argc <= skip)
		return err_set(e, "which command? `vmctl exec %s -- COMMAND [ARG]...`", argv[0]);
	return guest_exec(&s.state, argv + skip, false, e);
}

int cmd_ssh(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };

	(void)argc;
	if (session_open_running(&s, argv[0], e) < 0)
		return -1;
	return guest_exec(&s.state, NULL, isatty(STDIN_FILENO), e);
}

int cmd_console(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };

	(void)argc;
	virt_use_events();
	if (session_open_running(&s, argv[0], e) < 0)
		return -1;
	fprintf(stderr, "the serial console of %s; Ctrl-] leaves it\n", s.state.name);
	return virt_console(s.virt, s.state.name, e);
}
