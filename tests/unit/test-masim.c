/* masim's configuration format: is it read as masim reads it, is what is wrong named by file and line, and does no text
 * whatever make it crash? */
#include "harness.h"

#include <fcntl.h>

#include "../../overlay/bench/bench.h"
#include "../../overlay/bench/bench-masim.h"

#define PAGE 4096u
#define ROUNDS 20000

static const char whole[] =
	"#regions\n"
	"# name, length, initial data file\n"
	"a, 256, none\n"
	"b, 64\n"
	"big one, 10737418240, /tmp/x y\n"
	"\n"
	"# phase 1\n"
	" 10 GiB, a phase \n"
	"# time in ms\n"
	"1000\n"
	"a, 1, 64, 80, wo\n"
	"\n"
	"# phase 2\n"
	"phase \"2\"\n"
	"250\n"
	"b, 0,4096, 0, rw\n"
	"big one, 1, 0, 50, ro\n"
	"a, 0, 64, 49\n";

static struct masim m;

/* What it says is looked at, and need not be shown; what cmocka says has to be. */
static int parse_bytes(const char *text, size_t len)
{
	int shown = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY), rc;

	dup2(null, STDERR_FILENO);
	masim_free(&m);
	rc = masim_parse(&m, "f", text, len, PAGE);
	dup2(shown, STDERR_FILENO);
	close(shown);
	close(null);
	return rc;
}

static int parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void a_file_is_read_as_masim_does(void **state)
{
	const struct masim_access *a;

	(void)state;
	assert_int_equal(parse(whole), 0);
	assert_int_equal(m.n_regions, 3);
	assert_string_equal(m.regions[2].name, "big one");
	assert_int_equal(m.regions[2].bytes, 10737418240);
	assert_int_equal(m.regions[2].offset, 2 * PAGE);
	assert_string_equal(m.regions[2].data, "/tmp/x y");
	assert_null(m.regions[0].data);
	assert_null(m.regions[1].data);
	assert_int_equal(m.bytes, 2 * PAGE + 10737418240);
	assert_int_equal(m.n_phases, 2);
	assert_string_equal(m.phases[0].name, "10 GiB, a phase");
	assert_int_equal(m.phases[0].ms, 1000);
	assert_int_equal(m.ms, 1250);
	assert_string_equal(m.phases[1].name, "phase \"2\"");
	assert_int_equal(m.phases[1].first, 1);
	assert_int_equal(m.phases[1].n, 3);
	assert_int_equal(m.phases[1].sum, 99);
	assert_int_equal(m.phases[1].hottest, 2);
	a = &m.accesses[m.phases[1].first];
	assert_true(a[0].region == 1 && !a[0].random && a[0].stride == 4096 && a[0].mode == MASIM_BOTH && a[0].below == 0);
	assert_true(a[1].region == 2 && a[1].random && a[1].mode == MASIM_READ && a[1].below == 50);
	assert_true(a[2].region == 0 && !a[2].random && a[2].mode == MASIM_WRITE && a[2].below == 99);
}

/* Comments stand for nothing, also between the lines of a paragraph; blanks and line ends may be any. */
static void what_means_nothing_changes_nothing(void **state)
{
	static const char *const same[] = {
		"a,5\n\np\n1\na,0,1,1",
		"a , 5 \r\n\r\np\r\n1\r\na , 0 , 1 , 1\r\n",
		"\n\n\na, 5\n \t\n\n#x\n\n# \xff\np\n#y\n1\n#z\na, 0, 1, 1\n\n#\n\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++) {
		assert_int_equal(parse(same[i]), 0);
		assert_true(m.n_regions == 1 && m.n_phases == 1 && m.n_accesses == 1 && m.regions[0].bytes == 5 &&
			    m.phases[0].ms == 1);
		assert_string_equal(m.regions[0].name, "a");
		assert_string_equal(m.phases[0].name, "p");
	}
}

static const struct {
	const char *text, *says;
} wrong[] = {
	{ "", "f:1: there are no regions" },
	{ "#only\n\n", "f:1: there are no regions" },
	{ "a, 5\n", "f:1: there are no phases" },
	{ "a, 5\n\n#p\n\n", "f:4: there are no phases" },
	{ "3\na, 5\n", "f:1: a region has 2 or 3 fields, and not 1" },
	{ "a, 5, x, y\n", "f:1: a region has 2 or 3 fields, and not 4" },
	{ "a, 0\n", "f:1: the region's size '0' is out of range" },
	{ "a, -5\n", "f:1: the region's size '-5' is no number" },
	{ "a, 5K\n", "f:1: the region's size '5K' is no number" },
	{ "a,\n", "f:1: the region's size '' is no number" },
	{ "a, 99999999999999999999999\n", "f:1: the region's size '99999999999999999999999' is out of range" },
	{ "a, 2000000000000000\n", "f:1: the region's size '2000000000000000' is out of range" },
	{ ", 5\n", "f:1: the region has no name" },
	{ "a, 5\n#\na, 6\n", "f:3: region 'a' is there already, in line 1" },
	{ "a, 5\n\np\n", "f:3: phase 'p' has no time" },
	{ "a, 5\n\np\nsoon\n", "f:4: the phase's time in ms 'soon' is no number" },
	{ "a, 5\n\np\n0\n", "f:4: the phase's time in ms '0' is out of range" },
	{ "a, 5\n\np\n9\n\nq\n", "f:3: phase 'p' accesses nothing" },
	{ "a, 5\n\np\n9\na, 0, 1, 0\na, 1, 1, 0\n", "f:3: all probabilities of phase 'p' are 0" },
	{ "a, 5\n\np\n9\nb, 0, 1, 1\n", "f:5: there is no region 'b'" },
	{ "a, 5\n\np\n9\na, 0, 1\n", "f:5: a pattern has 4 or 5 fields, and not 3" },
	{ "a, 5\n\np\n9\na, 0, 1, 1, ro, 7\n", "f:5: a pattern has 4 or 5 fields, and not 6" },
	{ "a, 5\n\np\n9\na, 2, 1, 1\n", "f:5: randomness '2' is out of range" },
	{ "a, 5\n\np\n9\na, 0, 0, 1\n", "f:5: stride '0' is out of range" },
	{ "a, 5\n\np\n9\na, 0, 1, many\n", "f:5: probability 'many' is no number" },
	{ "a, 5\n\np\n9\na, 0, 1, 1, w\n", "f:5: 'w' is no way of access: give ro, wo or rw" },
	{ "a, 5\n\np\n9\na, 0, 1, 1,\n", "f:5: '' is no way of access" },
	{ "a\x80, 5\n", "f:1: byte 0x80 is not of a text" },
	{ "\x7f""ELF\n", "f:1: byte 0x7f is not of a text" },
};

static void what_is_wrong_is_named_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(parse(wrong[i].text), BENCH_USAGE);
		if (strncmp(bench_last_error(), wrong[i].says, strlen(wrong[i].says)))
			fail_msg("%s: said %s", wrong[i].says, bench_last_error());
	}
}

static void a_zero_byte_and_a_huge_file_are_refused(void **state)
{
	static char large[10 << 20];

	(void)state;
	assert_int_equal(parse_bytes("a\0, 5\n", 6), BENCH_USAGE);
	assert_non_null(strstr(bench_last_error(), "f:1: byte 0x00"));
	memset(large, '\n', sizeof(large));
	assert_int_equal(parse_bytes(large, sizeof(large)), BENCH_USAGE);
	assert_non_null(strstr(bench_last_error(), "more than 1024 KiB"));
}

static void too_many_regions_are_refused(void **state)
{
	char text[MASIM_MOST_REGIONS * 12 + 100], *at = text;

	(void)state;
	for (unsigned int i = 0; i <= MASIM_MOST_REGIONS; i++)
		at += sprintf(at, "r%u, 1\n", i);
	assert_int_equal(parse(text), BENCH_USAGE);
	assert_non_null(strstr(bench_last_error(), "f:4097: more than 4096 regions"));
}

static void the_experiments_are_as_large_and_as_long_as_they_say(void **state)
{
	static const struct {
		const char *file;
		uint64_t bytes, ms;
	} experiments[] = {
		{ "recipes/experiments/tiering.masim", 4ull << 30, 90000 },
		{ "recipes/experiments/tiering-small.masim", 256ull << 20, 12000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(experiments); i++) {
		char text[8192];
		FILE *file = fopen(experiments[i].file, "r");
		size_t len = file ? fread(text, 1, sizeof(text), file) : 0;

		assert_true(len > 0 && len < sizeof(text));
		fclose(file);
		assert_int_equal(parse_bytes(text, len), 0);
		assert_int_equal(m.bytes, experiments[i].bytes);
		assert_int_equal(m.ms, experiments[i].ms);
		/* Out of 100, and from each phase to the next something else is hot, but for the last of the large one. */
		for (size_t j = 1; j < m.n_phases; j++) {
			assert_int_equal(m.phases[j].sum, 100);
			if (j > 1 && j < 4)
				assert_int_not_equal(m.accesses[m.phases[j].hottest].region,
						     m.accesses[m.phases[j - 1].hottest].region);
		}
	}
}

/* xorshift64: the same on every machine. */
static uint64_t seed = 88172645463325252;

static size_t any(size_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static size_t mutate(char *text, size_t len, size_t room)
{
	static const char *const words[] = { "\n", "\n\n", ",", ", ", "#", "0", "-1", "99999999999999999999", "a", "rw", "\r",
					     "\xff", "none", " ", "%s%n", "4294967296" };
	const char *word = words[any(COUNT(words))];
	size_t at = any(len + 1), n = strlen(word), cut = any(4) ? 0 : any(len - at + 1);

	if (any(5) == 0 && at < len) {
		text[at] = (char)any(256);
		return len;
	}
	if (len - cut + n > room)
		return len;
	memmove(text + at + n, text + at + cut, len - at - cut);
	memcpy(text + at, word, n);
	return len - cut + n;
}

/* What the program relies on, of whatever was taken. */
static void check_taken(void)
{
	assert_true(m.n_regions && m.n_phases && m.ms);
	for (size_t i = 0; i < m.n_regions; i++)
		assert_true(m.regions[i].bytes && m.regions[i].offset + m.regions[i].bytes <= m.bytes && *m.regions[i].name);
	for (size_t i = 0; i < m.n_phases; i++) {
		const struct masim_phase *p = &m.phases[i];
		const struct masim_access *a = &m.accesses[p->first];

		assert_true(p->ms && p->n && p->sum && p->first + p->n <= m.n_accesses);
		assert_true(a[p->n - 1].below == p->sum);
		assert_true(p->hottest >= p->first && p->hottest < p->first + p->n &&
			    m.accesses[p->hottest].probability);
		for (size_t j = 0; j < p->n; j++)
			assert_true(a[j].region < m.n_regions && (a[j].random || a[j].stride));
	}
}

static void no_text_makes_it_crash_or_take_nonsense(void **state)
{
	int taken = 0, refused = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		char text[2048];
		size_t len = sizeof(whole) - 1;
		char *exact;

		memcpy(text, whole, len);
		for (size_t n = any(6) + 1; n; n--)
			len = mutate(text, len, sizeof(text));
		/* Without a zero at its end, and of no more than its bytes: a read beyond is seen. */
		exact = malloc(len ? len : 1);
		memcpy(exact, text, len);
		if (!parse_bytes(exact, len)) {
			check_taken();
			taken++;
		} else {
			assert_non_null(strstr(bench_last_error(), "f:"));
			assert_null(strchr(bench_last_error(), '\n'));
			refused++;
		}
		free(exact);
	}
	assert_true(taken > ROUNDS / 50 && refused > ROUNDS / 50);
}

static int end(void **state)
{
	(void)state;
	masim_free(&m);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_as_masim_does),
		cmocka_unit_test(what_means_nothing_changes_nothing),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(a_zero_byte_and_a_huge_file_are_refused),
		cmocka_unit_test(too_many_regions_are_refused),
		cmocka_unit_test(the_experiments_are_as_large_and_as_long_as_they_say),
		cmocka_unit_test_teardown(no_text_makes_it_crash_or_take_nonsense, end),
	};

	return RUN_TESTS(tests);
}
