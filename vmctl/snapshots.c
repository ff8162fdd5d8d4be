#include "snapshots.h"

#include <string.h>

#include "print-parts.h"
#include "run.h"

static struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &v) ? v : NULL;
}

int snapshots_list(const char *disk, struct snapshots *s, struct err *e)
{
	/* -U: it may be that of a machine that runs, and is only looked at */
	const char *argv[] = { "qemu-img", "info", "-U", "--output=json", disk, NULL };
	auto_json o = NULL;
	struct json_object *list;
	auto_text out = { 0 };

	*s = (struct snapshots){ 0 };
	if (run_simple(argv, &out, e) < 0)
		return -1;
	o = json_tokener_parse(out.s ? out.s : "");
	if (!o)
		return err_set(e, "qemu-img says nothing of %s that could be read", disk);
	list = get(o, "snapshots");
	if (!json_object_is_type(list, json_type_array))
		return 0;
	s->v = xcalloc(json_object_array_length(list), sizeof(*s->v));
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *row = json_object_array_get_idx(list, i);

		s->v[s->n++] = (struct snapshot){ xstrdup(json_object_get_string(get(row, "name"))),
						  json_object_get_int64(get(row, "date-sec")) };
	}
	return 0;
}

void snapshots_free(struct snapshots *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
	*s = (struct snapshots){ 0 };
}

bool snapshots_have(const struct snapshots *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].name, name))
			return true;
	return false;
}

static int act(const char *how, const char *disk, const char *name, struct err *e)
{
	const char *argv[] = { "qemu-img", "snapshot", "-q", how, name, disk, NULL };

	return run_simple(argv, NULL, e);
}

int snapshot_take(const char *disk, const char *name, struct err *e)
{
	return act("-c", disk, name, e);
}

int snapshot_revert(const char *disk, const char *name, struct err *e)
{
	return act("-a", disk, name, e);
}

int snapshot_delete(const char *disk, const char *name, struct err *e)
{
	return act("-d", disk, name, e);
}
