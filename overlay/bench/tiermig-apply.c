/* Programming DAMON, and taking it back: see tiermig.h. */
#define _GNU_SOURCE	/* strerrorname_np */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "bench.h"
#include "tiermig.h"

#define MODULES		"/sys/module/%s/parameters/enabled"
#define CGROUPS		"/sys/fs/cgroup"

static volatile int interrupted;

static void interrupt(int sig)
{
	interrupted = sig;
}

/* Without SA_RESTART, so that a write that the kernel holds up ends too. */
static void listen(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = interrupt };

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}

bool damon_module_on(const char *path)
{
	char text[16];

	return bench_read(path, text, sizeof(text)) && !strcmp(text, "Y");
}

/* -- Undoing: goes on whatever fails, and says what did ---------------------------------------- */

static int undo_write(const char *path, const char *value)
{
	if (bench_write(path, value))
		return 0;
	return bench_error(BENCH_FAILED, "%s: can't write %s: %s (%s): do it by hand", bench_shown(path),
			   value, strerror(errno), strerrorname_np(errno));
}

/* As it was before: no kdamond, and DAMON_STAT back. The record stays where that fails, for another --stop. */
static int undo(const struct damon_record *record)
{
	int count = damon_kdamond_count(), rc = 0;
	bench_path path;

	for (int k = 0; k < count; k++)
		if (damon_kdamond_on(k))
			rc |= undo_write(bench_at(path, DAMON_KDAMONDS "/%d/state", k), "off");
	if (count)
		rc |= undo_write(bench_at(path, DAMON_KDAMONDS "/nr_kdamonds"), "0");
	if (record->stat)
		rc |= undo_write(bench_at(path, DAMON_STAT), "Y");
	if (!rc)
		damon_record_remove();
	return rc;
}

/* -- Who else uses DAMON ----------------------------------------------------------------------- */

static int refuse_foreign(const struct damon_record *record)
{
	int k = damon_foreign(record);
	bench_path path;

	if (k < 0)
		return 0;
	return bench_error(BENCH_FAILED, "kdamond %d (pid %d) is on and not tiermig's: stop it by what "
			   "started it (damo stop), or write off to %s", k, damon_kdamond_pid(k),
			   bench_shown(bench_at(path, DAMON_KDAMONDS "/%d/state", k)));
}

/* The kernel lets these run alone, and refuses any kdamond beside them with EBUSY (damon_start, exclusive). */
static int check_modules(void)
{
	static const char *const policies[] = { "damon_reclaim", "damon_lru_sort" };
	bench_path path;

	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++)
		if (damon_module_on(bench_at(path, MODULES, policies[i])))
			return bench_error(BENCH_FAILED, "%s runs and has DAMON for itself: write N to "
					   "%s first", policies[i], bench_shown(path));
	return 0;
}

/* A policy that somebody chose is not turned off behind his back. DAMON_STAT only looks, and is often on by default. */
static int stat_off(struct damon_record *record)
{
	bench_path path;
	int rc;

	if (!damon_module_on(bench_at(path, DAMON_STAT)))
		return 0;
	record->stat = true;
	if ((rc = damon_record_write(record)))
		return rc;
	if (!bench_write(path, "N") || damon_module_on(path))
		return bench_error(BENCH_FAILED, "%s: DAMON_STAT has DAMON for itself and can't be turned "
				   "off: %s", bench_shown(path), strerror(errno));
	return 0;
}

/* What an earlier tiermig left. Its kdamonds may have ended by themselves, or itself have been killed. */
static int clear_old(void)
{
	struct damon_record old;
	int rc = damon_record_read(&old);

	if (rc || (rc = refuse_foreign(&old)) || !old.there)
		return rc;
	for (int k = 0; old.applied && k < damon_kdamond_count(); k++)
		if (damon_kdamond_on(k))
			return bench_error(BENCH_FAILED, "tiermig's schemes run already (kdamond %d, pid "
					   "%d): tiermig --stop first", k, damon_kdamond_pid(k));
	return undo(&old);
}

/* The kernel looks for a memory cgroup of that path only when the kdamond starts, and then just says EINVAL. */
static int check_cgroup(const char *cgroup)
{
	bench_path path;

	if (!cgroup || bench_exists(bench_at(path, CGROUPS "%s/memory.current", cgroup)) ||
	    bench_exists(bench_at(path, CGROUPS "/memory%s/memory.limit_in_bytes", cgroup)))
		return 0;
	if (bench_exists(bench_at(path, CGROUPS "%s", cgroup)))
		return bench_error(BENCH_FAILED, "cgroup %s has no memory controller: write +memory to "
				   "cgroup.subtree_control of the one above it, or give -g", cgroup);
	return bench_error(BENCH_FAILED, "%s: there is no such cgroup: make it (mkdir) and put processes "
			   "in, name another (--cgroup), or give -g for all pages", bench_shown(path));
}

/* -- On -------------------------------------------------------------------------------------- */

/* The kernel looks for a filter's cgroup only now. 6.12 says ENOMEM to any scheme that it can't make. */
static const char *start_hint(int error)
{
	if (error == EBUSY)
		return ": something else has DAMON for itself";
	return error == EINVAL || error == ENOMEM ? ": is the cgroup's name as in /proc/PID/cgroup?" : "";
}

static int turn_on(int kdamond, struct damon_record *record)
{
	bench_path path;
	int pid;

	if (!bench_write(bench_at(path, DAMON_KDAMONDS "/%d/state", kdamond), "on"))
		return bench_error(BENCH_FAILED, "%s: the kernel refuses to start it: %s (%s)%s",
				   bench_shown(path), strerror(errno), strerrorname_np(errno),
				   start_hint(errno));
	pid = damon_kdamond_pid(kdamond);
	if (!damon_kdamond_on(kdamond) || pid < 0)
		return bench_error(BENCH_FAILED, "%s: is off right after it was turned on: see dmesg",
				   bench_shown(path));
	record->pids[record->count++] = pid;
	return 0;
}

static int program(const struct damon_plan *plan, struct damon_record *record)
{
	struct damon_knobs knobs = { NULL, 0 };
	int rc;

	damon_knobs_make(plan, &knobs);
	rc = damon_knobs_write(&knobs, &interrupted);
	if (!rc)
		rc = damon_knobs_compare(&knobs);
	damon_knobs_free(&knobs);
	for (int k = 0; !rc && k < plan->count; k++)
		rc = turn_on(k, record);
	if (!rc && interrupted)
		rc = bench_error(BENCH_FAILED, "interrupted: what was programmed is undone");
	return rc;
}

int damon_apply(const struct damon_plan *plan)
{
	struct damon_record record = { .there = true };
	int rc;

	if ((rc = damon_check_kernel()) || (rc = damon_record_lock()) || (rc = clear_old()) ||
	    (rc = check_modules()) || (rc = check_cgroup(plan->cgroup)))
		return rc;
	listen();
	if (!(rc = damon_record_write(&record)) && !(rc = stat_off(&record)) &&
	    !(rc = program(plan, &record))) {
		record.applied = true;
		rc = damon_record_write(&record);
	}
	if (rc) {
		undo(&record);
		return rc;
	}
	printf("tiermig: %d kdamond%s on%s\n", plan->count, plan->count == 1 ? "" : "s",
	       record.stat ? ", DAMON_STAT off until --stop" : "");
	return 0;
}

int damon_stop(void)
{
	struct damon_record record;
	int rc, count;

	if ((rc = damon_check_kernel()) || (rc = damon_record_lock()) ||
	    (rc = damon_record_read(&record)) || (rc = refuse_foreign(&record)))
		return rc;
	if (!record.there) {
		puts("tiermig: nothing runs");
		return 0;
	}
	count = damon_kdamond_count();
	if ((rc = undo(&record)))
		return rc;
	printf("tiermig: %d kdamond%s stopped%s\n", count, count == 1 ? "" : "s",
	       record.stat ? ", DAMON_STAT on again" : "");
	return 0;
}
