#include "events.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "manifest.h"
#include "progress.h"

static const struct build *build;

static void put(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static struct json_object *event(const char *name)
{
	struct json_object *o = json_object_new_object();
	time_t now = time(NULL);
	struct tm tm;
	char when[32];

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	put(o, "event", name);
	put(o, "time", when);
	return o;
}

/* Whole lines, at once: whoever reads them follows the build. */
static void send(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(o);
}

static void put_seconds(struct json_object *o, double seconds)
{
	auto_free char *text = strf("%.1f", seconds);

	json_object_object_add(o, "seconds", json_object_new_double_s(seconds, text));
}

static void show(const struct progress_event *e)
{
	static const char *const names[] = {
		[PROGRESS_BEGIN] = "begin", [PROGRESS_TICK] = "progress", [PROGRESS_END] = "end", [PROGRESS_ABORT] = "abort",
		[PROGRESS_SKIP] = "cached", [PROGRESS_NOTE] = "note",
	};
	static char figure[160]; /* of the last event: one that says nothing new is not sent */
	struct json_object *o;

	if (e->kind == PROGRESS_TICK && (!*e->figure || !strcmp(e->figure, figure)))
		return;
	snprintf(figure, sizeof(figure), "%s", e->kind == PROGRESS_TICK ? e->figure : "");
	o = event(names[e->kind]);
	if (e->number) {
		put(o, "step", step_name(build->plan.steps[e->number - 1].kind));
		json_object_object_add(o, "number", json_object_new_int(e->number));
		json_object_object_add(o, "total", json_object_new_int(e->total));
	}
	if (*e->words)
		put(o, "message", e->words);
	if (e->kind == PROGRESS_TICK)
		put(o, "figure", e->figure);
	if (e->kind == PROGRESS_TICK || e->kind == PROGRESS_END)
		put_seconds(o, e->seconds);
	send(o);
}

void events_begin(const struct build *b)
{
	build = b;
	progress_show(show);
}

void events_done(const struct build *b, const struct step *last, bool made, double seconds)
{
	auto_free char *image = image_path(b, "qcow2"), *manifest = image_path(b, "json");
	struct json_object *o = event("done");

	if (last->kind == STEP_IMAGE) {
		put(o, "image", image);
		put(o, "manifest", manifest);
	} else {
		put(o, "folder", last->dir);
	}
	json_object_object_add(o, "made", json_object_new_boolean(made));
	put_seconds(o, seconds);
	send(o);
}

void events_error(const char *message)
{
	struct json_object *o = event("error");

	put(o, "message", message);
	send(o);
}
