/* Reads a result file, by the tables of its keys. A value of another type than it should have is one that is not known. */
#include <string.h>

#include "print-parts.h"
#include "result-keys.h"

static struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;
	const char *dot = strchr(key, '.');

	if (dot) {
		auto_free char *outer = xstrndup(key, (size_t)(dot - key));

		return get(get(o, outer), dot + 1);
	}
	return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static double number(struct json_object *v)
{
	double d = NAN;

	if (json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double))
		d = json_object_get_double(v);
	else if (json_object_is_type(v, json_type_boolean))
		d = json_object_get_boolean(v);
	return isfinite(d) ? d : NAN;
}

/* A text, or a number as a text, as knobs may be. */
static char *text_of(struct json_object *v)
{
	if (json_object_is_type(v, json_type_string) || json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double) ||
	    json_object_is_type(v, json_type_boolean))
		return xstrdup(json_object_get_string(v));
	return NULL;
}

static void fill(void *out, const struct field *f, struct json_object *o)
{
	for (; f->key; f++) {
		void *to = (char *)out + f->off;

		if (f->kind == NUMBER)
			*(double *)to = number(get(o, f->key));
		else
			*(char **)to = text_of(get(o, f->key));
	}
}

static void drop(void *in, const struct field *f)
{
	for (; f->key; f++)
		if (f->kind == TEXT)
			free(*(char **)((char *)in + f->off));
}

static size_t length(struct json_object *list)
{
	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

/* An array of structs of that size, out of a list of objects. */
static void *fill_list(struct json_object *list, const struct field *f, size_t size, size_t *n)
{
	char *v = xcalloc(length(list), size);

	for (*n = 0; *n < length(list); (*n)++)
		fill(v + *n * size, f, json_object_array_get_idx(list, *n));
	return v;
}

static void drop_list(void *v, const struct field *f, size_t size, size_t n)
{
	for (size_t i = 0; i < n; i++)
		drop((char *)v + i * size, f);
	free(v);
}

static void fill_counters(struct counters *c, struct json_object *o)
{
	size_t room = json_object_is_type(o, json_type_object) ? (size_t)json_object_object_length(o) : 0;

	c->names = xcalloc(room, sizeof(*c->names));
	c->values = xcalloc(room, sizeof(*c->values));
	if (!room)
		return;
	json_object_object_foreach(o, key, v) {
		c->names[c->n] = xstrdup(key);
		c->values[c->n++] = number(v);
	}
}

static void drop_counters(struct counters *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->names[i]);
	free(c->names);
	free(c->values);
}

static int by_node(const void *a, const void *b)
{
	const struct node_count *x = a, *y = b;

	return (x->node > y->node) - (x->node < y->node);
}

/* {"0": 4096}: the values themselves, or the member of that name in each of them. Other keys than numbers are no nodes. */
static void fill_pages(struct node_pages *p, struct json_object *o, const char *member)
{
	size_t room = json_object_is_type(o, json_type_object) ? (size_t)json_object_object_length(o) : 0;

	p->v = xcalloc(room, sizeof(*p->v));
	if (!room)
		return;
	json_object_object_foreach(o, key, v) {
		double pages = number(member ? get(v, member) : v);
		char *end;
		long node = strtol(key, &end, 10);

		if (end != key && !*end && !isnan(pages))
			p->v[p->n++] = (struct node_count){ node, pages };
	}
	qsort(p->v, p->n, sizeof(*p->v), by_node);
}

static void fill_samples(struct result *r, struct json_object *list)
{
	r->samples = xcalloc(length(list), sizeof(*r->samples));
	for (size_t i = 0; i < length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		struct result_sample *s = &r->samples[r->n_samples++];
		struct counters c = { 0 };

		fill_counters(&c, get(o, "counters"));
		s->at = number(get(o, "at"));
		s->promoted = counters_get(&c, "pgpromote_success");
		s->demoted = counters_sum(&c, "pgdemote_");
		s->migrated = counters_get(&c, "pgmigrate_success");
		fill_pages(&s->anon, get(o, "nodes"), "anon");
		for (size_t j = 0; j < s->anon.n; j++)
			s->anon.v[j].pages /= 4096;
		drop_counters(&c);
	}
}

static void fill_looks(struct result_interval *v, struct json_object *o)
{
	fill_pages(&v->pages, get(o, "pages_per_node"), NULL);
	fill_pages(&v->hot, get(o, "hot_pages_per_node"), NULL);
}

static void fill_workload(struct result *r, struct json_object *o)
{
	struct json_object *list = get(o, "intervals"), *moves = get(o, "moves");

	fill(r, workload_fields, o);
	r->intervals = fill_list(list, interval_fields, sizeof(*r->intervals), &r->n_intervals);
	for (size_t i = 0; i < r->n_intervals; i++)
		fill_looks(&r->intervals[i], json_object_array_get_idx(list, i));
	r->latencies = fill_list(get(o, "sets"), latency_fields, sizeof(*r->latencies), &r->n_latencies);
	r->kernels = fill_list(get(o, "kernels"), kernel_fields, sizeof(*r->kernels), &r->n_kernels);
	r->phases = fill_list(get(o, "phases"), phase_fields, sizeof(*r->phases), &r->n_phases);
	for (size_t i = 0; i < r->n_phases; i++)
		fill_pages(&r->phases[i].pages, get(json_object_array_get_idx(get(o, "phases"), i), "hot_pages_per_node"), NULL);
	fill_pages(&r->pages_begin, get(o, "pages_begin"), NULL);
	fill_pages(&r->pages_end, get(o, "pages_end"), NULL);
	fill_pages(&r->hot_begin, get(o, "hot_pages_begin"), NULL);
	fill_pages(&r->hot_end, get(o, "hot_pages_end"), NULL);
	r->moved_at = length(moves) ? number(get(json_object_array_get_idx(moves, length(moves) - 1), "at")) : NAN;
}

static void fill_words(struct strv *words, struct json_object *list)
{
	for (size_t i = 0; i < length(list); i++) {
		auto_free char *word = text_of(json_object_array_get_idx(list, i));

		strv_add(words, word ? word : "");
	}
}

static void fill_guest(struct result *r, struct json_object *o)
{
	struct json_object *notes = get(o, "notes");

	fill(r, guest_fields, o);
	r->nodes = fill_list(get(o, "nodes"), node_fields, sizeof(*r->nodes), &r->n_nodes);
	r->knobs = fill_list(get(o, "knobs"), knob_fields, sizeof(*r->knobs), &r->n_knobs);
	r->damon = fill_list(get(o, "damon"), damon_fields, sizeof(*r->damon), &r->n_damon);
	fill_counters(&r->begin, get(o, "counters.begin"));
	fill_counters(&r->end, get(o, "counters.end"));
	fill_samples(r, get(o, "samples"));
	fill_workload(r, get(o, "workload"));
	fill_words(&r->notes, notes);
}

/* Without vmctl, as on a server, the runner's own words say what was asked for. */
static void fill_run(struct result *r, struct json_object *o)
{
	auto_strv runner = { 0 }, command = { 0 };

	fill(r, run_fields, get(o, "run"));
	if (get(o, "run"))
		return;
	fill_words(&runner, get(o, "guest.tierrun"));
	fill_words(&command, get(o, "guest.command"));
	result_run_from_words(r, &runner, &command);
	r->warm_up_secs = number(get(o, "guest.warm_up_secs"));
	r->interval_secs = number(get(o, "guest.workload.interval_secs"));
}

static int check(const char *path, struct json_object *o, enum result_status *status, struct err *e)
{
	struct json_object *format = get(o, "format"), *word = get(o, "status");

	if (!json_object_is_type(format, json_type_int) || !json_object_is_type(word, json_type_string) ||
	    (!json_object_is_type(get(o, "run"), json_type_object) && !json_object_is_type(get(o, "guest"), json_type_object)))
		return err_set(e, "%s: is no result of a run", path);
	if (json_object_get_int64(format) != RESULT_FORMAT)
		return err_set(e, "%s: has format %lld, and this vmctl knows %d: report it with the vmctl that wrote it", path,
			       (long long)json_object_get_int64(format), RESULT_FORMAT);
	for (*status = RESULT_DONE; *status <= RESULT_INTERRUPTED; (*status)++)
		if (!strcmp(json_object_get_string(word), result_status_name(*status)))
			return 0;
	return err_set(e, "%s: its status is '%.40s', which is none of done, failed, interrupted", path, json_object_get_string(word));
}

struct result *result_parse(const char *path, const char *text, struct err *e)
{
	auto_json o = json_tokener_parse(text);
	cleanup(result_cleanup) struct result *r = NULL;
	enum result_status status;

	if (!o) {
		err_set(e, "%s: is no JSON, or cut off", path);
		return NULL;
	}
	if (check(path, o, &status, e) < 0)
		return NULL;
	r = xcalloc(1, sizeof(*r));
	r->path = xstrdup(path);
	r->status = status;
	r->error = text_of(get(o, "error"));
	fill(&r->from, provenance_fields, get(o, "provenance"));
	fill_run(r, o);
	fill_guest(r, get(o, "guest"));
	return steal(r);
}

void result_drop(struct result *r)
{
	if (!r)
		return;
	drop(r, run_fields);
	drop(&r->from, provenance_fields);
	free(r->sha256);
	drop(r, guest_fields);
	drop(r, workload_fields);
	drop_list(r->nodes, node_fields, sizeof(*r->nodes), r->n_nodes);
	drop_list(r->knobs, knob_fields, sizeof(*r->knobs), r->n_knobs);
	drop_list(r->damon, damon_fields, sizeof(*r->damon), r->n_damon);
	drop_list(r->kernels, kernel_fields, sizeof(*r->kernels), r->n_kernels);
	for (size_t i = 0; i < r->n_phases; i++)
		free(r->phases[i].pages.v);
	drop_list(r->phases, phase_fields, sizeof(*r->phases), r->n_phases);
	for (size_t i = 0; i < r->n_samples; i++)
		free(r->samples[i].anon.v);
	for (size_t i = 0; i < r->n_intervals; i++) {
		free(r->intervals[i].pages.v);
		free(r->intervals[i].hot.v);
	}
	free(r->samples);
	free(r->intervals);
	free(r->latencies);
	free(r->pages_begin.v);
	free(r->pages_end.v);
	free(r->hot_begin.v);
	free(r->hot_end.v);
	drop_counters(&r->begin);
	drop_counters(&r->end);
	strv_free(&r->notes);
	free(r->path);
	free(r->error);
	free(r);
}
