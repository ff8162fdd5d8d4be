#include "ready.h"

#include <stdio.h>
#include <string.h>

#include "guest.h"
#include "interrupt.h"
#include "print.h"
#include "progress.h"
#include "text.h"

static const char *const until_names[] = { "none", "boot", "ready" };
#define N_UNTIL (sizeof(until_names) / sizeof(*until_names))

int until_parse(const char *word, enum until *until, struct err *e)
{
	char hint[120];

	for (size_t i = 0; i < N_UNTIL; i++)
		if (!strcmp(word, until_names[i])) {
			*until = (enum until)i;
			return 0;
		}
	return err_set(e, "'%s' is nothing to wait for%s: none, boot or ready", word,
		       did_you_mean_text(hint, sizeof(hint), word, until_names, N_UNTIL));
}

/* What the console shows when a boot has come to nothing, and what to say of it. */
static const struct {
	const char *pattern, *diagnosis;
} diagnoses[] = {
	{ "VFS: Unable to mount root fs", "the kernel can't mount the root file system" },
	{ "Kernel panic - not syncing", "the guest's kernel panicked" },
	{ "You are in emergency mode", "the guest is in systemd's emergency mode" },
	{ "No bootable device", "the disk holds nothing that boots" },
	{ "error: no such device", "GRUB can't find its file system" },
};

/* Is it still worth waiting for the guest? */
static int alive(void *arg, struct err *e)
{
	struct session *s = arg;
	auto_free char *tail = guest_console_tail(&s->state, 40);
	bool running;

	if (virt_running(s->virt, s->state.name, &running, e) < 0)
		return -1;
	if (!running)
		return err_set(e, "QEMU ended while the guest booted");
	for (size_t i = 0; tail && i < sizeof(diagnoses) / sizeof(*diagnoses); i++)
		if (strstr(tail, diagnoses[i].pattern))
			return err_set(e, "%s", diagnoses[i].diagnosis);
	return 0;
}

/* Shows the end of the console under an error that has to do with the guest. */
static void show_console(const struct session *s)
{
	auto_free char *tail = guest_console_tail(&s->state, 15);

	progress_abort();
	if (tail)
		fprintf(stderr, "--- the end of the guest's console:\n%s\n---\n", tail);
}

static int wait_boot(struct session *s, double timeout_s, int step, struct err *e)
{
	progress_begin(step, step ? step + 1 : 0, "%s: booting", s->state.name);
	if (guest_wait(&s->state, timeout_s, alive, s, e) < 0) {
		if (!interrupted())
			show_console(s);
		return -1;
	}
	progress_end("%s: booted, SSH answers", s->state.name);
	return 0;
}

/* Every expectation has to hold; those that do not are shown. */
static int verify(struct session *s, int step, struct err *e)
{
	cleanup(look_free) struct look l = { 0 };
	size_t bad = 0;

	progress_begin(step, step, "%s: set-up in the guest, and checks", s->state.name);
	if (session_look(s, &l, e) < 0)
		return -1;
	for (size_t i = 0; i < l.checks.n; i++)
		bad += !l.checks.v[i].ok;
	if (bad) {
		progress_abort();
		print_checks(&l.checks);
		show_console(s);
		return err_set(e, "%zu of %zu checks of '%s' failed (above); it is left running: `vmctl ssh %s` to look, "
			       "`vmctl stop %s` to end it", bad, l.checks.n, s->state.name, s->state.name, s->state.name);
	}
	progress_end("%s: all %zu checks hold", s->state.name, l.checks.n);
	return 0;
}

int wait_until(struct session *s, enum until until, double timeout_s, int step, struct err *e)
{
	if (until == UNTIL_STARTED)
		return 0;
	if (wait_boot(s, timeout_s, step, e) < 0)
		return -1;
	return until == UNTIL_READY ? verify(s, step ? step + 1 : 0, e) : 0;
}
