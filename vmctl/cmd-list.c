/* list, status, xml: what there is. */
#include <stdio.h>
#include <string.h>

#include "boot.h"
#include "cmd.h"
#include "file.h"
#include "paths.h"
#include "print.h"
#include "session.h"
#include "text.h"

static bool json;

const struct cli_option list_options[] = {
	{ "json", 'j', NULL, "for programs", &json },
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
}

/* A machine that was started before knows its image; one that was not has only its file. */
static int fill_row(struct virt *v, const char *name, struct machine_row *r, struct err *e)
{
	cleanup(state_free) struct state s = { 0 };
	cleanup(manifest_free) struct manifest man = { 0 };
	auto_free char *json_path = NULL;
	bool running;

	*r = (struct machine_row){ .name = xstrdup(name) };
	if (state_open(&s, name, e) < 0 || virt_running(v, name, &running, e) < 0)
		return -1;
	r->state = xstrdup(running ? "running" : state_exists(&s) ? "stopped" : "new");
	r->port = running ? state_port(&s, &(struct err){ "" }) : 0;
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

int cmd_list(int argc, char **argv, struct err *e)
{
	cleanup(virt_cleanup) struct virt *v = virt_open(e);
	auto_strv names = { 0 };
	struct machine_row *rows;
	size_t n = 0;
	int rc = 0;

	(void)argc;
	(void)argv;
	if (!v || all_names(&names, e) < 0)
		return -1;
	rows = xcalloc(names.n, sizeof(*rows));
	while (rc == 0 && n < names.n) {
		struct err why;

		/* A foreign domain of that name is none of ours: it is shown as such, not an end of the list. */
		if (fill_row(v, names.v[n], &rows[n], &why) < 0)
			rows[n].state = xstrdup("foreign");
		n++;
	}
	if (json)
		print_machines_json(rows, n, false);
	else
		print_machines(rows, n);
	for (size_t i = 0; i < n; i++)
		row_free(&rows[i]);
	free(rows);
	return rc;
}

/* Exit status: 0 running, 3 not, as systemctl has it. */
int cmd_status(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	cleanup(row_free) struct machine_row r = { 0 };

	(void)argc;
	if (session_open(&s, argv[0], e) < 0 || fill_row(s.virt, s.state.name, &r, e) < 0)
		return -1;
	if (json)
		print_machines_json(&r, 1, true);
	else
		print_machines(&r, 1);
	return strcmp(r.state, "running") ? 3 : 0;
}

/* The XML of a machine that runs; of one that does not, what it would be started with. */
static char *planned_xml(const char *given, struct err *e)
{
	cleanup(state_free) struct state s = { 0 };
	cleanup(manifest_free) struct manifest man = { 0 };
	cleanup(host_free) struct host host = { 0 };
	cleanup(machine_cleanup) struct machine *m = NULL;
	auto_free char *path = NULL, *disk = NULL, *log = NULL, *nvram = NULL, *plan = NULL, *key = NULL;

	m = state_find_machine(given, &path, e);
	if (!m || state_open(&s, m->name, e) < 0 || host_probe(&host, m, e) < 0 || state_find_image(m, &man, e) < 0)
		return NULL;
	disk = state_path(&s, "disk.qcow2");
	log = state_path(&s, "console.log");
	nvram = state_path(&s, "nvram.fd");
	key = state_public_key(&s, &(struct err){ "" });
	plan = guest_plan(m, key ? key : "(made at the first start)");
	return domain_xml(&(struct boot_spec){ .m = m, .man = &man, .host = &host, .dir = s.dir, .disk = disk, .console_log = log, .nvram = nvram,
					       .plan = plan,
					       .ssh_port = m->ssh_port ? (int)m->ssh_port : 2222 });
}

int cmd_xml(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	auto_free char *xml = NULL;

	(void)argc;
	if (session_open(&s, argv[0], e) < 0)
		return -1;
	xml = s.running ? virt_xml(s.virt, s.state.name, e) : planned_xml(argv[0], e);
	if (!xml)
		return -1;
	fputs(xml, stdout);
	return 0;
}
