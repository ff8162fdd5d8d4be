#include "bench-result.h"

#include <string.h>

#include "file.h"
#include "print-parts.h"
#include "results.h"

static void put_seconds(struct json_object *o, const char *key, double v)
{
	auto_free char *text = strf("%.3f", v);

	json_object_object_add(o, key, json_object_new_double_s(v, text));
}

static struct json_object *file_of(const char *path, const char *sha256, const char *text)
{
	struct json_object *o = json_object_new_object();

	put_known(o, "path", path);
	put_known(o, "sha256", sha256);
	put_known(o, "text", text);
	return o;
}

static char *knobs_asked(const struct experiment *x)
{
	auto_strv pairs = { 0 };

	for (size_t i = 0; i < x->n_knobs; i++)
		strv_take(&pairs, knob_pair(x->knobs[i]));
	return knob_words(&pairs);
}

static struct json_object *run_object(const struct matrix *m, const struct bench_run *r, const char *machine)
{
	struct json_object *o = json_object_new_object();
	auto_free char *knobs = knobs_asked(m->x);
	const char *args = strchr(r->words, ' ');

	put(o, "id", r->id);
	put(o, "experiment", m->x->name);
	put(o, "machine", machine);
	put_known(o, "case", r->case_name);
	put(o, "workload", r->workload->name);
	put(o, "args", args ? args + 1 : "");
	put(o, "scheme", r->scheme);
	put_known(o, "scope", r->scope);
	put(o, "ratio", r->ratio);
	if (r->threads)
		put_int(o, "threads", strtol(r->threads, NULL, 10));
	put_known(o, "skew", r->skew);
	put_int(o, "repetition", r->repetition);
	put_seconds(o, "interval_secs", (double)m->x->interval_ms / 1e3);
	put_seconds(o, "warm_up_secs", (double)m->x->warm_up_ms / 1e3);
	put_known(o, "knobs", knobs);
	if (r->workload->repeats)
		put_int(o, "seed", m->x->seed + r->repetition - 1);
	return o;
}

static struct json_object *provenance(const struct bench_place *p, const struct bench_outcome *out)
{
	struct json_object *o = json_object_new_object(), *image = json_object_new_object(), *kernel = json_object_new_object();
	struct json_object *qemu = json_object_new_object(), *host = json_object_new_object();

	put(o, "date", out->date);
	put_seconds(o, "took_secs", out->seconds);
	put(o, "tierlab", VERSION);
	json_object_object_add(o, "experiment_file", file_of(p->experiment_path, p->experiment_sha256, p->experiment_text));
	json_object_object_add(o, "machine_file", file_of(p->machine_path, p->machine_sha256, p->machine_text));
	put_known(image, "name", p->image);
	put_known(image, "sha256", p->image_sha256);
	json_object_object_add(o, "image", image);
	put_known(kernel, "sha256", p->kernel_sha256);
	json_object_object_add(o, "kernel_image", kernel);
	put_known(qemu, "version", p->qemu);
	put_known(qemu, "accelerator", p->accelerator);
	json_object_object_add(o, "qemu", qemu);
	json_object_object_add(o, "fast_path", json_object_new_boolean(p->fast_path));
	if (p->host) {
		put(host, "name", p->host);
		put_int(host, "cpus", p->host_cpus);
		put_known(host, "cpu_model", p->cpu_model);
		put_int(host, "memory", (int64_t)p->host_memory);
		put_known(host, "kernel", p->host_kernel);
	}
	json_object_object_add(o, "host", host);
	put_known(o, "topology", p->topology);
	return o;
}

static struct json_object *parse(const char *text)
{
	struct json_object *o = text ? json_tokener_parse(text) : NULL;

	if (o && !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		return NULL;
	}
	return o;
}

static const char *string_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return o && json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

static struct json_object *object_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return o && json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_object) ? v : NULL;
}

char *bench_result_text(const struct matrix *m, const struct bench_run *r, const struct bench_place *p, const struct bench_outcome *out,
			bool *done, char **why)
{
	auto_json said = parse(out->said), *o = json_object_new_object();
	struct json_object *guest = object_of(said, "guest");
	const char *status = string_of(said, "status"), *error = string_of(said, "error");

	*done = status && !strcmp(status, "done") && guest && !out->error;
	if (!error)
		error = out->error ? out->error : "the guest gave no result";
	*why = *done ? NULL : xstrdup(error);
	put_int(o, "format", RESULT_FORMAT);
	put(o, "status", *done ? "done" : status && !strcmp(status, "interrupted") ? status : "failed");
	if (!*done)
		put(o, "error", error);
	json_object_object_add(o, "run", run_object(m, r, p->machine));
	json_object_object_add(o, "provenance", provenance(p, out));
	if (guest)
		json_object_object_add(o, "guest", json_object_get(guest));
	return strf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
}

struct bench_earlier bench_result_look(const char *path, const char *id)
{
	auto_free char *text = file_read(path, 0, NULL, &(struct err){ "" });
	auto_json o = parse(text);
	const char *status = string_of(o, "status"), *theirs = string_of(object_of(o, "run"), "id");
	struct bench_earlier b = { 0 };
	struct json_object *took;

	if (!status || !theirs || strcmp(theirs, id))
		return b;
	b.done = !strcmp(status, "done");
	if (b.done && object_of(o, "provenance") && json_object_object_get_ex(object_of(o, "provenance"), "took_secs", &took))
		b.seconds = json_object_get_double(took);
	return b;
}

void bench_print_json(const struct matrix *m, const struct bench_place *p, const char *const *states, char **paths)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	put(o, "experiment", m->x->name);
	put(o, "machine", p->machine);
	for (size_t i = 0; i < m->n; i++) {
		struct json_object *row = run_object(m, &m->v[i], p->machine);

		put(row, "state", states[i]);
		put(row, "result", paths[i]);
		json_object_array_add(list, row);
	}
	json_object_object_add(o, "runs", list);
	print_json(o);
}

void bench_place_free(struct bench_place *p)
{
	char *const own[] = { p->machine, p->machine_path, p->machine_sha256, p->machine_text, p->experiment_path, p->experiment_sha256, p->experiment_text, p->image,
			      p->image_sha256, p->kernel_sha256, p->qemu, p->accelerator, p->host, p->host_kernel, p->cpu_model,
			      p->topology };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		free(own[i]);
	*p = (struct bench_place){ 0 };
}
