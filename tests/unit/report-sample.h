/* Results for the tests of vmctl report, made up. */
#pragma once
#include "harness.h"

#include "report.h"

/* What is asked of a sample; the rest is as in a run of gups under NUMA balancing on two tiers. */
struct sample {
	const char *workload, *args, *scheme, *ratio;
	int repetition;
	double rate;
	const char *status;   /* with its comma: "\"done\"," and maybe an error                            */
	const char *end;      /* counters at the end, as JSON members; all begin at 100                   */
	const char *nodes, *knobs, *damon, *samples, *intervals, *pages, *run, *provenance, *notes; /* JSON, whole */
};

#define SAMPLE_END "\"pgpromote_success\":1100,\"pgpromote_candidate\":1000,\"pgdemote_kswapd\":400,\"pgdemote_direct\":200," \
	"\"pgscan_kswapd\":900,\"pgscan_direct\":100,\"numa_hint_faults\":5100,\"numa_pte_updates\":9100,\"pgmigrate_success\":2100,\"pgmigrate_fail\":110"
#define TWO_TIERS "[{\"node\":0,\"cpus\":\"0-1\",\"total\":2147483648,\"free\":2000000000,\"tier\":4}," \
	"{\"node\":1,\"cpus\":\"\",\"total\":1073741824,\"free\":1073741824,\"tier\":56}]"
#define ONE_TIER "[{\"node\":0,\"cpus\":\"0-1\",\"total\":2147483648,\"free\":2000000000,\"tier\":4}," \
	"{\"node\":1,\"cpus\":\"2-3\",\"total\":1073741824,\"free\":1073741824,\"tier\":4}]"
#define BALANCING(value) "[{\"name\":\"numa_balancing\",\"before\":\"0\",\"asked\":\"" value "\",\"during\":\"" value "\",\"after\":\"0\"}]"

#define assert_near(a, b) do { double a_ = (a), b_ = (b); if (!(fabs(a_ - b_) <= 1e-6 * fabs(b_) + 1e-12)) fail_msg("%.12g is not %.12g", a_, b_); } while (0)

#define OR(member, fallback) (s->member ? s->member : (fallback))

static inline const char *sample_text(const struct sample *s)
{
	return keep("{\"format\":1,\"status\":%s\"run\":{\"id\":\"%s%d\",\"experiment\":\"sample\",\"machine\":\"cxl\",\"workload\":\"%s\","
		    "\"args\":\"%s\",\"scheme\":\"%s\",\"ratio\":\"%s\",\"threads\":2,\"repetition\":%d,\"interval_secs\":1,%s},"
		    "\"provenance\":{\"date\":\"2026-02-0%dT08:00:00Z\",\"topology\":\"cxl\\n  node 0\\n\",%s},"
		    "\"guest\":{\"kernel\":\"6.12\",\"nodes\":%s,\"knobs\":%s,\"counters\":{\"begin\":{\"pgpromote_success\":100,"
		    "\"pgpromote_candidate\":100,\"pgdemote_kswapd\":100,\"pgdemote_direct\":100,\"pgscan_kswapd\":100,\"pgscan_direct\":100,"
		    "\"numa_hint_faults\":100,\"numa_pte_updates\":100,\"pgmigrate_success\":100,\"pgmigrate_fail\":100},\"end\":{%s}},"
		    "\"samples\":%s,\"damon\":%s,\"notes\":%s,\"workload\":{\"work_type\":\"GUPS\",\"secs\":10,\"work\":%.1f,\"rate\":%.1f,\"intervals\":%s,%s}}}",
		    OR(status, "\"done\","), OR(scheme, "autonuma"), s->repetition, OR(workload, "gups"), OR(args, "1G --seconds 10"),
		    OR(scheme, "autonuma"), OR(ratio, "all"), s->repetition, OR(run, "\"warm_up_secs\":0"), s->repetition,
		    OR(provenance, "\"qemu\":{\"version\":\"11.1.3\",\"accelerator\":\"tcg\"},\"fast_path\":true"), OR(nodes, TWO_TIERS),
		    OR(knobs, BALANCING("2")), OR(end, SAMPLE_END), OR(samples, "[]"), OR(damon, "[]"), OR(notes, "[]"), s->rate * 10, s->rate, OR(intervals, "[]"),
		    OR(pages, "\"pages_begin\":{\"0\":1000,\"1\":500},\"pages_end\":{\"0\":1500}"));
}

static inline struct result *sample(const struct sample *s)
{
	struct result *r = result_parse(keep("%s-%s-%d.json", OR(scheme, "autonuma"), OR(args, "1G"), s->repetition), sample_text(s), &why);

	if (!r)
		fail_msg("%s in %s", why.msg, sample_text(s));
	return r;
}

static inline void add_sample(struct results *list, struct sample s)
{
	list->v = xrealloc(list->v, (list->n + 1) * sizeof(*list->v));
	list->v[list->n++] = sample(&s);
}
