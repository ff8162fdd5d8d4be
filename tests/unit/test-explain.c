/* Why a step would be made again. */
#include "harness.h"

#include "explain.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void list(struct strv *l, const char *const *words)
{
	for (; *words; words++)
		strv_add(l, *words);
}

#define LIST(...) (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL }

static void explains(const char *const *was, const char *const *is, const char *expected)
{
	auto_strv old = { 0 }, new = { 0 }, out = { 0 };
	auto_text t = { 0 };

	list(&old, was);
	list(&new, is);
	explain_inputs(&old, &new, &out);
	for (size_t i = 0; i < out.n; i++)
		text_addf(&t, "%s|", out.v[i]);
	assert_string_equal(t.s ? t.s : "", expected);
}

static void the_same_inputs_need_no_word(void **state)
{
	(void)state;
	explains(LIST(), LIST(), "");
	explains(LIST("suite=trixie", "packages=a b"), LIST("packages=a b", "suite=trixie"), "");
}

static void a_changed_value_is_told_from_what_to_what(void **state)
{
	(void)state;
	explains(LIST("suite=bookworm"), LIST("suite=trixie"), "suite: from bookworm to trixie|");
	explains(LIST("overlay lab=" A64), LIST("overlay lab=" B64),
		 "overlay lab: from aaaaaaaaaaaa... to bbbbbbbbbbbb...|");
	explains(LIST("tree=/src " A64), LIST("tree=/src " B64), "tree: from /src aaaaaaaaaaaa... to /src bbbbbbbbbbbb...|");
}

static void lists_are_told_word_by_word(void **state)
{
	(void)state;
	explains(LIST("packages=a b c"), LIST("packages=a c d e"), "packages: with d, e; without b|");
	explains(LIST("packages=a ab"), LIST("packages=ab"), "packages: without a|");
	explains(LIST("asked=CONFIG_A=y\nCONFIG_B=y\n"), LIST("asked=CONFIG_A=m\nCONFIG_B=y\n"),
		 "asked: with CONFIG_A=m; without CONFIG_A=y|");
}

static void what_came_and_what_went_is_told(void **state)
{
	(void)state;
	explains(LIST(), LIST("bench=" A64), "bench: new: aaaaaaaaaaaa...|");
	explains(LIST("key=one"), LIST(), "key: no longer one|");
	explains(LIST("user=a", "user=b"), LIST("user=a", "user=c"), "user: new: c|user: no longer b|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_inputs_need_no_word),
		cmocka_unit_test(a_changed_value_is_told_from_what_to_what),
		cmocka_unit_test(lists_are_told_word_by_word),
		cmocka_unit_test(what_came_and_what_went_is_told),
	};

	return RUN_TESTS(tests);
}
