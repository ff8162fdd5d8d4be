#include "print.h"

#include <json-c/json.h>
#include <stdio.h>

static void put(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, *value ? json_object_new_string(value) : NULL);
}

static int print_json(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return 0;
}

int print_plan_json(const struct build *b)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < b->plan.n; i++) {
		const struct step *s = &b->plan.steps[i];
		struct json_object *o = json_object_new_object();

		put(o, "step", step_name(s->kind));
		json_object_object_add(o, "cached", json_object_new_boolean(s->cached));
		put(o, "digest", s->digest);
		put(o, "folder", s->dir ? s->dir : "");
		json_object_array_add(list, o);
	}
	return print_json(list);
}

int print_images_json(const struct image_info *images, size_t n)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_new_object();

		put(o, "name", images[i].name);
		json_object_object_add(o, "bytes", json_object_new_int64((int64_t)images[i].bytes));
		put(o, "created", images[i].created);
		put(o, "base", images[i].base);
		put(o, "kernel", images[i].kernel);
		put(o, "recipe", images[i].recipe);
		json_object_array_add(list, o);
	}
	return print_json(list);
}

int print_findings_json(const struct findings *l)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < l->n; i++) {
		struct json_object *o = json_object_new_object();

		put(o, "what", l->v[i].what);
		put(o, "found", l->v[i].found);
		json_object_object_add(o, "differs", json_object_new_boolean(l->v[i].differs));
		json_object_array_add(list, o);
	}
	return print_json(list);
}
