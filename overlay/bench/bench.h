/*
 * What the bench programs share: reading sizes and times, memory on a chosen node, a team of
 * threads that is timed, and the result in the forms that the lab's tools read.
 *
 * The programs are static and need nothing but libc, so that the same file runs in a minimal
 * guest and on a server. NUMA is therefore reached through the system calls themselves.
 *
 * Errors: a function that can fail has printed its one line ("gups: what, where: what to do") and
 * returns the exit status that main() shall end with; 0 is success.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BENCH_OK = 0, BENCH_FAILED = 1, BENCH_USAGE = 2 };

#define BENCH_HUGE_PAGE	(2ul << 20)	/* bytes, of x86 (PMD_SIZE) */
#define BENCH_MAX_NODES		1024	/* what the kernel can have at most on x86-64 */
#define BENCH_MAX_THREADS	4096
#define BENCH_ANY_NODE		(-1)
#define BENCH_CACHE_LINE	128	/* two lines: the neighbour is prefetched too */

/* The program's name, set first thing in main(): every message starts with it. */
extern const char *bench_name;

/* Prints the line to stderr and returns status, so that a caller can write return bench_error(). */
int bench_error(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What the last one said, without the name. */
const char *bench_last_error(void);

/* -- Arguments ------------------------------------------------------------------------------- */

enum bench_kind {
	BENCH_FLAG, BENCH_NUMBER, BENCH_SECONDS, BENCH_NODE, BENCH_FRACTION, BENCH_TEXT,
	BENCH_ARGUMENT,		/* no option: the one argument, where that is not a SIZE */
};

/*
 * An option, and where its value goes, by its kind: a bool, uint64_t, double, int, double from 0
 * to 1, or (the last two) const char * that points into argv.
 */
struct bench_option {
	const char *name;	/* without the dashes; NULL ends a table */
	enum bench_kind kind;
	void *to;		/* holds the default; untouched when the option is not given */
	const char *help;
	uint64_t min, max;	/* of a number; a time with min set must be above 0 */
};

struct bench_usage {
	const char *args, *what;	/* "SIZE", "What it does." */
	const struct bench_option *options;
	const struct bench_option *shared;	/* a second table, listed after it; or NULL */
};

/*
 * Takes the options and the one argument SIZE: 256M, 256MiB, 1G, 1GiB, where K, M, G and T are
 * powers of 1024 with and without "iB". SIZE may be left out if *bytes holds one already. Times
 * are 10, 2.5, 30s, 500ms. Ends the process, with success, after --help.
 */
int bench_parse(const struct bench_usage *usage, int argc, char **argv, uint64_t *bytes);
/* A size alone, for an option of BENCH_TEXT that may be one. */
int bench_parse_size(const char *text, uint64_t *bytes);
/* FAST:SLOW, two whole numbers of at most BENCH_MAX_PARTS, of which FAST is not 0. */
int bench_parse_ratio(const char *text, uint64_t *fast, uint64_t *slow);
#define BENCH_MAX_PARTS		1000000u

/* -- Memory and nodes ------------------------------------------------------------------------ */

struct bench_mem {
	void *addr;
	uint64_t bytes;		/* rounded up to whole pages */
	void *map;		/* the reservation around it, guards included */
	size_t map_bytes;
};

/* Pages (of bench_page_size()) per node. */
struct bench_pages {
	uint64_t on[BENCH_MAX_NODES];
	uint64_t elsewhere;	/* not there at all: untouched or swapped out */
};

size_t bench_page_size(void);
/* Bytes that the node can give without invoking the OOM killer: free, or file cache. */
uint64_t bench_node_available(int node);
/* Of so many free bytes, what small pages can take: each 512 of them need a page table beside. */
static inline uint64_t bench_without_tables(uint64_t bytes)
{
	return bytes / 513 * 512;
}
/* Is the node there, has it memory? */
int bench_node_check(int node);
/* Is there room for bytes on the node or, for BENCH_ANY_NODE, where the process may allocate? */
int bench_mem_room(uint64_t bytes, int node);
/*
 * Maps (does not touch) bytes, with huge pages or surely without, bound to node unless that is
 * BENCH_ANY_NODE. The process offers itself to the OOM killer, should the room be gone by then.
 */
int bench_mem_map(struct bench_mem *mem, uint64_t bytes, bool huge, int node);
void bench_mem_unmap(struct bench_mem *mem);
/* Bytes of it that are in transparent huge pages. */
uint64_t bench_mem_huge(const struct bench_mem *mem);
/*
 * Reads a word of each page a few times over, for a second at most, and has the TLBs flushed in
 * between.  Each thread that will use the memory calls it before the clock starts.  A processor does
 * not care.  QEMU's emulated one has a TLB that grows, and only when it is flushed while most of it is
 * in use (accel/tcg/cputlb.c, tlb_mmu_resize_locked): without this it is chance, the same for a whole
 * run, whether accesses hit it or walk the page tables, and figures are a factor of four to ten apart.
 */
void bench_mem_settle(const struct bench_mem *mem);
/* By the kernel's own count, one walk (numa_maps). False where it has no NUMA. */
bool bench_pages_count(const struct bench_mem *mem, struct bench_pages *pages);
/* By asking for each page in turn (move_pages): slower, and says which page is nowhere. */
int bench_pages_ask(const struct bench_mem *mem, struct bench_pages *pages);
/*
 * The same for a part of a mapping, and for one page of each step, which then stands for the step.
 * The sum is exact, the shares are an estimate if step is not 1. False: not allowed here.
 */
bool bench_pages_sample(const void *addr, uint64_t bytes, uint64_t step, struct bench_pages *pages);
/* One more than the highest node that this kernel can ever have. */
int bench_node_limit(void);

/* -- Threads and time ------------------------------------------------------------------------ */

double bench_now(void);
void bench_sleep_until(double when);
/* CPUs that this process may run on. */
int bench_cpus(void);

/*
 * Runs work(arg, 0..threads-1), all released at once when all exist, and meanwhile(arg), when it
 * is not NULL, in the calling thread. seconds: from the first that began (began, by bench_now(),
 * unless it is NULL) to the last that ended.
 */
struct bench_team {
	int threads;
	void (*work)(void *arg, int index);
	void (*meanwhile)(void *arg);
	void *arg;
};
int bench_team_run(const struct bench_team *team, double *began, double *seconds);

/* -- Results --------------------------------------------------------------------------------- */

/* "2.0 GiB" */
const char *bench_human(uint64_t bytes, char buf[32]);
/* The block that the lab's scripts look for in a workload's output. */
void bench_print_block(double secs, uint64_t work, const char *type, double alloc_secs);
/* {"0":65536,"1":12}, and "pages: 65536 on node 0, 12 on node 1" */
void bench_json_pages(const struct bench_pages *pages);
void bench_print_pages(const struct bench_pages *pages);
/* The same without the line's end. */
void bench_print_where(const struct bench_pages *pages);
/* A string of ASCII with its quotes. */
void bench_json_text(const char *text);
/* The node, or null for BENCH_ANY_NODE. */
void bench_json_node(int node);
/* Flushes what was printed: a full disk must not look like a result. */
int bench_finish(int status);

#endif
