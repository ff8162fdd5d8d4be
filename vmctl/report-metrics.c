/* Figures of one run. */
#include <string.h>

#include "report.h"

#define PAGE 4096.0

const char *const notes_counters[] = {
	"numa_hit", "numa_miss", "numa_foreign", "numa_interleave", "numa_local", "numa_other", "pgpromote_success", "pgpromote_candidate",
	"pgdemote_kswapd", "pgdemote_direct", "pgdemote_khugepaged", "pgdemote_proactive", "pgscan_kswapd", "pgscan_direct",
	"pgsteal_kswapd", "pgsteal_direct", "pgactivate", "pgdeactivate", "numa_pte_updates", "numa_huge_pte_updates",
	"numa_hint_faults", "numa_hint_faults_local", "numa_pages_migrated", "pgmigrate_success", "pgmigrate_fail", NULL,
};

double result_rate(const struct result *r, bool *whole)
{
	double work = 0, secs = 0, all = isnan(r->rate) && r->secs > 0 ? r->work / r->secs : r->rate;

	if (whole)
		*whole = false;
	if (!(r->warm_up_secs > 0))
		return all;
	for (size_t i = 0; i < r->n_intervals; i++) {
		const struct result_interval *v = &r->intervals[i];

		/* clocks are not read at the very instant */
		if (v->at - v->secs < r->warm_up_secs - 0.02 || isnan(v->work))
			continue;
		work += v->work;
		secs += v->secs;
	}
	if (secs > 0)
		return work / secs;
	if (whole)
		*whole = true;
	return all;
}

enum speed result_speed(const struct result *r)
{
	if (!r->from.accelerator)
		return SPEED_OWN;
	if (r->from.fast_path == 0)
		return SPEED_ACCESS;
	return !strcmp(r->from.accelerator, "kvm") ? SPEED_HOST : SPEED_TCG;
}

const char *speed_note(enum speed s)
{
	static const char *const notes[] = {
		[SPEED_HOST] = "Emulated memory has emulated speed: the slow nodes are made of the host's own memory, so times tell schemes on "
			       "this machine apart and say nothing of real CXL memory.",
		[SPEED_TCG] = "Emulated memory has emulated speed: QEMU emulates the processors (TCG) and all nodes are made of the host's own "
			      "memory, so times tell schemes on this machine apart and say nothing of hardware.",
		[SPEED_ACCESS] = "Emulated memory has emulated speed: QEMU emulates each access to CXL memory by itself, many times slower than "
				 "DRAM, so times tell schemes on this machine apart and say nothing of hardware.",
	};

	return notes[s];
}

/* ---- nodes ---- */

static bool lowest_tier(const struct result *r, double *lowest)
{
	*lowest = INFINITY;
	for (size_t i = 0; i < r->n_nodes; i++)
		if (r->nodes[i].total > 0)
			*lowest = fmin(*lowest, r->nodes[i].tier);
	return isfinite(*lowest);
}

bool node_is_slow(const struct result *r, double node)
{
	double lowest;
	bool tiers = lowest_tier(r, &lowest);

	if (node == r->fast || node == r->slow)
		return node == r->slow;

	for (size_t i = 0; i < r->n_nodes; i++) {
		if (r->nodes[i].node != node)
			continue;
		if (tiers && !isnan(r->nodes[i].tier))
			return r->nodes[i].tier > lowest;
		return str_empty(r->nodes[i].cpus);
	}
	return false;
}

size_t tiers_of(const struct result *r, size_t *nodes)
{
	size_t tiers = 0;

	*nodes = 0;
	for (size_t i = 0; i < r->n_nodes; i++) {
		bool seen = false;

		if (!(r->nodes[i].total > 0))
			continue;
		(*nodes)++;
		if (isnan(r->nodes[i].tier))
			return 0;
		for (size_t j = 0; j < i; j++)
			seen = seen || (r->nodes[j].total > 0 && r->nodes[j].tier == r->nodes[i].tier);
		tiers += !seen;
	}
	return tiers;
}

/* ---- DAMON ---- */

int damon_direction(const struct result *r, const struct result_damon *d)
{
	if (!d->action || !str_starts(d->action, "migrate_"))
		return 0;
	if (!isnan(d->source) && !isnan(d->target) && node_is_slow(r, d->source) != node_is_slow(r, d->target))
		return node_is_slow(r, d->source) ? 1 : -1;
	return !strcmp(d->action, "migrate_hot") ? 1 : -1;
}

static double damon_pages(const struct result *r, int direction)
{
	double sum = NAN;

	for (size_t i = 0; i < r->n_damon; i++)
		if (damon_direction(r, &r->damon[i]) == direction && !isnan(r->damon[i].sz_applied))
			sum = (isnan(sum) ? 0 : sum) + r->damon[i].sz_applied / PAGE;
	return sum;
}

/* ---- the table ---- */

static double rate(const struct result *r) { return result_rate(r, NULL); }
static double promoted(const struct result *r) { return result_delta(r, "pgpromote_success"); }
static double candidates(const struct result *r) { return result_delta(r, "pgpromote_candidate"); }
static double demoted(const struct result *r) { return counters_sum(&r->end, "pgdemote_") - counters_sum(&r->begin, "pgdemote_"); }
static double damon_up(const struct result *r) { return damon_pages(r, 1); }
static double damon_down(const struct result *r) { return damon_pages(r, -1); }
static double migrated(const struct result *r) { return result_delta(r, "pgmigrate_success"); }
static double failed(const struct result *r) { return result_delta(r, "pgmigrate_fail"); }

const struct metric_kind metrics[N_METRICS] = {
	[M_RATE] = { "rate", "throughput", rate },
	[M_PROMOTED] = { "promoted", "promoted by the kernel", promoted },
	[M_CANDIDATES] = { "candidates", "candidates", candidates },
	[M_DEMOTED] = { "demoted", "demoted by the kernel", demoted },
	[M_DAMON_UP] = { "damon_promoted", "promoted by DAMON", damon_up },
	[M_DAMON_DOWN] = { "damon_demoted", "demoted by DAMON", damon_down },
	[M_MIGRATED] = { "migrated", "migrated in all", migrated },
	[M_FAILED] = { "migrate_failed", "failed to migrate", failed },
	[M_HOT_BEGIN] = { "hot_fast_begin", "share of the hot set on fast nodes at the begin", hot_share_begin },
	[M_HOT_END] = { "hot_fast_end", "share of the hot set on fast nodes at the end", hot_share_end },
	[M_HOT_SECS] = { "hot_fast_secs", "seconds until four fifths of the hot set were on fast nodes", hot_secs_until },
};
