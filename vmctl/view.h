/* What the guest reports of itself (overlay/lab/usr/lib/tierlab/report): lines of PATH:VALUE. Pure. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct view_line {
	char *path, *value;
};

struct view {
	struct view_line *v;
	size_t n;
	char *config; /* the running kernel's configuration, "" if it gives none */
};

void view_parse(struct view *w, const char *report);
void view_free(struct view *w);

/* The value of the first line with that path, "" if there is none. */
const char *view_get(const struct view *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same as a number (decimal or 0x...), 0 if there is none. */
uint64_t view_number(const struct view *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* First line of the set-up's status: "ok", "none", "failed: ...", or "". */
const char *view_status(const struct view *w);

/* Bytes of node's MemTotal. */
uint64_t view_node_memory(const struct view *w, int node);
/* Memory blocks of the node in a state (online, offline; NULL: any). */
uint64_t view_blocks(const struct view *w, int node, const char *state);
uint64_t view_block_size(const struct view *w);

/* The name (mem0) of the memdev directly below the port at that address (port_address() in boot.h), "" if there is none. In
 * buf. */
const char *view_memdev(const struct view *w, const char *port, char buf[32]);

/* The memory tier (4 of memory_tier4) that has the node, -1: none; and that tier's list of nodes. */
int view_tier(const struct view *w, int node, const char **nodes);

/* The set-up's line for region i of the machine file: the value of a word in it ("node", "blocks"), "" if there is none. In buf. */
const char *view_region(const struct view *w, size_t i, const char *word, char buf[64]);
