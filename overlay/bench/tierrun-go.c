/* The run itself: from the journal to when all is put back. See tierrun.h. */
#define _GNU_SOURCE	/* ppoll */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tierrun.h"

#define MAX_ARGS	200
#define DAMON_EVERY	5.0	/* seconds: asking for it starts a program */
#define GAP		3	/* intervals without a sample, after which the host or the guest stood still */
#define EATER_PATIENCE	600.0

struct go {
	struct tier_plan *p;
	struct tier_result *r;
	struct tier_child workload, eater;
	int signals;		/* signalfd */
	int told;		/* the signal that ended it */
	char *out, last[1024];	/* what the workload said */
	size_t n_out;
	char words[1024];	/* the line that it is saying */
	size_t n_words;
	double begun;
	uint64_t oom_kills;	/* before */
	uint64_t outside;	/* bytes of the workload's that are not in its cgroup, at the last look */
};

static double cpu_of(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (const int *s = (const int[]){ SIGINT, SIGTERM, SIGHUP, SIGCHLD, 0 }; *s; s++)
		sigaddset(&set, *s);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void hear_signals(struct go *g)
{
	struct signalfd_siginfo s;

	while (read(g->signals, &s, sizeof(s)) == sizeof(s))
		if (s.ssi_signo != SIGCHLD && !g->told)
			g->told = (int)s.ssi_signo;
}

/* -- Before the workload --------------------------------------------------------------------- */

/* It says one line when it has it all. */
static int start_eater(struct go *g)
{
	char size[32], node[16], line[4096] = "";
	char *argv[] = { "memeater", size, "--node", node, "--json", NULL };
	struct tier_plan *p = g->p;
	size_t n = 0;
	ssize_t got;
	int rc;

	if (p->eat < bench_page_size())
		return 0;
	snprintf(size, sizeof(size), "%" PRIu64 "K", p->eat >> 10);
	snprintf(node, sizeof(node), "%d", p->eat_node);
	if ((rc = tier_start(&g->eater, argv, BENCH_ANY_NODE, "")))
		return rc;
	while (n < sizeof(line) - 1 && !strchr(line, '\n')) {
		struct pollfd f[] = { { g->eater.out, POLLIN, 0 }, { g->signals, POLLIN, 0 } };

		if (poll(f, 2, (int)(EATER_PATIENCE * 1000)) <= 0 && errno != EINTR)
			break;
		hear_signals(g);
		if (g->told)
			return BENCH_FAILED;
		if (!f[0].revents)
			continue;
		got = read(g->eater.out, line + n, sizeof(line) - 1 - n);
		if (got <= 0)
			break;
		line[n += (size_t)got] = '\0';
	}
	if (strchr(line, '\n')) {
		g->r->eaten = (uint64_t)tier_json_number(line, "pages") * bench_page_size();
		return 0;
	}
	got = read(g->eater.err, line, sizeof(line) - 1);
	line[got > 0 ? got : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return bench_error(BENCH_FAILED, "memory can't be eaten: %s", *line ? line : "memeater does not say why");
}

static int make_cgroup(struct go *g)
{
	char control[1024] = "";
	tier_path path;
	int rc;

	tier_read(tier_at(path, "/sys/fs/cgroup/cgroup.subtree_control"), control, sizeof(control));
	if (!strstr(control, "memory")) {
		if ((rc = tier_journal_add("control", "-memory")))
			return rc;
		if (!tier_write(path, "+memory"))
			return bench_error(BENCH_FAILED, "%s: '+memory' is refused: %s", path, strerror(errno));
	}
	if ((rc = tier_journal_add("cgroup", g->p->cgroup)))
		return rc;
	if (mkdir(tier_at(path, "/sys/fs/cgroup/%s", g->p->cgroup), 0755) < 0)
		return bench_error(BENCH_FAILED, "can't make the cgroup %s: %s", path, strerror(errno));
	snprintf(g->r->cgroup, sizeof(g->r->cgroup), "/%s", g->p->cgroup);
	return 0;
}

static int start_scheme(struct go *g)
{
	const struct tier_plan *p = g->p;
	char fast[16], slow[16], cgroup[128], *out = NULL;
	char *argv[20] = { "tiermig" };
	int n = 1, rc;

	snprintf(fast, sizeof(fast), "%d", p->fast);
	snprintf(slow, sizeof(slow), "%d", p->slow);
	snprintf(cgroup, sizeof(cgroup), "/%s", p->cgroup);
	for (char **w = p->schemes & TIER_HMSDK ? (char *[]){ "-m", fast, slow, NULL } : (char *[]){ NULL }; *w; w++)
		argv[n++] = *w;
	for (char **w = p->schemes & TIER_DAMON ? (char *[]){ "--tune", fast, slow, NULL } : (char *[]){ NULL }; *w; w++)
		argv[n++] = *w;
	for (char **w = p->global ? (char *[]){ "-g", NULL } : (char *[]){ "--cgroup", cgroup, NULL }; *w; w++)
		argv[n++] = *w;
	argv[n] = "--apply";
	if ((rc = tier_journal_add("scheme", "tiermig")))
		return rc;
	rc = tier_run(argv, &out, false);
	free(out);
	return rc;
}

static int prepare(struct go *g)
{
	struct tier_plan *p = g->p;
	bool migrates = p->schemes & TIER_MIGRATES;
	int rc;

	if ((rc = tier_journal_begin(&p->settings, p->mounted ? "/sys/kernel/debug" : NULL)) ||
	    (rc = tier_settings_set(&p->settings)) || (rc = start_eater(g)) || (migrates && !p->global && (rc = make_cgroup(g))))
		return rc;
	return migrates ? start_scheme(g) : 0;
}

/* -- The workload ---------------------------------------------------------------------------- */

static bool has_word(char **words, const char *word)
{
	for (; *words; words++)
		if (!strcmp(*words, word))
			return true;
	return false;
}

static int start_workload(struct go *g)
{
	static char interval[32];
	const struct tier_plan *p = g->p;
	char **argv = calloc(MAX_ARGS + 8, sizeof(*argv));
	int n = 0;

	if (!argv)
		return bench_error(BENCH_FAILED, "no memory");
	for (; p->command[n] && n < MAX_ARGS; n++)
		argv[n] = p->command[n];
	if (!has_word(p->command, "--json"))
		argv[n++] = "--json";
	if (!has_word(p->command, "--interval")) {
		snprintf(interval, sizeof(interval), "%.3f", p->interval);
		argv[n++] = "--interval";
		argv[n++] = interval;
	}
	if (p->seed) {
		argv[n++] = "--seed";
		argv[n++] = (char *)p->seed;
	}
	g->r->command = argv;
	g->begun = bench_now();
	return tier_start(&g->workload, argv, p->membind, *g->r->cgroup ? p->cgroup : "");
}

static bool keep_output(struct go *g, const char *text, size_t n)
{
	char *grown = realloc(g->out, g->n_out + n + 1);

	if (!grown)
		return false;
	memcpy(grown + g->n_out, text, n);
	g->out = grown;
	g->n_out += n;
	g->out[g->n_out] = '\0';
	return true;
}

/* Its errors are the user's to see, and the last line may be why it failed. */
static void keep_error(struct go *g, const char *text, size_t n)
{
	(void)!write(2, text, n);
	for (size_t i = 0; i < n; i++) {
		if (text[i] != '\n') {
			if (g->n_words < sizeof(g->words) - 1)
				g->words[g->n_words++] = text[i];
			continue;
		}
		g->words[g->n_words] = '\0';
		if (g->n_words)
			snprintf(g->last, sizeof(g->last), "%s", g->words);
		g->n_words = 0;
	}
}

static void drain(struct go *g, int *fd, bool output)
{
	char text[16384];
	ssize_t n = read(*fd, text, sizeof(text));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0 && output)
		keep_output(g, text, (size_t)n);
	else if (n > 0)
		keep_error(g, text, (size_t)n);
	if (n <= 0) {
		close(*fd);
		*fd = -1;
	}
}

/* Standard input: who started it holds its other end. */
static void look_at_input(struct go *g, struct pollfd *f)
{
	char text[256];

	if (f->revents && read(0, text, sizeof(text)) <= 0) {
		f->fd = -1;
		if (!g->told)
			g->told = SIGHUP;
	}
}

/* A page that the workload has outside of its cgroup is one that the scheme does not move. */
static void look_at_cgroup(struct go *g)
{
	unsigned long long size, pages = 0;
	char text[256], path[64];
	uint64_t charged;
	tier_path file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)g->workload.pid);
	if (!*g->r->cgroup || !tier_read(path, text, sizeof(text)) || sscanf(text, "%llu %llu", &size, &pages) != 2 ||
	    !tier_read(tier_at(file, "/sys/fs/cgroup%s/memory.current", g->r->cgroup), text, sizeof(text)))
		return;
	charged = strtoull(text, NULL, 10);
	g->outside = pages * bench_page_size() > charged ? pages * bench_page_size() - charged : 0;
}

/* A clock that went on while nothing ran: the host was asleep, or the guest was stopped. */
static void look_at_gap(struct go *g, double late)
{
	if (late > GAP * g->p->interval)
		tier_note(g->r, "No sample for %.1f s, %.1f s after the start: the machine, or its host, stood still.", late + g->p->interval,
			  bench_now() - g->begun);
}

static int sample(struct go *g, double *next, double *damon)
{
	const struct tier_plan *p = g->p;
	double now = bench_now();

	if (p->interval <= 0 || now < *next || g->workload.out < 0)
		return 0;
	look_at_gap(g, now - *next);
	if (!tier_sample(&g->r->samples, &p->counters, &g->r->nodes, (p->schemes & TIER_MIGRATES) && now >= *damon))
		return bench_error(BENCH_FAILED, "no memory for samples");
	look_at_cgroup(g);
	while (*damon <= now)
		*damon += DAMON_EVERY;
	while (*next <= now)
		*next += p->interval;
	return 0;
}

static void wait_for_news(struct go *g, struct pollfd f[4], double next)
{
	double wait = g->p->interval > 0 ? next - bench_now() : 1;

	f[2] = (struct pollfd){ .fd = g->workload.out, .events = POLLIN };
	f[3] = (struct pollfd){ .fd = g->workload.err, .events = POLLIN };
	if (g->workload.out < 0 && g->workload.err < 0)	/* it is about to end */
		wait = 0.01;
	poll(f, 4, wait > 0 ? (int)(wait * 1000) + 1 : 0);
	hear_signals(g);
	look_at_input(g, &f[0]);
	if (f[2].revents)
		drain(g, &g->workload.out, true);
	if (f[3].revents)
		drain(g, &g->workload.err, false);
}

/* Until the workload has ended. Returns 0, or the exit status. */
static int attend(struct go *g)
{
	const struct tier_plan *p = g->p;
	double next = g->begun + p->interval, damon = g->begun;
	struct pollfd f[4] = { { .fd = p->until_eof ? 0 : -1, .events = POLLIN }, { .fd = g->signals, .events = POLLIN } };
	int rc = 0;

	while (g->workload.out >= 0 || g->workload.err >= 0 || waitpid(g->workload.pid, &g->workload.status, WNOHANG) == 0) {
		wait_for_news(g, f, next);
		if (g->told)
			return BENCH_FAILED;
		if (p->timeout > 0 && bench_now() - g->begun > p->timeout)
			return bench_error(BENCH_FAILED, "%s took longer than %g s, and was ended", p->command[0], p->timeout);
		if ((rc = sample(g, &next, &damon)))
			return rc;
	}
	g->workload.pid = 0;
	return 0;
}

/* The kernel ended something for want of memory since the run began: the workload is the first to go. */
static uint64_t oom_kills(void)
{
	struct tier_counters c = { .name = { "oom_kill" }, .n = 1 };
	struct tier_counts counts;

	tier_counters_read(&c, &counts);
	return counts.v[0];
}

static int judge(struct go *g)
{
	int status = g->workload.status;
	const char *name = g->p->command[0], *line = g->out;

	if (WIFSIGNALED(status))
		return bench_error(BENCH_FAILED, "%s was ended by signal %d (%s)%s", name, WTERMSIG(status), strsignal(WTERMSIG(status)),
				   oom_kills() > g->oom_kills ? ": the kernel ran out of memory" : "");
	if (WEXITSTATUS(status) && *g->last) { /* it has said why: not twice */
		g->r->error = strdup(g->last);
		return BENCH_FAILED;
	}
	if (WEXITSTATUS(status))
		return bench_error(BENCH_FAILED, "%s failed with exit status %d, and does not say why", name, WEXITSTATUS(status));
	while (line && *line && *line != '{')
		line = (line = strchr(line, '\n')) ? line + 1 : NULL;
	if (!line || !tier_json_ok(line))
		return bench_error(BENCH_FAILED, "%s did not print its result as JSON", name);
	g->r->workload = strdup(line);
	if (!g->r->workload)
		return bench_error(BENCH_FAILED, "no memory");
	g->r->workload[strcspn(g->r->workload, "\n")] = '\0';
	g->r->began_at = tier_json_number(line, "began_at");
	return 0;
}

static int run_workload(struct go *g)
{
	double before = cpu_of(RUSAGE_SELF);
	int rc = start_workload(g);

	if (!rc)
		rc = attend(g);
	g->r->sampler_cpu = cpu_of(RUSAGE_SELF) - before;
	if (rc)
		return rc;
	if (g->outside > (1 << 20))
		tier_note(g->r, "%" PRIu64 " pages of the workload were not in its cgroup, and were not migrated.", g->outside / 4096);
	return judge(g);
}

/* In the order in which it was made, from the end. The journal stays where something could not be put back. */
static int put_back(struct go *g)
{
	bool unused;
	int rc;

	tier_end(&g->workload);
	if (g->p->schemes & TIER_MIGRATES)
		g->r->damon = tier_damon();
	tier_end(&g->eater);
	rc = tier_settings_restore(&g->p->settings);
	return tier_journal_undo(&unused) || rc ? BENCH_FAILED : 0;
}

int tier_go(struct tier_plan *p, struct tier_result *r, int *told)
{
	struct go g = { .p = p, .r = r, .workload = { .out = -1, .err = -1 }, .eater = { .out = -1, .err = -1 }, .oom_kills = oom_kills() };
	int rc, back;

	g.signals = open_signals();
	if (g.signals < 0)
		return bench_error(BENCH_FAILED, "no signalfd: %s", strerror(errno));
	rc = prepare(&g);
	if (!rc) {
		tier_counters_read(&p->counters, &r->begin);
		rc = run_workload(&g);
		tier_counters_read(&p->counters, &r->end);
	}
	if (rc && !r->error)
		r->error = strdup(bench_last_error());
	back = put_back(&g);
	if (back && !r->error)
		r->error = strdup(bench_last_error());
	*told = g.told;
	r->status = g.told ? "interrupted" : rc || back ? "failed" : "done";
	if (g.told)
		r->error = "it was told to stop";
	free(g.out);
	return rc ? rc : back;
}
