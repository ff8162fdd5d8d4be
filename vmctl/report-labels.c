/* The words that tell a group from the others: of the dimensions, those that vary. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

static char *machine_words(const struct run_key *k) { return k->machine ? xstrdup(k->machine) : NULL; }
static char *threads_words(const struct run_key *k)
{
	return isnan(k->threads) ? NULL : strf("%.0f thread%s", k->threads, k->threads == 1 ? "" : "s");
}
static char *skew_words(const struct run_key *k) { return k->skew ? xstrdup(k->skew) : NULL; }
static char *ratio_words(const struct run_key *k)
{
	if (!k->ratio)
		return NULL;
	return str_starts(k->ratio, "eat:") ? strf("%s eaten", k->ratio + 4) : xstrdup(k->ratio);
}
static char *workload_words(const struct run_key *k) { return k->workload ? xstrdup(k->workload) : NULL; }
static char *args_words(const struct run_key *k) { return k->args ? xstrdup(k->args) : NULL; }
static char *scheme_words(const struct run_key *k) { return k->scheme ? xstrdup(k->scheme) : NULL; }
static char *scope_words(const struct run_key *k) { return k->scope ? xstrdup(k->scope) : NULL; }

enum dimension { D_MACHINE, D_WORKLOAD, D_ARGS, D_RATIO, D_THREADS, D_SKEW, D_SCHEME, D_SCOPE, N_DIMENSIONS };
static char *(*const words[N_DIMENSIONS])(const struct run_key *) = {
	[D_MACHINE] = machine_words, [D_WORKLOAD] = workload_words, [D_ARGS] = args_words, [D_RATIO] = ratio_words,
	[D_THREADS] = threads_words, [D_SKEW] = skew_words, [D_SCHEME] = scheme_words, [D_SCOPE] = scope_words,
};

/* The keys of all results, and of those that are beside them. */
static const struct run_key *key_at(const struct report *p, size_t i)
{
	return i < p->results->n ? &p->results->v[i]->key : &p->beside->v[i - p->results->n]->key;
}

static size_t n_keys(const struct report *p)
{
	return p->results->n + (p->beside ? p->beside->n : 0);
}

/* Do they differ in it? A dimension that only some of them have makes those differ among themselves alone. */
static bool varies(const struct report *p, enum dimension d)
{
	auto_free char *first = NULL;
	bool differ = false;

	for (size_t i = 0; i < n_keys(p) && !differ; i++) {
		auto_free char *word = words[d](key_at(p, i));

		if (first && word)
			differ = strcmp(first, word) != 0;
		else if (!first)
			first = steal(word);
	}
	return differ;
}

static bool has_word(const char *text, const char *word, size_t n)
{
	for (const char *at = text; (at = strstr(at, word)); at++)
		if ((at == text || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
	return false;
}

static const char *args_text(const struct run_key *k) { return k->args ? k->args : ""; }
static const char *knobs_text(const struct run_key *k) { return k->knobs ? k->knobs : ""; }

/* Of the group's words those that not all of the workload's groups have. */
static char *own_words(const struct report *p, const struct group *g, const char *(*text_of)(const struct run_key *))
{
	auto_text t = { 0 };

	text_puts(&t, "");
	for (const char *w = text_of(g->key); *w; w += strspn(w, " ")) {
		size_t n = strcspn(w, " ");
		auto_free char *word = xstrndup(w, n);
		bool all = true;

		for (size_t i = 0; i < n_keys(p) && all; i++) {
			const struct run_key *k = key_at(p, i);

			if (str_same(k->workload, g->key->workload))
				all = has_word(text_of(k), word, n);
		}
		if (!all)
			text_addf(&t, "%s%s", t.n ? " " : "", word);
		w += n;
	}
	return steal(t.s);
}

/* The arguments without what all have, as "--seconds 60". All of them, if that leaves none. */
static char *own_args(const struct report *p, const struct group *g)
{
	auto_free char *own = own_words(p, g, args_text);

	return *own ? steal(own) : xstrdup(args_text(g->key));
}

/* The case's name, if the experiment gives the group's runs one. */
static const char *case_of(const struct group *g)
{
	const char *name = g->first->case_name;

	for (size_t i = 0; i < g->n; i++)
		if (!str_same(name, g->runs[i]->case_name))
			return NULL;
	return str_empty(name) ? NULL : name;
}

static void add_words(struct text *t, const char *between, const char *more)
{
	if (!str_empty(more))
		text_addf(t, "%s%s", t->n ? between : "", more);
}

static void add_dimension(struct text *t, const struct group *g, const bool *vary, enum dimension d)
{
	auto_free char *word = vary[d] ? words[d](g->key) : NULL;

	/* of all memory nothing is said beside other words: it is what one expects */
	if (d != D_RATIO || !t->n || !word || strcmp(word, "all"))
		add_words(t, ", ", word);
}

static void word_group(const struct report *p, struct group *g, const bool *vary)
{
	auto_text what = { 0 }, series = { 0 }, label = { 0 };
	auto_free char *args = own_args(p, g), *knobs = own_words(p, g, knobs_text);
	const char *name = case_of(g);

	if (name)
		add_words(&what, ", ", name);
	else if (vary[D_ARGS])
		add_words(&what, ", ", args);
	for (enum dimension d = D_RATIO; d <= D_SKEW; d++)
		if (d != D_RATIO || !name)
			add_dimension(&what, g, vary, d);
	add_words(&what, ", ", knobs);
	if (!what.n)
		add_words(&what, ", ", str_empty(args) ? g->key->ratio : args);
	add_words(&series, ", ", g->key->scheme ? g->key->scheme : "none");
	add_dimension(&series, g, vary, D_SCOPE);
	add_dimension(&label, g, vary, D_MACHINE);
	add_words(&label, ", ", g->key->workload);
	add_words(&label, " ", what.s);
	if (vary[D_SCHEME] || vary[D_SCOPE])
		add_words(&label, ", ", series.s);
	g->what = what.s ? steal(what.s) : xstrdup("");
	g->series = steal(series.s);
	g->label = label.s ? steal(label.s) : xstrdup("");
}

void report_label(struct report *p)
{
	bool vary[N_DIMENSIONS];

	for (enum dimension d = 0; d < N_DIMENSIONS; d++)
		vary[d] = varies(p, d);
	for (size_t i = 0; i < p->n_groups; i++)
		word_group(p, &p->groups[i], vary);
}
