/* What `vmctl show` draws: the tree on a terminal and the picture. */
#include "harness.h"

#include "printable.h"
#include "show.h"

static const char a_switch[] =
	"image: cxl-tcg\nmemory: 2GiB\ncpus: 2\ncxl:\n"
	"  windows: [{size: 4GiB, targets: [hb0]}, {size: 2GiB, targets: [hb1]}]\n"
	"  bridges: [{name: hb0, ports: [rp0, rp1]}, {name: hb1, ports: [rp2]}]\n"
	"  switches: [{name: sw0, port: rp0, ports: [dp4, dp5, dp2]}, {name: sw1, port: rp1, ports: [dp0, dp1]}]\n"
	"  devices:\n    - {name: m0, port: dp4, volatile: 256MiB, persistent: 512MiB}\n"
	"    - {name: m1, port: dp5, volatile: 256MiB, persistent: 256MiB, dynamic: 1GiB}\n"
	"    - {name: m2, port: dp1, volatile: 256MiB}\n    - {name: m3, port: rp2, persistent: 1GiB, plugged: false}\n"
	"  regions:\n    - {devices: [m0, m1], granularity: 1KiB}\n    - {devices: [m0], type: pmem}\n"
	"    - {devices: [m2], online: devdax}\n    - {devices: [m1], type: pmem, namespace: none}\n";

static const char two_way[] =
	"image: cxl-tcg\nmemory: 1GiB\ncpus: 3\nssh-port: 2300\ncxl:\n"
	"  windows:\n    - {size: 4GiB, targets: [hb0, hb1], granularity: 4KiB}\n    - {size: 1GiB, targets: [hb1]}\n"
	"  bridges:\n    - {name: hb0, ports: [rp0, rp1]}\n    - {name: hb1, ports: [rp2, rp3]}\n"
	"  devices:\n    - {name: a, port: rp0, volatile: 512MiB}\n    - {name: b, port: rp2, volatile: 512MiB}\n"
	"    - {name: c, port: rp3, volatile: 256MiB}\n"
	"  regions:\n    - {devices: [a, b], granularity: 4KiB, online: movable}\n    - {devices: [c], online: \"no\"}\n";

static const char hmat[] =
	"image: numa\naccelerator: auto\nfirmware: uefi\nboot: disk\nmemory-max: 8GiB\ncpus: {sockets: 2, cores: 2}\n"
	"cpu: {model: max, features: [+pmu, -avx2]}\nforwards: [{host: 8080, guest: 80}]\n"
	"shares: [{name: data, path: /srv/data, read-only: true}]\n"
	"numa:\n  nodes:\n    - {cpus: 0-1, memory: 1GiB, distances: [10, 21, 30], host-node: 0, host-cpus: 0-1}\n"
	"    - {cpus: \"2,3\", memory: 1GiB, distances: [21, 10, 30]}\n    - {memory: 2GiB, distances: [30, 30, 10]}\n"
	"  hmat:\n    - {initiator: 0, target: 0, latency: 112ns, bandwidth: 271GiB}\n"
	"    - {initiator: 0, target: 1, latency: 150ns, bandwidth: 100GiB}\n"
	"    - {initiator: 0, target: 2, latency: 237ns, bandwidth: 46GiB}\n"
	"    - {initiator: 1, target: 1, latency: 112ns, bandwidth: 271GiB}\n"
	"    - {initiator: 1, target: 2, latency: 237ns, bandwidth: 46GiB}\n";

/* What the rules let through in a path: CSI as one character, a turn of the direction of writing. */
static const char steering[] =
	"image: x\nmemory: 512MiB\nkernel-args: \"a\\x9bb\\u202ec\"\n"
	"shares: [{name: d, path: \"/srv/\\x9b\\u202e<&>\\\"\u00fc\u65e5\"}]\n";

/* A tree of the machine in the file, that lives until the end of the test. */
static struct box *tree_of_file(const char *path)
{
	struct machine *m = machine_load(path, &why);
	struct box *b;

	if (!m)
		fail_msg("%s", why.msg);
	b = show_tree(m, 2);
	machine_free(m);
	return b;
}

static struct box *tree_of(const char *name, const char *yaml)
{
	return tree_of_file(put_file(keep("%s.yaml", name), yaml));
}

static const char *text_of(const struct box *b, bool utf8)
{
	char *text = show_text(b, utf8);

	strv_take(&kept, text);
	return text;
}

static const char *svg_of(struct box *b)
{
	char *svg;

	show_layout(b);
	svg = show_svg(b);
	strv_take(&kept, svg);
	return svg;
}

/* Four host bridges with so many devices each, one region over all of them. */
static const char *many_devices(size_t each)
{
	auto_text t = { 0 };

	text_puts(&t, "image: x\nmemory: 1GiB\ncxl:\n  windows: [{size: 8GiB, targets: [hb0, hb1, hb2, hb3]}]\n"
		      "  bridges:\n");
	for (size_t b = 0; b < 4; b++) {
		text_addf(&t, "    - {name: hb%zu, ports: [e%zu", b, b);
		for (size_t i = 0; i < each; i++)
			text_addf(&t, ", rp%zu", b + i * 4);
		text_puts(&t, "]}\n");
	}
	text_puts(&t, "  devices:\n");
	for (size_t i = 0; i < 4 * each; i++)
		text_addf(&t, "    - {name: mem%zu, port: rp%zu, volatile: 256MiB}\n", i, i);
	text_puts(&t, "  regions:\n    - devices: [mem0");
	for (size_t i = 1; i < 4 * each; i++)
		text_addf(&t, ", mem%zu", i);
	text_puts(&t, "]\n");
	return keep("%s", t.s);
}

static const char *many_nodes(size_t n)
{
	auto_text t = { 0 };

	text_addf(&t, "image: x\ncpus: %zu\nnuma:\n  nodes:\n", n);
	for (size_t i = 0; i < n; i++)
		text_addf(&t, "    - {cpus: \"%zu\", memory: 256MiB}\n", i);
	text_puts(&t, "  hmat:\n");
	for (size_t i = 0; i < n * n; i++)
		text_addf(&t, "    - {initiator: %zu, target: %zu, latency: %sns, bandwidth: 1GiB}\n", i / n, i % n,
			  i / n == i % n ? "90" : "180");
	return keep("%s", t.s);
}

/* ---- golden files ---- */

static void golden_of(struct box *b, const char *name)
{
	assert_golden(keep("show-%s.txt", name), text_of(b, true));
	assert_golden(keep("show-%s.ascii.txt", name), text_of(b, false));
	assert_golden(keep("show-%s.svg", name), svg_of(b));
	box_free(b);
}

static void one_device(void **state)
{
	(void)state;
	golden_of(tree_of_file("vmctl/machines/cxl-small.yaml"), "cxl-small");
}

static void switches_and_persistent_memory(void **state)
{
	(void)state;
	golden_of(tree_of("switch", a_switch), "switch");
}

static void interleaved_host_bridges(void **state)
{
	(void)state;
	golden_of(tree_of("two-way", two_way), "two-way");
}

static void nodes_with_hmat(void **state)
{
	(void)state;
	golden_of(tree_of("hmat", hmat), "hmat");
}

/* ---- what holds of all ---- */

static bool apart(const struct box *a, const struct box *b)
{
	return a->x + a->w <= b->x || b->x + b->w <= a->x || a->y + a->h <= b->y || b->y + b->h <= a->y;
}

static bool within(const struct box *a, const struct box *b)
{
	return a->x >= b->x && a->y >= b->y && a->x + a->w <= b->x + b->w && a->y + a->h <= b->y + b->h;
}

static void collect(const struct box *b, const struct box **all, size_t *n)
{
	for (size_t i = 0; i < b->n_kids; i++) {
		if (*n == 1000)
			fail_msg("more boxes than the test has room for");
		all[(*n)++] = b->kids[i];
		if (b->kids[i]->kind != BOX_WINDOW)
			collect(b->kids[i], all, n);
	}
}

/* Text is in its box, no box is over another but a region in its window, and all are in the picture. */
static void looks_well(struct box *root)
{
	static const struct box *all[1000];
	size_t n = 0;

	show_layout(root);
	collect(root, all, &n);
	for (size_t i = 0; i < n; i++) {
		const struct box *b = all[i];

		if (b->x < 0 || b->y < 0 || b->x + b->w > root->w || b->y + b->h > root->h)
			fail_msg("%s is not in the picture", b->head);
		for (size_t k = 0; k < b->lines.n; k++) {
			const char *line = b->lines.v[k];

			if (glyphs_width(line, strlen(line), FONT_BOX, k == 0 && b->kind > BOX_GROUP) > b->w)
				fail_msg("'%s' is wider than its box", line);
		}
		for (size_t k = 0; k < i; k++)
			if (!apart(b, all[k]))
				fail_msg("%s is over %s", b->head, all[k]->head);
		for (size_t k = 0; b->kind == BOX_WINDOW && k < b->n_kids; k++)
			if (!within(b->kids[k], b) || (k && !apart(b->kids[k], b->kids[k - 1])))
				fail_msg("%s is not in %s", b->kids[k]->head, b->head);
	}
	box_free(root);
}

static void boxes_neither_overlap_nor_leave_the_picture(void **state)
{
	(void)state;
	looks_well(tree_of_file("vmctl/machines/cxl.yaml"));
	looks_well(tree_of("switch", a_switch));
	looks_well(tree_of("two-way", two_way));
	looks_well(tree_of("hmat", hmat));
	looks_well(tree_of("devices", many_devices(4)));
	looks_well(tree_of("nodes8", many_nodes(8)));
	looks_well(tree_of("nodes64", many_nodes(64)));
	looks_well(tree_of("steering", steering));
}

static int columns(const char *line)
{
	int n = 0;

	for (; *line; line++)
		n += ((unsigned char)*line & 0xc0) != 0x80;
	return n;
}

static int narrow(char *line, int number, void *arg)
{
	(void)arg;
	if (columns(line) > 80)
		fail_msg("line %d has %d columns: %s", number, columns(line), line);
	return 0;
}

static void lines_have_at_most_80_columns(void **state)
{
	const char *const files[] = { a_switch, two_way, hmat, many_devices(4), many_nodes(64) };

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct box *b = tree_of("m", files[i]);

		each_line(text_of(b, true), narrow, NULL);
		each_line(text_of(b, false), narrow, NULL);
		box_free(b);
	}
}

static void accesses_that_are_alike_share_a_fact(void **state)
{
	struct box *b = tree_of("nodes8", many_nodes(8));

	(void)state;
	assert_contains(text_of(b, true), "node 1 (DRAM): 256MiB, CPU 1, 180ns 1GiB/s from nodes 0,2-7,");
	box_free(b);
}

static void nothing_of_a_file_steers_the_terminal(void **state)
{
	struct box *b = tree_of("steering", steering);
	const char *text = text_of(b, true), *ascii = text_of(b, false), *svg = svg_of(b);

	(void)state;
	for (const char *s = text; *s; s++)
		assert_true((unsigned char)*s >= 0x20 || *s == '\n');
	for (const char *s = ascii; *s; s++)
		assert_true(((unsigned char)*s >= 0x20 && (unsigned char)*s < 0x7f) || *s == '\n');
	assert_contains(text, "kernel arguments a\\x9bb\\u202ec");
	assert_contains(text, "/srv/\\x9b\\u202e<&>\"\u00fc\u65e5");
	assert_contains(ascii, "<&>\"??");
	assert_contains(svg, "\\u202e&lt;&amp;&gt;");
	box_free(b);
}

static void what_is_no_utf8_is_written_out(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = { { "", "" }, { "a b", "a b" }, { "\xff", "\\xff" }, { "\xc3", "\\xc3" }, { "\xc3\xbc", "\xc3\xbc" },
		      { "\xc0\xaf", "\\xc0\\xaf" }, { "\xed\xa0\x80", "\\xed\\xa0\\x80" }, { "\xe2\x80", "\\xe2\\x80" },
		      { "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, { "\x7f\t", "\\x7f\\x09" },
		      { "\xef\xbf\xbf", "\\uffff" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		auto_free char *got = printable(cases[i].in);

		assert_string_equal(got, cases[i].out);
	}
}

static void a_long_word_is_cut_in_the_picture_and_whole_in_its_tooltip(void **state)
{
	const char *path = keep("/srv/%0200d", 7), *svg;
	struct box *b = tree_of("long", keep("image: x\nmemory: 512MiB\nshares: [{name: d, path: %s}]\n", path));

	(void)state;
	svg = svg_of(b);
	assert_contains(svg, ">share d:</text>");
	assert_contains(svg, "0\u2026</text>");
	assert_contains(svg, keep("<title>share d: %s, 9p</title>", path));
	assert_contains(text_of(b, true), path);
	box_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_device),
		cmocka_unit_test(switches_and_persistent_memory),
		cmocka_unit_test(interleaved_host_bridges),
		cmocka_unit_test(nodes_with_hmat),
		cmocka_unit_test(boxes_neither_overlap_nor_leave_the_picture),
		cmocka_unit_test(lines_have_at_most_80_columns),
		cmocka_unit_test(accesses_that_are_alike_share_a_fact),
		cmocka_unit_test(nothing_of_a_file_steers_the_terminal),
		cmocka_unit_test(what_is_no_utf8_is_written_out),
		cmocka_unit_test(a_long_word_is_cut_in_the_picture_and_whole_in_its_tooltip),
	};

	return RUN_TESTS(tests);
}
