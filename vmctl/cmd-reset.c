/* reset: the guest boots again in the QEMU that it has. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "progress.h"
#include "ready.h"
#include "text.h"

static const char *wait_for;

const struct cli_option reset_options[] = {
	{ "wait", 'w', "STATE", "return when it is ready (all checks hold), boot (SSH answers), or none", &wait_for },
	{ 0 }
};

/* Up to QEMU 11.1.3 at least, a reset leaves a device's decoder committed and the alias of RAM that serves its region in place. The
 * kernel then finds a device that decodes what it does not know, and makes no region of it ("Range register decodes outside
 * platform defined CXL ranges"); or it makes one elsewhere, and the guest reads what is not there. Also with regions that were
 * made by hand. */
static int may_reset(struct session *s, struct err *e)
{
	cleanup(manifest_free) struct manifest man = { 0 };
	cleanup(machine_cleanup) struct machine *m = state_load(&s->state, &man, e);
	auto_free char *mtree = m ? virt_monitor(s->virt, s->state.name, "info mtree", e) : NULL;

	if (!mtree)
		return -1;
	if (!m->cxl.n_regions && !strstr(mtree, "cxl-direct-mapping-alias"))
		return 0;
	return err_set(e, "machine '%s' has CXL regions, and QEMU does not reset them: the guest would find none, or wrong data in them; "
		       "`vmctl restart %s` does the same in a new QEMU", s->state.name, s->state.name);
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
