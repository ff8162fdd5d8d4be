/* clone: a machine once more, with all that is on its disk. */
#include <stdio.h>
#include <string.h>

#include "clone.h"
#include "cmd.h"
#include "file.h"
#include "progress.h"
#include "session.h"
#include "text.h"

/* Both locks, in the order of the names: two clones that cross do not wait for each other. */
static int lock_both(const struct state *a, const struct state *b, int locks[2], struct err *e)
{
	bool in_order = strcmp(a->name, b->name) < 0;

	locks[0] = state_lock(in_order ? a : b, e);
	locks[1] = locks[0] < 0 ? -1 : state_lock(in_order ? b : a, e);
	return locks[1] < 0 ? -1 : 0;
}

static int check(struct session *s, const struct state *new, struct err *e)
{
	bool taken;

	if (session_refresh(s, e) < 0 || session_running(s->virt, new, NULL, &taken, e) < 0)
		return -1;
	if (is_dir(new->dir) || taken)
		return err_set(e, "there is a machine '%s' already: take another name, or `vmctl delete %s` first", new->name, new->name);
	if (s->running)
		return err_set(e, "machine '%s' is running: its disk would be torn in the copy; `vmctl stop %s` first", s->state.name,
			       s->state.name);
	return 0;
}

static int clone_locked(struct session *s, const struct state *new, struct err *e)
{
	auto_free char *lock = strf("%s/locks/%s", new->root, new->name);

	if (check(s, new, e) < 0)
		return -1;
	if (clone_machine(&s->state, new, e) < 0) {
		unlink(lock); /* a machine that never was leaves nothing */
		return -1;
	}
	progress_end("%s: copied to %s", s->state.name, new->name);
	printf("%s is a copy of %s: `vmctl start %s`\n", new->name, s->state.name, new->name);
	return 0;
}

static void close_locks(int (*locks)[2])
{
	cleanup_close(&(*locks)[1]);
	cleanup_close(&(*locks)[0]);
}

int cmd_clone(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	cleanup(state_free) struct state new = { 0 };
	cleanup(close_locks) int locks[2] = { -1, -1 };

	(void)argc;
	if (state_new_name(argv[1], e) < 0 || state_open(&new, argv[1], e) < 0 || session_open(&s, argv[0], e) < 0 ||
	    session_needs_here(&s, "a clone", "`vmctl start --as` makes a machine of the same file", e) < 0)
		return -1;
	if (!state_exists(&s.state))
		return err_set(e, "machine '%s' has never been started here, and has nothing to be copied: `vmctl start --as %s %s`",
			       s.state.name, new.name, argv[0]);
	if (is_dir(new.dir)) /* also of itself, which would wait for its own lock */
		return check(&s, &new, e);
	return lock_both(&s.state, &new, locks, e) < 0 ? -1 : clone_locked(&s, &new, e);
}
