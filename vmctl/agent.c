#include "agent.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include "agent-json.h"
#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"
#include "units.h"

#define ANSWER_S 30
#define ALIVE_S 5 /* as long as libvirt waits by itself */

/* How often is it asked whether the program is over: at once, then at growing intervals. */
#define FIRST_MS 5
#define LAST_MS 200

/* qemu-ga 10.0 does not come to an end with a string beyond 256 KiB (in base64). Smaller pieces go at 2.6 MB/s under TCG whatever
 * their size. What it sends goes at 8 MB/s; libvirt's own limit is 4 MiB. */
#define SEND_MAX (64 * KiB)
#define FETCH_MAX (512 * KiB)

/* A command's input comes from anywhere, and has to be in the guest before the command begins. */
#define INPUT_MAX (16 * MiB)
#define INPUT_PATIENCE_MS 2000

struct agent {
	struct virt *v;
	const char *name;
	const struct call *c;
	char *dir; /* in the guest: a folder with what the program reads and writes */
};

/* One of the program's outputs. */
struct stream {
	const char *file;
	int64_t handle; /* -1: not opened */
	int to;
};

static char *say(struct agent *a, char *question, struct err *e)
{
	char *answer = virt_agent(a->v, a->name, question, ANSWER_S, e);

	free(question);
	if (!answer)
		err_status(e, EXIT_UNREACHED);
	return answer;
}

int agent_alive(struct virt *v, const char *name, struct err *e)
{
	auto_free char *question = ask_ping(), *answer = virt_agent(v, name, question, ALIVE_S, e);

	return answer ? 0 : err_status(e, EXIT_UNREACHED);
}

static int open_file(struct agent *a, const char *file, const char *mode, int64_t *handle, struct err *e)
{
	auto_free char *path = strf("%s/%s", a->dir, file), *answer = say(a, ask_open(path, mode), e);

	return answer ? told_handle(answer, handle, e) : -1;
}

static int close_file(struct agent *a, int64_t handle, struct err *e)
{
	auto_free char *answer = say(a, ask_close(handle), e);

	return answer ? 0 : -1;
}

static void tick(struct agent *a)
{
	if (a->c->tick)
		a->c->tick(a->c->arg);
}

/* ---- running ---- */

/* As a login has it. */
static const char *const env[] = { "HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/sh",
				   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };

static int begin(struct agent *a, const char *const *argv, int64_t *pid, struct err *e)
{
	auto_free char *answer = say(a, ask_exec(argv, env), e);

	return answer ? told_pid(answer, pid, e) : -1;
}

static int look(struct agent *a, int64_t pid, struct ended *s, struct err *e)
{
	auto_free char *answer = say(a, ask_status(pid), e);

	return answer ? told_status(answer, s, e) : -1;
}

static void pause_between(int *ms)
{
	usleep((useconds_t)*ms * 1000);
	*ms = *ms * 3 / 2 < LAST_MS ? *ms * 3 / 2 : LAST_MS;
}

/* Runs one of our own small programs to its end. */
static int run_small(struct agent *a, const char *const *argv, struct err *e)
{
	struct ended s = { 0 };
	int ms = FIRST_MS;
	int64_t pid;

	if (begin(a, argv, &pid, e) < 0)
		return -1;
	do {
		pause_between(&ms);
		if (look(a, pid, &s, e) < 0)
			return -1;
	} while (!s.exited);
	if (s.status)
		err_set(e, "%s in the guest: %s", argv[0], s.err ? s.err : "failed");
	free(s.err);
	return s.status ? -1 : 0;
}

/* Nobody waits for it: the agent has its exit status kept. */
static void begin_small(struct agent *a, const char *const *argv)
{
	int64_t pid;

	begin(a, argv, &pid, &(struct err){ "" });
}

/* ---- what it reads ---- */

static int send_piece(struct agent *a, int64_t handle, const char *data, size_t n, struct err *e)
{
	auto_free char *answer = say(a, ask_write(handle, data, n), e);

	return answer ? told_written(answer, n, e) : -1;
}

/* It may be a pipe that nobody ever closes, of which the user thinks as little as of the terminal that it is not. */
static void hint_at_pipe(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	if (poll(&p, 1, INPUT_PATIENCE_MS) == 0)
		progress_note("waiting for the end of the standard input, which the command gets (</dev/null: it has none)");
}

/* Reads until the piece is full or the input has ended: how much that is, or -1. */
static ssize_t fill(int fd, char *piece, struct err *e)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = read(fd, piece + n, SEND_MAX - n);
		if (got < 0 && errno != EINTR)
			return err_errno(e, "can't read the command's input");
		if (interrupt_check(e) < 0)
			return -1;
		n += got > 0 ? (size_t)got : 0;
	} while (got && n < SEND_MAX);
	return (ssize_t)n;
}

static int send_rest(struct agent *a, int64_t handle, char *piece, size_t n, struct err *e)
{
	uint64_t all = 0;

	while (n > 0) {
		ssize_t got;

		all += n;
		if (a->c->attached && all > INPUT_MAX)
			return err_set(e, "by the agent, a command's input is at most 16 MiB: `vmctl copy` brings files in");
		if (send_piece(a, handle, piece, n, e) < 0)
			return -1;
		tick(a);
		got = fill(a->c->in, piece, e);
		if (got < 0)
			return -1;
		n = (size_t)got;
	}
	return 0;
}

/* Puts the input into the guest. There may be none: then there is no file either. */
static int send_input(struct agent *a, bool *is_there, struct err *e)
{
	const char *argv[] = { "mkdir", "-m", "700", a->dir, NULL };
	auto_free char *piece = NULL;
	int64_t handle;
	ssize_t n;
	int rc;

	*is_there = false;
	if (a->c->in < 0 || isatty(a->c->in))
		return 0;
	hint_at_pipe(a->c->in);
	piece = xcalloc(1, SEND_MAX);
	n = fill(a->c->in, piece, e);
	if (n <= 0)
		return (int)n;
	*is_there = true;
	if (run_small(a, argv, e) < 0 || open_file(a, "in", "w", &handle, e) < 0)
		return -1;
	rc = send_rest(a, handle, piece, (size_t)n, e);
	return close_file(a, handle, rc < 0 ? &(struct err){ "" } : e) < 0 ? -1 : rc;
}

/* ---- what it writes ---- */

/* Hands on what has been written since the last time. */
static int fetch(struct agent *a, struct stream *s, struct err *e)
{
	bool eof = false;

	if (s->handle < 0 && open_file(a, s->file, "r", &s->handle, e) < 0)
		return -1;
	while (!eof) {
		auto_free char *answer = say(a, ask_read(s->handle, FETCH_MAX), e);
		auto_text data = { 0 };

		if (!answer || told_read(answer, &data, &eof, e) < 0)
			return -1;
		if (data.n && write_all(s->to, data.s, data.n) < 0)
			return err_errno(e, "can't write what the command says");
		tick(a);
		if (interrupt_check(e) < 0)
			return -1;
	}
	return 0;
}

/* Waits for the end of the program, with its outputs. A program that is quick is asked for them once; one that takes its time has
 * opened its files by then. */
static int attend(struct agent *a, int64_t pid, struct stream *out, struct ended *s, struct err *e)
{
	double begun = now_s();
	int ms = FIRST_MS;

	for (;;) {
		pause_between(&ms);
		tick(a);
		if (interrupt_check(e) < 0 || look(a, pid, s, e) < 0)
			return -1;
		if (a->c->timeout_s && !s->exited && now_s() - begun > a->c->timeout_s)
			return err_set(e, "it was ended after %u s: it took too long", a->c->timeout_s);
		if (!s->exited && ms < LAST_MS)
			continue;
		if (s->exited && s->err && *s->err)
			return err_set(e, "the guest can't run anything: %s", s->err);
		for (int i = 0; i < 2; i++)
			if (fetch(a, &out[i], e) < 0 && (s->exited || out[i].handle >= 0)) /* else it is not there yet */
				return -1;
		if (s->exited)
			return 0;
	}
}

static void end_files(struct agent *a, struct stream *out)
{
	for (int i = 0; i < 2; i++)
		if (out[i].handle >= 0)
			close_file(a, out[i].handle, &(struct err){ "" });
	begin_small(a, (const char *const[]){ "rm", "-rf", a->dir, NULL });
}

static void end_program(struct agent *a, int64_t pid)
{
	auto_free char *number = strf("%" PRId64, pid);

	begin_small(a, (const char *const[]){ "kill", number, NULL });
}

/* The shell becomes the command, so that its process is the command's. What the shell itself has to say comes by the agent. */
static const char script[] =
	"d=$1 i=$2; shift 2; [ -d \"$d\" ] || mkdir -m 700 \"$d\" || exit 126\n"
	": > \"$d/out\" && : > \"$d/err\" || exit 126\n"
	"cd; exec \"$@\" < \"$i\" > \"$d/out\" 2> \"$d/err\"";

static int run(struct agent *a, bool input, struct ended *s, struct err *e)
{
	struct stream out[] = { { "out", -1, a->c->out }, { "err", -1, a->c->err } };
	auto_free char *in = input ? strf("%s/in", a->dir) : xstrdup("/dev/null");
	auto_strv argv = { 0 };
	int64_t pid;
	int rc;

	for (const char *const *w = (const char *const[]){ "sh", "-c", script, "sh", a->dir, in, NULL }; *w; w++)
		strv_add(&argv, *w);
	for (const char *const *w = a->c->argv; *w; w++)
		strv_add(&argv, *w);
	if (begin(a, (const char *const *)argv.v, &pid, e) < 0)
		return -1;
	rc = attend(a, pid, out, s, e);
	if (rc < 0 && !s->exited)
		end_program(a, pid);
	end_files(a, out);
	return rc;
}

int agent_run(struct virt *v, const char *name, const struct call *c, struct err *e)
{
	struct agent a = { v, name, c, NULL };
	struct ended s = { 0 };
	bool input;
	uint64_t id;
	int rc;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return err_errno(e, "no random number");
	a.dir = strf("/var/tmp/tierlab-%016" PRIx64, id);
	rc = send_input(&a, &input, e);
	if (rc == 0)
		rc = run(&a, input, &s, e);
	else if (input)
		begin_small(&a, (const char *const[]){ "rm", "-rf", a.dir, NULL });
	free(s.err);
	free(a.dir);
	return rc < 0 ? -1 : s.status;
}
