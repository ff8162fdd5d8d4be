/*
 * A B+tree of 8-byte keys and 8-byte values, built at once from keys in their order: its shape
 * follows from the count of keys alone, so that threads can build it side by side.
 *
 * A node is node_bytes of 64-bit words: how many entries it has, its level (0: a leaf), the keys,
 * and what belongs to each: the value, or the number of the child whose least key it is. Nodes are
 * full but for the last of each level, as nothing is put in later. The root is node 0, and its
 * level's children follow it, so that the inner nodes are at the begin and are touched first.
 */
#ifndef BTREE_TREE_H
#define BTREE_TREE_H

#include <stdbool.h>
#include <stdint.h>

#define BTREE_MAX_LEVELS	32
#define BTREE_LEAST_NODE	128u	/* of 7 entries */
#define BTREE_LARGEST_NODE	65536u
#define BTREE_MAX_KEYS		(1ull << 40)

struct btree {
	uint64_t *words;		/* NULL: only its shape is known */
	uint64_t keys, gap, nodes;
	uint64_t node_bytes, node_words, capacity;
	int height;			/* levels, leaves included */
	uint64_t first[BTREE_MAX_LEVELS];	/* the number of a level's first node; leaves are 0 */
	uint64_t count[BTREE_MAX_LEVELS];	/* nodes of it */
	uint64_t span[BTREE_MAX_LEVELS];	/* keys under a full one */
};

/* The shape of the tree of so many keys, at least one. */
void btree_shape(struct btree *t, uint64_t keys, uint64_t node_bytes);
uint64_t btree_bytes(const struct btree *t);
/* The most keys whose tree fits into bytes; 0: not even one. */
uint64_t btree_keys_in(uint64_t bytes, uint64_t node_bytes);
/* Makes the nodes from number from up to to. */
void btree_build(struct btree *t, uint64_t from, uint64_t to);

/* The key of an item, from 0. They are in order, and irregularly far from each other. */
uint64_t btree_key(const struct btree *t, uint64_t item);
/* Where the value of the key is; NULL: not found. */
uint64_t *btree_find(const struct btree *t, uint64_t key);

/*
 * Half of a value is the key's own, and half is what was written last: a value that belongs to
 * another key, or of which only a part was written, is seen.
 */
uint64_t btree_value(uint64_t key, uint32_t written);
bool btree_belongs(uint64_t key, uint64_t value);

/* Another item for each rank, the same in each run: what is hot is no longer side by side. */
uint64_t btree_scatter(uint64_t rank, uint64_t keys);

#endif
