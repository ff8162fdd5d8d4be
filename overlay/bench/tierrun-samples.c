/* What is read now and then while the workload runs: see tierrun.h. */
#include <stdlib.h>
#include <string.h>

#include "tierrun.h"

bool tier_damon_on(void)
{
	bench_path path;
	char state[16];

	for (int k = 0; bench_read(bench_at(path, "/sys/kernel/mm/damon/admin/kdamonds/%d/state", k), state, sizeof(state)); k++)
		if (!strcmp(state, "on"))
			return true;
	return false;
}

char *tier_damon(void)
{
	char *argv[] = { "tiermig", "--status", "--json", NULL };
	char *out = NULL;

	if (tier_run(argv, &out, true) == 0 && out && tier_json_ok(out))
		return out;
	free(out);
	return NULL;
}

bool tier_sample(struct tier_samples *s, const struct tier_counters *c, struct tier_nodes *nodes)
{
	struct tier_sample *grown;

	if (!(s->n & (s->n - 1))) { /* full: twice as much */
		grown = realloc(s->v, (s->n ? 2 * s->n : 1) * sizeof(*s->v));
		if (!grown)
			return false;
		s->v = grown;
	}
	s->v[s->n] = (struct tier_sample){ .at = bench_now(), .nodes = calloc((size_t)nodes->n, sizeof(struct tier_amounts)) };
	if (!s->v[s->n].nodes)
		return false;
	tier_counters_read(c, &s->v[s->n].counts);
	tier_nodes_update(nodes);
	for (int i = 0; i < nodes->n; i++)
		s->v[s->n].nodes[i] = (struct tier_amounts){ nodes->v[i].free, nodes->v[i].anon, nodes->v[i].file };
	s->n++;
	return true;
}

void tier_samples_free(struct tier_samples *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].nodes);
	free(s->v);
	*s = (struct tier_samples){ 0 };
}
