/* tierrun: one run of a tiering experiment. See tierrun.h for how it goes, and README for its options. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "tierrun.h"

#define DEBUGFS "/sys/kernel/debug"

/* debugfs has the knobs of NUMA balancing; systemd mounts it, a minimal system may not. */
static void mount_debugfs(struct tier_plan *p)
{
	bench_path path;

	for (int i = 0; i < p->settings.n; i++) {
		const char *file = p->settings.v[i].knob->files[0];

		if (strncmp(file, DEBUGFS, strlen(DEBUGFS)) || bench_exists(bench_at(path, DEBUGFS "/sched")))
			continue;
		/* If that can't be, the knob's own message says what is needed. */
		p->mounted = mount("debugfs", bench_at(path, DEBUGFS), "debugfs", 0, NULL) == 0;
		return;
	}
}

/* A scheme that balances nothing, whatever the knobs of the experiment say: its other schemes may want them. */
static void turn_off(struct tier_plan *p, struct tier_result *r, const char *name)
{
	const char *asked = tier_asked(&p->settings, name);

	if (asked && !tier_says("0", asked))
		tier_note(r, "%s=%s was asked for, and is 0: only the scheme autonuma has it.", name, asked);
	tier_want(&p->settings, name, "0");
}

static void plan_schemes(struct tier_plan *p, struct tier_result *r)
{
	bool autonuma = p->schemes & TIER_AUTONUMA;

	/* What is to be on has to be there; what is to be off need not. */
	if (autonuma && !tier_asked(&p->settings, "numa_balancing"))
		tier_ask(&p->settings, "numa_balancing=2");
	if (autonuma && !tier_asked(&p->settings, "demotion_enabled"))
		tier_ask(&p->settings, "demotion_enabled=1");
	if (!autonuma) {
		turn_off(p, r, "numa_balancing");
		turn_off(p, r, "demotion_enabled");
	}
}

/* All that can be known before anything is changed. */
static int check(struct tier_plan *p, struct tier_result *r)
{
	bench_path path;
	int rc = tier_nodes_read(&r->nodes);

	if (rc)
		return rc;
	tier_nodes_choose(&r->nodes, &p->fast, &p->slow);
	if (p->eat_node == BENCH_ANY_NODE)
		p->eat_node = p->fast;
	plan_schemes(p, r);
	mount_debugfs(p);
	if ((rc = tier_settings_check(&p->settings)) || (rc = tier_counters_check(&p->counters)) || (rc = tier_check_programs(p)) ||
	    (rc = tier_check_memory(p, r)))
		return rc;
	if (p->fast == p->slow && p->fast != BENCH_ANY_NODE)
		return bench_error(BENCH_FAILED, "node %d is both fast and slow: give another with --fast or --slow", p->fast);
	if ((p->schemes & TIER_MIGRATES) && p->slow == BENCH_ANY_NODE)
		return tier_no_slow_node(p, "there is no slow node to migrate to");
	if ((p->schemes & TIER_MIGRATES) && !bench_exists(bench_at(path, "/sys/kernel/mm/damon/admin")))
		return bench_error(BENCH_FAILED, "the kernel has no DAMON (%s is not there): it needs CONFIG_DAMON_PADDR=y and CONFIG_DAMON_SYSFS=y, "
				   "Linux 6.11", path);
	if ((p->schemes & TIER_MIGRATES) && bench_exists(bench_at(path, "/run/tiermig")))
		return bench_error(BENCH_FAILED, "tiermig --apply was here before: tiermig --stop ends what it started");
	if (!(p->schemes & TIER_MIGRATES) && tier_damon_on())
		tier_note(r, "DAMON is at work, and not for this run: what it moves is in these figures too.");
	return p->schemes & TIER_MIGRATES && !p->global ? tier_check_cgroup(p) : 0;
}

/* Before an hour's run, not after it. */
static int check_output(const char *path)
{
	char folder[PATH_MAX];
	struct stat st;

	bench_folder(path, folder);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (access(folder, W_OK) == 0)
		return 0;
	return bench_error(BENCH_FAILED, "can't write %s: %s", path, strerror(errno));
}

static int restore_only(void)
{
	bool found;
	int rc = tier_lock();

	if (rc || (rc = tier_journal_undo(&found)))
		return rc;
	puts(found ? "tierrun: what an earlier run had changed is put back" : "tierrun: nothing is left to put back");
	return 0;
}

static int finish(const struct tier_plan *p, struct tier_result *r)
{
	size_t n = 0;
	char *text = tier_result_text(p, r, &n);
	int rc = 0;

	if (!text)
		return bench_error(BENCH_FAILED, "no memory for the result");
	if (p->output && !strcmp(p->output, "-"))
		fwrite(text, 1, n, stdout);
	else if (p->output)
		rc = bench_write_whole(p->output, text, n);
	free(text);
	if (rc)
		return rc;
	if (p->output && strcmp(p->output, "-"))
		printf("tierrun: %s, result in %s\n", r->status, p->output);
	else if (!p->output)
		tier_print(p, r);
	return rc;
}

static void result_free(struct tier_result *r)
{
	tier_samples_free(&r->samples);
	for (int i = 0; i < r->n_notes; i++)
		free(r->notes[i]);
	free(r->damon);
	free(r->workload);
	free(r->command);
}

int main(int argc, char **argv)
{
	static struct tier_plan p;
	static struct tier_result r;
	enum tier_mode mode;
	bench_path path;
	bool left = false;
	int rc, told = 0;

	bench_name = "tierrun";
	if (getenv("TIERRUN_ROOT"))
		bench_root = getenv("TIERRUN_ROOT");
	if ((rc = tier_options(&p, argc, argv, &mode)))
		return rc;
	if (mode == TIER_LIST)
		return bench_finish(0);
	if (mode == TIER_RESTORE)
		return bench_finish(restore_only());
	if (mode == TIER_RUN && ((rc = tier_lock()) || (rc = tier_journal_undo(&left))))
		return rc;
	if (mode == TIER_CHECK && tier_journal_there())
		return bench_error(BENCH_FAILED, "a run is at work, or was killed: tierrun --restore puts back what it left");
	if (p.output && strcmp(p.output, "-") && (rc = check_output(p.output)))
		return rc;
	rc = check(&p, &r);
	if (p.mounted && (rc || mode == TIER_CHECK))
		umount2(bench_at(path, DEBUGFS), MNT_DETACH);
	if (rc)
		return rc;
	if (mode == TIER_CHECK) {
		puts("tierrun: all of it could be done");
		return bench_finish(0);
	}
	if (left)
		tier_note(&r, "A run before this one did not come to its end: what it had changed was put back first.");
	r.began = time(NULL);
	r.status = "failed";
	rc = tier_go(&p, &r, &told);
	rc = finish(&p, &r) ? BENCH_FAILED : rc;
	result_free(&r);
	return bench_finish(told ? 128 + told : rc);
}
