/* The fuzz targets of tests/fuzz over their corpus and over random mutations of it, from a fixed seed. More of it:
 * FUZZ_ROUNDS=1000000 build/san/unit/test-fuzz; another path: FUZZ_SEED=7. */
#include "harness.h"

#include <dirent.h>

#define LLVMFuzzerTestOneInput fuzz_recipe
#include "../fuzz/fuzz-recipe.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_machine
int fuzz_machine(const uint8_t *data, size_t size);
#include "../fuzz/fuzz-machine.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_report
int fuzz_report(const uint8_t *data, size_t size);
#include "../fuzz/fuzz-report.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_kconfig
int fuzz_kconfig(const uint8_t *data, size_t size);
#include "../fuzz/fuzz-kconfig.c"
#undef LLVMFuzzerTestOneInput

#define ROUNDS 1500
#define LONGEST 20000

/* xorshift64: the same on every machine. */
static uint64_t seed;

static size_t any(size_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return below ? seed % below : 0;
}

static const char *const words[] = { "\n", ": ", "- ", "[", "]", "{", "}", "*a", "&a ", "---\n", "  ", "\t", "\"", "'", "|", "#",
				     "0", "99999999999999999999", "-1", "GiB", "MiB", "\xff", "\\0", "!!", "<<: ", "?", "%",
				     "CONFIG_", "=y", "&&", "||", "!", "(", ")", "$(", "/", ":", "link:", "blocks:node" };

static void mutate(struct text *t, const struct strv *corpus)
{
	for (size_t n = 1 + any(4); n > 0; n--) {
		size_t at = any(t->n + 1), len = any(t->n - at < 40 ? t->n - at + 1 : 40);
		const char *word = words[any(COUNT(words))];
		const char *other = corpus->v[any(corpus->n)];
		auto_text next = { 0 };

		text_add(&next, t->s, at);
		switch (any(5)) {
		case 0: /* another byte */
			text_add(&next, (char[]){ (char)any(256) }, 1);
			len = at < t->n;
			break;
		case 1: /* a word in between */
			text_puts(&next, word);
			len = 0;
			break;
		case 2: /* something left out */
			break;
		case 3: /* something twice */
			text_add(&next, t->s + at, len);
			len = 0;
			break;
		default: { /* something out of another one */
			size_t from = any(strlen(other) + 1);

			text_add(&next, other + from, strnlen(other + from, 80));
		} }
		text_add(&next, t->s + at + len, t->n - at - len);
		if (next.n < LONGEST) {
			free(t->s);
			*t = next;
			next = (struct text){ 0 };
		}
	}
}

static void add_folder(struct strv *corpus, const char *dir, const char *suffix)
{
	auto_closedir DIR *d = opendir(dir);

	for (struct dirent *f; d && (f = readdir(d));)
		if (*f->d_name != '.' && str_ends(f->d_name, suffix))
			strv_add(corpus, get_file(keep("%s/%s", dir, f->d_name)));
}

static void torment(int (*target)(const uint8_t *, size_t), const struct strv *corpus)
{
	const char *rounds = getenv("FUZZ_ROUNDS"), *start = getenv("FUZZ_SEED");

	seed = 0x9e3779b97f4a7c15u + (start ? strtoull(start, NULL, 0) : 0);
	assert_true(corpus->n > 0);
	for (size_t i = 0; i < corpus->n; i++)
		target((const uint8_t *)corpus->v[i], strlen(corpus->v[i]));
	for (long n = rounds ? atol(rounds) : ROUNDS; n > 0; n--) {
		auto_text t = { 0 };

		text_puts(&t, corpus->v[any(corpus->n)]);
		mutate(&t, corpus);
		target((const uint8_t *)t.s, t.n);
	}
}

static void no_recipe_does_harm(void **state)
{
	auto_strv corpus = { 0 };

	(void)state;
	add_folder(&corpus, "recipes", ".yaml");
	add_folder(&corpus, "tests/fuzz/corpus/recipe", "");
	torment(fuzz_recipe, &corpus);
}

static void no_machine_file_does_harm(void **state)
{
	auto_strv corpus = { 0 };

	(void)state;
	add_folder(&corpus, "vmctl/machines", ".yaml");
	add_folder(&corpus, "tests/fuzz/corpus/machine", "");
	torment(fuzz_machine, &corpus);
}

static void no_report_does_harm(void **state)
{
	auto_strv corpus = { 0 };

	(void)state;
	strv_add(&corpus, get_file("tests/golden/report-cxl-small.txt"));
	add_folder(&corpus, "tests/fuzz/corpus/report", "");
	torment(fuzz_report, &corpus);
}

static void no_fragment_and_no_expression_does_harm(void **state)
{
	auto_strv corpus = { 0 };

	(void)state;
	add_folder(&corpus, "kconfigs", "damon");
	add_folder(&corpus, "tests/fuzz/corpus/kconfig", "");
	torment(fuzz_kconfig, &corpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_recipe_does_harm),
		cmocka_unit_test(no_machine_file_does_harm),
		cmocka_unit_test(no_report_does_harm),
		cmocka_unit_test(no_fragment_and_no_expression_does_harm),
	};

	return RUN_TESTS(tests);
}
