/* The tree that btree looks up in: see btree-tree.h for the contract. */
#include <stddef.h>

#include "bench-skew.h"
#include "btree-tree.h"

#define HEAD_WORDS	2u	/* the count of entries, and the level */
#define TAG_MASK	0xffffffff00000000ull

/* -- The shape ------------------------------------------------------------------------------- */

/* Levels are counted up from the leaves, and numbered down from the root. */
void btree_shape(struct btree *t, uint64_t keys, uint64_t node_bytes)
{
	uint64_t below = keys, span = 1;

	*t = (struct btree){ .keys = keys, .gap = UINT64_MAX / keys, .node_bytes = node_bytes,
			     .node_words = node_bytes / sizeof(*t->words) };
	t->capacity = (t->node_words - HEAD_WORDS) / 2;
	do {
		span *= t->capacity;
		below = (below + t->capacity - 1) / t->capacity;
		t->span[t->height] = span;
		t->count[t->height++] = below;
	} while (below > 1);
	for (int level = t->height - 1; level >= 0; level--) {
		t->first[level] = t->nodes;
		t->nodes += t->count[level];
	}
}

uint64_t btree_bytes(const struct btree *t)
{
	return t->nodes * t->node_bytes;
}

uint64_t btree_keys_in(uint64_t bytes, uint64_t node_bytes)
{
	uint64_t fit = 0, too_many = BTREE_MAX_KEYS + 1, middle;
	struct btree t;

	while (too_many - fit > 1) {
		middle = fit + (too_many - fit) / 2;
		btree_shape(&t, middle, node_bytes);
		if (btree_bytes(&t) <= bytes)
			fit = middle;
		else
			too_many = middle;
	}
	return fit;
}

/* -- Keys and values ------------------------------------------------------------------------- */

uint64_t btree_key(const struct btree *t, uint64_t item)
{
	return item * t->gap + bench_below(bench_mix(item), t->gap);
}

uint64_t btree_value(uint64_t key, uint32_t written)
{
	return (bench_mix(key) & TAG_MASK) | written;
}

bool btree_belongs(uint64_t key, uint64_t value)
{
	return !((value ^ bench_mix(key)) & TAG_MASK);
}

/* Each step can be undone, so that no two numbers of so many bits become one. */
static uint64_t shuffle(uint64_t number, int bits)
{
	static const uint64_t odd[] = { 0x9e3779b97f4a7c15ull, 0xbf58476d1ce4e5b9ull,
					0x94d049bb133111ebull };
	uint64_t mask = bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;

	for (int i = 0; i < 3; i++) {
		number = (number * odd[i] + odd[(i + 1) % 3]) & mask;
		number ^= number >> (bits + 1) / 2;
	}
	return number;
}

/*
 * Among the numbers of as many bits as the keys need; what comes out beyond the keys is put in
 * again until it is one of them. That walks along the cycle that it is on, and so no two ranks
 * meet; less than half of the numbers are beyond, and two steps are enough on average.
 */
uint64_t btree_scatter(uint64_t rank, uint64_t keys)
{
	int bits = keys > 2 ? 64 - __builtin_clzll(keys - 1) : 1;

	if (keys < 2)
		return rank;
	do
		rank = shuffle(rank, bits);
	while (rank >= keys);
	return rank;
}

/* -- Building and finding -------------------------------------------------------------------- */

static uint64_t *node_at(const struct btree *t, uint64_t number)
{
	return t->words + number * t->node_words;
}

static void build_node(struct btree *t, int level, uint64_t index)
{
	uint64_t *node = node_at(t, t->first[level] + index), *keys = node + HEAD_WORDS;
	uint64_t *of = keys + t->capacity, below = level ? t->count[level - 1] : t->keys;
	uint64_t child = index * t->capacity, n = below - child;

	n = n < t->capacity ? n : t->capacity;
	node[0] = n;
	node[1] = (uint64_t)level;
	for (uint64_t i = 0; i < n; i++) {
		keys[i] = btree_key(t, (child + i) * (level ? t->span[level - 1] : 1));
		of[i] = level ? t->first[level - 1] + child + i : btree_value(keys[i], 0);
	}
}

void btree_build(struct btree *t, uint64_t from, uint64_t to)
{
	int level = t->height - 1;

	for (uint64_t number = from; number < to; number++) {
		while (number >= t->first[level] + t->count[level])
			level--;
		build_node(t, level, number - t->first[level]);
	}
}

/* The last of n keys that is not above key, or the first. Without branches that could go wrong. */
static uint64_t last_not_above(const uint64_t *keys, uint64_t n, uint64_t key)
{
	const uint64_t *at = keys;

	for (uint64_t half; n > 1; n -= half) {
		half = n / 2;
		at = at[half] <= key ? at + half : at;
	}
	return (uint64_t)(at - keys);
}

/* What a node says is not trusted further than the tree goes: memory may have lost it. */
uint64_t *btree_find(const struct btree *t, uint64_t key)
{
	uint64_t *node = node_at(t, 0), *keys, i, child;

	for (int level = t->height - 1;; level--) {
		keys = node + HEAD_WORDS;
		if (node[1] != (uint64_t)level || node[0] - 1 >= t->capacity)
			return NULL;
		i = last_not_above(keys, node[0], key);
		if (!level)
			return keys[i] == key ? keys + t->capacity + i : NULL;
		child = keys[t->capacity + i];
		if (child >= t->nodes)
			return NULL;
		node = node_at(t, child);
	}
}
