/* The workload of a run: started, sampled, judged. See tierrun-go.h. */
#define _GNU_SOURCE	/* strsignal */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tierrun-go.h"

#define GAP		3	/* intervals without a sample, after which the host or the guest stood still */

static double cpu_of(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static bool has_option(char **words, const char *word)
{
	size_t n = strlen(word);

	for (; *words; words++)
		if (!strcmp(*words, word) || (!strncmp(*words, word, n) && (*words)[n] == '='))
			return true;
	return false;
}

static int start_workload(struct go *g)
{
	static char interval[32];
	const struct tier_plan *p = g->p;
	char **argv;
	int n = 0;

	while (p->command[n])
		n++;
	argv = calloc((size_t)n + 6, sizeof(*argv));	/* what is added, and the end */
	if (!argv)
		return bench_error(BENCH_FAILED, "no memory");
	memcpy(argv, p->command, (size_t)n * sizeof(*argv));
	if (!has_option(p->command, "--json"))
		argv[n++] = "--json";
	if (!has_option(p->command, "--interval")) {
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
	if (n <= 0 && !output && g->n_words)	/* a last line without its end is one too */
		keep_error(g, "\n", 1);
	if (n <= 0) {
		close(*fd);
		*fd = -1;
	}
}

/* Standard input: who started it holds its other end. */
void tier_look_at_input(struct go *g, struct pollfd *f)
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
	bench_path file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)g->workload.pid);
	if (!*g->r->cgroup || !bench_read(path, text, sizeof(text)) || sscanf(text, "%llu %llu", &size, &pages) != 2 ||
	    !bench_read(bench_at(file, "/sys/fs/cgroup%s/memory.current", g->r->cgroup), text, sizeof(text)))
		return;
	charged = strtoull(text, NULL, 10);
	g->outside = pages * bench_page_size() > charged ? pages * bench_page_size() - charged : 0;
}

/* A clock that went on while nothing ran: the host was asleep, or the guest was stopped. */
static void look_at_gap(struct go *g, double late)
{
	if (late <= GAP * g->p->interval)
		return;
	g->r->gaps++;
	if (late + g->p->interval > g->r->gap) {
		g->r->gap = late + g->p->interval;
		g->r->gap_at = bench_now() - g->begun;
	}
}

static int sample(struct go *g, double *next)
{
	const struct tier_plan *p = g->p;
	double now = bench_now();

	if (p->interval <= 0 || now < *next)
		return 0;
	look_at_gap(g, now - *next);
	if (!tier_sample(&g->r->samples, &p->counters, &g->now))
		return bench_error(BENCH_FAILED, "no memory for samples");
	look_at_cgroup(g);
	while (*next <= now)
		*next += p->interval;
	return 0;
}

/* Waits until one of the n, or what the workload says behind them, has something. Returns poll()'s. */
static int hear_workload(struct go *g, struct pollfd *f, int n, int ms)
{
	int ready;

	f[n] = (struct pollfd){ .fd = g->workload.out, .events = POLLIN };
	f[n + 1] = (struct pollfd){ .fd = g->workload.err, .events = POLLIN };
	ready = poll(f, (nfds_t)n + 2, ms);
	if (ready > 0 && f[n].revents)
		drain(g, &g->workload.out, true);
	if (ready > 0 && f[n + 1].revents)
		drain(g, &g->workload.err, false);
	return ready;
}

static void wait_for_news(struct go *g, struct pollfd f[4], double next)
{
	double wait = g->p->interval > 0 ? next - bench_now() : 1;

	if (g->p->timeout > 0 && g->begun + g->p->timeout - bench_now() < wait)
		wait = g->begun + g->p->timeout - bench_now();
	hear_workload(g, f, 2, wait > 0 ? (int)(wait * 1000) + 1 : 0);
	tier_hear_signals(g);
	tier_look_at_input(g, &f[0]);
}

/* What it said before its end. A child of its own that went its way may hold the other end for ever, and write. */
static void hear_the_rest(struct go *g)
{
	double until = bench_now() + 1;
	struct pollfd f[2];

	while ((g->workload.out >= 0 || g->workload.err >= 0) && bench_now() < until && hear_workload(g, f, 0, 0) > 0)
		;
}

/* Until the workload has ended, of which SIGCHLD tells. Returns 0, or the exit status. */
static int attend(struct go *g)
{
	const struct tier_plan *p = g->p;
	double next = g->begun + p->interval;
	struct pollfd f[4] = { { .fd = p->until_eof ? 0 : -1, .events = POLLIN }, { .fd = g->signals, .events = POLLIN } };
	int rc = 0;

	while (waitpid(g->workload.pid, &g->workload.status, WNOHANG) == 0) {
		wait_for_news(g, f, next);
		if (g->told)
			return BENCH_FAILED;
		if (p->timeout > 0 && bench_now() - g->begun > p->timeout)
			return bench_error(BENCH_FAILED, "%s took longer than %g s, and was ended", p->command[0], p->timeout);
		if ((rc = tier_look_at_eater(g)) || (rc = sample(g, &next)))
			return rc;
	}
	kill(-g->workload.pid, SIGKILL);	/* what it may have left behind */
	g->workload.pid = 0;
	hear_the_rest(g);
	return 0;
}

/* The kernel ended something for want of memory since the run began: the workload is the first to go. */
uint64_t tier_oom_kills(void)
{
	static const struct tier_counters c = { .name = { "oom_kill" }, .n = 1 };
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
				   tier_oom_kills() > g->oom_kills ? ": the kernel ran out of memory" : "");
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
	for (size_t n = strlen(g->r->workload); n > 0 && strchr(" \t\r\n", g->r->workload[n - 1]); n--)
		g->r->workload[n - 1] = '\0';
	g->r->began_at = tier_json_number(line, "began_at");
	return 0;
}

int tier_run_workload(struct go *g)
{
	double before = cpu_of(RUSAGE_SELF);
	int rc = start_workload(g);

	if (!rc)
		rc = attend(g);
	g->r->sampler_cpu = cpu_of(RUSAGE_SELF) - before;
	if (rc)
		return rc;
	if (g->r->gaps)
		tier_note(g->r, "No sample for %.1f s, %.1f s after the start%s: the machine, or its host, stood still.", g->r->gap, g->r->gap_at,
			  g->r->gaps > 1 ? ", which is the longest gap of several" : "");
	if (g->outside > (1 << 20))
		tier_note(g->r, "%" PRIu64 " pages of the workload were not in its cgroup, and were not migrated.", g->outside / 4096);
	return judge(g);
}
