/* What was asked for, of a run that tierrun made by itself: its command line says it. */
#include <string.h>

#include "experiment.h"
#include "results.h"

/* The value of the last --name VALUE or --name=VALUE among the words; NULL: there is none. */
static const char *value_of(const struct strv *words, const char *name)
{
	auto_free char *option = strf("--%s", name), *with_value = strf("--%s=", name);
	const char *value = NULL;

	for (size_t i = 0; i < words->n && strcmp(words->v[i], "--"); i++) {
		if (!strcmp(words->v[i], option) && i + 1 < words->n)
			value = words->v[i + 1];
		else if (str_starts(words->v[i], with_value))
			value = words->v[i] + strlen(with_value);
	}
	return value;
}

/* Of the ways to leave the workload less memory, the one that was taken. */
static char *ratio_of(const struct strv *words)
{
	static const char *const ways[][2] = { { "ratio", "" }, { "eat", "eat:" }, { "membind", "membind:" } };

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (value_of(words, ways[i][0]))
			return strf("%s%s", ways[i][1], value_of(words, ways[i][0]));
	return xstrdup("all");
}

char *knob_words(struct strv *pairs)
{
	auto_text t = { 0 };

	strv_sort(pairs);
	for (size_t i = 0; i < pairs->n; i++)
		text_addf(&t, "%s%s", t.n ? " " : "", pairs->v[i]);
	return t.n ? steal(t.s) : NULL;
}

static char *knobs_of(const struct strv *words)
{
	auto_strv pairs = { 0 };

	for (size_t i = 0; i < words->n && strcmp(words->v[i], "--"); i++) {
		if (!strcmp(words->v[i], "--knob") && i + 1 < words->n)
			strv_add(&pairs, words->v[i + 1]);
		else if (str_starts(words->v[i], "--knob="))
			strv_add(&pairs, words->v[i] + strlen("--knob="));
	}
	return knob_words(&pairs);
}

void result_run_from_words(struct result *r, const struct strv *tierrun, const struct strv *command)
{
	const char *scheme = value_of(tierrun, "scheme"), *scope = value_of(tierrun, "scope");
	const char *slash = command->n ? strrchr(command->v[0], '/') : NULL;
	auto_text args = { 0 };

	for (size_t i = 1; i < command->n; i++) {
		const char *word = command->v[i];

		/* the runner's own, and what repetitions differ in */
		if (!strcmp(word, "--interval") || !strcmp(word, "--seed"))
			i++;
		else if (strcmp(word, "--json") && !str_starts(word, "--interval=") && !str_starts(word, "--seed="))
			text_addf(&args, "%s%s", args.n ? " " : "", word);
	}
	r->key.machine = r->from.host ? xstrdup(r->from.host) : NULL;
	r->key.workload = command->n ? xstrdup(slash ? slash + 1 : command->v[0]) : NULL;
	r->key.args = args.s ? steal(args.s) : NULL;
	r->key.scheme = xstrdup(scheme ? scheme : "none");
	if (scheme_has_scope(r->key.scheme))
		r->key.scope = xstrdup(scope ? scope : "cgroup"); /* tierrun's default */
	r->key.ratio = ratio_of(tierrun);
	r->key.knobs = knobs_of(tierrun);
}
