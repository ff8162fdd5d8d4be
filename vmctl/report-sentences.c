#include "report-sentences.h"

#include <stdlib.h>
#include <string.h>

#include "report-rules.h"

static const struct rule {
	const char *name;
	bool warning;
	char *(*say)(const struct group *g); /* NULL: does not hold */
} rules[] = {
	{ "one-tier", false, say_one_tier },
	{ "balancing-off", false, say_balancing_off },
	{ "balancing-plain", false, say_balancing_plain },
	{ "not-counted", false, say_not_counted },
	{ "bound", false, say_bound },
	{ "nothing-slow", false, say_nothing_slow },
	{ "no-hint-faults", false, say_no_hint_faults },
	{ "kernel-moved", false, say_kernel_moved },
	{ "free-room", false, say_free_room },
	{ "rate-limit", false, say_rate_limit },
	{ "demotion-off", false, say_demotion_off },
	{ "no-pressure", false, say_no_pressure },
	{ "damon-moved", false, say_damon_moved },
	{ "damon-zero", false, say_damon_zero },
	{ "damon-idle", false, say_damon_idle },
	{ "damon-quota", false, say_damon_quota },
	{ "hot-set", false, say_hot_set },
	{ "damon-absent", true, say_damon_absent },
	{ "many-failed", true, say_many_failed },
	{ "contradiction", true, say_contradiction },
	{ "gaps", true, say_gaps },
	{ "no-warm-up", true, say_no_warm_up },
	{ "knob-refused", true, say_knob_refused },
	{ "knob-left", true, say_knob_left },
	{ "some-failed", true, say_some_failed },
	{ "mixed", true, say_mixed },
};
#define RULES (sizeof(rules) / sizeof(*rules))

char *sentence_of(const char *rule, const struct group *g)
{
	for (size_t i = 0; i < RULES; i++)
		if (!strcmp(rules[i].name, rule))
			return rules[i].say(g);
	return NULL;
}

/* Takes the text. */
static void add(struct sentences *s, const struct rule *rule, char *text, const char *label)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].text, text)) {
			strv_add(&s->v[i].labels, label);
			free(text);
			return;
		}
	s->v = xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	s->v[s->n] = (struct sentence){ .rule = rule->name, .text = text, .warning = rule->warning };
	strv_add(&s->v[s->n++].labels, label);
}

/* ---- the runner's notes ---- */

/* Words of notes after which a run was not as it was asked for, or its figures are not those of the scheme alone. */
static const char *const grave[] = { "and was not woken", "At the end kswapd had given node", "This kernel does not tune DAMON" };

static bool is_grave(const char *note)
{
	for (size_t i = 0; i < sizeof(grave) / sizeof(*grave); i++)
		if (strstr(note, grave[i]))
			return true;
	return false;
}

/* The label of the group, with how many of its runs have the note if that is not all. */
static char *label_with(const struct report *p, const struct group *g, const char *note)
{
	size_t having = 0;

	for (size_t i = 0; i < p->results->n; i++)
		having += !key_compare(&p->results->v[i]->key, g->key) && strv_has(&p->results->v[i]->notes, note);
	return having == g->n + g->bad ? xstrdup(g->label) : strf("%s%s%zu of %zu runs", g->label, *g->label ? ", " : "", having, g->n + g->bad);
}

static void add_notes(struct sentences *s, const struct report *p, const struct group *g, bool warning)
{
	const struct rule rule = { .name = NOTE, .warning = warning };
	auto_strv notes = { 0 };

	for (size_t i = 0; i < p->results->n; i++) {
		const struct result *r = p->results->v[i];

		for (size_t j = 0; j < r->notes.n && !key_compare(&r->key, g->key); j++)
			if (is_grave(r->notes.v[j]) == warning && !strv_has(&notes, r->notes.v[j]))
				strv_add(&notes, r->notes.v[j]);
	}
	for (size_t i = 0; i < notes.n; i++) {
		auto_free char *label = label_with(p, g, notes.v[i]);

		add(s, &rule, xstrdup(notes.v[i]), label);
	}
}

void sentences_make(struct sentences *s, const struct report *p)
{
	*s = (struct sentences){ 0 };
	for (size_t i = 0; i < RULES; i++)
		for (size_t j = 0; j < p->n_groups; j++) {
			char *text = rules[i].say(&p->groups[j]);

			if (text)
				add(s, &rules[i], text, p->groups[j].label);
		}
	for (int warning = 1; warning >= 0; warning--)
		for (size_t j = 0; j < p->n_groups; j++)
			add_notes(s, p, &p->groups[j], warning);
}

void sentences_free(struct sentences *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].text);
		strv_free(&s->v[i].labels);
	}
	free(s->v);
	*s = (struct sentences){ 0 };
}
