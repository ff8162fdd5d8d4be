/* bench: the runs of an experiment on its machines, those that are not made yet, one result file each. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "bench-list.h"
#include "bench-place.h"
#include "bench-run.h"
#include "cmd.h"
#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "paths.h"
#include "progress.h"
#include "ready.h"
#include "start.h"
#include "stop.h"
#include "units.h"

#define MOST_NOTED 12 /* of the runs that are going to be made */

static const char *results;
static bool force, dry, json;

const struct cli_option bench_options[] = {
	{ "results", 'r', "DIR", "where the results are and go to (results/EXPERIMENT)", &results },
	{ "force", 'f', NULL, "also runs that are made already", &force },
	{ "dry-run", 'n', NULL, "list the runs, and make none", &dry },
	{ "json", 'j', NULL, "list them for programs, and make none", &json },
	{ 0 }
};

/* An experiment on one machine. */
struct bench {
	const struct experiment *x;
	const char *path, *dir; /* the experiment's file, and the folder that it is in */
	char *results;
	const char *given;      /* the machine, as the user named it */
	struct bench_list list;
	struct session s;
	struct bench_place place;
	bool started;           /* by us, and not by another's */
	size_t failed, at;
	double begun;
	int lock;
};

static void bench_free(struct bench *b)
{
	free(b->results);
	bench_list_free(&b->list);
	bench_place_free(&b->place);
	session_close(&b->s);
	if (b->lock >= 0)
		close(b->lock);
}

/* ---- the machine ---- */

/* The first word also shows which way leads into the guest. */
static int ask_guest(struct bench *b, struct err *e)
{
	auto_text out = { 0 };

	return guest_capture(&b->s.guest, (const char *const[]){ "true", NULL }, &out, e);
}

static int join_machine(struct bench *b, struct err *e)
{
	session_close(&b->s);
	b->s = (struct session){ 0 };
	if (session_open_running(&b->s, b->given, e) < 0 || bench_place_check(&b->place, &b->s, e) < 0)
		return -1;
	return ask_guest(b, e);
}

/* One at a time: two would measure each other. Held until it is closed. */
static int lock_machine(const struct state *s, struct err *e)
{
	auto_free char *path = state_path(s, "bench.lock");
	auto_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_errno(e, "can't make %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return steal_fd(fd);
	err_set(e, "another `vmctl bench` is at work on %s: wait for it, or take another machine (start --as)", s->name);
	return err_status(e, EXIT_HOST);
}

/* Two that begin at once both find it off, and one of them starts it: whose it is, the lock tells. */
static int start_and_join(struct bench *b, struct err *e)
{
	bool off = !b->s.running;

	if (off && start_machine(b->given, false, e) < 0)
		return -1;
	b->lock = lock_machine(&b->s.state, e);
	if (b->lock < 0)
		return -1;
	b->started = off;
	return join_machine(b, e);
}

static void stop_ours(struct bench *b)
{
	struct err why = { "" };

	if (b->started && b->s.virt && !interrupted() && stop_machine(&b->s, STOP_TIMEOUT_S, &why) < 0)
		progress_note("%s", why.msg);
}

/* ---- the runs ---- */

static void tick(void *arg)
{
	struct bench *b = arg;
	char so_far[SIZE_TEXT], about[SIZE_TEXT], rest[SIZE_TEXT];
	double took = now_s() - b->begun, all = bench_list_left(&b->list, b->at) - took;

	progress_update("%s of some %s, %s left", seconds_human(took, so_far), seconds_human(b->list.guess[b->at], about),
			all > 0 ? seconds_human(all, rest) : "little");
}

static char *date_now(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	return xstrdup(text);
}

/* The guest may be gone after a run that failed, or hang: the others are to have one. What has died does not hear that it shall power
 * off. */
static int mend(struct bench *b, struct err *e)
{
	struct err why = { "" };

	if (ready_died(&b->s, &why) == 0 && ask_guest(b, &why) == 0)
		return 0;
	if (interrupt_check(e) < 0)
		return -1;
	progress_note("%s: %s; it is started again", b->s.state.name, why.msg);
	if (session_refresh(&b->s, e) < 0 || (b->s.running && stop_machine(&b->s, 0, e) < 0) || start_machine(b->given, false, e) < 0)
		return -1;
	return join_machine(b, e);
}

static int make_run(struct bench *b, size_t i, size_t number, size_t total, struct err *e)
{
	const struct bench_run *r = &b->list.m.v[i];
	const struct bench_call c = { b->dir, b->place.image, tick, b };
	auto_free char *said = NULL, *error = NULL, *date = date_now(), *text = NULL, *why = NULL;
	struct bench_outcome o;
	bool done;

	b->at = i;
	b->begun = now_s();
	progress_begin((int)number, (int)total, "%s", r->label);
	if (bench_run_once(&b->s, &b->list.m, r, &c, &said, &error, e) < 0)
		return -1;
	o = (struct bench_outcome){ said, error, date, now_s() - b->begun };
	text = bench_result_text(&b->list.m, r, &b->place, &o, &done, &why);
	if (file_write(b->list.paths[i], text, strlen(text), 0644, e) < 0)
		return -1;
	if (done) {
		bench_list_took(&b->list, i, o.seconds);
		progress_end("%s", r->label);
		return 0;
	}
	b->failed++;
	progress_end("%s: failed: %s", r->label, why);
	return mend(b, e);
}

/* Before an hour's run, not after it. */
static int make_folder(const struct bench *b, struct err *e)
{
	auto_free char *dir = strf("%s/%s", b->results, b->place.machine);

	if (mkdir_p(dir, e) < 0)
		return -1;
	return access(dir, W_OK) == 0 ? 0 : err_errno(e, "can't write results into %s (--results names another folder)", dir);
}

/* What is going to be run. */
static void note_runs(const struct bench *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->list.m.n; i++)
		if (!bench_list_is_made(&b->list, i) && ++n <= MOST_NOTED)
			progress_note("  %s", b->list.m.v[i].label);
	if (n > MOST_NOTED)
		progress_note("  and %zu more (-n shows all)", n - MOST_NOTED);
}

static int make_runs(struct bench *b, struct err *e)
{
	size_t made = bench_list_made(&b->list), number = 0, n = b->list.m.n;
	char time[SIZE_TEXT];

	progress_note("%s on %s: %zu runs, %zu of them made; the rest takes some %s", b->x->name, b->place.machine, n, made,
		      seconds_human(bench_list_left(&b->list, 0), time));
	note_runs(b);
	if (make_folder(b, e) < 0 || start_and_join(b, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (bench_list_is_made(&b->list, i))
			continue;
		if (make_run(b, i, ++number, n - made, e) < 0) {
			progress_abort();
			return interrupted() ? err_set(e, "interrupted: %zu runs are in %s, and the same command goes on from there; the guest puts "
						       "its settings back", number - 1 + made, b->results) : -1;
		}
	}
	return 0;
}

static int open_bench(struct bench *b, struct err *e)
{
	const char *where[PLACE_DIGESTS];

	if (session_open(&b->s, b->given, e) < 0 || bench_place_fill(&b->place, &b->s, b->given, b->path, e) < 0)
		return -1;
	bench_place_digests(&b->place, where);
	b->list.again = force;
	return bench_list_make(&b->list, b->x, &b->place, b->dir, b->results, where, e);
}

static int on_machine(const struct experiment *x, const char *path, const char *given, struct err *e)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	cleanup(bench_free) struct bench b = { .x = x, .path = path, .dir = dir, .given = given, .lock = -1,
					       .results = results ? xstrdup(results) : strf("results/%s", x->name) };
	int rc;

	if (open_bench(&b, e) < 0)
		return -1;
	if (dry || json) {
		bench_list_print(&b.list, &b.place, json);
		return 0;
	}
	rc = bench_list_made(&b.list) == b.list.m.n ? 0 : make_runs(&b, e);
	stop_ours(&b);
	if (rc < 0)
		return -1;
	if (b.failed) {
		err_set(e, "%zu of %zu runs failed: their files in %s/%s say why; the same command tries them again", b.failed, b.list.m.n,
			b.results, b.place.machine);
		return err_status(e, EXIT_EXPECT);
	}
	printf("%zu runs of %s on %s are in %s: `vmctl report %s`\n", b.list.m.n, x->name, b.place.machine, b.results, b.results);
	return 0;
}

/* What one machine can't do does not keep the others from it. The last reason is the command's, the others are notes. */
static int on_all(const struct experiment *x, const char *path, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < x->n_machines; i++) {
		struct err why = { "" };

		if (on_machine(x, path, x->machines[i], &why) == 0)
			continue;
		if (rc < 0)
			progress_note("%s", e->msg);
		*e = why;
		rc = -1;
		if (interrupted())
			break;
	}
	return rc;
}

int cmd_bench(int argc, char **argv, struct err *e)
{
	const struct data_dirs *data = data_dirs(e);
	const char *given = argv[argc - 1], *machine = argc > 1 ? argv[0] : NULL;
	auto_free char *path = data ? find_by_name("experiment", data->experiments, given, e) : NULL;
	cleanup(experiment_cleanup) struct experiment *x = path ? experiment_load(path, e) : NULL;

	if (!x)
		return -1;
	if (machine)
		return on_machine(x, path, machine, e);
	if (!x->n_machines)
		return err_set(e, "%s names no machines: say which, as `vmctl bench cxl %s`", path, given);
	return on_all(x, path, e);
}
