/* What the host's apt is told of an image, and what is noted of it there. */
#include "harness.h"

#include "apt.h"

static void sources_are_read_with_the_images_own_keys(void **state)
{
	static const struct { const char *text, *moved; } cases[] = {
		{ "deb [signed-by=/usr/share/keyrings/a.gpg] http://x/debian trixie main\n",
		  "deb [signed-by=/r/usr/share/keyrings/a.gpg] http://x/debian trixie main\n" },
		{ "URIs: mirror+file:///etc/apt/mirrors/debian.list\nSigned-By: /etc/apt/keyrings/b.asc /usr/share/keyrings/a.pgp\n",
		  "URIs: mirror+file:///r/etc/apt/mirrors/debian.list\nSigned-By: /r/etc/apt/keyrings/b.asc /r/usr/share/keyrings/a.pgp\n" },
		{ "deb http://x/debian trixie main", "deb http://x/debian trixie main" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		auto_free char *moved = apt_move_sources(cases[i].text, "/r");

		assert_string_equal(moved, cases[i].moved);
	}
}

static void what_nobody_asked_for_is_noted_as_having_come_by_itself(void **state)
{
	char *wanted[] = { "jq=1.7", "cxl/trixie", "tree:amd64", "old" }, *files[] = { "jq_1.7_amd64.deb", "libjq1_1.7_amd64.deb",
		"cxl_81-1_amd64.deb", "tree_2_amd64.deb", "tree-data_1%3a2_all.deb" };
	const struct apt_root r = { .packages = wanted, .n_packages = COUNT(wanted) };
	auto_strv debs = { 0 };
	auto_free char *first = NULL, *second = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++)
		strv_add(&debs, files[i]);
	first = apt_notes("", &r, &debs);
	assert_string_equal(first, "Package: libjq1\nArchitecture: amd64\nAuto-Installed: 1\n\n"
				   "Package: tree-data\nArchitecture: amd64\nAuto-Installed: 1\n\n");
	/* what was noted stays, but for what is asked for now */
	strv_free(&debs);
	second = apt_notes("Package: older\nArchitecture: amd64\nAuto-Installed: 1\n\n"
			   "Package: old\nArchitecture: amd64\nAuto-Installed: 1\n\n"
			   "Package: oldest\nAuto-Installed: 1\n", &r, &debs);
	assert_string_equal(second, "Package: older\nArchitecture: amd64\nAuto-Installed: 1\n\n"
				    "Package: oldest\nAuto-Installed: 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_read_with_the_images_own_keys),
		cmocka_unit_test(what_nobody_asked_for_is_noted_as_having_come_by_itself),
	};

	return RUN_TESTS(tests);
}
