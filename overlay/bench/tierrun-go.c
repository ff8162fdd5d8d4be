/* The run itself: from the journal to when all is put back. See tierrun.h. */
#define _GNU_SOURCE	/* strsignal */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tierrun-go.h"

#define EATER_PATIENCE	600.0
#define EATER_MS_A_GIB	1000	/* told to end, it looks at each page: 280 ns each on a processor, more under TCG */

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

void tier_hear_signals(struct go *g)
{
	struct signalfd_siginfo s;

	while (read(g->signals, &s, sizeof(s)) == sizeof(s))
		if (s.ssi_signo != SIGCHLD && !g->told)
			g->told = (int)s.ssi_signo;
}

/* It says one line when it has it all. */
static int start_eater(struct go *g)
{
	char size[32], node[16], line[4096] = "";
	char *argv[] = { "memeater", size, "--node", node, "--json", NULL, NULL };
	struct tier_plan *p = g->p;
	size_t n = 0;
	ssize_t got;
	int rc;

	if (p->eat < bench_page_size())
		return 0;
	snprintf(size, sizeof(size), "%" PRIu64 "K", p->eat >> 10);
	snprintf(node, sizeof(node), "%d", p->eat_node);
	if ((p->schemes & TIER_MIGRATES) && p->global)	/* DAMON looks at the eater's memory too */
		argv[5] = "--warm";
	if ((rc = tier_start(&g->eater, argv, BENCH_ANY_NODE, "")))
		return rc;
	while (n < sizeof(line) - 1 && !strchr(line, '\n')) {
		struct pollfd f[] = { { g->eater.out, POLLIN, 0 }, { g->signals, POLLIN, 0 }, { p->until_eof ? 0 : -1, POLLIN, 0 } };
		int ready = poll(f, 3, (int)(EATER_PATIENCE * 1000));

		if (ready == 0 || (ready < 0 && errno != EINTR))
			break;
		if (ready < 0)
			continue;
		tier_hear_signals(g);
		tier_look_at_input(g, &f[2]);
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
		g->eater.more_ms = (int)(g->r->eaten >> 30) * EATER_MS_A_GIB;
		return 0;
	}
	tier_first_line(g->eater.err, line, sizeof(line));
	return bench_error(BENCH_FAILED, "memory can't be eaten: %s", *line ? line : "memeater does not say why");
}

int tier_cgroup_make(const char *name)
{
	char control[1024] = "";
	bench_path path;
	int rc;

	bench_read(bench_at(path, "/sys/fs/cgroup/cgroup.subtree_control"), control, sizeof(control));
	if (!strstr(control, "memory")) {
		if ((rc = tier_journal_add("control", "-memory")))
			return rc;
		if (!bench_write(path, "+memory"))
			return bench_error(BENCH_FAILED, "%s: '+memory' is refused: %s", path, strerror(errno));
	}
	/* what is in the journal is killed and removed: it must not be another's that was made since it was looked */
	if (bench_exists(bench_at(path, "/sys/fs/cgroup/%s", name)))
		return bench_error(BENCH_FAILED, "can't make the cgroup %s: it is there already", path);
	if ((rc = tier_journal_add("cgroup", name)))
		return rc;
	if (mkdir(bench_at(path, "/sys/fs/cgroup/%s", name), 0755) < 0)
		return bench_error(BENCH_FAILED, "can't make the cgroup %s: %s", path, strerror(errno));
	return 0;
}

static int make_cgroup(struct go *g)
{
	int rc = tier_cgroup_make(g->p->cgroup);

	if (!rc)
		snprintf(g->r->cgroup, sizeof(g->r->cgroup), "/%s", g->p->cgroup);
	return rc;
}

static int apply_scheme(const struct tier_plan *p, const char *kind, bool quiet)
{
	char fast[16], slow[16], cgroup[128], *out = NULL;
	char *argv[] = { "tiermig", (char *)kind, fast, slow, "--apply", p->global ? "-g" : "--cgroup", p->global ? NULL : cgroup, NULL };
	int rc;

	snprintf(fast, sizeof(fast), "%d", p->fast);
	snprintf(slow, sizeof(slow), "%d", p->slow);
	snprintf(cgroup, sizeof(cgroup), "/%s", p->cgroup);
	rc = tier_run(argv, &out, quiet);
	free(out);
	return rc;
}

/* damon is tuned by the kernel where that can be (6.16). */
static int start_scheme(struct go *g)
{
	const struct tier_plan *p = g->p;
	int rc = tier_journal_add("scheme", "tiermig");

	if (rc)
		return rc;
	if (p->schemes & TIER_DAMON) {
		if ((g->migrates = !apply_scheme(p, "--tune", true)))
			return 0;
		if (!strstr(tier_run_said(), "leave out --tune"))
			return bench_error(BENCH_FAILED, "%s", tier_run_said());
		tier_note(g->r, "This kernel does not tune DAMON's intervals and quotas (Linux 6.16 does): damon is the same as hmsdk here.");
	}
	rc = apply_scheme(p, "-m", false);
	g->migrates = !rc;
	return rc;
}

static int prepare(struct go *g)
{
	struct tier_plan *p = g->p;
	bool migrates = p->schemes & TIER_MIGRATES;
	int rc;

	if ((rc = tier_journal_begin(&p->settings, p->mounted ? "/sys/kernel/debug" : NULL)) ||
	    (rc = tier_settings_set(&p->settings)) || (rc = tier_wake_kswapd(g->r)) || (rc = start_eater(g)) || (migrates && !p->global && (rc = make_cgroup(g))))
		return rc;
	/* before the scheme's first page */
	tier_counters_read(&p->counters, &g->r->begin);
	return migrates ? start_scheme(g) : 0;
}

static int eater_failed(struct go *g, const char *when)
{
	char line[1024];

	tier_first_line(g->eater.err, line, sizeof(line));
	return bench_error(BENCH_FAILED, "the eaten memory was given back %s: %s", when,
			   *line ? line : WIFSIGNALED(g->eater.status) ? strsignal(WTERMSIG(g->eater.status)) : "memeater ended");
}

int tier_look_at_eater(struct go *g)
{
	if (g->eater.pid <= 0 || waitpid(g->eater.pid, &g->eater.status, WNOHANG) != g->eater.pid)
		return 0;
	g->eater.pid = 0;
	return eater_failed(g, "while the workload ran");
}

/* Told to end, it looks whether all of it was still there. */
static int end_eater(struct go *g)
{
	bool there = g->eater.pid > 0;
	int rc = 0;

	tier_stop(&g->eater);
	if (there && WIFEXITED(g->eater.status) && WEXITSTATUS(g->eater.status))
		rc = eater_failed(g, "before the end");
	if (there && WIFSIGNALED(g->eater.status))
		tier_note(g->r, "Whether all of the eaten memory was still there at the end is not known: memeater ended by signal %d.", WTERMSIG(g->eater.status));
	tier_end(&g->eater);
	return rc;
}

/* In the order in which it was made, from the end. The journal stays where something could not be put back. */
static int put_back(struct go *g)
{
	bool unused;
	int rc;

	tier_end(&g->workload);
	rc = end_eater(g);
	rc = tier_settings_restore(&g->p->settings) || rc;
	return tier_journal_undo(&unused) || rc ? BENCH_FAILED : 0;
}

/* Where something was to be demoted, it matters. */
static void note_given_up(struct tier_result *r)
{
	uint64_t nodes = tier_given_up();

	for (int node = 0; node < 64; node++)
		if (nodes & 1ull << node)
			tier_note(r, "At the end kswapd had given node %d up: it found nothing there that it could free or demote.", node);
}

int tier_go(struct tier_plan *p, struct tier_result *r, int *told)
{
	struct go g = { .p = p, .r = r, .workload = { .out = -1, .err = -1 }, .eater = { .out = -1, .err = -1 }, .oom_kills = tier_oom_kills() };
	int rc, back;

	g.now = r->nodes;
	g.signals = open_signals();
	if (g.signals < 0)
		return bench_error(BENCH_FAILED, "no signalfd: %s", strerror(errno));
	rc = prepare(&g);
	if (!rc) {
		rc = tier_run_workload(&g);
		if (g.migrates)
			r->damon = tier_damon();
		tier_counters_read(&p->counters, &r->end);
		note_given_up(r);
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
