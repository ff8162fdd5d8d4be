/* Why an option does not hold: small Kconfig trees, and the expressions. */
#include "harness.h"

#include "kconfig-expr.h"
#include "kconfig.h"

/* What is said of NAME=VALUE in the tree at scratch/k, under the configuration. */
static const char *said(const char *name, const char *value, const char *config)
{
	struct option o = { (char *)name, (char *)value };
	struct kconfig *k = kconfig_load(in_scratch("k"), &why);
	struct config c = { 0 };
	char *text;

	if (!k)
		fail_msg("%s", why.msg);
	config_parse(&c, config);
	text = kconfig_why(k, &c, &o);
	strv_take(&kept, text);
	config_free(&c);
	kconfig_free(k);
	return text;
}

static const char *said_in(const char *kconfig, const char *name, const char *value, const char *config)
{
	put_file("k/Kconfig", kconfig);
	return said(name, value, config);
}

static void an_unmet_dependency_is_named_with_value_and_place(void **state)
{
	(void)state;
	assert_string_equal(said_in("config A\n\tbool \"a\"\n\tdepends on B\n", "A", "y", ""),
			    "it depends on B (B=n) [Kconfig:1]");
	assert_string_equal(said_in("config A\n\ttristate \"a\"\n\tdepends on B && C\n\tdepends on D\n", "A", "y",
				    "CONFIG_C=y\n"),
			    "it depends on B (B=n), and it depends on D (D=n) [Kconfig:1]");
}

static void a_module_is_enough_for_m_and_not_for_y(void **state)
{
	static const char tree[] = "config A\n\ttristate \"a\"\n\tdepends on B\n";

	(void)state;
	assert_contains(said_in(tree, "A", "y", "CONFIG_B=m\n"), "it depends on B (B=m)");
	assert_contains(said_in(tree, "A", "m", "CONFIG_B=m\n"), "its dependencies are met");
}

static void menus_ifs_and_choices_around_it_count(void **state)
{
	static const char tree[] =
		"menu \"M\"\n\tdepends on M1\n\nif I1\n\nchoice\n\tprompt \"c\"\n\tdepends on C1\n\nconfig A\n\tbool \"a\"\n"
		"\nendchoice\nendif\n\nconfig AFTER_IF\n\tbool \"b\"\n\nendmenu\n\nconfig FREE\n\tbool \"f\"\n";

	(void)state;
	assert_string_equal(said_in(tree, "A", "y", ""),
			    "it depends on M1 (M1=n), and it depends on I1 (I1=n), and it depends on C1 (C1=n) [Kconfig:10]");
	assert_string_equal(said("AFTER_IF", "y", ""), "it depends on M1 (M1=n) [Kconfig:16]");
	assert_contains(said("FREE", "y", ""), "its dependencies are met");
}

static void several_conditions_of_one_menu_add_up(void **state)
{
	(void)state;
	assert_contains(said_in("menu \"M\"\n\tdepends on X\n\tdepends on Y\nconfig A\n\tbool \"a\"\nendmenu\n", "A", "y",
				"CONFIG_X=y\n"), "Y=n");
}

static void a_condition_of_a_prompt_counts(void **state)
{
	(void)state;
	assert_string_equal(said_in("config A\n\tbool \"prompt\" if EXPERT\n", "A", "y", ""),
			    "it depends on EXPERT (EXPERT=n) [Kconfig:1]");
	assert_contains(said_in("config A\n\tbool \"what if not\"\n", "A", "y", ""), "its dependencies are met");
}

static void a_dependency_can_have_a_condition_of_its_own(void **state)
{
	static const char tree[] = "config A\n\tbool \"a\"\n\tdepends on B if C\n";

	(void)state;
	assert_contains(said_in(tree, "A", "y", "CONFIG_C=y\n"), "it depends on");
	assert_contains(said_in(tree, "A", "y", ""), "its dependencies are met");
}

static void what_has_no_prompt_can_only_be_selected(void **state)
{
	static const char tree[] = "config A\n\tbool\n\nconfig S\n\tbool \"s\"\n\tselect A\n\nconfig T\n\tbool \"t\"\n"
				   "\tselect A if X86\n";

	(void)state;
	assert_string_equal(said_in(tree, "A", "y", ""),
			    "it can't be asked for: it has no prompt and is selected by S, T if X86; add CONFIG_S=y");
}

static void what_would_meet_it_is_named_from_below(void **state)
{
	static const char tree[] =
		"config PCI\n\tbool \"p\"\n\nconfig CXL_BUS\n\ttristate \"c\"\n\tdepends on PCI\n\nif CXL_BUS\nconfig CXL_REGION\n"
		"\tbool \"r\"\n\tdepends on !TINY && (SMALL || SPARSE)\nendif\n\nconfig TINY\n\tbool \"t\"\n\nconfig SMALL\n"
		"\tbool \"s\"\n\tdepends on PCI && SPARSE\n\nconfig SPARSE\n\tbool\n\nconfig MODEL\n\tbool \"m\"\n\tselect SPARSE\n";

	(void)state;
	assert_contains(said_in(tree, "CXL_REGION", "y", "CONFIG_PCI=y\nCONFIG_SPARSE=y\n"),
			"it depends on CXL_BUS (CXL_BUS=n) [Kconfig:9]; add CONFIG_CXL_BUS=y");
	assert_contains(said("CXL_REGION", "y", "CONFIG_TINY=y\n"),
			"]; add CONFIG_PCI=y, CONFIG_CXL_BUS=y, CONFIG_TINY=n, CONFIG_MODEL=y");
	assert_contains(said("CXL_BUS", "m", ""), "; add CONFIG_PCI=y");
	/* a module where what stands on it is built in */
	assert_contains(said("CXL_REGION", "y", "CONFIG_PCI=y\nCONFIG_SPARSE=y\nCONFIG_CXL_BUS=m\n"), "; add CONFIG_CXL_BUS=y");
	assert_contains(said("SPARSE", "y", ""), "; add CONFIG_MODEL=y");
}

static void what_nobody_can_add_is_not_named(void **state)
{
	(void)state;
	/* a cycle, a comparison, what is held on by another, what has neither prompt nor selector */
	assert_lacks(said_in("config A\n\tbool \"a\"\n\tdepends on B\n\nconfig B\n\tbool \"b\"\n\tdepends on A\n", "A", "y", ""), "add");
	assert_lacks(said_in("config A\n\tbool \"a\"\n\tdepends on N > 8\n", "A", "y", "CONFIG_N=4\n"), "add");
	assert_lacks(said_in("config A\n\tbool \"a\"\n\tdepends on !B\n\nconfig B\n\tbool \"b\"\n\nconfig S\n\tbool \"s\"\n"
			     "\tselect B\n", "A", "y", "CONFIG_S=y\nCONFIG_B=y\n"), "add");
	assert_lacks(said_in("config A\n\tbool \"a\"\n\tdepends on B\n\nconfig B\n\tbool\n", "A", "y", ""), "add");
	assert_lacks(said_in("config A\n\tbool \"a\"\n", "A", "n", "CONFIG_A=y\n"), "add");
}

static void a_module_without_modules_is_built_in(void **state)
{
	static const char tree[] = "config MODULES\n\tbool \"m\"\n\nconfig A\n\ttristate \"a\"\n";

	(void)state;
	assert_string_equal(said_in(tree, "A", "m", "CONFIG_A=y\n"),
			    "there are no modules (MODULES=n), so it is built in; add CONFIG_MODULES=y");
	assert_lacks(said("A", "m", "CONFIG_A=y\nCONFIG_MODULES=y\n"), "add");
}

static void what_is_selected_can_not_be_off(void **state)
{
	static const char tree[] = "config A\n\tbool \"a\"\n\nconfig S\n\tbool \"s\"\n\tselect A if X86\n";

	(void)state;
	assert_string_equal(said_in(tree, "A", "n", "CONFIG_S=y\nCONFIG_X86=y\nCONFIG_A=y\n"), "S if X86 selects it");
	assert_lacks(said_in(tree, "A", "n", "CONFIG_S=y\nCONFIG_A=y\n"), "selects");
}

static void an_unknown_symbol_gets_a_suggestion(void **state)
{
	(void)state;
	assert_string_equal(said_in("config CXL_REGION\n\tbool \"r\"\n", "CXL_REGOIN", "y", ""),
			    "this kernel has no such option (did you mean 'CXL_REGION'?)");
	assert_string_equal(said("TOTALLY_ELSE", "y", ""), "this kernel has no such option");
	assert_string_equal(said_in("config S\n\tbool \"s\"\n\tselect GONE\n", "GONE", "y", ""),
			    "this kernel has no such option");
}

static void of_several_definitions_one_that_can_be_asked_for_counts(void **state)
{
	static const char both[] = "config A\n\tbool\n\nconfig A\n\tbool \"a\"\n\tdepends on B\n";
	static const char turned[] = "config A\n\tbool \"a\"\n\tdepends on B\n\nconfig A\n\tbool\n";

	(void)state;
	assert_contains(said_in(both, "A", "y", ""), "it depends on B (B=n) [Kconfig:4]");
	assert_contains(said_in(turned, "A", "y", ""), "it depends on B (B=n) [Kconfig:1]");
	assert_contains(said_in(turned, "A", "y", "CONFIG_B=y\n"), "its dependencies are met");
}

static void keywords_in_a_help_text_are_text(void **state)
{
	static const char tree[] =
		"config A\n\tbool \"a\"\n\thelp\n\t  Say Y.\n\n\t  config B is another:\n\t  if you need it\n"
		"\t  depends on nothing\n\t    source \"nowhere\"\n\nconfig C\n\tbool \"c\"\n";

	(void)state;
	assert_contains(said_in(tree, "A", "y", ""), "its dependencies are met");
	assert_contains(said("C", "y", ""), "[Kconfig:11]");
	assert_contains(said("B", "y", ""), "no such option");
}

static void files_are_sourced_with_the_conditions_around(void **state)
{
	(void)state;
	put_file("k/arch/x86/Kconfig", "config X\n\tbool \"x\"\n");
	put_file("k/drivers/cxl/Kconfig", "menuconfig CXL_BUS\n\ttristate \"c\"\n\tdepends on PCI\n");
	assert_string_equal(said_in("source \"arch/$(SRCARCH)/Kconfig\"\nif HAS\nsource \"drivers/cxl/Kconfig\"\nendif\n",
				    "CXL_BUS", "y", ""),
			    "it depends on HAS (HAS=n), and it depends on PCI (PCI=n) [drivers/cxl/Kconfig:1]");
	assert_contains(said("X", "y", ""), "[arch/x86/Kconfig:1]");
}

static void a_cycle_of_sources_ends_with_an_error(void **state)
{
	(void)state;
	put_file("k/loop", "source \"Kconfig\"\n");
	put_file("k/Kconfig", "source \"loop\"\n");
	assert_null(kconfig_load(in_scratch("k"), &why));
	assert_contains(why.msg, "source each other");
}

static void a_missing_file_is_named(void **state)
{
	(void)state;
	put_file("k/Kconfig", "source \"not/there\"\n");
	assert_null(kconfig_load(in_scratch("k"), &why));
	assert_contains(why.msg, "not/there: No such file");
	assert_null(kconfig_load(in_scratch("no-tree"), &why));
	assert_contains(why.msg, "no-tree/Kconfig");
}

static void joined_lines_are_read_as_one_and_keep_the_count(void **state)
{
	static const char tree[] = "config A\n\tbool \"a\"\n\tdepends on B && \\\n\t\tC\n\nconfig D\n\tbool \"d\"\n"
				   "\tdepends on E\n";

	(void)state;
	assert_string_equal(said_in(tree, "A", "y", "CONFIG_B=y\n"), "it depends on C (C=n) [Kconfig:1]");
	assert_string_equal(said("D", "y", ""), "it depends on E (E=n) [Kconfig:6]");
}

static void the_value_of_expressions(void **state)
{
	static const struct { const char *expr; int value; } cases[] = {
		{ "Y", 2 }, { "M", 1 }, { "N", 0 }, { "UNKNOWN", 0 }, { "!Y", 0 }, { "!M", 1 }, { "!N", 2 }, { "!!Y", 2 },
		{ "Y && M", 1 }, { "Y || M", 2 }, { "N || M && Y", 1 }, { "(N || Y) && M", 1 }, { "!(Y && N)", 2 },
		{ "y", 2 }, { "n", 0 }, { "m", 1 }, { "Y = y", 2 }, { "M=y", 0 }, { "M != y", 2 }, { "Y!=n", 2 },
		{ "NUM > 8", 2 }, { "NUM >= 64", 2 }, { "NUM < 64", 0 }, { "NUM <= 0x40", 2 }, { "STR = \"text\"", 2 },
		{ "STR = \"other\"", 0 }, { "$(cc-option,-mfoo)", 2 }, { "$(success,test -n \"$(X)\") && N", 0 },
		{ "Y && $(cc-option,-a) && M", 1 }, { "", 0 }, { "(", 0 }, { ")", 0 }, { "&& Y", 0 }, { "((((Y))))", 2 },
	};
	struct config c = { 0 };

	(void)state;
	config_parse(&c, "CONFIG_Y=y\nCONFIG_M=m\nCONFIG_NUM=64\nCONFIG_STR=\"text\"\n");
	for (size_t i = 0; i < COUNT(cases); i++)
		if (kconfig_eval(cases[i].expr, &c) != cases[i].value)
			fail_msg("'%s' is %d, not %d", cases[i].expr, kconfig_eval(cases[i].expr, &c), cases[i].value);
	config_free(&c);
}

static void bottomless_expressions_end(void **state)
{
	auto_text t = { 0 };
	struct config c = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		text_puts(&t, i % 2 ? "(" : "!");
	kconfig_eval(t.s, &c);
}

static void an_expression_is_split_at_its_outermost_ands(void **state)
{
	auto_strv l = { 0 }, one = { 0 };

	(void)state;
	kexpr_conjuncts("A && (B && C) && !D", &l);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[1], "(B && C)");
	kexpr_conjuncts("A && B || C", &one);
	assert_int_equal(one.n, 1);
}

static void the_symbols_of_an_expression_are_shown_once_with_their_values(void **state)
{
	struct config c = { 0 };
	auto_free char *s = NULL, *none = NULL;

	(void)state;
	config_parse(&c, "CONFIG_A=y\n");
	s = kexpr_values("A && (B || !A)", &c);
	none = kexpr_values("n", &c);
	assert_string_equal(s, "A=y, B=n");
	assert_string_equal(none, "never met");
	config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unmet_dependency_is_named_with_value_and_place),
		cmocka_unit_test(a_module_is_enough_for_m_and_not_for_y),
		cmocka_unit_test(menus_ifs_and_choices_around_it_count),
		cmocka_unit_test(several_conditions_of_one_menu_add_up),
		cmocka_unit_test(a_condition_of_a_prompt_counts),
		cmocka_unit_test(a_dependency_can_have_a_condition_of_its_own),
		cmocka_unit_test(what_has_no_prompt_can_only_be_selected),
		cmocka_unit_test(what_would_meet_it_is_named_from_below),
		cmocka_unit_test(what_nobody_can_add_is_not_named),
		cmocka_unit_test(a_module_without_modules_is_built_in),
		cmocka_unit_test(what_is_selected_can_not_be_off),
		cmocka_unit_test(an_unknown_symbol_gets_a_suggestion),
		cmocka_unit_test(of_several_definitions_one_that_can_be_asked_for_counts),
		cmocka_unit_test(keywords_in_a_help_text_are_text),
		cmocka_unit_test(files_are_sourced_with_the_conditions_around),
		cmocka_unit_test(a_cycle_of_sources_ends_with_an_error),
		cmocka_unit_test(a_missing_file_is_named),
		cmocka_unit_test(joined_lines_are_read_as_one_and_keep_the_count),
		cmocka_unit_test(the_value_of_expressions),
		cmocka_unit_test(bottomless_expressions_end),
		cmocka_unit_test(an_expression_is_split_at_its_outermost_ands),
		cmocka_unit_test(the_symbols_of_an_expression_are_shown_once_with_their_values),
	};

	return RUN_TESTS(tests);
}
