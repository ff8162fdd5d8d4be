#include "run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "interrupt.h"
#include "units.h"

#define TICK_MS 200
#define GRACE_S 10 /* between SIGTERM and SIGKILL: mmdebstrap and make want to clear up */

char *program_path(const char *name)
{
	const char *path = getenv("PATH");
	auto_free char *list = xstrdup(path ? path : "/usr/bin:/bin");

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? xstrdup(name) : NULL;
	for (char *save, *dir = strtok_r(list, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
		auto_free char *p = strf("%s/%s", dir, name);

		if (access(p, X_OK) == 0)
			return steal(p);
	}
	return NULL;
}

bool program_exists(const char *name)
{
	auto_free char *path = program_path(name);

	return path != NULL;
}

static void apply_env(const char *const *env)
{
	for (; env && *env; env++) {
		const char *eq = strchr(*env, '=');
		auto_free char *name = xstrndup(*env, eq ? (size_t)(eq - *env) : strlen(*env));

		if (eq)
			setenv(name, eq + 1, 1);
		else
			unsetenv(name);
	}
}

/* In the child: never returns. own_group keeps Ctrl-C from it: the parent ends it in its own order. */
static void child(const struct run *r, int in, int out, int err, bool own_group)
{
	signal(SIGPIPE, SIG_DFL);
	if (own_group)
		setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if ((in >= 0 && dup2(in, 0) < 0) || (out >= 0 && dup2(out, 1) < 0) || (err >= 0 && dup2(err, 2) < 0))
		_exit(126);
	if (r->cwd && chdir(r->cwd) < 0) {
		dprintf(2, "can't enter %s: %s\n", r->cwd, strerror(errno));
		_exit(126);
	}
	apply_env(r->env);
	execvp(r->argv[0], (char *const *)r->argv);
	_exit(errno == ENOENT ? 127 : 126);
}

/* One of its outputs, cut into lines. */
struct stream {
	int fd;
	struct text part;
};

struct state {
	const struct run *r;
	int log;
	char last[400]; /* the last line that it said */
	char bad[400];  /* the first that looks like an error */
};

static void said_line(struct state *s, const char *line)
{
	if (*line) {
		snprintf(s->last, sizeof(s->last), "%s", line);
		if (!*s->bad && (strcasestr(line, "error:") || str_starts(line, "E: ") || str_starts(line, "fatal: ")))
			snprintf(s->bad, sizeof(s->bad), "%s", line);
	}
	if (s->r->line)
		s->r->line(line, s->r->arg);
}

static void said(struct state *s, struct stream *st, const char *data, size_t n)
{
	if (s->log >= 0)
		(void)!write(s->log, data, n);
	for (size_t i = 0; i < n; i++) {
		if (data[i] != '\n' && data[i] != '\r') {
			if (st->part.n < 4000)
				text_add(&st->part, data + i, 1);
			continue;
		}
		said_line(s, st->part.s ? st->part.s : "");
		st->part.n = 0;
		text_puts(&st->part, "");
	}
}

static void drain(struct state *s, struct stream *st, bool capture)
{
	char buf[16384];
	ssize_t n = read(st->fd, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close(st->fd);
		st->fd = -1;
		if (st->part.n)
			said_line(s, st->part.s);
	} else if (capture) {
		text_add(s->r->out, buf, (size_t)n);
	} else {
		said(s, st, buf, (size_t)n);
	}
}

/* True once the program is over; its status is left to be fetched. */
static bool ended(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == pid;
}

/* Reads until both outputs are closed and the program is over. Returns NULL, or why it was ended. */
static const char *pump(struct state *s, pid_t pid, struct stream *out, struct stream *err)
{
	double begin = now_s(), stopped = 0, ticked = begin;
	const char *why = NULL;

	/* It may close its outputs and go on: then only its end ends this. */
	while (out->fd >= 0 || err->fd >= 0 || !ended(pid)) {
		struct pollfd p[2] = { { out->fd, POLLIN, 0 }, { err->fd, POLLIN, 0 } };

		if (!why && interrupted())
			why = "interrupted";
		else if (!why && s->r->timeout_s && now_s() - begin > s->r->timeout_s)
			why = "took too long";
		if (why && !stopped) {
			stopped = now_s();
			kill(-pid, SIGTERM);
		} else if (why && now_s() - stopped > GRACE_S) {
			kill(-pid, SIGKILL);
			break;
		}
		if (s->r->tick && now_s() - ticked > TICK_MS / 1000.0) {
			s->r->tick(s->r->arg);
			ticked = now_s();
		}
		if (poll(p, 2, out->fd < 0 && err->fd < 0 ? 5 : TICK_MS) <= 0)
			continue;
		if (p[0].revents)
			drain(s, out, s->r->out != NULL);
		if (p[1].revents)
			drain(s, err, false);
	}
	return why;
}

static void stream_end(struct stream *st)
{
	if (st->fd >= 0)
		close(st->fd);
	text_free(&st->part);
}

/* As a shell has it. */
static int exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int describe(const struct state *s, int status, const char *why, struct err *e)
{
	const struct run *r = s->r;
	const char *words = *s->bad ? s->bad : s->last;

	if (why && !strcmp(why, "interrupted"))
		return err_set(e, "interrupted");
	if (why)
		err_set(e, "%s was ended after %u s: it took too long", r->argv[0], r->timeout_s);
	else if (WIFSIGNALED(status))
		err_set(e, "%s was ended by signal %d (%s)", r->argv[0], WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 127 && !program_exists(r->argv[0]))
		return err_set(e, "%s is not installed: run `make setup`", r->argv[0]);
	else
		err_set(e, "%s failed with exit status %d", r->argv[0], WEXITSTATUS(status));
	if (*words)
		err_append(e, ": %s", words);
	if (r->log)
		err_append(e, " (all it said: %s)", r->log);
	return -1;
}

/* A descriptor from which the child reads its input. */
static int input_fd(const char *input)
{
	int fd;

	if (!input)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd >= 0 && (write(fd, input, strlen(input)) < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void log_command(const struct state *s)
{
	if (s->log < 0)
		return;
	dprintf(s->log, "+");
	for (const char *const *a = s->r->argv; *a; a++) {
		auto_free char *q = shell_quote(*a);

		dprintf(s->log, " %s", q);
	}
	dprintf(s->log, "\n");
}

/* The caller's own descriptor for number i, or else ours. */
static int its(const struct run *r, int i, int ours)
{
	return r->fds && r->fds[i] >= 0 ? r->fds[i] : ours;
}

/* Not there is a failure also for who wants to know its exit status. */
static int result(const struct state *s, int status, const char *why, struct err *e)
{
	const struct run *r = s->r;

	if (!r->status || why || (exit_status(status) == 127 && !program_exists(r->argv[0])))
		return why || status ? describe(s, status, why, e) : 0;
	*r->status = exit_status(status);
	return 0;
}

int run_program(const struct run *r, struct err *e)
{
	auto_close int in = input_fd(r->input), log = -1;
	struct state s = { .r = r, .log = -1 };
	struct stream out = { -1, { 0 } }, err = { -1, { 0 } };
	int po[2], pe[2], status = 0;
	double begin = now_s();
	const char *why;
	pid_t pid;

	if (interrupt_check(e) < 0)
		return -1;
	if (r->log) {
		s.log = log = open(r->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (log < 0)
			return err_errno(e, "can't write the log %s", r->log);
	}
	if (in < 0 || pipe2(po, O_CLOEXEC) < 0 || pipe2(pe, O_CLOEXEC) < 0)
		return err_errno(e, "can't run %s", r->argv[0]);
	log_command(&s);
	pid = fork();
	if (pid == 0)
		child(r, its(r, 0, in), its(r, 1, po[1]), its(r, 2, pe[1]), true);
	close(po[1]);
	close(pe[1]);
	out.fd = po[0];
	err.fd = pe[0];
	if (pid < 0) {
		close(po[0]);
		close(pe[0]);
		return err_errno(e, "can't run %s", r->argv[0]);
	}
	setpgid(pid, pid);
	why = pump(&s, pid, &out, &err);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (s.log >= 0)
		dprintf(s.log, "= status %d after %.1f s\n", exit_status(status), now_s() - begin);
	stream_end(&out);
	stream_end(&err);
	if (r->out)
		text_puts(r->out, "");
	return result(&s, status, why, e);
}

int run_simple(const char *const *argv, struct text *out, struct err *e)
{
	return run_program(&(struct run){ .argv = argv, .out = out }, e);
}

int run_attached(const char *const *argv, struct err *e)
{
	struct run r = { .argv = argv };
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return err_errno(e, "can't run %s", argv[0]);
	if (pid == 0) {
		static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };

		for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
			signal(sigs[i], SIG_DFL);
		child(&r, -1, -1, -1, false);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && !program_exists(argv[0]))
		return err_set(e, "%s is not installed: run `make setup`", argv[0]);
	return exit_status(status);
}
