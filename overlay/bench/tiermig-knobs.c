/* A plan as the sysfs files that DAMON is programmed by: see tiermig.h. */
#define _GNU_SOURCE	/* asprintf, strerrorname_np */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "tiermig.h"

#define CONTEXT		"%d/contexts/0/"
#define SCHEME		CONTEXT "schemes/0/"

/*
 * What a file, or a value for it, needs: the first entry that is a part of the file's name and, if the value is what
 * was refused, has that value. Versions are those of damo's own list of kernel features.
 */
static const struct need {
	const char *part, *value, *what;
} needs[] = {
	{ "/operations", "paddr", "physical addresses want CONFIG_DAMON_PADDR=y" },
	{ "/action", "migrate_hot", "the kernel can migrate_hot from 6.11 on" },
	{ "/action", "migrate_cold", "the kernel can migrate_cold from 6.11 on" },
	{ "/target_nid", NULL, "the kernel can migrate_hot and migrate_cold from 6.11 on" },
	{ "/intervals_goal/", NULL, "the kernel tunes intervals from 6.15 on: leave out --tune" },
	{ "/goals/0/target_metric", NULL,
	  "the kernel tunes quotas for a node's memory from 6.16 on: leave out --tune" },
	{ "/goals/0/nid", NULL,
	  "the kernel tunes quotas for a node's memory from 6.16 on: leave out --tune" },
	{ "/goals/", NULL, "the kernel tunes quotas from 6.8 on: leave out --tune" },
	{ "/type", "young", "the kernel filters young pages from 6.10 on" },
	{ "/type", "memcg", "the kernel filters by cgroup from 6.3 on, with CONFIG_MEMCG=y" },
	{ "/filters/", NULL, "the kernel has filters from 6.3 on" },
	{ "/apply_interval_us", NULL, "the kernel has apply intervals from 6.7 on" },
};

static const char *need_of(const struct damon_knob *knob)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++)
		if (strstr(knob->name, needs[i].part) &&
		    (!needs[i].value || !strcmp(needs[i].value, knob->value)))
			return needs[i].what;
	return "is the kernel older than 6.11?";
}

int damon_check_kernel(void)
{
	bench_path path;

	if (!access(bench_at(path, DAMON_KDAMONDS "/nr_kdamonds"), R_OK | W_OK))
		return 0;
	if (errno != ENOENT && errno != ENOTDIR)
		return bench_error(BENCH_FAILED, "%s: %s: run it as root", bench_shown(path),
				   strerror(errno));
	return bench_error(BENCH_FAILED, "%s: is not there: it takes /sys mounted and a kernel from "
			   "6.11 on with CONFIG_DAMON_SYSFS=y and CONFIG_DAMON_PADDR=y",
			   bench_shown(path));
}

/* -- Making the list ------------------------------------------------------------------------- */

static void __attribute__((format(printf, 3, 4)))
add_text(struct damon_knobs *knobs, const char *value, const char *fmt, ...)
{
	struct damon_knob *more = realloc(knobs->at, sizeof(*more) * (size_t)(knobs->count + 1));
	va_list ap;

	va_start(ap, fmt);
	if (!more || vasprintf(&more[knobs->count].name, fmt, ap) < 0 ||
	    !(more[knobs->count].value = strdup(value)))
		exit(bench_error(BENCH_FAILED, "no memory left for %d values", knobs->count));
	va_end(ap);
	more[knobs->count].may_lack = false;
	knobs->at = more;
	knobs->count++;
}

#define add(knobs, number, ...) do { \
	char text_[24]; \
	snprintf(text_, sizeof(text_), "%" PRIu64, (uint64_t)(number)); \
	add_text(knobs, text_, __VA_ARGS__); \
} while (0)

static void add_monitoring(struct damon_knobs *knobs, int k, const struct damon_monitoring *m)
{
	add_text(knobs, "paddr", CONTEXT "operations", k);
	add(knobs, m->sample, CONTEXT "monitoring_attrs/intervals/sample_us", k);
	add(knobs, m->aggregate, CONTEXT "monitoring_attrs/intervals/aggr_us", k);
	add(knobs, m->update, CONTEXT "monitoring_attrs/intervals/update_us", k);
	add(knobs, m->min_regions, CONTEXT "monitoring_attrs/nr_regions/min", k);
	add(knobs, m->max_regions, CONTEXT "monitoring_attrs/nr_regions/max", k);
	if (!m->goal_aggregations)
		return;
	add(knobs, m->goal_ratio, CONTEXT "monitoring_attrs/intervals/intervals_goal/access_bp", k);
	add(knobs, m->goal_aggregations, CONTEXT "monitoring_attrs/intervals/intervals_goal/aggrs", k);
	add(knobs, m->min_sample, CONTEXT "monitoring_attrs/intervals/intervals_goal/min_sample_us", k);
	add(knobs, m->max_sample, CONTEXT "monitoring_attrs/intervals/intervals_goal/max_sample_us", k);
}

static void add_ranges(struct damon_knobs *knobs, int k, const struct damon_ranges *ranges)
{
	add(knobs, 1, CONTEXT "targets/nr_targets", k);
	add(knobs, ranges->count, CONTEXT "targets/0/regions/nr_regions", k);
	for (int i = 0; i < ranges->count; i++) {
		add(knobs, ranges->at[i].start, CONTEXT "targets/0/regions/%d/start", k, i);
		add(knobs, ranges->at[i].end, CONTEXT "targets/0/regions/%d/end", k, i);
	}
}

/* Access is counted in samples here and age in aggregations. The kernel keeps both in 32 bits. */
static void add_pattern(struct damon_knobs *knobs, int k, const struct damon_scheme *s,
			const struct damon_monitoring *m)
{
	uint64_t samples = m->aggregate / m->sample;

	add(knobs, bench_page_size(), SCHEME "access_pattern/sz/min", k);
	add(knobs, ULONG_MAX, SCHEME "access_pattern/sz/max", k);
	add(knobs, s->min_access * samples / 100, SCHEME "access_pattern/nr_accesses/min", k);
	add(knobs, s->max_access * samples / 100, SCHEME "access_pattern/nr_accesses/max", k);
	add(knobs, s->min_age / m->aggregate, SCHEME "access_pattern/age/min", k);
	add(knobs, UINT_MAX, SCHEME "access_pattern/age/max", k);
}

static void add_quota(struct damon_knobs *knobs, int k, const struct damon_scheme *s,
		      const struct damon_flow *flow)
{
	add(knobs, s->quota_ms, SCHEME "quotas/ms", k);
	add(knobs, s->quota_bytes, SCHEME "quotas/bytes", k);
	add(knobs, s->quota_reset_ms, SCHEME "quotas/reset_interval_ms", k);
	add(knobs, s->weight_size, SCHEME "quotas/weights/sz_permil", k);
	add(knobs, s->weight_access, SCHEME "quotas/weights/nr_accesses_permil", k);
	add(knobs, s->weight_age, SCHEME "quotas/weights/age_permil", k);
	if (!s->goal)
		return;
	add(knobs, 1, SCHEME "quotas/goals/nr_goals", k);
	add_text(knobs, s->goal, SCHEME "quotas/goals/0/target_metric", k);
	add(knobs, damon_goal_value(s, flow), SCHEME "quotas/goals/0/target_value", k);
	add(knobs, damon_goal_node(s, flow), SCHEME "quotas/goals/0/nid", k);
	/*
	 * Full speed until the goal is met. The other tuner, the only one of older kernels, begins with a byte and grows with the distance
	 * to the goal (damon_feed_loop_next_input): with a fast node nearly full, which is when it matters, that takes minutes.
	 */
	add_text(knobs, "temporal", SCHEME "quotas/goal_tuner", k);
	knobs->at[knobs->count - 1].may_lack = true;
}

/*
 * A filter takes pages out that match, or that don't. From 6.14 on it could let them in instead (allow): N is what a
 * new one has. The cgroup comes first: a look at a page's age also makes it old.
 */
static void add_filters(struct damon_knobs *knobs, int k, const struct damon_scheme *s, const char *cgroup)
{
	int i = 0;

	add(knobs, cgroup ? 2 : 1, SCHEME "filters/nr_filters", k);
	if (cgroup) {
		add_text(knobs, "memcg", SCHEME "filters/%d/type", k, i);
		add_text(knobs, cgroup, SCHEME "filters/%d/memcg_path", k, i);
		add_text(knobs, "N", SCHEME "filters/%d/matching", k, i++);
	}
	add_text(knobs, "young", SCHEME "filters/%d/type", k, i);
	add_text(knobs, s->young ? "N" : "Y", SCHEME "filters/%d/matching", k, i);
}

void damon_knobs_make(const struct damon_plan *plan, struct damon_knobs *knobs)
{
	const struct damon_monitoring *m = damon_monitoring_of(plan);

	add(knobs, plan->count, "nr_kdamonds");
	for (int k = 0; k < plan->count; k++) {
		const struct damon_flow *flow = &plan->kdamonds[k].flow;
		const struct damon_scheme *s = damon_scheme_of(plan, flow->action);

		add(knobs, 1, "%d/contexts/nr_contexts", k);
		add_monitoring(knobs, k, m);
		add_ranges(knobs, k, &plan->kdamonds[k].ranges);
		add(knobs, 1, CONTEXT "schemes/nr_schemes", k);
		add_text(knobs, s->action, SCHEME "action", k);
		add(knobs, flow->to, SCHEME "target_nid", k);
		add(knobs, s->apply, SCHEME "apply_interval_us", k);
		add_pattern(knobs, k, s, m);
		add_quota(knobs, k, s, flow);
		add_filters(knobs, k, s, plan->cgroup);
	}
}

void damon_knobs_free(struct damon_knobs *knobs)
{
	for (int i = 0; i < knobs->count; i++) {
		free(knobs->at[i].name);
		free(knobs->at[i].value);
	}
	free(knobs->at);
	*knobs = (struct damon_knobs){ NULL, 0 };
}

/* -- Writing it ------------------------------------------------------------------------------ */

static char *at_knob(bench_path path, const struct damon_knob *knob)
{
	return bench_at(path, DAMON_KDAMONDS "/%s", knob->name);
}

static int refused(const struct damon_knob *knob, const char *path)
{
	int error = errno;

	if (error == ENOENT)
		return bench_error(BENCH_FAILED, "%s: the kernel has no such file: %s",
				   bench_shown(path), need_of(knob));
	if (error == EINVAL)
		return bench_error(BENCH_FAILED, "%s: the kernel refuses %s (EINVAL): %s",
				   bench_shown(path), knob->value, need_of(knob));
	return bench_error(BENCH_FAILED, "%s: can't write %s: %s (%s)", bench_shown(path), knob->value,
			   strerror(error), strerrorname_np(error));
}

int damon_knobs_write(const struct damon_knobs *knobs, const volatile int *stop)
{
	bench_path path;

	for (int i = 0; i < knobs->count; i++) {
		bool ok = bench_write(at_knob(path, &knobs->at[i]), knobs->at[i].value);

		if (*stop)
			return bench_error(BENCH_FAILED, "interrupted at %s: what was programmed is "
					   "undone", bench_shown(path));
		if (!ok && !(knobs->at[i].may_lack && errno == ENOENT))
			return refused(&knobs->at[i], path);
	}
	return 0;
}

int damon_knobs_compare(const struct damon_knobs *knobs)
{
	char text[PATH_MAX];
	bench_path path;

	for (int i = 0; i < knobs->count; i++) {
		const struct damon_knob *knob = &knobs->at[i];

		if (knob->may_lack && !bench_exists(at_knob(path, knob)))
			continue;
		if (!bench_read(at_knob(path, knob), text, sizeof(text)))
			return bench_error(BENCH_FAILED, "%s: can't be read back: %s",
					   bench_shown(path), strerror(errno));
		if (strcmp(text, knob->value))
			return bench_error(BENCH_FAILED, "%s: has '%s' and not the '%s' that was "
					   "written: does somebody else program DAMON?",
					   bench_shown(path), text, knob->value);
	}
	return 0;
}
