/* Two groups' figures of the parts of their work: loads by working set, loops, phases. */
#include <stddef.h>
#include <stdlib.h>

#include "report-compare.h"
#include "report-content.h"
#include "units.h"

/* Takes the name. One that neither side has a value of is left out. */
static void add(struct pair *p, enum part_of of, char *name, struct spread a, struct spread b)
{
	if (!a.n && !b.n) {
		free(name);
		return;
	}
	p->parts = xrealloc(p->parts, (p->n_parts + 1) * sizeof(*p->parts));
	p->parts[p->n_parts++] = (struct part){ .of = of, .name = name, .a = a, .b = b, .d = difference_of(&a, &b) };
}

static void add_phases(struct pair *p)
{
	static const struct {
		enum part_of of;
		enum phase_figure figure;
	} kinds[] = { { PART_PHASE_RATE, PHASE_RATE }, { PART_PHASE_HOT, PHASE_HOT } };
	const struct result_phase *phases;
	size_t n = phases_of(p->a, &phases);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			add(p, kinds[k].of, strf("%zu, %s", i + 1, phases[i].name ? phases[i].name : "without a name"),
			    phase_spread(p->a, i, &phases[i], kinds[k].figure), phase_spread(p->b, i, &phases[i], kinds[k].figure));
}

void parts_make(struct pair *p)
{
	const struct result *first = p->a->runs[0];
	const size_t average = offsetof(struct result_kernel, average);

	for (size_t i = 0; i < first->n_latencies; i++) {
		double bytes = first->latencies[i].bytes;
		char size[SIZE_TEXT];

		if (bytes > 0)
			add(p, PART_LATENCY, xstrdup(size_human((uint64_t)bytes, size)), latency_spread(p->a, bytes), latency_spread(p->b, bytes));
	}
	for (size_t i = 0; i < first->n_kernels; i++) {
		const char *name = first->kernels[i].name;

		if (name)
			add(p, PART_LOOP, xstrdup(name), kernel_spread(p->a, name, average), kernel_spread(p->b, name, average));
	}
	add_phases(p);
}
