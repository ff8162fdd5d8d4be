#include "report-data.h"
#include "report-sentences.h"
#include "print-parts.h"

static void put_number(struct json_object *o, const char *key, double v)
{
	auto_free char *text = strf("%.15g", v);

	if (!isnan(v))
		json_object_object_add(o, key, json_object_new_double_s(v, text));
}

static struct json_object *key_object(const struct run_key *k, const char *label)
{
	struct json_object *o = json_object_new_object();

	put(o, "label", label);
	put_known(o, "machine", k->machine);
	put_known(o, "workload", k->workload);
	put_known(o, "args", k->args);
	put_number(o, "threads", k->threads);
	put_known(o, "skew", k->skew);
	put_known(o, "ratio", k->ratio);
	put_known(o, "scheme", k->scheme);
	put_known(o, "scope", k->scope);
	put_known(o, "knobs", k->knobs);
	return o;
}

static struct json_object *spread_object(const struct spread *s)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "n", json_object_new_int64((int64_t)s->n));
	put_number(o, "mean", s->mean);
	put_number(o, "sd", s->sd);
	put_number(o, "min", s->min);
	put_number(o, "max", s->max);
	return o;
}

static struct json_object *counters_object(const struct group *g)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; g->n && i < g->runs[0]->end.n; i++) {
		double *values = xcalloc(g->n, sizeof(*values));
		struct spread s;

		for (size_t j = 0; j < g->n; j++)
			values[j] = result_delta(g->runs[j], g->runs[0]->end.names[i]);
		s = spread_of(values, g->n);
		put_number(o, g->runs[0]->end.names[i], s.mean);
		free(values);
	}
	return o;
}

static struct json_object *phase_list(const struct group *g, const struct result_phase *phases, size_t n)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_new_object();
		struct spread hot = phase_spread(g, i, &phases[i], PHASE_HOT), rate = phase_spread(g, i, &phases[i], PHASE_RATE);

		put_known(o, "name", phases[i].name);
		put_known(o, "hot", phases[i].hot);
		json_object_object_add(o, "rate", spread_object(&rate));
		json_object_object_add(o, "hot_fast_end", spread_object(&hot));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *latency_list(const struct group *g)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < g->runs[0]->n_latencies; i++) {
		struct json_object *o = json_object_new_object();
		struct spread s = latency_spread(g, g->runs[0]->latencies[i].bytes);

		put_number(o, "bytes", g->runs[0]->latencies[i].bytes);
		json_object_object_add(o, "ns_per_load", spread_object(&s));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *kernel_list(const struct group *g)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < g->runs[0]->n_kernels; i++) {
		const char *name = g->runs[0]->kernels[i].name;
		struct json_object *o;
		struct spread s;

		if (!name)
			continue;
		o = json_object_new_object();
		s = kernel_spread(g, name, offsetof(struct result_kernel, average));
		put(o, "name", name);
		json_object_object_add(o, "gb_per_sec", spread_object(&s));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *group_object(const struct group *g)
{
	struct json_object *o = key_object(g->key, g->label);
	const struct result_phase *phases;
	size_t n_phases = phases_of(g, &phases);

	json_object_object_add(o, "done", json_object_new_int64((int64_t)g->n));
	json_object_object_add(o, "not_done", json_object_new_int64((int64_t)g->bad));
	put_known(o, "work_type", g->n ? g->runs[0]->work_type : NULL);
	put(o, "speed", speed_name(g->speed));
	for (enum metric m = 0; m < N_METRICS; m++)
		if (g->m[m].n)
			json_object_object_add(o, metrics[m].key, spread_object(&g->m[m]));
	if (n_phases)
		json_object_object_add(o, "phases", phase_list(g, phases, n_phases));
	if (g->n && g->runs[0]->n_latencies)
		json_object_object_add(o, "latencies", latency_list(g));
	if (g->n && g->runs[0]->n_kernels)
		json_object_object_add(o, "kernels", kernel_list(g));
	json_object_object_add(o, "counters", counters_object(g));
	return o;
}

static struct json_object *sentence_list(const struct report *p)
{
	struct json_object *list = json_object_new_array();
	struct sentences s;

	sentences_make(&s, p);
	for (size_t i = 0; i < s.n; i++) {
		struct json_object *o = json_object_new_object(), *of = json_object_new_array();

		put(o, "rule", s.v[i].rule);
		put(o, "text", s.v[i].text);
		json_object_object_add(o, "warning", json_object_new_boolean(s.v[i].warning));
		for (size_t j = 0; j < s.v[i].labels.n; j++)
			json_object_array_add(of, json_object_new_string(s.v[i].labels.v[j]));
		json_object_object_add(o, "of", of);
		json_object_array_add(list, o);
	}
	sentences_free(&s);
	return list;
}

static struct json_object *run_list(const struct report *p)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < p->results->n; i++) {
		const struct result *r = p->results->v[i];
		struct json_object *o = json_object_new_object();

		put_known(o, "id", r->id);
		put_number(o, "repetition", r->repetition);
		put(o, "status", result_status_name(r->status));
		put_known(o, "error", r->error);
		put_number(o, "rate", result_rate(r, NULL));
		put(o, "file", r->path);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *labels(const struct group *const *groups, size_t n)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, key_object(groups[i]->key, groups[i]->label));
	return list;
}

static struct json_object *difference_object(const struct spread *a, const struct spread *b, const struct difference *d)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "a", spread_object(a));
	json_object_object_add(o, "b", spread_object(b));
	put_number(o, "difference", d->mean);
	put_number(o, "half_width", d->half);
	put(o, "verdict", verdict_name(d->verdict));
	return o;
}

static struct json_object *part_list(const struct pair *p)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < p->n_parts; i++) {
		struct json_object *o = difference_object(&p->parts[i].a, &p->parts[i].b, &p->parts[i].d);

		put(o, "of", part_name(p->parts[i].of));
		put(o, "name", p->parts[i].name);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *comparison_object(const struct comparison *c)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < c->n_pairs; i++) {
		const struct pair *p = &c->pairs[i];
		struct json_object *pair = key_object(p->a->key, p->a->label);

		for (enum metric m = 0; m < N_METRICS; m++)
			json_object_object_add(pair, metrics[m].key, difference_object(&p->a->m[m], &p->b->m[m], &p->d[m]));
		if (p->n_parts)
			json_object_object_add(pair, "parts", part_list(p));
		json_object_array_add(list, pair);
	}
	json_object_object_add(o, "both", list);
	json_object_object_add(o, "only_a", labels(c->only_a, c->n_only_a));
	json_object_object_add(o, "only_b", labels(c->only_b, c->n_only_b));
	return o;
}

char *report_json(const struct report *p, const struct comparison *c)
{
	struct json_object *o = json_object_new_object(), *groups = json_object_new_array();
	char *text;

	json_object_object_add(o, "format", json_object_new_int(1));
	for (size_t i = 0; i < p->n_groups; i++)
		json_object_array_add(groups, group_object(&p->groups[i]));
	json_object_object_add(o, "combinations", groups);
	json_object_object_add(o, "sentences", sentence_list(p));
	json_object_object_add(o, "runs", run_list(p));
	if (c)
		json_object_object_add(o, "against", comparison_object(c));
	text = strf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return text;
}
