/* bench: the runs of an experiment on its machines, those that are not made yet, one result file each. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "bench-place.h"
#include "bench-run.h"
#include "cmd.h"
#include "digest.h"
#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "paths.h"
#include "progress.h"
#include "ready.h"
#include "start.h"
#include "stop.h"
#include "table.h"
#include "units.h"

#define MAX_LABEL 120

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
	struct matrix m;
	struct session s;
	struct bench_place place;
	char **paths;           /* of the results                    */
	struct bench_earlier *made;
	double *guess;          /* seconds                           */
	bool started;           /* by us                             */
	size_t failed, at;
	double begun;
};

static void bench_free(struct bench *b)
{
	for (size_t i = 0; b->paths && i < b->m.n; i++)
		free(b->paths[i]);
	free(b->paths);
	free(b->made);
	free(b->guess);
	free(b->results);
	matrix_free(&b->m);
	bench_place_free(&b->place);
	session_close(&b->s);
}

/* ---- the machine ---- */

/* The first word shows which way leads into the guest. */
static int join_machine(struct bench *b, struct err *e)
{
	auto_text out = { 0 };

	session_close(&b->s);
	b->s = (struct session){ 0 };
	return session_open_running(&b->s, b->given, e) < 0 ? -1 : guest_capture(&b->s.guest, (const char *const[]){ "true", NULL }, &out, e);
}

static int start_and_join(struct bench *b, struct err *e)
{
	b->started = !b->s.running;
	return b->started && start_machine(b->given, false, e) < 0 ? -1 : join_machine(b, e);
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

/* ---- what there is to do ---- */

static char *result_path(const struct bench *b, const struct bench_run *r)
{
	return strf("%s/%s/%.*s-%s.json", b->results, b->place.machine, MAX_LABEL, r->label, r->id);
}

/* The mean of those that took some time among the runs of the same words; else a guess from the words. */
static void guess_times(struct bench *b)
{
	for (size_t i = 0; i < b->m.n; i++) {
		double sum = 0;
		int n = 0;

		for (size_t k = 0; k < b->m.n; k++)
			if (b->made[k].seconds > 0 && !strcmp(b->m.v[k].words, b->m.v[i].words)) {
				sum += b->made[k].seconds;
				n++;
			}
		b->guess[i] = n ? sum / n : matrix_seconds(&b->m.v[i]);
	}
}

static int files_digests(struct bench *b, struct strv *where, struct err *e)
{
	for (size_t i = 0; i < b->m.n; i++) {
		auto_free char *path = bench_file_path(b->dir, &b->m.v[i]);
		char hex[DIGEST_HEX];

		if (path && digest_file(path, DIGEST_SHA256, hex, e) < 0)
			return err_status(e, EXIT_FILE);
		if (path && !strv_has(where, hex))
			strv_add(where, hex);
	}
	return 0;
}

static int find_runs(struct bench *b, struct err *e)
{
	auto_strv where = { 0 };
	const char *place[5];

	bench_place_digests(&b->place, place);
	for (size_t i = 0; place[i]; i++)
		strv_add(&where, place[i]);
	matrix_make(&b->m, b->x);
	if (files_digests(b, &where, e) < 0)
		return -1;
	matrix_identify(&b->m, (const char *const *)where.v);
	b->paths = xcalloc(b->m.n, sizeof(*b->paths));
	b->made = xcalloc(b->m.n, sizeof(*b->made));
	b->guess = xcalloc(b->m.n, sizeof(*b->guess));
	for (size_t i = 0; i < b->m.n; i++) {
		b->paths[i] = result_path(b, &b->m.v[i]);
		b->made[i] = bench_result_look(b->paths[i], b->m.v[i].id);
	}
	guess_times(b);
	return 0;
}

static size_t count_made(const struct bench *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->m.n; i++)
		n += b->made[i].done && !force;
	return n;
}

/* Seconds that the runs from number i on will take. */
static double left(const struct bench *b, size_t i)
{
	double s = 0;

	for (; i < b->m.n; i++)
		s += b->made[i].done && !force ? 0 : b->guess[i];
	return s;
}

static int list_runs(const struct bench *b)
{
	const char **states = xcalloc(b->m.n, sizeof(*states));
	struct table *t = NULL;
	char time[SIZE_TEXT];

	for (size_t i = 0; i < b->m.n; i++)
		states[i] = b->made[i].done ? "done" : "missing";
	if (json) {
		bench_print_json(&b->m, &b->place, states, b->paths);
	} else {
		t = table_new((const char *const[]){ "RUN", "", "ABOUT", NULL });
		for (size_t i = 0; i < b->m.n; i++)
			table_row(t, (const char *const[]){ b->m.v[i].label, states[i], seconds_human(b->guess[i], time), NULL });
		table_print(t);
	}
	free(states);
	return 0;
}

/* ---- the runs ---- */

static void tick(void *arg)
{
	struct bench *b = arg;
	char so_far[SIZE_TEXT], rest[SIZE_TEXT];
	double took = now_s() - b->begun, all = left(b, b->at) - took;

	progress_update("%s of some %s, %s left", seconds_human(took, so_far), seconds_human(b->guess[b->at], rest),
			all > 0 ? seconds_human(all, (char[SIZE_TEXT]){ "" }) : "little");
}

static char *date_now(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	return xstrdup(text);
}

static int keep(struct bench *b, size_t i, struct bench_outcome *o, bool *done, struct err *e)
{
	auto_free char *text = bench_result_text(&b->m, &b->m.v[i], &b->place, o, done), *dir = xstrdup(b->paths[i]);

	*strrchr(dir, '/') = '\0';
	return mkdir_p(dir, e) < 0 || file_write(b->paths[i], text, strlen(text), 0644, e) < 0 ? -1 : 0;
}

/* The guest may be gone after a run that failed: the others are to have one. What has died does not hear that it shall power off. */
static int mend(struct bench *b, struct err *e)
{
	struct err why = { "" };

	if (ready_died(&b->s, &why) == 0)
		return 0;
	progress_note("%s: %s; it is started again", b->s.state.name, why.msg);
	if (session_refresh(&b->s, e) < 0 || (b->s.running && stop_machine(&b->s, 0, e) < 0) || start_machine(b->given, false, e) < 0)
		return -1;
	return join_machine(b, e);
}

static int make_run(struct bench *b, size_t i, size_t number, size_t total, struct err *e)
{
	const struct bench_call c = { b->dir, b->place.image, tick, b };
	auto_free char *said = NULL, *error = NULL, *date = date_now(), *inner = NULL;
	struct bench_outcome o;
	bool done;

	b->at = i;
	b->begun = now_s();
	progress_begin((int)number, (int)total, "%s", b->m.v[i].label);
	if (bench_run_once(&b->s, &b->m, &b->m.v[i], &c, &said, &error, e) < 0)
		return -1;
	o = (struct bench_outcome){ said, error, date, now_s() - b->begun };
	if (keep(b, i, &o, &done, e) < 0)
		return -1;
	if (done) {
		b->made[i] = (struct bench_earlier){ true, o.seconds };
		guess_times(b);
		progress_end("%s", b->m.v[i].label);
		return 0;
	}
	b->failed++;
	inner = bench_result_error(said);
	progress_end("%s: failed: %s", b->m.v[i].label, error ? error : inner ? inner : "the guest gave no result");
	return mend(b, e);
}

static int make_runs(struct bench *b, int *lock, struct err *e)
{
	size_t made = count_made(b), number = 0;
	char time[SIZE_TEXT];

	progress_note("%s on %s: %zu runs, %zu of them made; the rest takes some %s", b->x->name, b->place.machine, b->m.n, made,
		      seconds_human(left(b, 0), time));
	if (start_and_join(b, e) < 0 || (*lock = lock_machine(&b->s.state, e)) < 0)
		return -1;
	for (size_t i = 0; i < b->m.n; i++) {
		if (b->made[i].done && !force)
			continue;
		if (make_run(b, i, ++number, b->m.n - made, e) < 0) {
			progress_abort();
			return interrupted() ? err_set(e, "interrupted: %zu runs are in %s, and the same command goes on from there; the guest puts "
						       "its settings back", number - 1 + made, b->results) : -1;
		}
	}
	return 0;
}

static int on_machine(const struct experiment *x, const char *path, const char *given, struct err *e)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	cleanup(bench_free) struct bench b = { .x = x, .path = path, .dir = dir, .given = given,
					       .results = results ? xstrdup(results) : strf("results/%s", x->name) };
	auto_close int lock = -1;
	struct err why = { "" };
	int rc;

	if (session_open(&b.s, given, e) < 0 || bench_place_fill(&b.place, &b.s, given, path, e) < 0 || find_runs(&b, e) < 0)
		return -1;
	if (dry || json)
		return list_runs(&b);
	rc = count_made(&b) == b.m.n ? 0 : make_runs(&b, &lock, e);
	if (b.started && !interrupted() && stop_machine(&b.s, STOP_TIMEOUT_S, &why) < 0)
		progress_note("%s", why.msg);
	if (rc < 0)
		return -1;
	if (b.failed) {
		err_set(e, "%zu of %zu runs failed: their files in %s/%s say why; the same command tries them again", b.failed, b.m.n,
			b.results, b.place.machine);
		return err_status(e, EXIT_EXPECT);
	}
	printf("%zu runs of %s on %s are in %s: `vmctl report %s`\n", b.m.n, x->name, b.place.machine, b.results, b.results);
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
