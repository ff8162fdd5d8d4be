/*
 * A plan as the YAML of `damo start FILE.yaml`: see tiermig.h.
 *
 * The keys are those that damo's own `args damon --format yaml` writes, and values have damo's units: every version
 * reads those. What changed between versions:
 *	2.6.2	filters can let in, by a key that was filter_pass and is allow by 2.6.4. Without it, they keep out.
 *	2.6.7	intervals_goal
 *	2.8.3	quota goals with a node: at the latest. 2.6.7 has none yet, versions between were not looked at.
 */
#include <inttypes.h>

#include "bench.h"
#include "tiermig.h"

#define WITH_ALLOW	20604
#define WITH_TUNING	20803

/* 4294967296 as '4,294,967,296': a bare number is an integer to YAML, which not all versions of damo take. */
static void number(FILE *out, const char *key, uint64_t value)
{
	char digits[24], text[40], *to = text;
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, value);

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	fprintf(out, "%s: '%s'\n", key, text);
}

static void time_us(FILE *out, const char *key, uint64_t us)
{
	if (us % 1000000 == 0)
		fprintf(out, "%s: %" PRIu64 " s\n", key, us / 1000000);
	else
		fprintf(out, "%s: %" PRIu64 " ms\n", key, us / 1000);
}

/* In percent, of a unit that has so many to it. */
static void percent(FILE *out, const char *key, uint64_t value, uint64_t units)
{
	fprintf(out, "%s: %.15g %%\n", key, (double)value / (double)units);
}

static void put_ranges(FILE *out, const struct damon_ranges *ranges)
{
	fputs("    targets:\n"
	      "    - pid: null\n"
	      "      regions:\n", out);
	for (int i = 0; i < ranges->count; i++) {
		number(out, "      - start", ranges->at[i].start);
		number(out, "        end", ranges->at[i].end);
	}
}

static void put_monitoring(FILE *out, const struct damon_monitoring *m)
{
	fputs("    intervals:\n", out);
	time_us(out, "      sample_us", m->sample);
	time_us(out, "      aggr_us", m->aggregate);
	time_us(out, "      ops_update_us", m->update);
	if (m->goal_aggregations) {
		fputs("      intervals_goal:\n", out);
		percent(out, "        access_bp", m->goal_ratio, 100);
		number(out, "        aggrs", m->goal_aggregations);
		time_us(out, "        min_sample_us", m->min_sample);
		time_us(out, "        max_sample_us", m->max_sample);
	}
	fputs("    nr_regions:\n", out);
	number(out, "      min", m->min_regions);
	number(out, "      max", m->max_regions);
}

static void put_pattern(FILE *out, const struct damon_scheme *s)
{
	fprintf(out, "      access_pattern:\n"
		"        sz_bytes:\n"
		"          min: %zu B\n"
		"          max: max\n"
		"        nr_accesses:\n", bench_page_size());
	percent(out, "          min", s->min_access, 1);
	percent(out, "          max", s->max_access, 1);
	fputs("        age:\n", out);
	time_us(out, "          min", s->min_age);
	fputs("          max: max\n", out);
}

static void put_quota(FILE *out, const struct damon_scheme *s, const struct damon_flow *flow)
{
	fputs("      quotas:\n", out);
	time_us(out, "        time_ms", s->quota_ms * 1000);
	fprintf(out, "        sz_bytes: %" PRIu64 " MiB\n", s->quota_bytes >> 20);
	time_us(out, "        reset_interval_ms", s->quota_reset_ms * 1000);
	if (s->goal) {
		fprintf(out, "        goals:\n"
			"        - metric: %s\n", s->goal);
		fprintf(out, "          nid: '%d'\n", damon_goal_node(s, flow));
		percent(out, "          target_value", damon_goal_value(s, flow), 100);
		fputs("          current_value: '0'\n", out);
	} else {
		fputs("        goals: []\n", out);
	}
	fputs("        effective_sz_bytes: 0 B\n"
	      "        weights:\n", out);
	percent(out, "          sz_permil", s->weight_size, 10);
	percent(out, "          nr_accesses_permil", s->weight_access, 10);
	percent(out, "          age_permil", s->weight_age, 10);
}

static void put_filter(FILE *out, const char *type, bool matching, const char *cgroup, int version)
{
	fprintf(out, "      - filter_type: %s\n"
		"        matching: %s\n", type, matching ? "true" : "false");
	if (version >= WITH_ALLOW)
		fputs("        allow: false\n", out);
	/* A cgroup may have any character in its name but a newline, which the command line refuses. */
	fputs("        memcg_path: '", out);
	for (const char *c = cgroup; *c; c++)
		fprintf(out, *c == '\'' ? "''" : "%c", *c);
	fputs("'\n"
	      "        address_range: null\n"
	      "        damon_target_idx: null\n", out);
}

static void put_scheme(FILE *out, const struct damon_plan *plan, const struct damon_flow *flow, int version)
{
	const struct damon_scheme *s = damon_scheme_of(plan, flow->action);

	fprintf(out, "    schemes:\n"
		"    - action: %s\n"
		"      target_nid: %d\n", s->action, flow->to);
	put_pattern(out, s);
	time_us(out, "      apply_interval_us", s->apply);
	put_quota(out, s, flow);
	fputs("      watermarks:\n"
	      "        metric: none\n"
	      "        interval_us: 0 s\n"
	      "        high_permil: 0 %\n"
	      "        mid_permil: 0 %\n"
	      "        low_permil: 0 %\n"
	      "      filters:\n", out);
	if (plan->cgroup)
		put_filter(out, "memcg", false, plan->cgroup, version);
	put_filter(out, "young", !s->young, "", version);
}

int damon_yaml(const struct damon_plan *plan, int version, FILE *out)
{
	if (plan->tune && version < WITH_TUNING)
		return bench_error(BENCH_FAILED, "damo %d.%d.%d has no quota goals for a node's memory: "
				   "--tune wants 2.8.3 or newer", version / 10000, version / 100 % 100,
				   version % 100);
	fputs("kdamonds:\n", out);
	for (int k = 0; k < plan->count; k++) {
		fputs("- contexts:\n"
		      "  - ops: paddr\n", out);
		put_ranges(out, &plan->kdamonds[k].ranges);
		put_monitoring(out, damon_monitoring_of(plan));
		put_scheme(out, plan, &plan->kdamonds[k].flow, version);
	}
	return 0;
}
