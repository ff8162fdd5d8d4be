/* Other programs that a run is made of: see tierrun.h. */
#define _GNU_SOURCE	/* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tierrun.h"

#define GRACE_MS 5000

/* The suite lies in one folder: this program's, with a slash at its end. "": it is not known. */
static const char *own_folder(void)
{
	static char folder[PATH_MAX / 2];
	ssize_t n = *folder ? 0 : readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	char *slash;

	if (n > 0) {
		folder[n] = '\0';
		slash = strrchr(folder, '/');
		slash[1] = '\0';
	}
	return folder;
}

/* Where programs are looked for, also by what is started. */
static void search_path(char list[2 * PATH_MAX])
{
	const char *path = getenv("PATH");

	snprintf(list, 2 * PATH_MAX, "%s:%s", own_folder(), path ? path : "/usr/local/bin:/usr/bin:/bin");
}

bool tier_find_program(const char *name, bench_path path)
{
	char list[2 * PATH_MAX];

	if (strchr(name, '/')) {
		snprintf(path, PATH_MAX, "%s", name);
		return access(path, X_OK) == 0;
	}
	search_path(list);
	for (char *save = NULL, *dir = strtok_r(list, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
		snprintf(path, PATH_MAX, "%.2000s/%.200s", dir, name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static bool same_folder(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool tier_of_suite(const char *name)
{
	char folder[PATH_MAX];
	bench_path path;

	if (!tier_find_program(name, path))
		return false;
	bench_folder(path, folder);
	return same_folder(folder, own_folder());
}

static void bind_to(int node)
{
	unsigned long mask[BENCH_MAX_NODES / (8 * sizeof(unsigned long))] = { 0 };
	const int bits = 8 * sizeof(unsigned long);

	mask[node / bits] = 1ul << (node % bits);
	if (syscall(SYS_set_mempolicy, MPOL_BIND, mask, BENCH_MAX_NODES + 1) == 0)
		return;
	dprintf(2, "%s: can't bind to node %d: %s\n", bench_name, node, strerror(errno));
	_exit(126);
}

static void enter(const char *cgroup)
{
	char pid[32];
	bench_path path;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (bench_write(bench_at(path, "/sys/fs/cgroup/%s/cgroup.procs", cgroup), pid))
		return;
	dprintf(2, "%s: can't enter the cgroup %s: %s\n", bench_name, path, strerror(errno));
	_exit(126);
}

static void become(char *const *argv, int bind, const char *cgroup, int out, int err)
{
	char list[2 * PATH_MAX];
	sigset_t none;
	bench_path path;

	errno = ENOENT;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(out, 1);
	dup2(err, 2);
	if (*cgroup)
		enter(cgroup);
	if (bind != BENCH_ANY_NODE)
		bind_to(bind);
	if (tier_find_program(argv[0], path)) {
		search_path(list);
		setenv("PATH", list, 1);
		execv(path, argv);
	}
	dprintf(2, "%s: can't run %s: %s\n", bench_name, argv[0], strerror(errno));
	_exit(127);
}

int tier_start(struct tier_child *c, char *const *argv, int bind, const char *cgroup)
{
	int out[2], err[2];

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		return bench_error(BENCH_FAILED, "no pipe: %s", strerror(errno));
	*c = (struct tier_child){ .pid = fork(), .out = out[0], .err = err[0] };
	if (c->pid == 0)
		become(argv, bind, cgroup, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (c->pid < 0) {
		c->pid = 0;
		return bench_error(BENCH_FAILED, "can't start %s: %s", argv[0], strerror(errno));
	}
	setpgid(c->pid, c->pid);
	return 0;
}

static bool over(struct tier_child *c)
{
	return waitpid(c->pid, &c->status, WNOHANG) == c->pid;
}

void tier_stop(struct tier_child *c)
{
	if (c->pid <= 0)
		return;
	kill(-c->pid, SIGTERM);
	for (int ms = 0; ms < GRACE_MS + c->more_ms && !over(c); ms += 20)
		usleep(20000);
	if (kill(-c->pid, SIGKILL) == 0 || errno != ESRCH)
		waitpid(c->pid, &c->status, 0);
	c->pid = 0;
}

static void close_both(struct tier_child *c)
{
	if (c->out >= 0)
		close(c->out);
	if (c->err >= 0)
		close(c->err);
	c->out = c->err = -1;
}

void tier_end(struct tier_child *c)
{
	tier_stop(c);
	close_both(c);
}

void tier_first_line(int fd, char *line, size_t size)
{
	struct pollfd f = { fd, POLLIN, 0 };
	ssize_t n = poll(&f, 1, 0) > 0 ? read(fd, line, size - 1) : 0;

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

#define RUN_SECONDS	60	/* of tiermig and a workload's --footprint: a DAMON that is busy answers within 20 */

static bool add(char **text, size_t *n, const char *more, size_t size)
{
	char *grown = realloc(*text, *n + size + 1);

	if (!grown)
		return false;
	memcpy(grown + *n, more, size);
	*n += size;
	grown[*n] = '\0';
	*text = grown;
	return true;
}

/* Until both are closed, or it has taken too long. */
static void read_both(struct tier_child *c, char **out, char **err)
{
	struct pollfd f[] = { { c->out, POLLIN, 0 }, { c->err, POLLIN, 0 } };
	char **texts[] = { out, err };
	size_t sizes[2] = { 0, 0 };
	double until = bench_now() + RUN_SECONDS;
	char piece[16384];

	*out = *err = NULL;
	while ((f[0].fd >= 0 || f[1].fd >= 0) && bench_now() < until) {
		poll(f, 2, 1000);
		for (int i = 0; i < 2; i++) {
			ssize_t n = f[i].fd >= 0 && f[i].revents ? read(f[i].fd, piece, sizeof(piece)) : 1;

			if (n == 0 || (n < 0 && errno != EINTR))
				f[i].fd = -1;
			else if (f[i].fd >= 0 && f[i].revents && n > 0 && !add(texts[i], &sizes[i], piece, (size_t)n))
				f[i].fd = -1;
		}
	}
	if (bench_now() >= until)
		kill(-c->pid, SIGKILL);
}

int tier_wait(struct tier_child *c)
{
	while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
	close_both(c);
	return WIFEXITED(c->status) ? WEXITSTATUS(c->status) : -1;
}

static char said_last[1024];

const char *tier_run_said(void)
{
	return said_last;
}

int tier_run(char *const *argv, char **out, bool quiet)
{
	struct tier_child c = { .out = -1, .err = -1 };
	char *said;
	int rc = tier_start(&c, argv, BENCH_ANY_NODE, "");

	*out = NULL;
	if (rc)
		return rc;
	read_both(&c, out, &said);
	rc = tier_wait(&c);
	if (said)
		said[strcspn(said, "\n")] = '\0';
	snprintf(said_last, sizeof(said_last), "%s", said && *said ? said : "it does not say why");
	if (rc)
		rc = quiet ? BENCH_FAILED : bench_error(BENCH_FAILED, "%s", said_last);
	free(said);
	return rc;
}
