#include "matrix.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "digest.h"

#define FORMAT "tierlab run 1" /* raised when the same words come to mean something else */

/* A list of one NULL stands for a dimension that is not there. */
struct list {
	char **v;
	size_t n;
};

static char *nothing[] = { NULL };

static struct list either(char **own, size_t n_own, char **all, size_t n_all)
{
	if (n_own)
		return (struct list){ own, n_own };
	return n_all ? (struct list){ all, n_all } : (struct list){ nothing, 1 };
}

static const char *or_else(const char *s, const char *fallback)
{
	return s ? s : fallback;
}

/* For file names: what would need quotes becomes a dash. */
static void add_slug(struct text *t, const char *prefix, const char *s)
{
	if (!s)
		return;
	text_addf(t, "%s%s", t->n ? "-" : "", prefix);
	for (; *s; s++) {
		char c = isalnum((unsigned char)*s) || (t->n && strchr("._+", *s)) ? *s : '-';

		if (c != '-' || (t->n && t->s[t->n - 1] != '-'))
			text_add(t, &c, 1);
	}
}

static char *label(const struct bench_run *r)
{
	struct text t = { 0 };

	add_slug(&t, "", r->case_name);
	add_slug(&t, "", r->words);
	add_slug(&t, "", r->scheme);
	add_slug(&t, "", scheme_has_scope(r->scheme) ? r->scope : NULL);
	add_slug(&t, "", strcmp(r->ratio, "all") ? r->ratio : NULL);
	add_slug(&t, "t", r->threads);
	add_slug(&t, "", r->skew);
	text_addf(&t, "-r%ld", r->repetition);
	return t.s;
}

static bool have(const struct matrix *m, const struct bench_run *r)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct bench_run *o = &m->v[i];

		if (str_same(o->words, r->words) && str_same(o->case_name, r->case_name) && str_same(o->scheme, r->scheme) &&
		    str_same(o->scope, r->scope) && str_same(o->ratio, r->ratio) && str_same(o->threads, r->threads) &&
		    str_same(o->skew, r->skew) && o->repetition == r->repetition)
			return true;
	}
	return false;
}

static void add(struct matrix *m, struct bench_run r)
{
	r.workload = workload_find(r.words);
	r.scheme = or_else(r.scheme, "none");
	r.ratio = or_else(r.ratio, "all");
	r.scope = scheme_has_scope(r.scheme) ? or_else(r.scope, "cgroup") : NULL;
	r.threads = r.workload->threads ? r.threads : NULL;
	r.skew = r.workload->skew ? r.skew : NULL;
	if (have(m, &r))
		return;
	r.label = label(&r);
	m->v = xrealloc(m->v, (m->n + 1) * sizeof(*m->v));
	m->v[m->n++] = r;
}

/* All combinations of the lists: an odometer, the last list turning fastest. */
static void add_all(struct matrix *m, const struct dimensions *d, const char *case_name, long repetition)
{
	const struct dimensions *x = &m->x->d;
	const struct list lists[] = {
		either(d->workloads, d->n_workloads, x->workloads, x->n_workloads),
		either(d->ratios, d->n_ratios, x->ratios, x->n_ratios),
		either(d->threads, d->n_threads, x->threads, x->n_threads),
		either(d->skews, d->n_skews, x->skews, x->n_skews),
		either(d->schemes, d->n_schemes, x->schemes, x->n_schemes),
		either(d->scopes, d->n_scopes, x->scopes, x->n_scopes),
	};
	enum { N_LISTS = sizeof(lists) / sizeof(lists[0]) };
	size_t at[N_LISTS] = { 0 };
	int i;

	do {
		add(m, (struct bench_run){ .case_name = case_name, .repetition = repetition, .words = lists[0].v[at[0]],
			.ratio = lists[1].v[at[1]], .threads = lists[2].v[at[2]], .skew = lists[3].v[at[3]],
			.scheme = lists[4].v[at[4]], .scope = lists[5].v[at[5]] });
		for (i = N_LISTS - 1; i >= 0 && ++at[i] == lists[i].n; i--)
			at[i] = 0;
	} while (i >= 0);
}

void matrix_make(struct matrix *m, const struct experiment *x)
{
	*m = (struct matrix){ .x = x };
	for (long r = 1; r <= x->repetitions; r++) {
		if (!x->n_cases)
			add_all(m, &x->d, NULL, r);
		for (size_t i = 0; i < x->n_cases; i++)
			add_all(m, &x->cases[i].d, x->cases[i].name, r);
	}
}

void matrix_free(struct matrix *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].label);
		free(m->v[i].file_sha256);
	}
	free(m->v);
	*m = (struct matrix){ 0 };
}

static void add_strings(struct digest *d, char **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		digest_add_str(d, v[i]);
	digest_add_str(d, "");
}

void matrix_identify(struct matrix *m, const char *const *where)
{
	const struct experiment *x = m->x;

	for (size_t i = 0; i < m->n; i++) {
		struct bench_run *r = &m->v[i];
		auto_free char *numbers = strf("%ld %ld %ju %ju", r->repetition, r->workload->repeats ? x->seed : 0, (uintmax_t)x->interval_ms, (uintmax_t)x->warm_up_ms);
		const char *const own[] = { FORMAT, r->words, r->scheme, or_else(r->scope, ""), r->ratio, or_else(r->threads, ""),
					    or_else(r->skew, ""), or_else(r->case_name, ""), or_else(r->file_sha256, ""), numbers };
		struct digest *d = digest_new(DIGEST_SHA256);
		char hex[DIGEST_HEX];

		for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
			digest_add_str(d, own[k]);
		add_strings(d, x->knobs, x->n_knobs);
		add_strings(d, x->counters, x->n_counters);
		for (const char *const *w = where; *w; w++)
			digest_add_str(d, *w);
		digest_end(d, hex);
		snprintf(r->id, sizeof(r->id), "%.16s", hex);
	}
}

/* ---- the command ---- */

static void add_two(struct strv *argv, const char *option, const char *value)
{
	strv_add(argv, option);
	strv_add(argv, value);
}

static void add_ms(struct strv *argv, const char *option, uint64_t ms)
{
	strv_add(argv, option);
	strv_addf(argv, "%jums", (uintmax_t)ms);
}

static void add_ratio(struct strv *argv, const char *ratio)
{
	if (str_starts(ratio, "membind:"))
		add_two(argv, "--membind", ratio + strlen("membind:"));
	else if (str_starts(ratio, "eat:")) {
		strv_add(argv, "--eat");
		strv_addf(argv, "fast:%s", ratio + strlen("eat:"));
	} else if (strcmp(ratio, "all"))
		add_two(argv, "--ratio", ratio);
}

static void add_words(struct strv *argv, const struct bench_run *r, const char *file)
{
	auto_free char *list = xstrdup(r->words);
	size_t n = 0;

	for (char *save = NULL, *word = strtok_r(list, " ", &save); word; word = strtok_r(NULL, " ", &save), n++)
		strv_add(argv, n == 1 && file ? file : word);
}

void matrix_command(const struct matrix *m, const struct bench_run *r, const char *file, struct strv *argv)
{
	const struct experiment *x = m->x;

	add_two(argv, "--scheme", r->scheme);
	if (r->scope)
		add_two(argv, "--scope", r->scope);
	add_ratio(argv, r->ratio);
	for (size_t i = 0; i < x->n_knobs; i++) {
		auto_free char *pair = knob_pair(x->knobs[i]);

		add_two(argv, "--knob", pair);
	}
	for (size_t i = 0; i < x->n_counters; i++)
		add_two(argv, "--counter", x->counters[i]);
	add_ms(argv, "--interval", x->interval_ms);
	if (x->warm_up_ms)
		add_ms(argv, "--warm-up", x->warm_up_ms);
	if (x->timeout_ms)
		add_ms(argv, "--timeout", x->timeout_ms);
	if (r->workload->repeats) {
		strv_add(argv, "--seed");
		strv_addf(argv, "%ld", x->seed + r->repetition - 1);
	}
	strv_add(argv, "--");
	add_words(argv, r, file);
	if (r->threads)
		add_two(argv, "--threads", r->threads);
	if (r->skew && strcmp(r->skew, "uniform"))
		add_two(argv, "--skew", r->skew);
}

char *matrix_file(const struct bench_run *r)
{
	const char *at = strchr(r->words, ' ');

	return r->workload->file && at ? xstrndup(at + 1, strcspn(at + 1, " ")) : NULL;
}
