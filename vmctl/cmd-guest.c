/* exec, copy, ssh, console: into the guest. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "copy.h"
#include "session.h"
#include "ssh.h"

static bool agent;

const struct cli_option exec_options[] = {
	{ "agent", 'a', NULL, "by the guest's agent, also where SSH answers", &agent },
	{ 0 }
};
const struct cli_option copy_options[] = {
	{ "agent", 'a', NULL, "by the guest's agent, also where SSH answers", &agent },
	{ 0 }
};

static int open_guest(struct session *s, const char *given, struct err *e)
{
	if (session_open_running(s, given, e) < 0)
		return -1;
	if (agent)
		s->guest.way = WAY_AGENT;
	return 0;
}

int cmd_exec(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	int skip = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;

	if (open_guest(&s, argv[0], e) < 0)
		return -1;
	if (argc <= skip)
		return err_set(e, "which command? `vmctl exec %s -- COMMAND [ARG]...`", argv[0]);
	return guest_exec(&s.guest, (const char *const *)argv + skip, e);
}

int cmd_copy(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	struct places p;
	int rc;

	(void)argc;
	if (places_parse(&p, argv[0], argv[1], e) < 0)
		return err_status(e, 2);
	rc = open_guest(&s, p.machine, e);
	if (rc == 0)
		rc = p.into ? copy_into(&s.guest, p.from, p.to, e) : copy_out(&s.guest, p.from, p.to, e);
	places_free(&p);
	return rc;
}

int cmd_ssh(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };

	(void)argc;
	if (session_open_running(&s, argv[0], e) < 0)
		return -1;
	if (s.guest.way == WAY_AGENT)
		return err_set(e, "no network leads to machine '%s': `vmctl console %s` logs in, `vmctl exec %s -- CMD` runs a command",
			       s.state.name, argv[0], argv[0]);
	return ssh_login(&s.state, isatty(STDIN_FILENO), e);
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
