/* reset: the guest boots again in the QEMU that it has. */
#include <stdio.h>

#include "boot.h"
#include "cmd.h"
#include "progress.h"
#include "ready.h"
#include "text.h"

static const char *wait_for;

const struct cli_option reset_options[] = {
	{ "wait", 'w', "STATE", "return when it is ready (all checks hold), boot (SSH answers), or none", &wait_for },
	{ 0 }
};

static int may_reset(struct session *s, struct err *e)
{
	cleanup(manifest_free) struct manifest man = { 0 };
	cleanup(machine_cleanup) struct machine *m = state_load(&s->state, &man, e);

	if (!m)
		return -1;
	return survives_reset(m) ? 0 : err_set(e, "machine '%s' has CXL devices, and QEMU does not reset them: the guest would find no region, "
					       "or wrong data in it; `vmctl restart %s` does the same in a new QEMU", s->state.name, s->state.name);
}

int cmd_reset(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	enum until until = UNTIL_READY;
	auto_close int lock = -1;

	(void)argc;
	if ((wait_for && until_parse(wait_for, &until, e) < 0) || session_open_running(&s, argv[0], e) < 0 ||
	    session_needs_here(&s, "a reset", "`vmctl restart` does it in a new QEMU", e) < 0)
		return -1;
	lock = state_lock(&s.state, e);
	if (lock < 0 || may_reset(&s, e) < 0 || state_reboot(&s.state, e) < 0 || virt_reset(s.virt, s.state.name, e) < 0)
		return -1;
	progress_note("%s: the guest is reset", s.state.name);
	return wait_until(&s, until, BOOT_TIMEOUT_S, 0, e);
}
