#include "bench-run.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench-list.h"
#include "copy.h"
#include "digest.h"
#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "ready.h"
#include "units.h"

#define NOT_FOUND 127
#define REFUSED 2   /* tierrun's status for words that it does not take */
#define BUSY 3      /* another is at work, perhaps one that is putting things back after its vmctl was killed */
#define BUSY_S 90

/* The guest is not there any more, or nothing comes of it: why, as far as console and QEMU tell. */
static char *why_lost(struct session *s, const struct err *said)
{
	struct err e = { "" };

	return ready_died(s, &e) < 0 && *e.msg ? strf("%s", e.msg) : xstrdup(said->msg);
}

/* The run's file goes into the guest under a name that says what is in it: another one of that name is another file. */
static int bring_file(struct session *s, const struct bench_run *r, const char *path, char **there, char **error, struct err *e)
{
	char hex[DIGEST_HEX];

	if (digest_file(path, DIGEST_SHA256, hex, e) < 0)
		return -1;
	if (strcmp(hex, r->file_sha256))
		return err_set(e, "%s was changed meanwhile: its results would not be those of the runs before; the same command begins anew with the "
			       "new one", path);
	*there = strf("/var/tmp/tierlab-%.16s", hex);
	if (copy_into(&s->guest, path, *there, e) == 0)
		return 0;
	if (interrupted())
		return -1;
	*error = why_lost(s, e);
	return 0;
}

/* tierrun ends when its input does, and puts everything back then: so it is also when this program is killed, or the connection
 * lost. The agent has no such input, but ends what it runs. */
static int lifeline(const struct session *s, int fds[2], struct err *e)
{
	fds[0] = fds[1] = -1;
	if (s->guest.way == WAY_AGENT)
		return 0;
	return pipe2(fds, O_CLOEXEC) < 0 ? err_errno(e, "no pipe") : 0;
}

static void close_both(int (*fds)[2])
{
	for (int i = 0; i < 2; i++)
		if ((*fds)[i] >= 0)
			close((*fds)[i]);
}

/* The last line that it said on its standard error, without the program's name. */
static char *last_line(char *text)
{
	size_t n = text ? strlen(text) : 0;
	char *line;

	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	line = n ? strrchr(text, '\n') : NULL;
	line = line ? line + 1 : text;
	return n ? xstrdup(str_starts(line, "tierrun: ") ? line + strlen("tierrun: ") : line) : NULL;
}

static int judge(struct session *s, int status, const char *image, struct text *err, char **error, struct err *e)
{
	auto_free char *line = last_line(err->s);

	if (status < 0 && interrupted())
		return -1;
	if (status < 0)
		*error = why_lost(s, e);
	else if (status == NOT_FOUND)
		return err_set(e, "the guest has no tierrun: its image was built before there was one; `vmbuild %s` builds it again, `vmctl "
			       "restart --fresh %s` boots it", image, s->state.name);
	else if (status == BUSY) {
		err_set(e, "%s: %s", s->state.name, line ? line : "another tierrun is at work there");
		return err_status(e, EXIT_HOST);
	} else if (status == REFUSED)
		return err_set(e, "tierrun: %s", line ? line : "it does not take its words");
	else if (status > 0)
		*error = steal(line);
	return 0;
}

static int call_tierrun(struct session *s, const struct strv *argv, const struct bench_call *c, int in, struct text *out, struct text *err,
			struct err *e)
{
	double until = now_s() + BUSY_S;
	int status;

	for (;;) {
		status = guest_call_text(&s->guest, &(struct call){ .argv = (const char *const *)argv->v, .in = in, .tick = c->tick, .arg = c->arg },
					 out, err, e);
		if (status != BUSY || now_s() > until || interrupted())
			return status;
		text_free(out);
		text_free(err);
		*out = *err = (struct text){ 0 };
		sleep(1);
	}
}

int bench_run_once(struct session *s, const struct matrix *m, const struct bench_run *r, const struct bench_call *c, char **said,
		   char **error, struct err *e)
{
	cleanup(close_both) int life[2] = { -1, -1 };
	auto_free char *path = bench_file_path(c->dir, r), *there = NULL;
	auto_text out = { 0 }, err = { 0 };
	auto_strv argv = { 0 };
	int status;

	*said = *error = NULL;
	if ((path && bring_file(s, r, path, &there, error, e) < 0) || lifeline(s, life, e) < 0)
		return -1;
	if (*error)
		return 0;
	strv_add(&argv, "tierrun");
	if (life[0] >= 0)
		strv_add(&argv, "--until-eof");
	strv_add(&argv, "-o");
	strv_add(&argv, "-");
	matrix_command(m, r, there, &argv);
	status = call_tierrun(s, &argv, c, life[0], &out, &err, e);
	if (judge(s, status, c->image, &err, error, e) < 0)
		return -1;
	*said = out.n ? steal(out.s) : NULL;
	return 0;
}
