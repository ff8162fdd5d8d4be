/* Which of two paths is in a guest. */
#include "harness.h"

#include "copy.h"

static void the_path_with_a_name_before_its_colon_is_in_the_guest(void **state)
{
	static const struct {
		const char *from, *to, *machine, *from_path, *to_path;
		bool into;
	} rows[] = {
		{ "a", "cxl:/root/", "cxl", "a", "/root/", true },
		{ "cxl:/etc/os-release", ".", "cxl", "/etc/os-release", ".", false },
		{ "./a:b", "cxl:", "cxl", "./a:b", "", true },
		{ "cxl:a:b", "/x:y", "cxl", "a:b", "/x:y", false },
		{ ":x", "cxl:y", "cxl", ":x", "y", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct places p;

		assert_ok(places_parse(&p, rows[i].from, rows[i].to, &why));
		assert_string_equal(p.machine, rows[i].machine);
		assert_string_equal(p.from, rows[i].from_path);
		assert_string_equal(p.to, rows[i].to_path);
		assert_int_equal(p.into, rows[i].into);
		places_free(&p);
	}
}

static void two_paths_on_one_side_are_refused(void **state)
{
	struct places p;

	(void)state;
	assert_fails(places_parse(&p, "a", "b", &why), "neither 'a' nor 'b' is in a guest");
	assert_fails(places_parse(&p, "a:x", "b:y", &why), "'a:x' and 'b:y' are both in guests");
	assert_fails(places_parse(&p, "cxl:", "b", &why), "One of the paths is empty");
	assert_fails(places_parse(&p, "", "cxl:x", &why), "One of the paths is empty");
	assert_fails(places_parse(&p, "cxl:x", "", &why), "One of the paths is empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_path_with_a_name_before_its_colon_is_in_the_guest),
		cmocka_unit_test(two_paths_on_one_side_are_refused),
	};

	return RUN_TESTS(tests);
}
