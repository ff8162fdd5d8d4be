/* btree: is every key found, is the tree's shape what its count of keys says, and is what memory lost noticed? */
#include "harness.h"

#include <fcntl.h>

#include "../../overlay/bench/btree-tree.c"

int btree_main(int argc, char **argv);
#define main btree_main
#include "../../overlay/bench/btree.c"
#undef main

static const uint64_t counts[] = { 1, 2, 6, 7, 8, 48, 49, 50, 343, 344, 5000 };
static const uint64_t nodes[] = { 128, 256, 4096 };

static void make(struct btree *t, uint64_t keys, uint64_t node_bytes)
{
	btree_shape(t, keys, node_bytes);
	t->words = malloc(btree_bytes(t));
	assert_non_null(t->words);
	btree_build(t, t->nodes / 2, t->nodes);
	btree_build(t, 0, t->nodes / 2);
}

/* Each key has a place of its own, and what lies between two keys has none. */
static void each_key_is_found_with_its_value_and_no_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(counts) * COUNT(nodes); i++) {
		uint64_t *value, before = 0;
		struct btree t;

		make(&t, counts[i / COUNT(nodes)], nodes[i % COUNT(nodes)]);
		for (uint64_t item = 0; item < t.keys; item++) {
			uint64_t key = btree_key(&t, item);

			assert_true(!item || key > before);
			before = key;
			value = btree_find(&t, key);
			assert_non_null(value);
			assert_true(btree_belongs(key, *value));
			assert_int_equal((uint32_t)*value, 0);
			*value = btree_value(key, 1);
			assert_null(btree_find(&t, key + 1 == btree_key(&t, item + 1) ? 0 : key + 1));
		}
		free(t.words);
	}
}

static void the_shape_follows_from_the_count_of_keys(void **state)
{
	struct btree t;

	(void)state;
	btree_shape(&t, 255, 4096);
	assert_int_equal(t.height, 1);
	assert_int_equal(btree_bytes(&t), 4096);
	btree_shape(&t, 256, 4096);
	assert_int_equal(t.height, 2);
	assert_int_equal(t.nodes, 3);
	btree_shape(&t, 255 * 255 + 1, 4096);
	assert_int_equal(t.height, 3);
	assert_int_equal(t.nodes, 256 + 2 + 1);
	btree_shape(&t, BTREE_MAX_KEYS, BTREE_LEAST_NODE);
	assert_true(t.height < BTREE_MAX_LEVELS);
}

static void a_size_holds_the_most_keys_whose_tree_fits(void **state)
{
	static const uint64_t sizes[] = { 4096, 8192, 12288, 100000, 1 << 20, 1ull << 32 };
	struct btree t;

	(void)state;
	assert_int_equal(btree_keys_in(4095, 4096), 0);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint64_t keys = btree_keys_in(sizes[i], 4096);

		btree_shape(&t, keys, 4096);
		assert_true(btree_bytes(&t) <= sizes[i]);
		btree_shape(&t, keys + 1, 4096);
		assert_true(btree_bytes(&t) > sizes[i]);
	}
}

static void each_rank_is_scattered_to_an_item_of_its_own(void **state)
{
	static bool met[5000];

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		memset(met, 0, sizeof(met));
		for (uint64_t rank = 0; rank < counts[i]; rank++) {
			uint64_t item = btree_scatter(rank, counts[i]);

			assert_true(item < counts[i] && !met[item]);
			met[item] = true;
		}
	}
}

/* Of the 1000 hottest of a million keys, 255 to a leaf: by chance 1000 * 1000 / 3922 / 2 pairs share one. */
static void hot_keys_are_not_neighbours(void **state)
{
	static int in_leaf[3922];
	int pairs = 0;

	(void)state;
	for (uint64_t rank = 0; rank < 1000; rank++)
		pairs += in_leaf[btree_scatter(rank, 1000000) / 255]++;
	assert_true(pairs > 60 && pairs < 250);
}

/* Looks up over all keys, and returns how many answers were wrong. */
static uint64_t wrong_answers(struct index *x, int lookups)
{
	struct worker w = { 0 };
	uint64_t random = 1;

	while (lookups--)
		random = look_up(x, &w, random);
	return w.wrong;
}

static void lost_writes_are_noticed(void **state)
{
	struct index x = { .read_below = 1ull << 31 };
	uint64_t root_words[16];

	(void)state;
	make(&x.tree, 300, 128);
	memcpy(root_words, x.tree.words, sizeof(root_words));
	bench_skew_over(&x.skew, x.tree.keys);
	assert_int_equal(wrong_answers(&x, 5000), 0);
	/* A value in a leaf; then of the full root its count, its level, its keys and its children, one after the other. */
	*btree_find(&x.tree, btree_key(&x.tree, 17)) ^= 1ull << 40;
	assert_true(wrong_answers(&x, 5000) > 0);
	*btree_find(&x.tree, btree_key(&x.tree, 17)) ^= 1ull << 40;
	assert_int_equal(root_words[0], 7);
	for (size_t word = 0; word < 16; word++) {
		x.tree.words[word] = ~x.tree.words[word];
		/* The least key of all is never compared: what is below the second one is the first child's. */
		assert_true((wrong_answers(&x, 5000) > 0) == (word != 2));
		memcpy(x.tree.words, root_words, sizeof(root_words));
	}
	assert_int_equal(wrong_answers(&x, 5000), 0);
	free(x.tree.words);
}

/* Runs and reports, with a value lost in between or not. */
static int status_of_a_run(bool lose)
{
	static struct worker workers[2];
	struct index x = { .shape = { .threads = 2, .seed = 1, .work = 5000, .node = BENCH_ANY_NODE }, .skew_text = "uniform",
			   .read_below = 1ull << 32, .workers = workers };
	int shown = dup(STDERR_FILENO), out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY), rc;

	memset(workers, 0, sizeof(workers));
	btree_shape(&x.tree, 1000, 128);
	bench_skew_over(&x.skew, x.tree.keys);
	assert_int_equal(make_tree(&x), 0);
	if (lose)
		*btree_find(&x.tree, btree_key(&x.tree, 500)) = 0;
	fflush(stdout);
	dup2(null, STDERR_FILENO);
	dup2(null, STDOUT_FILENO);
	rc = run_tree(&x);
	rc = rc ? rc : report(&x);
	fflush(stdout);
	dup2(shown, STDERR_FILENO);
	dup2(out, STDOUT_FILENO);
	close(shown);
	close(out);
	close(null);
	bench_run_free(&x.run);
	bench_mem_unmap(&x.mem);
	return rc;
}

static void one_lost_value_makes_the_exit_status_1(void **state)
{
	(void)state;
	assert_int_equal(status_of_a_run(false), BENCH_OK);
	assert_int_equal(status_of_a_run(true), BENCH_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_is_found_with_its_value_and_no_other),
		cmocka_unit_test(the_shape_follows_from_the_count_of_keys),
		cmocka_unit_test(a_size_holds_the_most_keys_whose_tree_fits),
		cmocka_unit_test(each_rank_is_scattered_to_an_item_of_its_own),
		cmocka_unit_test(hot_keys_are_not_neighbours),
		cmocka_unit_test(lost_writes_are_noticed),
		cmocka_unit_test(one_lost_value_makes_the_exit_status_1),
	};

	return RUN_TESTS(tests);
}
