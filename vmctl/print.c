#include "print.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "print-parts.h"
#include "table.h"
#include "text.h"

void print_checks(const struct checks *c)
{
	struct table *t = table_new((const char *const[]){ "CHECK", "", "EXPECTED", "SEEN", NULL });

	for (size_t i = 0; i < c->n; i++)
		table_row(t, (const char *const[]){ c->v[i].name, c->v[i].ok ? "ok" : "FAIL", c->v[i].expected, c->v[i].seen,
						  NULL });
	table_print(t);
}

void put(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

void put_known(struct json_object *o, const char *key, const char *value)
{
	if (value)
		put(o, key, value);
}

void put_int(struct json_object *o, const char *key, int64_t n)
{
	json_object_object_add(o, key, json_object_new_int64(n));
}

void print_json(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void print_checks_json(const struct checks *c)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < c->n; i++) {
		struct json_object *row = json_object_new_object();

		put(row, "name", c->v[i].name);
		json_object_object_add(row, "ok", json_object_new_boolean(c->v[i].ok));
		put(row, "expected", c->v[i].expected);
		put(row, "seen", c->v[i].seen);
		json_object_array_add(list, row);
	}
	json_object_object_add(o, "ok", json_object_new_boolean(checks_ok(c)));
	json_object_object_add(o, "checks", list);
	print_json(o);
}

/* "qemu+ssh://root@lab/system?command=...": "root@lab" */
static char *host_in(const char *uri)
{
	const char *host = strstr(uri, "://");

	host = host ? host + 3 : uri;
	return xstrndup(host, strcspn(host, "/?"));
}

void print_machines(const struct machine_row *rows, size_t n)
{
	struct table *t = table_new((const char *const[]){ "MACHINE", "STATE", "AT", "IMAGE", "KERNEL", NULL });

	for (size_t i = 0; i < n; i++) {
		auto_free char *port = rows[i].port ? strf("127.0.0.1:%d", rows[i].port) :
				       rows[i].connect ? host_in(rows[i].connect) : xstrdup("-");

		table_row(t, (const char *const[]){ rows[i].name, rows[i].state, port, rows[i].image ? rows[i].image : "-",
						  rows[i].kernel ? rows[i].kernel : "-", NULL });
	}
	table_print(t);
}

static struct json_object *machine_object(const struct machine_row *r)
{
	struct json_object *o = json_object_new_object();

	put(o, "name", r->name);
	put(o, "state", r->state);
	json_object_object_add(o, "running", json_object_new_boolean(!strcmp(r->state, "running")));
	json_object_object_add(o, "ssh_port", r->port ? json_object_new_int(r->port) : NULL);
	put(o, "image", r->image);
	put(o, "kernel", r->kernel);
	put(o, "connect", r->connect);
	return o;
}

void print_machines_json(const struct machine_row *rows, size_t n, bool single)
{
	struct json_object *list;

	if (single) {
		print_json(machine_object(rows));
		return;
	}
	list = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, machine_object(&rows[i]));
	print_json(list);
}

static const struct {
	const char *cell, *json;
} health_names[] = { [HEALTHY] = { "ok", "ok" }, [LACKING] = { "lacks", "lacking" }, [ILL] = { "FAIL", "ill" } };

/* What mends it is for copying: on lines of its own, where no column wraps it. */
void print_probed(const struct probed *list, size_t n)
{
	struct table *t = table_new((const char *const[]){ "HOST", "", "FOUND", NULL });
	const char *head = "\nWhat mends it:\n";

	for (size_t i = 0; i < n; i++)
		table_row(t, (const char *const[]){ list[i].what, health_names[list[i].health].cell, list[i].detail, NULL });
	table_print(t);
	for (size_t i = 0; i < n; i++) {
		if (!list[i].remedy)
			continue;
		printf("%s  %s: %s\n", head, list[i].what, list[i].remedy);
		head = "";
	}
}

void print_probed_json(const struct probed *list, size_t n)
{
	struct json_object *o = json_object_new_object(), *rows = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *row = json_object_new_object();

		put(row, "what", list[i].what);
		put(row, "health", health_names[list[i].health].json);
		put(row, "detail", list[i].detail);
		put(row, "remedy", list[i].remedy);
		json_object_array_add(rows, row);
	}
	json_object_object_add(o, "ok", json_object_new_boolean(doctor_worst(list, n) != ILL));
	json_object_object_add(o, "findings", rows);
	print_json(o);
}

void print_snapshots(const struct snapshots *s)
{
	struct table *t = table_new((const char *const[]){ "SNAPSHOT", "TAKEN", NULL });

	for (size_t i = 0; i < s->n; i++) {
		time_t at = (time_t)s->v[i].taken;
		char when[40] = "";
		struct tm tm;

		if (localtime_r(&at, &tm))
			strftime(when, sizeof(when), "%F %T", &tm);
		table_row(t, (const char *const[]){ s->v[i].name, when, NULL });
	}
	table_print(t);
}

void print_snapshots_json(const struct snapshots *s)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < s->n; i++) {
		struct json_object *row = json_object_new_object();

		put(row, "name", s->v[i].name);
		json_object_object_add(row, "taken", json_object_new_int64(s->v[i].taken));
		json_object_array_add(list, row);
	}
	print_json(list);
}
