/* How much memeater eats for a ratio: see memeater-ratio.h for the contract. */
#include <inttypes.h>
#include <stdlib.h>

#include "bench.h"
#include "memeater-ratio.h"

#define LEAST		(1ull << 20)	/* to eat: what is available changes by as much at any time */

int ratio_parse(struct ratio *r)
{
	int rc;

	if (!r->text && !r->resident_text)
		return 0;
	if (!r->text || !r->resident_text)
		return bench_error(BENCH_USAGE, "--ratio and --resident belong together: give both, as "
				   "--ratio 1:1 --resident 8GiB");
	rc = bench_parse_ratio(r->text, &r->fast, &r->slow);
	return rc ? rc : bench_parse_size(r->resident_text, &r->resident);
}

/* n * a / b, where the product may not fit. b is not less than a, or the result is cut off. */
static uint64_t times(uint64_t n, uint64_t a, uint64_t b)
{
	unsigned __int128 result = (unsigned __int128)n * a / b;

	return result < UINT64_MAX ? (uint64_t)result : UINT64_MAX;
}

int ratio_solve(struct ratio *r, int node, uint64_t available)
{
	uint64_t page = bench_page_size(), all = r->fast + r->slow, most;
	char have[32], want[32], of[32];

	r->available = available;
	r->keep = times(r->resident, r->fast, all);
	if (available >= LEAST && available - LEAST >= r->keep) {
		r->eat = bench_without_tables(available - r->keep) / page * page;
		return 0;
	}
	bench_human(available, have);
	bench_human(r->keep, want);
	bench_human(r->resident, of);
	most = available > LEAST ? times(available - LEAST, all, r->fast) >> 20 : 0;
	if (!most)
		return bench_error(BENCH_FAILED, "node %d has only %s to give, so that no --resident fits %s "
				   "there: free some", node, have, r->text);
	return bench_error(BENCH_FAILED, "node %d has %s to give, less than the %s that are the fast part "
			   "of %s at %s: --resident %" PRIu64 "MiB would fit, or a smaller fast part",
			   node, have, want, of, r->text, most);
}
