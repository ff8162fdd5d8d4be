#include "report-compare.h"

#include <stdlib.h>

/* How many are the same but for their knobs; *one is the last of them. */
static size_t count_alike(const struct report *p, const struct run_key *key, const struct group **one)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_groups; i++)
		if (p->groups[i].n && !key_compare_but_knobs(p->groups[i].key, key)) {
			*one = &p->groups[i];
			n++;
		}
	return n;
}

/* In p, what is to be compared with g of own: the same, or where each has one only, that with other knobs. */
static const struct group *find(const struct report *p, const struct report *own, const struct group *g)
{
	const struct group *one = NULL, *unused;

	for (size_t i = 0; i < p->n_groups; i++)
		if (p->groups[i].n && !key_compare(p->groups[i].key, g->key))
			return &p->groups[i];
	return count_alike(p, g->key, &one) == 1 && count_alike(own, g->key, &unused) == 1 ? one : NULL;
}

bool all_got_there(const struct group *g)
{
	return g->m[M_HOT_SECS].n >= g->m[M_HOT_END].n;
}

void comparison_make(struct comparison *c, const struct report *a, const struct report *b)
{
	*c = (struct comparison){
		.pairs = xcalloc(a->n_groups, sizeof(*c->pairs)), .only_a = xcalloc(a->n_groups, sizeof(*c->only_a)),
		.only_b = xcalloc(b->n_groups, sizeof(*c->only_b)),
	};
	for (size_t i = 0; i < a->n_groups; i++) {
		const struct group *g = &a->groups[i], *other = g->n ? find(b, a, g) : NULL;
		struct pair *p = &c->pairs[c->n_pairs];

		if (!g->n)
			continue;
		if (!other) {
			c->only_a[c->n_only_a++] = g;
			continue;
		}
		*p = (struct pair){ .a = g, .b = other };
		for (enum metric m = 0; m < N_METRICS; m++)
			p->d[m] = difference_of(&g->m[m], &other->m[m]);
		/* a mean of those alone that got there lacks the slowest */
		if (!all_got_there(g) || !all_got_there(other))
			p->d[M_HOT_SECS] = (struct difference){ NAN, NAN, NOT_KNOWN };
		parts_make(p);
		c->n_pairs++;
	}
	for (size_t i = 0; i < b->n_groups; i++)
		if (b->groups[i].n && !find(a, b, &b->groups[i]))
			c->only_b[c->n_only_b++] = &b->groups[i];
}

void comparison_free(struct comparison *c)
{
	for (size_t i = 0; i < c->n_pairs; i++) {
		for (size_t j = 0; j < c->pairs[i].n_parts; j++)
			free(c->pairs[i].parts[j].name);
		free(c->pairs[i].parts);
	}
	free(c->pairs);
	free(c->only_a);
	free(c->only_b);
	*c = (struct comparison){ 0 };
}

size_t comparison_count(const struct comparison *c, enum metric m, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_pairs; i++)
		n += c->pairs[i].d[m].verdict == v;
	return n;
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { [NOT_KNOWN] = "no spread known", [ALIKE] = "alike", [DIFFERENT] = "different" };

	return names[v];
}

const char *part_name(enum part_of of)
{
	static const char *const names[] = {
		[PART_LATENCY] = "latency", [PART_LOOP] = "loop", [PART_PHASE_RATE] = "phase_rate", [PART_PHASE_HOT] = "phase_hot_fast_end",
	};

	return names[of];
}
