/* The option contract: what fragments ask for, and whether a configuration has it. */
#include "harness.h"

#include "options.h"

static struct asks a;

static int setup(void **state)
{
	(void)state;
	asks_free(&a);
	return 0;
}

static const char *text_of(size_t i)
{
	char *s = ask_text(&a.v[i]);

	strv_take(&kept, s);
	return s;
}

static bool met(const char *ask, const char *config)
{
	struct config c = { 0 };
	bool r;

	asks_free(&a);
	assert_ok(asks_add_line(&a, "f", 1, ask, &why));
	config_parse(&c, config);
	r = ask_met(&a.v[0], &c) != NULL;
	config_free(&c);
	asks_free(&a);
	return r;
}

static void every_kind_of_value_is_read(void **state)
{
	(void)state;
	assert_ok(asks_add_text(&a, "f", "CONFIG_A=y\nCONFIG_B=m\nCONFIG_C=n\nCONFIG_D=64\nCONFIG_E=-1\nCONFIG_F=0x1f\n"
				"CONFIG_G=\"a b\"\nCONFIG_H=\"\"\n# CONFIG_I is not set\n  CONFIG_J=y \n", &why));
	assert_int_equal(a.n, 10);
	assert_string_equal(a.v[2].alts[0].value, "n");
	assert_string_equal(a.v[3].alts[0].value, "64");
	assert_string_equal(a.v[6].alts[0].value, "\"a b\"");
	assert_string_equal(text_of(8), "CONFIG_I=n");
	asks_free(&a);
}

static void comments_and_empty_lines_ask_for_nothing(void **state)
{
	(void)state;
	assert_ok(asks_add_text(&a, "f", "\n# a comment\n#CONFIG_X=y\n   \n\t# CONFIG is not set\n", &why));
	assert_int_equal(a.n, 0);
}

static void an_ask_knows_where_it_stands(void **state)
{
	(void)state;
	assert_ok(asks_add_text(&a, "kconfigs/cxl", "# head\n\nCONFIG_A=y\n", &why));
	assert_string_equal(a.v[0].from, "kconfigs/cxl");
	assert_int_equal(a.v[0].line, 3);
	asks_free(&a);
}

static void alternatives_are_one_ask(void **state)
{
	(void)state;
	assert_ok(asks_add_text(&a, "f", "CONFIG_OLD=y | CONFIG_NEW=y|CONFIG_NEWER=m\n", &why));
	assert_int_equal(a.n, 1);
	assert_int_equal(a.v[0].n_alts, 3);
	assert_string_equal(text_of(0), "CONFIG_OLD=y | CONFIG_NEW=y | CONFIG_NEWER=m");
	asks_free(&a);
}

static void a_bar_in_a_text_parts_no_alternatives(void **state)
{
	(void)state;
	assert_ok(asks_add_text(&a, "f", "CONFIG_CMDLINE=\"a|b\"\n", &why));
	assert_int_equal(a.v[0].n_alts, 1);
	assert_string_equal(a.v[0].alts[0].value, "\"a|b\"");
	asks_free(&a);
}

static void a_later_ask_takes_the_place_of_an_earlier_one(void **state)
{
	(void)state;
	assert_ok(asks_add_text(&a, "f", "CONFIG_A=y\nCONFIG_B=y\n", &why));
	assert_ok(asks_add_line(&a, "recipe.yaml", 9, "CONFIG_A=n", &why));
	assert_int_equal(a.n, 2);
	assert_string_equal(text_of(0), "CONFIG_A=n");
	assert_string_equal(a.v[0].from, "recipe.yaml");
	assert_int_equal(a.v[0].line, 9);
	asks_free(&a);
}

static void lines_that_are_no_options_are_refused_with_their_line(void **state)
{
	static const char *const bad[] = { "A=y", "CONFIG_A", "CONFIG_=y", "CONFIG_A=", "CONFIG_A=yes", "CONFIG_A=\"x",
					   "CONFIG_A=1.5", "CONFIG_A=0x", "CONFIG_A=y # why", "CONFIG_A B=y",
					   "CONFIG_A=-", "config_a=y", "CONFIG_A=y CONFIG_B=y", "CONFIG_A=y | B=y" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		auto_free char *text = strf("\n%s\n", bad[i]);

		assert_fails(asks_add_text(&a, "kconfigs/x", text, &why), "kconfigs/x:2: '");
		assert_contains(why.msg, "is no kernel option: write CONFIG_NAME=y");
		asks_free(&a);
	}
}

static void a_line_of_bars_is_refused(void **state)
{
	(void)state;
	assert_fails(asks_add_line(&a, "f", 4, " | ", &why), "f:4: ");
	assert_int_equal(a.n, 0);
}

static void asks_are_written_as_a_configuration(void **state)
{
	auto_text t = { 0 };

	(void)state;
	assert_ok(asks_add_text(&a, "f", "CONFIG_A=y | CONFIG_B=m\nCONFIG_C=n\nCONFIG_D=\"x\"\n", &why));
	asks_write(&a, &t);
	assert_string_equal(t.s, "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=\"x\"\n");
	asks_free(&a);
}

static void a_configuration_is_read(void **state)
{
	struct config c = { 0 };

	(void)state;
	config_parse(&c, "#\n# Linux/x86 6.12 Kernel Configuration\n#\nCONFIG_Z=y\nCONFIG_A=m\n# CONFIG_B is not set\n"
		     "CONFIG_NR_CPUS=64\nCONFIG_HOST=\"(none)\"\nnonsense\nCONFIG_OFF=n\n");
	assert_string_equal(config_get(&c, "Z"), "y");
	assert_string_equal(config_get(&c, "A"), "m");
	assert_string_equal(config_get(&c, "B"), "n");
	assert_string_equal(config_get(&c, "NR_CPUS"), "64");
	assert_string_equal(config_get(&c, "HOST"), "\"(none)\"");
	assert_string_equal(config_get(&c, "UNKNOWN"), "n");
	assert_int_equal(config_enabled(&c), 2);
	config_free(&c);
	assert_string_equal(config_get(&c, "Z"), "n");
}

static void quotes_inside_a_text_of_a_configuration_are_read(void **state)
{
	struct config c = { 0 };

	(void)state;
	config_parse(&c, "CONFIG_CMDLINE=\"a=\\\"b\\\"\"\n");
	assert_string_equal(config_get(&c, "CMDLINE"), "\"a=\\\"b\\\"\"");
	config_free(&c);
}

static void an_ask_is_met_by_its_very_value(void **state)
{
	(void)state;
	assert_true(met("CONFIG_A=y", "CONFIG_A=y\n"));
	assert_false(met("CONFIG_A=y", "CONFIG_A=m\n"));
	assert_false(met("CONFIG_A=y", "# CONFIG_A is not set\n"));
	assert_false(met("CONFIG_A=y", ""));
	assert_true(met("CONFIG_A=n", ""));
	assert_true(met("# CONFIG_A is not set", "# CONFIG_A is not set\n"));
	assert_false(met("# CONFIG_A is not set", "CONFIG_A=m\n"));
	assert_true(met("CONFIG_N=64", "CONFIG_N=64\n"));
	assert_false(met("CONFIG_N=64", "CONFIG_N=640\n"));
	assert_true(met("CONFIG_S=\"a b\"", "CONFIG_S=\"a b\"\n"));
}

static void one_of_the_alternatives_is_enough(void **state)
{
	(void)state;
	assert_true(met("CONFIG_A=y | CONFIG_B=y", "CONFIG_B=y\n"));
	assert_false(met("CONFIG_A=y | CONFIG_B=y", "CONFIG_C=y\n"));
}

/* Each fragment that is shipped is well-formed. */
static void shipped_fragments_are_read(void **state)
{
	static const char *const names[] = { "guest", "cxl", "damon", "hotplug", "tiering" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *path = keep("kconfigs/%s", names[i]);

		assert_ok(asks_add_text(&a, path, get_file(path), &why));
	}
	assert_true(a.n > 50);
	asks_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_kind_of_value_is_read, setup),
		cmocka_unit_test_setup(comments_and_empty_lines_ask_for_nothing, setup),
		cmocka_unit_test_setup(an_ask_knows_where_it_stands, setup),
		cmocka_unit_test_setup(alternatives_are_one_ask, setup),
		cmocka_unit_test_setup(a_bar_in_a_text_parts_no_alternatives, setup),
		cmocka_unit_test_setup(a_later_ask_takes_the_place_of_an_earlier_one, setup),
		cmocka_unit_test_setup(lines_that_are_no_options_are_refused_with_their_line, setup),
		cmocka_unit_test_setup(a_line_of_bars_is_refused, setup),
		cmocka_unit_test_setup(asks_are_written_as_a_configuration, setup),
		cmocka_unit_test_setup(a_configuration_is_read, setup),
		cmocka_unit_test_setup(quotes_inside_a_text_of_a_configuration_are_read, setup),
		cmocka_unit_test_setup(an_ask_is_met_by_its_very_value, setup),
		cmocka_unit_test_setup(one_of_the_alternatives_is_enough, setup),
		cmocka_unit_test_setup(shipped_fragments_are_read, setup),
	};
	int rc = RUN_TESTS(tests);

	asks_free(&a);
	return rc;
}
