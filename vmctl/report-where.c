/* Where results came from: runs, machines, knobs, provenance. */
#include <string.h>

#include "report-content.h"
#include "units.h"

/* The label of the group that the run is of. */
static const char *label_of(const struct report *p, const struct result *r)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (!key_compare(p->groups[i].key, &r->key))
			return p->groups[i].label;
	return "";
}

static void repetition(struct grid *g, const struct result *r)
{
	if (isnan(r->repetition))
		grid_cell(g, "-");
	else
		grid_cellf(g, "%.0f", r->repetition);
}

void part_not_done(struct doc *d, const struct report *p)
{
	struct grid *g = NULL;

	for (size_t i = 0; i < p->results->n; i++) {
		const struct result *r = p->results->v[i];

		if (r->status == RESULT_DONE)
			continue;
		if (!g) {
			doc_heading(d, 2, "not-done", "Runs that are not done");
			g = doc_grid(d, (const char *const[]){ "what", ">repetition", "status", "error", NULL });
		}
		grid_cell(g, label_of(p, r));
		repetition(g, r);
		grid_cell(g, result_status_name(r->status));
		grid_cell(g, r->error ? r->error : "the result does not say");
	}
	if (g)
		doc_add(d, B_TEXT, "They are in none of the figures. vmctl bench makes them again when it is started again with the same experiment.");
}

void part_runs(struct doc *d, const struct report *p)
{
	struct grid *g;

	doc_heading(d, 2, "runs", "Every run");
	doc_fold(d, "All of them, with their files", false);
	g = doc_grid(d, (const char *const[]){ "what", ">repetition", "status", ">secs", ">rate", "unit", "date", "file", NULL });
	for (size_t i = 0; i < p->n_groups; i++)
		for (size_t j = 0; j < p->groups[i].n; j++) {
			const struct group *o = &p->groups[i];
			const struct result *r = o->runs[j];
			const char *slash = strrchr(r->path, '/');
			double rate = result_rate(r, NULL);
			struct spread s = spread_of(&rate, 1);
			auto_free char *rate_text = mean_text(&s, o->unit_size);

			grid_cell(g, o->label);
			repetition(g, r);
			grid_cell(g, result_status_name(r->status));
			if (isnan(r->secs))
				grid_cell(g, "-");
			else
				grid_cellf(g, "%.3f", r->secs);
			grid_cell(g, rate_text);
			grid_cell(g, o->unit);
			grid_cell(g, r->from.date);
			grid_cell(g, slash ? slash + 1 : r->path);
		}
	doc_add(d, B_CLOSE, NULL);
	speed_notes(d, p);
}

/* ---- machines ---- */

static void nodes_table(struct doc *d, const struct result *r)
{
	struct grid *g;

	if (!r->n_nodes)
		return;
	g = doc_grid(d, (const char *const[]){ ">node", "cpus", ">memory", ">free before", ">tier", "", NULL });
	for (size_t i = 0; i < r->n_nodes; i++) {
		const struct result_node *n = &r->nodes[i];
		char size[SIZE_TEXT];

		grid_cellf(g, "%.0f", n->node);
		grid_cell(g, str_empty(n->cpus) ? "none" : n->cpus);
		grid_cell(g, isnan(n->total) ? "-" : size_human((uint64_t)n->total, size));
		grid_cell(g, isnan(n->free) ? "-" : size_human((uint64_t)n->free, size));
		if (isnan(n->tier))
			grid_cell(g, "-");
		else
			grid_cellf(g, "%.0f", n->tier);
		grid_cell(g, node_is_slow(r, n->node) ? "slow" : "fast");
	}
}

/* A machine has its place once, and once more where its topology is another. */
static bool machine_shown(const struct report *p, size_t upto)
{
	const struct result *r = p->results->v[upto];

	for (size_t i = 0; i < upto; i++) {
		const struct result *o = p->results->v[i];

		if (str_same(o->key.machine, r->key.machine) && str_same(o->from.topology, r->from.topology) && !!o->n_nodes >= !!r->n_nodes)
			return true;
	}
	return false;
}

void part_machines(struct doc *d, const struct report *p)
{
	doc_heading(d, 2, "machines", "Machines");
	for (size_t i = 0; i < p->results->n; i++) {
		const struct result *r = p->results->v[i];

		if (machine_shown(p, i))
			continue;
		doc_heading(d, 3, NULL, r->key.machine ? r->key.machine : r->from.host ? r->from.host : "a machine without a name");
		if (speed_note(result_speed(r)))
			doc_add(d, B_NOTE, speed_note(result_speed(r)));
		if (r->from.topology)
			doc_add(d, B_PRE, r->from.topology);
		nodes_table(d, r);
		if (r->cmdline) {
			auto_free char *text = strf("Kernel %s, started with: %s", r->kernel ? r->kernel : "of a version that is not known", r->cmdline);

			doc_add(d, B_TEXT, text);
		}
	}
}

/* ---- a value, and how many runs have it ---- */

struct tally {
	struct strv values;
	size_t *counts;
};

static void tally_add(struct tally *t, const char *value)
{
	for (size_t i = 0; i < t->values.n; i++)
		if (!strcmp(t->values.v[i], value)) {
			t->counts[i]++;
			return;
		}
	strv_add(&t->values, value);
	t->counts = xrealloc(t->counts, t->values.n * sizeof(*t->counts));
	t->counts[t->values.n - 1] = 1;
}

static void tally_free(struct tally *t)
{
	strv_free(&t->values);
	free(t->counts);
}

static const char *or_dash(const char *s)
{
	return str_empty(s) ? "-" : s;
}

void part_knobs(struct doc *d, const struct report *p)
{
	auto_strv names = { 0 };
	struct grid *g;

	for (size_t i = 0; i < p->results->n; i++)
		for (size_t j = 0; j < p->results->v[i]->n_knobs; j++)
			if (p->results->v[i]->knobs[j].name && !strv_has(&names, p->results->v[i]->knobs[j].name))
				strv_add(&names, p->results->v[i]->knobs[j].name);
	if (!names.n)
		return;
	doc_heading(d, 2, "knobs", "Knobs");
	g = doc_grid(d, (const char *const[]){ "knob", "before", "asked", "while it ran", "after", ">runs", "file", NULL });
	for (size_t n = 0; n < names.n; n++) {
		cleanup(tally_free) struct tally t = { 0 };

		for (size_t i = 0; i < p->results->n; i++) {
			const struct result_knob *k = result_knob(p->results->v[i], names.v[n]);
			auto_free char *row = k ? strf("%s\n%s\n%s\n%s\n%s", or_dash(k->before), or_dash(k->asked), or_dash(k->during),
						       or_dash(k->after), or_dash(k->file)) : NULL;

			if (row)
				tally_add(&t, row);
		}
		for (size_t i = 0; i < t.values.n; i++) {
			char *rest = t.values.v[i];

			grid_cell(g, names.v[n]);
			for (int column = 0; column < 4; column++)
				grid_cell(g, strsep(&rest, "\n"));
			grid_cellf(g, "%zu", t.counts[i]);
			grid_cell(g, rest);
		}
	}
}

#define FIELD(what, member) { what, offsetof(struct result, member), false }
#define NUMBER(what, member) { what, offsetof(struct result, member), true }
static const struct {
	const char *what;
	size_t off;
	bool number;
} fields[] = {
	FIELD("experiment", experiment), FIELD("experiment file", from.experiment_path), FIELD("its SHA-256", from.experiment_sha256),
	FIELD("machine", key.machine), FIELD("machine file", from.machine_path), FIELD("its SHA-256", from.machine_sha256),
	FIELD("image", from.image), FIELD("its SHA-256", from.image_sha256), FIELD("kernel image's SHA-256", from.kernel_sha256),
	FIELD("kernel", kernel), FIELD("QEMU", from.qemu), FIELD("accelerator", from.accelerator), NUMBER("fast path (1: yes)", from.fast_path),
	FIELD("host", from.host), FIELD("host's processor", from.cpu_model), NUMBER("host's processors", from.cpus),
	NUMBER("host's memory in bytes", from.memory), FIELD("host's kernel", from.host_kernel), FIELD("tierlab", from.tierlab),
	NUMBER("seconds between samples", interval_secs), NUMBER("seconds of warm-up", warm_up_secs), FIELD("cgroup", cgroup),
	NUMBER("seconds of a processor for sampling", sampler_cpu_secs),
};

static void tally_field(struct tally *t, const struct result *r, size_t f)
{
	const void *at = (const char *)r + fields[f].off;
	auto_free char *number = fields[f].number && !isnan(*(const double *)at) ? strf("%.10g", *(const double *)at) : NULL;
	const char *value = fields[f].number ? number : *(char *const *)at;

	if (!str_empty(value))
		tally_add(t, value);
}

#define MANY 5 /* values of one kind: what each run has by itself is no condition */

void part_provenance(struct doc *d, const struct report *p)
{
	struct grid *g;

	doc_heading(d, 2, "provenance", "Provenance");
	g = doc_grid(d, (const char *const[]){ "what", "is", ">runs", NULL });
	for (size_t f = 0; f < sizeof(fields) / sizeof(*fields); f++) {
		cleanup(tally_free) struct tally t = { 0 };

		for (size_t i = 0; i < p->results->n; i++)
			tally_field(&t, p->results->v[i], f);
		for (size_t i = 0; i < t.values.n && i < MANY; i++) {
			bool more = i + 1 == MANY && t.values.n > MANY;

			grid_cell(g, fields[f].what);
			if (more)
				grid_cellf(g, "%s, and %zu other values", t.values.v[i], t.values.n - MANY);
			else
				grid_cell(g, t.values.v[i]);
			grid_cellf(g, "%zu", t.counts[i]);
		}
	}
	doc_add(d, B_TEXT, "What is not listed is not known. Each run's own file says it of that run.");
}
