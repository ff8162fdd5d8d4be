/* What the host's apt is told of an image, and what is noted of it there. */
#include "harness.h"

#include "apt.h"

static void sources_are_read_with_the_images_own_keys(void **state)
{
	static const struct { const char *text, *moved; } cases[] = {
		{ "deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg,/etc/apt/keyrings/b.gpg] http://x/debian trixie main\n",
		  "deb [arch=amd64 signed-by=/r/usr/share/keyrings/a.gpg,/r/etc/apt/keyrings/b.gpg] http://x/debian trixie main\n" },
		{ "URIs: mirror+file:///etc/apt/mirrors/debian.list\nSigned-By: /etc/apt/keyrings/b.asc /usr/share/keyrings/a.pgp\n",
		  "URIs: mirror+file://" "/r/etc/apt/mirrors/debian.list\nSigned-By: /r/etc/apt/keyrings/b.asc /r/usr/share/keyrings/a.pgp\n" },
		{ "deb http://x/etc/apt/debian trixie main", "deb http://x/etc/apt/debian trixie main" },
		{ "deb https://x/flat / # no /opt/here\n# nor /opt/there\n", "deb https://x/flat / # no /opt/here\n# nor /opt/there\n" },
		{ "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n /abc/def\n -----END PGP PUBLIC KEY BLOCK-----\n",
		  "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n /abc/def\n -----END PGP PUBLIC KEY BLOCK-----\n" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		auto_free char *moved = apt_move_sources(cases[i].text, "/r", &why);

		assert_non_null(moved);
		assert_string_equal(moved, cases[i].moved);
	}
}

static void sources_that_would_be_looked_up_on_the_host_are_refused(void **state)
{
	static const struct { const char *text, *path; } cases[] = {
		{ "deb [signed-by=/usr/share/postgresql-common/k.asc] http://x y main\n", "name /usr/share/postgresql-common/k.asc:" },
		{ "deb file:/var/cuda-repo /\n", "name /var/cuda-repo:" },
		{ "deb file:///srv/x trixie main\n", "name /srv/x:" },
		{ "URIs: copy:/srv/x\n", "name /srv/x:" },
		{ "Signed-By: /root/k.gpg\n", "name /root/k.gpg:" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_null(apt_move_sources(cases[i].text, "/r", &why));
		assert_contains(why.msg, cases[i].path);
	}
}

#define NOTE(name, architecture) "Package: " name "\nArchitecture: " architecture "\nAuto-Installed: 1\n\n"
#define INSTALLED(name) "Package: " name "\nStatus: install ok installed\nVersion: 1\n\n"

/* The notes after those debs are installed, where that is wanted and that was there. */
static char *notes(char **wanted, size_t n, const char *status, const char *old, const char *const *files)
{
	struct apt_root r = { .packages = wanted, .n_packages = n };
	auto_strv debs = { 0 };

	put_file("apt/var/lib/dpkg/status", status);
	put_file("apt/var/lib/apt/extended_states", old);
	r.dir = in_scratch("apt");
	for (; *files; files++)
		strv_add(&debs, *files);
	return apt_notes(&r, &debs);
}

static void what_nobody_asked_for_is_noted_as_having_come_by_itself(void **state)
{
	char *wanted[] = { "jq", "cxl", "old" };
	static const char *const files[] = { "jq_1.7_amd64.deb", "libjq1_1.7_amd64.deb", "cxl_81-1_amd64.deb", "data_1%3a2_all.deb",
					     "libi_1_i386.deb", NULL };
	auto_free char *seen = notes(wanted, COUNT(wanted), INSTALLED("old"), NOTE("older", "amd64") NOTE("old", "amd64")
				     "Package: last\nAuto-Installed: 1\n", files);

	(void)state;
	assert_string_equal(seen, NOTE("older", "amd64") "Package: last\nAuto-Installed: 1\n\n" NOTE("libjq1", "amd64")
			    NOTE("data", "amd64") NOTE("libi", "i386"));
}

static void an_upgrade_changes_nothing_of_who_asked_for_it(void **state)
{
	char *wanted[] = { "new" };
	static const char *const files[] = { "new_1_amd64.deb", "mine_2_amd64.deb", "its_2_amd64.deb", NULL };
	auto_free char *seen = notes(wanted, 1, INSTALLED("mine") INSTALLED("its"), NOTE("its", "amd64"), files);

	(void)state;
	assert_string_equal(seen, NOTE("its", "amd64"));
}

static void where_something_else_provides_what_is_wanted_nothing_counts_as_unwanted(void **state)
{
	char *wanted[] = { "mail-transport-agent" };
	static const char *const files[] = { "exim4_1_amd64.deb", NULL };
	auto_free char *seen = notes(wanted, 1, "", "", files);

	(void)state;
	assert_string_equal(seen, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_read_with_the_images_own_keys),
		cmocka_unit_test(sources_that_would_be_looked_up_on_the_host_are_refused),
		cmocka_unit_test(what_nobody_asked_for_is_noted_as_having_come_by_itself),
		cmocka_unit_test(an_upgrade_changes_nothing_of_who_asked_for_it),
		cmocka_unit_test(where_something_else_provides_what_is_wanted_nothing_counts_as_unwanted),
	};

	return RUN_TESTS(tests);
}
