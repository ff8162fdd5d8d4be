/*
 * memeater: takes memory on one node, shows that it is there, and keeps it until told.
 *
 * It makes a node small: with 6000M of an 8 GiB node eaten, a workload of 3 GiB has to tier. The
 * memory is bound and locked, so that neither demotion nor swap nor NUMA balancing gives it back
 * behind one's back, and at the end it looks whether all of it was still there.
 */
#define _GNU_SOURCE	/* mlock2 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "bench.h"
#include "memeater-ratio.h"

#define CHUNK		(64ull << 20)	/* taken between two looks at what is left */
#define LOOKS		5
#define LOOK_AGAIN_US	100000
#define FOREVER		(-1.0)
#define NOT_GIVEN	UINT64_MAX	/* of SIZE: beyond what bench_parse() takes */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define WARM_MS		90

struct options {
	uint64_t bytes;
	struct ratio ratio;
	double hold;
	int node;
	bool json, warm;
};

/* -- Signals: blocked from the start, so that none is lost between taking and waiting ---------- */

static sigset_t told;

static void listen(void)
{
	sigemptyset(&told);
	sigaddset(&told, SIGTERM);
	sigaddset(&told, SIGINT);
	sigprocmask(SIG_BLOCK, &told, NULL);
}

static bool told_to_stop(void)
{
	struct timespec now = { 0, 0 };

	return sigtimedwait(&told, NULL, &now) > 0;
}

/* A page of each huge one, and all where none fits, at the ends: to touch every page would be a load of its own under emulation. */
static void touch_all(const struct bench_mem *mem)
{
	uintptr_t at = (uintptr_t)mem->addr, end = at + mem->bytes, last = end & ~(BENCH_HUGE_PAGE - 1);

	while (at < end) {
		(void)*(volatile char *)at;
		at += at % BENCH_HUGE_PAGE == 0 && at < last ? BENCH_HUGE_PAGE : bench_page_size();
	}
}

/* At each of DAMON's samples (100 ms) it has been accessed then: what is locked is migrated as anything else by a scheme that finds it cold. */
static void keep_warm(const struct bench_mem *mem, double seconds)
{
	const struct timespec pause = { 0, WARM_MS * 1000000l };
	double end = bench_now() + seconds;

	while (seconds < 0 || bench_now() < end) {
		if (sigtimedwait(&told, NULL, &pause) > 0)
			return;
		touch_all(mem);
	}
}

static void wait_until_told(double seconds)
{
	double end = bench_now() + seconds, left;
	struct timespec t;

	if (seconds < 0) {
		while (sigwaitinfo(&told, NULL) < 0 && errno == EINTR)
			;
		return;
	}
	/* A stop and continue (SIGSTOP, SIGCONT) interrupts: wait for what is left. */
	while ((left = end - bench_now()) > 0) {
		t.tv_sec = (time_t)left;
		t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
		if (sigtimedwait(&told, NULL, &t) > 0 || errno != EINTR)
			return;
	}
}

/* -- Taking ---------------------------------------------------------------------------------- */

/* Locked when touched, not now: mlock() alone would fault all in before anyone could look. */
static int lock(const struct bench_mem *mem)
{
	struct rlimit limit = { 0, 0 };
	char asked[32], allowed[32];

	if (!mlock2(mem->addr, mem->bytes, MLOCK_ONFAULT))
		return 0;
	if (errno != ENOMEM && errno != EPERM)
		return bench_error(BENCH_FAILED, "mlock: %s: is the kernel older than 4.4?",
				   strerror(errno));
	getrlimit(RLIMIT_MEMLOCK, &limit);
	return bench_error(BENCH_FAILED, "can't lock %s, as the limit is %s: run as root, or raise "
			   "it (ulimit -l)", bench_human(mem->bytes, asked),
			   bench_human(limit.rlim_cur, allowed));
}

static int touch(char *at, uint64_t bytes)
{
	size_t page = bench_page_size();

	/* One call a chunk, where the kernel knows it (5.14): faults are dear under emulation. */
	if (!madvise(at, bytes, MADV_POPULATE_WRITE))
		return 0;
	if (errno != EINVAL)
		return bench_error(BENCH_FAILED, "can't take memory: %s", strerror(errno));
	for (uint64_t i = 0; i < bytes; i += page)
		*(volatile char *)(at + i) = 1;
	return 0;
}

static int take(const struct bench_mem *mem, int node)
{
	uint64_t done, n;
	int rc;

	for (done = 0; done < mem->bytes; done += n) {
		n = mem->bytes - done < CHUNK ? mem->bytes - done : CHUNK;
		/* Others may have taken memory since: stop before the OOM killer has to. */
		if (bench_node_available(node) < n)
			return bench_error(BENCH_FAILED, "node %d ran short after %" PRIu64 " MiB: "
					   "others take memory there too, ask for less", node,
					   done >> 20);
		if (told_to_stop())
			return bench_error(BENCH_FAILED, "told to stop after %" PRIu64 " MiB, "
					   "before all was taken", done >> 20);
		if ((rc = touch((char *)mem->addr + done, n)))
			return rc;
	}
	return 0;
}

/* Where the memory is, into pages; missing: how much of it is not on the node. */
static int look(const struct bench_mem *mem, int node, struct bench_pages *pages, uint64_t *missing)
{
	int rc;

	/* A page that is on its way (khugepaged, compaction) is nowhere for a moment. */
	for (int i = 0; i < LOOKS; i++) {
		if (i)
			usleep(LOOK_AGAIN_US);
		rc = bench_pages_ask(mem, pages);
		*missing = mem->bytes / bench_page_size() - pages->on[node];
		if (rc || !*missing)
			break;
	}
	return rc;
}

/* left: what the node can give now, which others may change at any time. */
static void json_ratio(const struct ratio *r, uint64_t left)
{
	printf(",\"ratio\":\"%s\",\"resident_bytes\":%" PRIu64 ",\"available_bytes\":%" PRIu64
	       ",\"keep_bytes\":%" PRIu64 ",\"left_bytes\":%" PRIu64, r->text, r->resident,
	       r->available, r->keep, left);
}

static void print_ratio(const struct ratio *r, uint64_t left)
{
	char keep[32], of[32], now[32];

	printf(", to leave %s for %s of %s: %s are left", bench_human(r->keep, keep), r->text,
	       bench_human(r->resident, of), bench_human(left, now));
}

static void report(const struct options *o, const struct bench_mem *mem,
		   const struct bench_pages *pages, double alloc_secs)
{
	uint64_t total = mem->bytes / bench_page_size();
	uint64_t left = o->ratio.text ? bench_node_available(o->node) : 0;
	char buf[32];

	if (o->json) {
		printf("{\"name\":\"memeater\",\"size_bytes\":%" PRIu64 ",\"node\":%d,\"pages\":%"
		       PRIu64 ",\"pages_there\":%" PRIu64 ",\"alloc_secs\":%.9f,"
		       "\"pages_per_node\":", o->bytes, o->node, total, pages->on[o->node],
		       alloc_secs);
		bench_json_pages(pages);
		if (o->ratio.text)
			json_ratio(&o->ratio, left);
		puts("}");
	} else {
		printf("memeater: %s on node %d, %" PRIu64 " of %" PRIu64 " pages there",
		       bench_human(o->bytes, buf), o->node, pages->on[o->node], total);
		if (o->ratio.text)
			print_ratio(&o->ratio, left);
		putchar('\n');
	}
}

/* Takes all of it, and says so once every page is known to be on the node. */
static int eat(struct options *o, struct bench_mem *mem)
{
	struct bench_pages pages;
	uint64_t missing;
	double began;
	int rc;

	if ((rc = bench_node_check(o->node)))
		return rc;
	if (o->ratio.text && (rc = ratio_solve(&o->ratio, o->node, bench_node_available(o->node))))
		return rc;
	o->bytes = o->ratio.text ? o->ratio.eat : o->bytes;
	if ((rc = bench_mem_room(o->bytes, o->node)))
		return rc;
	began = bench_now();
	if ((rc = bench_mem_map(mem, o->bytes, false, o->node)))
		return rc;
	/* Huge ones where they can be had: sooner there, and hardly any page tables beside. */
	madvise(mem->addr, mem->bytes, MADV_HUGEPAGE);
	if ((rc = lock(mem)) || (rc = take(mem, o->node)))
		return rc;
	began = bench_now() - began;
	if ((rc = look(mem, o->node, &pages, &missing)))
		return rc;
	if (missing)
		return bench_error(BENCH_FAILED, "%" PRIu64 " of %" PRIu64 " pages are not on node "
				   "%d: something moves them, stop it first", missing,
				   mem->bytes / bench_page_size(), o->node);
	report(o, mem, &pages, began);
	return bench_finish(0);
}

static int hold(const struct options *o, const struct bench_mem *mem)
{
	double began = bench_now();
	struct bench_pages pages;
	uint64_t missing;
	char buf[32];
	int rc;

	if (o->warm)
		keep_warm(mem, o->hold);
	else
		wait_until_told(o->hold);
	if ((rc = look(mem, o->node, &pages, &missing)))
		return rc;
	if (missing)
		return bench_error(BENCH_FAILED, "%" PRIu64 " of %" PRIu64 " pages had left node "
				   "%d by the end: something migrates locked memory (damon?)",
				   missing, mem->bytes / bench_page_size(), o->node);
	if (!o->json)
		printf("memeater: released %s of node %d after %.1f s, all of it was there\n",
		       bench_human(o->bytes, buf), o->node, bench_now() - began);
	return 0;
}

static int parse(struct options *o, int argc, char **argv)
{
	const struct bench_option options[] = {
		{ "node", BENCH_NODE, &o->node, "the node to take it from", 0, 0 },
		{ "ratio", BENCH_TEXT, &o->ratio.text,
		  "instead of SIZE: so much that what is left holds F/(F+S) of\n"
		  "                   --resident, as 1:4", 0, 0 },
		{ "resident", BENCH_TEXT, &o->ratio.resident_text,
		  "a workload's memory, as 8GiB", 0, 0 },
		{ "hold", BENCH_SECONDS, &o->hold, "hold it for S at most (until told)", 0, 0 },
		{ "warm", BENCH_FLAG, &o->warm,
		  "touch it all the time, or DAMON would take it for cold and migrate it", 0, 0 },
		{ "json", BENCH_FLAG, &o->json,
		  "say in one JSON object on one line what was taken", 0, 0 },
		{ 0 },
	};
	const struct bench_usage usage = {
		"SIZE|--ratio F:S --resident SIZE --node N",
		"Takes SIZE on node N, checks page by page that it is there, says so in one line,\n"
		"and holds it until SIGTERM or SIGINT.", options, NULL,
	};
	int rc = bench_parse(&usage, argc, argv, &o->bytes);

	rc = rc ? rc : ratio_parse(&o->ratio);
	if (!rc && o->ratio.text && o->bytes != NOT_GIVEN)
		rc = bench_error(BENCH_USAGE, "SIZE and --ratio exclude each other: give one of them");
	if (!rc && !o->ratio.text && o->bytes == NOT_GIVEN)
		rc = bench_error(BENCH_USAGE, "no size given: usage: memeater %s, see memeater --help",
				 usage.args);
	if (!rc && o->node == BENCH_ANY_NODE)
		rc = bench_error(BENCH_USAGE, "no node given: say where to take it, as --node 0");
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = { .bytes = NOT_GIVEN, .node = BENCH_ANY_NODE, .hold = FOREVER };
	struct bench_mem mem = { 0 };
	int rc;

	bench_name = "memeater";
	if ((rc = parse(&o, argc, argv)))
		return rc;
	listen();
	rc = eat(&o, &mem);
	if (!rc)
		rc = hold(&o, &mem);
	bench_mem_unmap(&mem);
	return bench_finish(rc);
}
