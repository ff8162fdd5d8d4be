/* What of the host a machine can be bound to: nodes, CPUs, huge pages. */
#pragma once
#include "cpuset.h"
#include "machine.h"

/* Huge pages of one size: those of the whole host, or those of one of its nodes. */
struct page_pool {
	long node;          /* -1: of all nodes together                                 */
	uint64_t size;      /* bytes of a page                                           */
	long reserved;      /* for huge pages, in use or not                             */
	long free;          /* that nobody uses or was promised                          */
	long more;          /* that the kernel may make when they are asked for          */
};

struct host_binding {
	struct cpuset cpus;  /* that are online; none: nothing of this is known (another host) */
	struct cpuset nodes; /* that have memory; none: unknown   */
	struct page_pool *pools; /* the whole host's first, small pages before large ones */
	size_t n_pools;
};

void binding_probe(struct host_binding *b);
void binding_free(struct host_binding *b);

/* Fails if the machine file names a node or a CPU that the host has not, or wants more huge pages than are free; the message has
 * what makes them. Pure. */
int binding_check(const struct host_binding *b, const struct machine *m, struct err *e);

/* "2 MiB: 10 free of 20, 1 GiB: none reserved"; NULL: the host's kernel has none. The caller's to free. */
char *pools_text(const struct host_binding *b);
