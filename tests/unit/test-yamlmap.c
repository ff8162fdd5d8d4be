/* YAML to structs: types, messages, lines, and what is refused. */
#include "harness.h"

#include "units.h"
#include "yamlmap.h"

struct part {
	char *name;
	char **tags;
	size_t n_tags;
	long weight;
};

struct box {
	char *size;
	bool open;
};

struct thing {
	char *title;
	bool on;
	long count;
	uint64_t size, wait;
	int colour;
	char **words;
	size_t n_words;
	struct box box;
	struct part *parts;
	size_t n_parts;
};

static const char *const colours[] = { "red", "green", "blue", NULL };

static const struct ymap part_map = {
	.what = "a part", .size = sizeof(struct part), .scalar = "name", .keys = (const struct ykey[]){
		{ "name", Y_STR, offsetof(struct part, name), .required = true, .help = "its name" },
		{ "tags", Y_STRS, offsetof(struct part, tags), offsetof(struct part, n_tags) },
		{ "weight", Y_INT, offsetof(struct part, weight), .min = 0, .max = 9 },
		{ 0 } }
};

static const struct ymap box_map = {
	.what = "a box", .size = sizeof(struct box), .keys = (const struct ykey[]){
		{ "size", Y_STR, offsetof(struct box, size) },
		{ "open", Y_BOOL, offsetof(struct box, open) },
		{ 0 } }
};

static const struct ymap thing_map = {
	.what = "the thing", .size = sizeof(struct thing), .keys = (const struct ykey[]){
		{ "title", Y_STR, offsetof(struct thing, title) },
		{ "on", Y_BOOL, offsetof(struct thing, on) },
		{ "count", Y_INT, offsetof(struct thing, count), .min = -5, .max = 100 },
		{ "size", Y_SIZE, offsetof(struct thing, size) },
		{ "wait", Y_DURATION, offsetof(struct thing, wait) },
		{ "colour", Y_ENUM, offsetof(struct thing, colour), .names = colours },
		{ "words", Y_STRS, offsetof(struct thing, words), offsetof(struct thing, n_words) },
		{ "box", Y_MAP, offsetof(struct thing, box), .map = &box_map },
		{ "parts", Y_LIST, offsetof(struct thing, parts), offsetof(struct thing, n_parts), .map = &part_map },
		{ 0 } }
};

static struct thing t;

static struct ydoc *parse_n(const char *text, size_t n)
{
	why.msg[0] = '\0';
	return ydoc_parse("thing.yaml", text, n, &thing_map, &t, &why);
}

static struct ydoc *parse(const char *text)
{
	return parse_n(text, strlen(text));
}

/* The text is refused with exactly this message, and nothing is left in the struct. */
static void refused(const char *text, const char *message)
{
	static const struct thing nothing;
	struct ydoc *d = parse(text);

	if (d) {
		ydoc_free(d);
		fail_msg("'%s' was accepted", text);
	}
	assert_string_equal(why.msg, message);
	assert_memory_equal(&t, &nothing, sizeof(t));
}

static void every_type_reaches_its_field(void **state)
{
	cleanup(ydoc_cleanup) struct ydoc *d = parse(
		"title: 'a title'\non: true\ncount: -3\nsize: 8GiB\nwait: 500ms\ncolour: blue\nwords: [a, b]\n"
		"box:\n  size: big\n  open: true\nparts:\n  - name: p0\n    tags: [x]\n    weight: 9\n  - p1\n");

	(void)state;
	if (!d)
		fail_msg("%s", why.msg);
	assert_string_equal(t.title, "a title");
	assert_true(t.on);
	assert_int_equal(t.count, -3);
	assert_true(t.size == 8 * GiB);
	assert_int_equal(t.wait, 500);
	assert_int_equal(t.colour, 2);
	assert_int_equal(t.n_words, 2);
	assert_string_equal(t.words[1], "b");
	assert_null(t.words[2]);
	assert_string_equal(t.box.size, "big");
	assert_true(t.box.open);
	assert_int_equal(t.n_parts, 2);
	assert_string_equal(t.parts[0].tags[0], "x");
	assert_int_equal(t.parts[0].weight, 9);
	assert_string_equal(t.parts[1].name, "p1");
	assert_string_equal(ydoc_path(d), "thing.yaml");
}

static void a_word_stands_for_a_list_of_one(void **state)
{
	cleanup(ydoc_cleanup) struct ydoc *d = parse("words: lab\n");

	(void)state;
	assert_non_null(d);
	assert_int_equal(t.n_words, 1);
	assert_string_equal(t.words[0], "lab");
}

static void empty_lists_and_quoted_empty_words_are_taken(void **state)
{
	cleanup(ydoc_cleanup) struct ydoc *d = parse("words: []\nparts: []\ntitle: ''\n");

	(void)state;
	assert_non_null(d);
	assert_int_equal(t.n_words, 0);
	assert_int_equal(t.n_parts, 0);
	assert_string_equal(t.title, "");
}

static void an_unknown_key_is_refused_with_its_line_and_neighbour(void **state)
{
	(void)state;
	refused("title: x\n\ncolur: red\n", "thing.yaml:3:1: unknown key 'colur' in the thing (did you mean 'colour'?)");
	refused("box:\n  opn: true\n", "thing.yaml:2:3: unknown key 'opn' in a box (did you mean 'open'?)");
	refused("parts:\n  - name: a\n  - name: b\n    wieght: 1\n",
		"thing.yaml:4:5: unknown key 'wieght' in a part (did you mean 'weight'?)");
	refused("zzzzzzzz: 1\n", "thing.yaml:1:1: unknown key 'zzzzzzzz' in the thing; it knows title, on, count, size, wait, "
		"colour, words, box, parts");
}

static void a_key_that_stands_twice_is_refused(void **state)
{
	(void)state;
	refused("title: a\non: true\ntitle: b\n", "thing.yaml:3:1: 'title' stands twice: it is also on line 1");
}

static void a_wrong_type_is_refused(void **state)
{
	(void)state;
	refused("title: [a]\n", "thing.yaml:1:8: 'title' takes a plain value, not a list");
	refused("title: {a: b}\n", "thing.yaml:1:8: 'title' takes a plain value, not a mapping");
	refused("\non: yes\n", "thing.yaml:2:5: 'on' is true or false, not 'yes'");
	refused("count: 1.5\n", "thing.yaml:1:8: 'count' takes a whole number, not '1.5'");
	refused("count: 0x10\n", "thing.yaml:1:8: 'count' takes a whole number, not '0x10'");
	refused("count: 99999999999999999999\n", "thing.yaml:1:8: 'count' takes a whole number, not '99999999999999999999'");
	refused("count: 101\n", "thing.yaml:1:8: 'count' is 101: it goes from -5 to 100");
	refused("size: 8\n", "thing.yaml:1:7: 'size': '8' has no unit: say 8MiB or 8GiB");
	refused("colour: gren\n", "thing.yaml:1:9: 'colour' can't be 'gren' (did you mean 'green'?); it is one of red, green, "
		"blue");
	refused("words: {a: b}\n", "thing.yaml:1:8: 'words' takes a list of words, not a mapping");
	refused("words:\n  - a\n  - [b]\n", "thing.yaml:3:5: 'words' takes a plain value, not a list");
	refused("box: big\n", "thing.yaml:1:6: a box is a mapping (lines of 'key: value'), not a plain value");
	refused("parts: {name: a}\n", "thing.yaml:1:8: 'parts' takes a list (lines that begin with '- '), not a mapping");
	refused("parts:\n  - [a]\n", "thing.yaml:2:5: a part is a mapping (lines of 'key: value'), not a list");
	refused("- a\n", "thing.yaml:1:1: the thing is a mapping (lines of 'key: value'), not a list");
	refused("[a]: b\n", "thing.yaml:1:1: a key has to be a plain word, not a list");
}

static void a_key_without_value_is_refused(void **state)
{
	(void)state;
	refused("on: true\ntitle:\n", "thing.yaml:2:7: 'title' has no value: write one, or take the line out");
	refused("words:\n  - a\n  -\n", "thing.yaml:3:4: 'words' has no value: write one, or take the line out");
}

static void a_required_key_is_asked_for(void **state)
{
	(void)state;
	refused("parts:\n  - weight: 1\n", "thing.yaml:2:5: a part needs the key 'name': its name");
}

static void empty_and_double_documents_are_refused(void **state)
{
	(void)state;
	refused("", "thing.yaml: the file is empty");
	refused("# only a comment\n", "thing.yaml: the file is empty");
	refused("title: a\n---\ntitle: b\n", "thing.yaml: holds more than one YAML document ('---'): split it");
}

static void what_is_no_yaml_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_null(parse("title: a\non: [true\n"));
	assert_contains(why.msg, "thing.yaml:3:1: ");
	assert_null(parse("title: a\n\ton: true\n"));
	assert_contains(why.msg, "thing.yaml:2:1: ");
	assert_null(parse("title: \xff\xfe\n"));
	assert_contains(why.msg, "thing.yaml:");
	assert_null(parse("title: *nowhere\n"));
	assert_contains(why.msg, "thing.yaml:1:8: ");
}

static void nul_characters_are_refused(void **state)
{
	(void)state;
	refused("title: \"a\\0b\"\n", "thing.yaml:1:8: 'title' has a NUL character in it");
	assert_null(parse_n("title: a\0b\n", 11));
	assert_contains(why.msg, "thing.yaml:1:9: ");
}

static void a_key_with_a_nul_is_not_taken_for_its_beginning(void **state)
{
	(void)state;
	assert_null(parse("\"title\\0x\": a\n"));
}

static void aliases_mean_what_they_point_to(void **state)
{
	cleanup(ydoc_cleanup) struct ydoc *d = parse("words: &w [a, b]\nparts:\n  - name: p\n    tags: *w\n");

	(void)state;
	assert_non_null(d);
	assert_string_equal(t.parts[0].tags[1], "b");
}

static void an_alias_that_points_to_itself_is_refused(void **state)
{
	(void)state;
	assert_null(parse("parts: &p\n  - *p\n"));
	assert_null(parse("box: &b {size: *b}\n"));
}

/* A few kilobytes that stand for ten million words. */
static void an_alias_bomb_is_refused(void **state)
{
	auto_text y = { 0 };
	struct ydoc *d;

	(void)state;
	text_puts(&y, "words: &w [");
	for (int i = 0; i < 2000; i++)
		text_puts(&y, "a,");
	text_puts(&y, "]\nparts:\n");
	for (int i = 0; i < 1000; i++)
		text_puts(&y, "- {name: a, tags: *w}\n");
	d = parse(y.s);
	ydoc_free(d);
	assert_null(d);
	assert_contains(why.msg, "thing.yaml:");
}

static void deep_nesting_is_refused(void **state)
{
	auto_text y = { 0 };

	(void)state;
	text_puts(&y, "title: ");
	for (int i = 0; i < 5000; i++)
		text_puts(&y, "[");
	assert_null(parse(y.s));
	assert_contains(why.msg, "thing.yaml:1:71: lists and mappings are nested more than 64 deep");
	text_free(&y);
	text_puts(&y, "title:\n");
	for (int i = 0; i < 500; i++)
		text_puts(&y, "- ");
	assert_null(parse(y.s));
	assert_contains(why.msg, "nested more than 64 deep");
}

static void lines_of_fields_are_known(void **state)
{
	cleanup(ydoc_cleanup) struct ydoc *d = parse(
		"# a comment\ntitle: x\nbox:\n  size: big\nwords:\n  - a\n  - b\nparts:\n  - name: p\n\n  - name: q\n"
		"    tags:\n      - u\n");

	(void)state;
	assert_non_null(d);
	assert_int_equal(ydoc_line(d, &t.title), 2);
	assert_int_equal(ydoc_line(d, &t.box.size), 4);
	assert_int_equal(ydoc_line(d, &t.words[1]), 7);
	assert_int_equal(ydoc_line(d, &t.parts[1].name), 11);
	assert_int_equal(ydoc_line(d, &t.parts[1].tags[0]), 13);
	assert_int_equal(ydoc_line(d, &t.count), 0);
	assert_int_equal(ydoc_line(d, &t.box.open), 0);
}

static void an_empty_mapping_sets_none_of_its_keys(void **state)
{
	cleanup(ydoc_cleanup) struct ydoc *d = parse("title: x\nbox: {}\n");

	(void)state;
	assert_non_null(d);
	assert_int_equal(ydoc_line(d, &t.box.size), 0);
}

static void a_message_names_the_line_of_the_field_or_of_what_is_around_it(void **state)
{
	cleanup(ydoc_cleanup) struct ydoc *d = parse("title: x\nparts:\n  - name: p\n\n  - name: q\n");

	(void)state;
	assert_non_null(d);
	assert_fails(ydoc_err(d, &t.title, &why, "bad %d", 1), "thing.yaml:1:8: bad 1");
	assert_fails(ydoc_err(d, &t.parts[0].weight, &why, "bad"), "thing.yaml:3:5: bad");
	assert_fails(ydoc_err(d, &t.parts[1].weight, &why, "bad"), "thing.yaml:5:5: bad");
	assert_fails(ydoc_err(d, NULL, &why, "bad"), "thing.yaml: bad");
}

static void a_file_that_is_not_there_is_named(void **state)
{
	(void)state;
	assert_null(ydoc_load("/nowhere/x.yaml", &thing_map, &t, &why));
	assert_contains(why.msg, "can't read /nowhere/x.yaml: No such file");
	assert_null(ydoc_load("/", &thing_map, &t, &why));
	assert_contains(why.msg, "can't read /");
}

static void a_file_that_is_too_large_is_refused(void **state)
{
	const char *path = in_scratch("large.yaml");
	FILE *f = fopen(path, "w");

	(void)state;
	for (int i = 0; i < 40000; i++)
		fputs("# forty thousand lines of forty letters..\n", f);
	fclose(f);
	assert_null(ydoc_load(path, &thing_map, &t, &why));
	assert_contains(why.msg, "too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_reaches_its_field),
		cmocka_unit_test(a_word_stands_for_a_list_of_one),
		cmocka_unit_test(empty_lists_and_quoted_empty_words_are_taken),
		cmocka_unit_test(an_unknown_key_is_refused_with_its_line_and_neighbour),
		cmocka_unit_test(a_key_that_stands_twice_is_refused),
		cmocka_unit_test(a_wrong_type_is_refused),
		cmocka_unit_test(a_key_without_value_is_refused),
		cmocka_unit_test(a_required_key_is_asked_for),
		cmocka_unit_test(empty_and_double_documents_are_refused),
		cmocka_unit_test(what_is_no_yaml_is_refused_with_its_line),
		cmocka_unit_test(nul_characters_are_refused),
		cmocka_unit_test(a_key_with_a_nul_is_not_taken_for_its_beginning),
		cmocka_unit_test(aliases_mean_what_they_point_to),
		cmocka_unit_test(an_alias_that_points_to_itself_is_refused),
		cmocka_unit_test(an_alias_bomb_is_refused),
		cmocka_unit_test(deep_nesting_is_refused),
		cmocka_unit_test(lines_of_fields_are_known),
		cmocka_unit_test(an_empty_mapping_sets_none_of_its_keys),
		cmocka_unit_test(a_message_names_the_line_of_the_field_or_of_what_is_around_it),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
		cmocka_unit_test(a_file_that_is_too_large_is_refused),
	};

	return RUN_TESTS(tests);
}
