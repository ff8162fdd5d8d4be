/* wait: until a machine that runs is ready. */
#include <stdio.h>

#include "cmd.h"
#include "ready.h"
#include "units.h"

static const char *wait_for, *timeout;

const struct cli_option wait_options[] = {
	{ "for", 0, "STATE", "what to wait for: ready (all checks hold; the default) or boot (SSH answers)", &wait_for },
	{ "timeout", 't', "TIME", "how long at most, as in 90s (default: 5m)", &timeout },
	{ 0 }
};

int cmd_wait(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	enum until until = UNTIL_READY;
	uint64_t ms = BOOT_TIMEOUT_S * 1000;

	(void)argc;
	if ((wait_for && until_parse(wait_for, &until, e) < 0) || (timeout && duration_parse(timeout, &ms, e) < 0) ||
	    session_open_running(&s, argv[0], e) < 0)
		return -1;
	return wait_until(&s, until, (double)ms / 1e3, 0, e);
}
