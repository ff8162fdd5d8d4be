/* stop, delete. */
#include <stdio.h>
#include <unistd.h>

#include "cmd.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "remote.h"
#include "stop.h"
#include "text.h"
#include "units.h"

#define POLL_US 100000
#define ASK_AGAIN_S 5.0 /* a guest that is still booting does not hear the button */

static bool force;

const struct cli_option stop_options[] = {
	{ "force", 'f', NULL, "end it at once, like pulling the plug", &force },
	{ 0 }
};

const struct cli_option delete_options[] = {
	{ "force", 'f', NULL, "also a machine that is running: it is ended first", &force },
	{ 0 }
};

/* 1: it powered off, 0: it did not in time. */
static int wait_off(struct session *s, double timeout_s, struct err *e)
{
	double begin = now_s(), asked = 0;

	while (now_s() - begin < timeout_s) {
		if (interrupt_check(e) < 0 || virt_running(s->virt, s->state.name, &s->running, e) < 0)
			return -1;
		if (!s->running)
			return 1;
		if (now_s() - asked > ASK_AGAIN_S) {
			/* It may end between the two calls: then the next look finds that. */
			virt_shutdown(s->virt, s->state.name, &(struct err){ "" });
			asked = now_s();
		}
		usleep(POLL_US);
	}
	return 0;
}

int stop_machine(struct session *s, double timeout_s, struct err *e)
{
	int off = 0;

	if (timeout_s > 0) {
		progress_begin(0, 0, "%s: powering off", s->state.name);
		off = wait_off(s, timeout_s, e);
	}
	if (off < 0)
		return -1;
	if (off) {
		progress_end("%s: powered off", s->state.name);
		return 0;
	}
	if (virt_destroy(s->virt, s->state.name, e) < 0)
		return -1;
	s->running = false;
	if (timeout_s > 0)
		progress_end("%s: did not power off in %.0f s, and was ended by force", s->state.name, timeout_s);
	else
		progress_note("%s: ended by force", s->state.name);
	return 0;
}

int forget_machine(struct session *s, struct err *e)
{
	return remote_forget(s, e) < 0 ? -1 : state_delete(&s->state, e);
}

int cmd_stop(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	auto_close int lock = -1;

	(void)argc;
	/* What stands still can be ended by force, and does not hear the button. */
	if (session_open_running(&s, argv[0], e) < 0 && !(force && s.running))
		return -1;
	lock = state_lock(&s.state, e);
	if (lock < 0 || session_refresh(&s, e) < 0)
		return -1;
	if (s.running)
		return stop_machine(&s, force ? 0 : STOP_TIMEOUT_S, e);
	progress_note("%s: powered off meanwhile", s.state.name);
	return 0;
}

/* Its host does not answer, and may never again. */
static int delete_here(struct session *s, struct err *e)
{
	auto_free char *uri = home_uri(&s->state);
	auto_close int lock = -1;

	if (!uri || s->virt)
		return -1;
	if (!force)
		return err_append(e, "; delete --force drops what of the machine is here");
	lock = state_lock(&s->state, e);
	if (lock < 0 || state_delete(&s->state, e) < 0)
		return -1;
	printf("%s is forgotten here; %s was not reached, and what it has there stays\n", s->state.name, uri);
	return 0;
}

int cmd_delete(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	auto_close int lock = -1;

	(void)argc;
	if (session_open(&s, argv[0], e) < 0)
		return delete_here(&s, e);
	if (!is_dir(s.state.dir))
		return err_set(e, "machine '%s' has nothing that could be deleted: it was never started here", s.state.name);
	lock = state_lock(&s.state, e);
	if (lock < 0 || session_refresh(&s, e) < 0)
		return -1;
	if (s.running && !force)
		return err_set(e, "machine '%s' is running: `vmctl stop %s` first, or delete --force", s.state.name, s.state.name);
	if ((s.running && stop_machine(&s, 0, e) < 0) || forget_machine(&s, e) < 0)
		return -1;
	printf("%s is deleted: its disk is gone, the image and the machine file are as they were\n", s.state.name);
	return 0;
}
