/* The manuals against the programs: every key of recipe and machine file, and every command and option that --help
 * prints, stands in its manual as the tables in the binary have it, and the manuals name no other.
 *
 * A key's line in recipe(5) and machine(5) is written out of the table as a whole:
 *     *cxl.windows[].size:* size; required
 * The manuals are looked for below $TOP (default: here), the programs in $BUILD (default: build). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "experiment.h"
#include "file.h"
#include "machine.h"
#include "recipe.h"
#include "run.h"
#include "text.h"

static char *from_env(const char *name, const char *fallback, const char *below)
{
	const char *v = getenv(name);

	return strf("%s/%s", str_empty(v) ? fallback : v, below);
}

static char *manual(const char *name)
{
	auto_free char *below = strf("man/%s.scd", name), *path = from_env("TOP", ".", below);
	struct err e = { "" };
	char *text = file_read(path, 0, NULL, &e);

	if (!text)
		fail_msg("%s", e.msg);
	return text;
}

static int add_line(char *line, int number, void *arg)
{
	(void)number;
	strv_add(arg, line);
	return 0;
}

static void lines_of(const char *text, struct strv *out)
{
	each_line(text, add_line, out);
}

/* ---- keys ---- */

static void add_type(struct text *t, const struct ykey *k, const char *path)
{
	switch (k->type) {
	case Y_STR:
		text_puts(t, "text");
		break;
	case Y_BOOL:
		text_puts(t, "true or false");
		break;
	case Y_INT:
		text_addf(t, "number from %ld to %ld", k->min, k->max);
		break;
	case Y_SIZE:
		text_puts(t, "size");
		break;
	case Y_DURATION:
		text_puts(t, "duration");
		break;
	case Y_LATENCY:
		text_puts(t, "latency");
		break;
	case Y_ENUM:
		text_puts(t, "one of");
		for (const char *const *n = k->names; *n; n++)
			text_addf(t, "%s %s", n == k->names ? "" : ",", *n);
		break;
	case Y_PAIRS:
		text_puts(t, "mapping of names and values");
		break;
	case Y_STRS:
		text_puts(t, "list of words");
		break;
	case Y_MAP:
		text_puts(t, "mapping");
		if (k->map->scalar)
			text_addf(t, ", or one word for %s.%s", path, k->map->scalar);
		break;
	case Y_LIST:
		text_puts(t, "list of mappings");
		break;
	}
}

static void expect_keys(const struct ymap *map, const char *prefix, struct strv *out)
{
	for (const struct ykey *k = map->keys; k->name; k++) {
		auto_free char *path = strf("%s%s", prefix, k->name);
		auto_text t = { 0 };

		text_addf(&t, "*%s:* ", path);
		add_type(&t, k, path);
		if (k->required)
			text_puts(&t, "; required");
		if (k->fallback)
			text_addf(&t, "; default: %s", k->fallback);
		strv_add(out, t.s);
		if (k->type == Y_MAP || k->type == Y_LIST) {
			auto_free char *below = strf("%s%s.", path, k->type == Y_LIST ? "[]" : "");

			expect_keys(k->map, below, out);
		}
	}
}

/* A key's line begins with "*", and so does its description with a tab. */
static void check_keys(const char *name, const struct ymap *map)
{
	auto_free char *text = manual(name);
	auto_strv lines = { 0 }, want = { 0 };
	int bad = 0;

	lines_of(text, &lines);
	expect_keys(map, "", &want);
	for (size_t i = 0; i < want.n; i++) {
		size_t at = 0;

		while (at < lines.n && strcmp(lines.v[at], want.v[i]))
			at++;
		if (at == lines.n)
			print_error("%s lacks the line: %s\n", name, want.v[i]);
		else if (at + 1 == lines.n || !str_starts(lines.v[at + 1], "\t"))
			print_error("%s says nothing about: %s\n", name, want.v[i]);
		else
			continue;
		bad++;
	}
	for (size_t i = 0; i < lines.n; i++)
		if (*lines.v[i] == '*' && strstr(lines.v[i], ":* ") && !strv_has(&want, lines.v[i])) {
			print_error("%s has a line that the program has not: %s\n", name, lines.v[i]);
			bad++;
		}
	assert_int_equal(bad, 0);
}

static void recipe_keys(void **state)
{
	(void)state;
	check_keys("recipe.5", &recipe_map);
}

static void machine_keys(void **state)
{
	(void)state;
	check_keys("machine.5", &machine_map);
}

static void experiment_keys(void **state)
{
	(void)state;
	check_keys("experiment.5", &experiment_map);
}

/* ---- examples ---- */

/* Writes the first block of code under EXAMPLE to dir/example.yaml; returns its path, the caller's to free. */
static char *example(const char *name, const char *dir)
{
	auto_free char *text = manual(name), *path = strf("%s/example.yaml", dir);
	char *begin = strstr(text, "\n# EXAMPLE\n"), *end;
	struct err e = { "" };

	begin = begin ? strstr(begin, "\n```\n") : NULL;
	end = begin ? strstr(begin + 5, "\n```\n") : NULL;
	assert_non_null(end);
	begin += 5;
	if (file_write(path, begin, (size_t)(end + 1 - begin), 0644, &e) < 0)
		fail_msg("%s", e.msg);
	return steal(path);
}

static void examples_are_accepted(void **state)
{
	char dir[] = "/tmp/test-manual.XXXXXX";
	struct err e = { "" };

	(void)state;
	assert_non_null(mkdtemp(dir));
	{
		auto_free char *path = example("recipe.5", dir);
		cleanup(recipe_cleanup) struct recipe *r = recipe_load(path, &e);

		if (!r)
			print_error("recipe.5: %s\n", e.msg);
		unlink(path);
		assert_non_null(r);
	}
	{
		auto_free char *path = example("machine.5", dir);
		cleanup(machine_cleanup) struct machine *m = machine_load(path, &e);

		if (!m)
			print_error("machine.5: %s\n", e.msg);
		unlink(path);
		assert_non_null(m);
	}
	{
		auto_free char *path = example("experiment.5", dir);
		cleanup(experiment_cleanup) struct experiment *m = experiment_load(path, &e);

		if (!m)
			print_error("experiment.5: %s\n", e.msg);
		unlink(path);
		assert_non_null(m);
	}
	rmdir(dir);
}

/* ---- commands and options ---- */

static char *help(const char *program, const char *command)
{
	auto_free char *path = from_env("BUILD", "build", program);
	const char *argv[] = { path, command ? command : "--help", command ? "--help" : NULL, NULL };
	struct text out = { 0 };
	struct err e = { "" };

	if (run_simple(argv, &out, &e) < 0)
		fail_msg("%s: %s", path, e.msg);
	return out.s;
}

/* The line without scdoc's marks and indentation, the caller's to free. */
static char *plain(const char *line)
{
	struct text t = { 0 };

	text_puts(&t, "");
	for (line += strspn(line, "\t "); *line; line++)
		if (!strchr("*_\\", *line))
			text_add(&t, line, 1);
	return t.s;
}

/* Up to two blanks: a column of --help. */
static char *column(const char *from)
{
	const char *end = strstr(from, "  ");

	return xstrndup(from, end ? (size_t)(end - from) : strlen(from));
}

/* The lines of --help below `heading`, each without its explanation: "-o, --output DIR". Those in common, if any, are left out. */
static void help_options(const char *text, const char *heading, const struct strv *common, struct strv *out)
{
	const char *at = strstr(text, heading);
	auto_strv lines = { 0 };

	if (!at)
		return;
	lines_of(at + strlen(heading), &lines);
	for (size_t i = 0; i < lines.n && str_starts(lines.v[i], "  "); i++) {
		size_t blanks = strspn(lines.v[i], " ");
		char *option = column(lines.v[i] + blanks);

		if (lines.v[i][blanks] != '-' || blanks >= 8 /* an explanation goes on */ || (common && strv_has(common, option)))
			free(option);
		else
			strv_take(out, option);
	}
}

/* Lines of the manual from the one after `from` up to the next at its level or above. */
static size_t section_end(const struct strv *lines, size_t from)
{
	bool command = *lines->v[from] == '*';

	for (from++; from < lines->n; from++)
		if (*lines->v[from] == '#' || (command && *lines->v[from] == '*'))
			break;
	return from;
}

static int compare_options(const char *what, const struct strv *lines, size_t from, const struct strv *want)
{
	size_t end = section_end(lines, from);
	auto_strv have = { 0 };
	int bad = 0;

	for (size_t i = from + 1; i < end; i++)
		if (str_starts(lines->v[i] + strspn(lines->v[i], "\t"), "*-"))
			strv_take(&have, plain(lines->v[i]));
	for (size_t i = 0; i < want->n; i++)
		if (!strv_has(&have, want->v[i])) {
			print_error("the manual of %s lacks the option %s\n", what, want->v[i]);
			bad++;
		}
	for (size_t i = 0; i < have.n; i++)
		if (!strv_has(want, have.v[i]) && strcmp(have.v[i], "--help") && strcmp(have.v[i], "--version")) {
			print_error("the manual of %s has the option %s, and the program has not\n", what, have.v[i]);
			bad++;
		}
	return bad;
}

static size_t find_line(const struct strv *lines, const char *line)
{
	for (size_t i = 0; i < lines->n; i++)
		if (!strcmp(lines->v[i], line))
			return i;
	fail_msg("the manual has no line '%s'", line);
	return 0;
}

/* Options that stand alone in the usage, above the list: "tierrun --restore | --list-knobs". */
static void usage_options(const char *text, struct strv *out)
{
	auto_free char *usage = xstrndup(text, (size_t)(strstr(text, "\n\n") - text));
	char *save = NULL;

	for (char *word = strtok_r(usage, " []\n", &save); word; word = strtok_r(NULL, " []\n", &save))
		if (str_starts(word, "--") && word[2] && !strv_has(out, word))
			strv_add(out, word);
}

static void options_of_programs(void **state)
{
	static const struct {
		const char *program, *page, *heading;
	} programs[] = {
		{ "vmbuild", "vmbuild.1", "\noptions:\n" },
		{ "bench/tierrun", "tierrun.1", "\n\n" },
		{ "bench/tiermig", "tiermig.1", "\n\n" },
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		auto_free char *text = manual(programs[i].page), *said = help(programs[i].program, NULL);
		auto_strv lines = { 0 }, want = { 0 };

		lines_of(text, &lines);
		help_options(said, programs[i].heading, NULL, &want);
		assert_true(want.n > 0);
		usage_options(said, &want);
		bad += compare_options(programs[i].program, &lines, find_line(&lines, "# OPTIONS"), &want);
	}
	assert_int_equal(bad, 0);
}

/* --help has "  NAME      ARGS                  help": ARGS, which may be empty, begins in column 12. Of longer help the lines
 * that go on have neither. */
static void help_commands(const char *text, struct strv *names, struct strv *args)
{
	const char *at = strstr(text, "\ncommands:\n");
	auto_strv lines = { 0 };

	assert_non_null(at);
	lines_of(at + strlen("\ncommands:\n"), &lines);
	for (size_t i = 0; i < lines.n && str_starts(lines.v[i], "  "); i++) {
		if (lines.v[i][2] == ' ')
			continue;
		assert_true(strlen(lines.v[i]) > 12 && lines.v[i][11] == ' ');
		strv_take(names, xstrndup(lines.v[i] + 2, strcspn(lines.v[i] + 2, " ")));
		strv_take(args, lines.v[i][12] == ' ' ? xstrdup("") : column(lines.v[i] + 12));
	}
}

static void vmctl_commands(void **state)
{
	auto_free char *text = manual("vmctl.1"), *said = help("vmctl", NULL);
	auto_strv lines = { 0 }, names = { 0 }, args = { 0 }, headings = { 0 }, common = { 0 };
	int bad;

	(void)state;
	lines_of(text, &lines);
	help_options(said, "\noptions:\n", NULL, &common);
	bad = compare_options("vmctl", &lines, find_line(&lines, "# OPTIONS"), &common);
	help_commands(said, &names, &args);
	assert_true(names.n > 0);
	for (size_t i = find_line(&lines, "# COMMANDS") + 1; i < lines.n && *lines.v[i] != '#'; i++)
		if (*lines.v[i] == '*')
			strv_take(&headings, plain(lines.v[i]));
	for (size_t i = 0; i < names.n; i++) {
		auto_free char *own = help("vmctl", names.v[i]), *heading = NULL;
		auto_strv options = { 0 };
		size_t at = 0;

		help_options(own, "\noptions:\n", &common, &options);
		heading = strf("%s%s%s%s", names.v[i], options.n ? " [OPTION]..." : "", *args.v[i] ? " " : "", args.v[i]);
		if (!strv_has(&headings, heading)) {
			print_error("vmctl.1 lacks the command: %s\n", heading);
			bad++;
			continue;
		}
		for (at = find_line(&lines, "# COMMANDS"); at < lines.n; at++) {
			auto_free char *line = *lines.v[at] == '*' ? plain(lines.v[at]) : NULL;

			if (line && !strcmp(line, heading))
				break;
		}
		bad += compare_options(heading, &lines, at, &options);
	}
	if (headings.n != names.n) {
		print_error("vmctl.1 has %zu commands, and the program %zu\n", headings.n, names.n);
		bad++;
	}
	assert_int_equal(bad, 0);
}

static void help_and_version_are_documented(void **state)
{
	/* the programs of the suite have no version of their own */
	static const struct {
		const char *name;
		bool version;
	} pages[] = { { "vmbuild.1", true }, { "vmctl.1", true }, { "tierrun.1", false }, { "tiermig.1", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		auto_free char *text = manual(pages[i].name);

		assert_non_null(strstr(text, "\n*--help*\n"));
		assert_int_equal(strstr(text, "\n*--version*\n") != NULL, pages[i].version);
		assert_non_null(strstr(text, "\n# EXIT STATUS\n"));
		assert_non_null(strstr(text, "\n# ENVIRONMENT\n"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipe_keys),
		cmocka_unit_test(machine_keys),
		cmocka_unit_test(experiment_keys),
		cmocka_unit_test(examples_are_accepted),
		cmocka_unit_test(options_of_programs),
		cmocka_unit_test(vmctl_commands),
		cmocka_unit_test(help_and_version_are_documented),
	};

	return cmocka_run_group_tests_name("manual", tests, NULL, NULL);
}
