/* list, status: what there is. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "paths.h"
#include "print.h"
#include "progress.h"
#include "session.h"
#include "text.h"

static bool json, names_only;

const struct cli_option list_options[] = {
	{ "json", 'j', NULL, "for programs", &json },
	{ "names", 0, NULL, "only the names, without asking libvirt", &names_only },
	{ 0 }
};
const struct cli_option status_options[] = {
	{ "json", 'j', NULL, "for programs", &json },
	{ 0 }
};

static void row_free(struct machine_row *r)
{
	free(r->name);
	free(r->state);
	free(r->image);
	free(r->kernel);
	free(r->connect);
}

/* A machine of another host than the one that is asked: it may be down, and nobody waits for that to hear of all others. */
static bool is_elsewhere(struct virt *v, const char *connect)
{
	auto_free char *uri = connect ? virt_uri(v) : NULL;

	return connect && strcmp(connect, uri);
}

/* Whoever names a host asks for the machines there. */
static bool is_asked_for(struct virt *v, const struct machine_row *r)
{
	return !virt_is_remote(v) || (r->connect && strcmp(r->state, "remote"));
}

/* A machine that was started before knows its image; one that was not has only its file. */
static int fill_row(struct virt *v, const char *name, struct machine_row *r, struct err *e)
{
	cleanup(state_free) struct state s = { 0 };
	cleanup(home_free) struct home p = { 0 };
	cleanup(manifest_free) struct manifest man = { 0 };
	auto_free char *json_path = NULL;
	bool running = false, paused, elsewhere;
	int port;

	*r = (struct machine_row){ .name = xstrdup(name) };
	if (state_open(&s, name, e) < 0)
		return -1;
	r->connect = home_uri(&s);
	elsewhere = is_elsewhere(v, r->connect);
	if (!elsewhere && (home_open(&p, &s, v, e) < 0 || session_running(v, &s, &p, &running, e) < 0))
		return -1;
	paused = running && virt_paused(v, name) != PAUSE_NONE;
	r->state = xstrdup(elsewhere ? "remote" : paused ? "paused" : running ? "running" : state_exists(&s) ? "stopped" : "new");
	port = running ? state_port(&s, &(struct err){ "" }) : 0;
	r->port = port > 0 ? port : 0;
	json_path = state_path(&s, "manifest.json");
	if (state_exists(&s) && manifest_load(&man, json_path, &(struct err){ "" }) == 0) {
		r->image = xstrdup(man.name);
		r->kernel = xstrdup(man.release);
	}
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The machines that have a state, and those that are shipped. */
static int all_names(struct strv *names, struct err *e)
{
	const struct data_dirs *data = data_dirs(e);
	auto_strv shipped = { 0 };

	if (!data || state_list(names, e) < 0 || list_dir(data->machines, ".yaml", &shipped, e) < 0)
		return -1;
	for (size_t i = 0; i < shipped.n; i++)
		if (!strv_has(names, shipped.v[i]))
			strv_add(names, shipped.v[i]);
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_text);
	return 0;
}

/* For completion: quick, and also where libvirt does not answer. */
static int print_names(struct err *e)
{
	auto_strv names = { 0 };

	if (all_names(&names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		puts(names.v[i]);
	return 0;
}

static int list(struct err *e)
{
	cleanup(virt_cleanup) struct virt *v = virt_open(NULL, e);
	auto_strv names = { 0 };
	struct machine_row *rows;
	size_t n = 0;

	if (!v || all_names(&names, e) < 0)
		return -1;
	rows = xcalloc(names.n, sizeof(*rows));
	for (size_t i = 0; i < names.n; i++) {
		struct err why;

		/* A foreign domain of that name is none of ours: it is shown as such, not an end of the list. */
		if (fill_row(v, names.v[i], &rows[n], &why) < 0)
			rows[n].state = xstrdup("foreign");
		if (is_asked_for(v, &rows[n]))
			n++;
		else
			row_free(&rows[n]);
	}
	if (json)
		print_machines_json(rows, n, false);
	else
		print_machines(rows, n);
	for (size_t i = 0; i < n; i++)
		row_free(&rows[i]);
	free(rows);
	return 0;
}

int cmd_list(int argc, char **argv, struct err *e)
{
	(void)argc;
	(void)argv;
	if (json && names_only)
		return err_set(e, "--json and --names exclude each other");
	return names_only ? print_names(e) : list(e);
}

/* Exit status: 0 running, 3 not, as systemctl has it. */
int cmd_status(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	cleanup(row_free) struct machine_row r = { 0 };
	struct err why = { "" };

	(void)argc;
	if (session_open(&s, argv[0], e) < 0 || fill_row(s.virt, s.state.name, &r, e) < 0)
		return -1;
	if (json)
		print_machines_json(&r, 1, true);
	else
		print_machines(&r, 1);
	if (s.running && session_check_paused(&s, &why) < 0)
		progress_note("%s", why.msg);
	return strcmp(r.state, "running") ? 3 : 0;
}
