#include "ready.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "diagnose.h"
#include "exits.h"
#include "guest.h"
#include "interrupt.h"
#include "print.h"
#include "progress.h"
#include "remote.h"
#include "text.h"
#include "units.h"

/* A firmware says its first word within a second, a kernel within 2 to 5, on a busy host within 20. A quiet kernel says none, and
 * then an initrd waits for its root for 30 s in silence. */
#define FIRST_WORD_S 90
#define SILENCE_S 120

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

/* ---- is it still worth waiting? ---- */

struct watch {
	struct session *s;
	off_t size;   /* of the console's log     */
	double since; /* when it was last larger  */
};

static int gave_up(struct diagnosis *d, struct err *e)
{
	err_set(e, "%s", d->text);
	free(d->text);
	return err_status(e, d->status);
}

static int qemu_ended(struct session *s, struct err *e)
{
	auto_free char *words = virt_last_words(s->virt, s->state.name), *tail = guest_console_tail(&s->state, 1);
	struct diagnosis d = words ? diagnose_qemu(words) : (struct diagnosis){ 0 };
	const char *why = tail ? diagnose_end(tail) : NULL;
	size_t n = words ? strlen(words) : 0;

	if (why) {
		err_set(e, "machine '%s' is not running any more: %s: `vmctl start %s`", s->state.name, why, s->state.name);
		return err_status(e, EXIT_BOOT);
	}
	if (d.text)
		return gave_up(&d, e);
	while (n > 0 && words[n - 1] == '\n')
		words[--n] = '\0';
	while (n > 0 && words[n - 1] != '\n')
		n--;
	err_set(e, "QEMU ended while the guest booted%s%.300s%s", words && words[n] ? " (" : "", words ? words + n : "",
		words && words[n] ? ")" : "");
	return err_status(e, EXIT_BOOT);
}

/* A guest that boots says something now and then, also on a busy host. */
static int check_life(struct watch *w, struct err *e)
{
	auto_free char *path = state_path(&w->s->state, "console.log");
	struct stat st = { 0 };

	stat(path, &st);
	if (st.st_size != w->size) {
		w->size = st.st_size;
		w->since = now_s();
	}
	if (!w->size && now_s() - w->since >= FIRST_WORD_S) {
		err_set(e, "nothing on the guest's console for %d s: is the kernel an x86-64 one, and does it have a serial console "
			   "(CONFIG_SERIAL_8250_CONSOLE)?", FIRST_WORD_S);
		return err_status(e, EXIT_BOOT);
	}
	if (now_s() - w->since < SILENCE_S)
		return 0;
	err_set(e, "no life on the guest's console for %d s: `vmctl console %s` joins it, `vmctl logs %s` has what it said", SILENCE_S,
		w->s->state.name, w->s->state.name);
	return err_status(e, EXIT_BOOT);
}

static char *console_tail(struct session *s, int lines)
{
	remote_log(s, &(struct err){ "" }); /* what is known of it is better than nothing */
	return guest_console_tail(&s->state, lines);
}

int ready_died(struct session *s, struct err *e)
{
	auto_free char *tail = console_tail(s, 60);
	struct diagnosis d = { 0 };
	bool running;

	if (virt_running(s->virt, s->state.name, &running, e) < 0)
		return -1;
	if (tail)
		d = diagnose_console(tail, FATAL);
	if (d.text)
		return gave_up(&d, e);
	return running ? session_check_paused(s, e) : qemu_ended(s, e);
}

static int alive(void *arg, struct err *e)
{
	struct watch *w = arg;

	return ready_died(w->s, e) < 0 ? -1 : check_life(w, e);
}

/* What may have been the reason that nothing was heard. */
static void add_guess(struct session *s, struct err *e)
{
	auto_free char *tail = console_tail(s, 400), *words = virt_last_words(s->virt, s->state.name);
	struct diagnosis d = words ? diagnose_qemu(words) : (struct diagnosis){ 0 };

	if (!d.text && tail)
		d = diagnose_console(tail, ANY);
	if (d.text)
		err_append(e, "; %s", d.text);
	free(d.text);
}

/* ---- waiting ---- */

/* Shows the end of the console under an error that has to do with the guest. */
static void show_console(struct session *s)
{
	auto_free char *tail = console_tail(s, 15);

	progress_abort();
	if (tail)
		fprintf(stderr, "--- the end of the guest's console:\n%s\n---\n", tail);
}

static int wait_boot(struct session *s, double timeout_s, int step, struct err *e)
{
	struct watch w = { .s = s, .size = -1 };

	progress_begin(step, step ? step + 1 : 0, "%s: booting", s->state.name);
	if (guest_wait(&s->guest, timeout_s, alive, &w, e) < 0) {
		if (interrupted())
			return -1;
		if (e->status == EXIT_TIMEOUT)
			add_guess(s, e);
		show_console(s);
		return -1;
	}
	progress_end("%s: booted, %s answers", s->state.name, s->guest.way == WAY_AGENT ? "its agent" : "SSH");
	return 0;
}

/* Every expectation has to hold; those that do not are shown. */
static int verify(struct session *s, int step, struct err *e)
{
	cleanup(look_free) struct look l = { 0 };
	const char *remedy;
	bool running = true;
	size_t bad = 0;

	progress_begin(step, step, "%s: set-up in the guest, and checks", s->state.name);
	if (session_look(s, &l, e) < 0)
		return !interrupted() && virt_running(s->virt, s->state.name, &running, &(struct err){ "" }) == 0 && !running ?
			       qemu_ended(s, e) : -1;
	for (size_t i = 0; i < l.checks.n; i++)
		bad += !l.checks.v[i].ok;
	if (bad) {
		progress_abort();
		print_checks(&l.checks);
		fflush(stdout); /* before the error, also where both go into one file */
		remedy = diagnose_setup(view_status(&l.view));
		err_set(e, "%zu of %zu checks of '%s' failed (above)%s%s; it is left running: `vmctl %s %s` to look, `vmctl stop %s` "
			   "to end it", bad, l.checks.n, s->state.name, remedy ? ": " : "", remedy ? remedy : "",
			s->guest.way == WAY_AGENT ? "console" : "ssh", s->state.name, s->state.name);
		return err_status(e, EXIT_EXPECT);
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
