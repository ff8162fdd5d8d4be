/* masim's configuration format: see bench-masim.h for the contract. */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench-masim.h"

#define MOST_FIELDS	5
#define LARGEST_INT	INT32_MAX		/* what masim can read */
#define LARGEST_REGION	(1ull << 50)		/* so that no sum of them overflows */

struct parser {
	struct masim *m;
	const char *file;
	size_t page;
	unsigned int line;
	unsigned int in_paragraph;	/* lines of it so far */
	bool has_regions;		/* the first paragraph is over */
};

static int bad(const struct parser *p, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int bad(const struct parser *p, unsigned int line, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return bench_error(BENCH_USAGE, "%s:%u: %s", p->file, line, what);
}

/* One more at the end of an array whose room doubles: it is full when n is a power of 2. */
static void *one_more(void **array, size_t *n, size_t size)
{
	void *more = *array;

	if (!(*n & (*n - 1)))
		more = realloc(*array, (*n ? 2 * *n : 1) * size);
	if (!more)
		return NULL;
	*array = more;
	return memset((char *)more + (*n)++ * size, 0, size);
}

static int no_memory(const struct parser *p)
{
	return bench_error(BENCH_FAILED, "%s:%u: no memory for what it says: shorten it", p->file, p->line);
}

/* -- Lines and fields ------------------------------------------------------------------------ */

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* How many there are; those beyond the room are counted alone. */
static int split(char *line, char *field[MOST_FIELDS])
{
	int n = 0;

	for (char *next; line; line = next) {
		next = strchr(line, ',');
		if (next)
			*next++ = '\0';
		if (n++ < MOST_FIELDS)
			field[n - 1] = trim(line);
	}
	return n;
}

static int number(const struct parser *p, const char *what, const char *text, uint64_t min, uint64_t max,
		  uint64_t *value)
{
	size_t digits = strspn(text, "0123456789");
	bool is_number = digits && !text[digits];

	*value = is_number && digits < 20 ? strtoull(text, NULL, 10) : 0;
	if (is_number && digits < 20 && *value >= min && *value <= max)
		return 0;
	return bad(p, p->line, "%s '%.40s' is %s: give a whole number from %" PRIu64 " to %" PRIu64, what,
		   text, is_number ? "out of range" : "no number", min, max);
}

/* -- Regions --------------------------------------------------------------------------------- */

static const struct masim_region *find_region(const struct masim *m, const char *name)
{
	for (size_t i = 0; i < m->n_regions; i++)
		if (!strcmp(m->regions[i].name, name))
			return &m->regions[i];
	return NULL;
}

static int take_region(struct parser *p, char *line)
{
	struct masim *m = p->m;
	char *field[MOST_FIELDS];
	int n = split(line, field), rc;
	const struct masim_region *same;
	struct masim_region *r;
	uint64_t bytes;

	if (n != 2 && n != 3)
		return bad(p, p->line, "a region has 2 or 3 fields, and not %d: write 'name, bytes' or "
			   "'name, bytes, data file'", n);
	if (!*field[0])
		return bad(p, p->line, "the region has no name: write 'name, bytes'");
	if ((same = find_region(m, field[0])))
		return bad(p, p->line, "region '%.40s' is there already, in line %u: give it another name",
			   field[0], same->line);
	if ((rc = number(p, "the region's size", field[1], 1, LARGEST_REGION, &bytes)))
		return rc;
	if (m->n_regions == MASIM_MOST_REGIONS)
		return bad(p, p->line, "more than %u regions: make fewer, larger ones", MASIM_MOST_REGIONS);
	r = one_more((void **)&m->regions, &m->n_regions, sizeof(*r));
	if (!r)
		return no_memory(p);
	*r = (struct masim_region){ .name = field[0], .bytes = bytes, .offset = m->bytes, .line = p->line };
	if (n == 3 && *field[2] && strcmp(field[2], "none"))
		r->data = field[2];
	m->bytes += (bytes + p->page - 1) / p->page * p->page;
	return 0;
}

/* -- Phases ---------------------------------------------------------------------------------- */

static int take_mode(const struct parser *p, const char *text, enum masim_mode *mode)
{
	static const char *const modes[] = {
		[MASIM_WRITE] = "wo", [MASIM_READ] = "ro", [MASIM_BOTH] = "rw",
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(text, modes[i])) {
			*mode = (enum masim_mode)i;
			return 0;
		}
	return bad(p, p->line, "'%.40s' is no way of access: give ro, wo or rw", text);
}

static int read_access(const struct parser *p, char *line, struct masim_access *a)
{
	const struct masim_region *region;
	char *field[MOST_FIELDS];
	int n = split(line, field), rc;
	uint64_t random;

	if (n != 4 && n != 5)
		return bad(p, p->line, "a pattern has 4 or 5 fields, and not %d: write 'region, 1 for random "
			   "or 0, stride, probability' and, if need be, ', ro', wo or rw", n);
	region = find_region(p->m, field[0]);
	if (!region)
		return bad(p, p->line, "there is no region '%.40s': name one of the first paragraph", field[0]);
	*a = (struct masim_access){ .region = (unsigned int)(region - p->m->regions) };
	if ((rc = number(p, "randomness", field[1], 0, 1, &random)) ||
	    (rc = number(p, "stride", field[2], !random, LARGEST_INT, &a->stride)) ||
	    (rc = number(p, "probability", field[3], 0, LARGEST_INT, &a->probability)))
		return rc;
	a->random = random;
	return n == 5 ? take_mode(p, field[4], &a->mode) : 0;
}

static int take_access(struct parser *p, char *line)
{
	struct masim *m = p->m;
	struct masim_phase *phase = &m->phases[m->n_phases - 1];
	struct masim_access a, *kept;
	int rc = read_access(p, line, &a);

	if (rc)
		return rc;
	kept = one_more((void **)&m->accesses, &m->n_accesses, sizeof(*kept));
	if (!kept)
		return no_memory(p);
	phase->sum += a.probability;
	a.below = phase->sum;
	*kept = a;
	if (a.probability > m->accesses[phase->hottest].probability)
		phase->hottest = m->n_accesses - 1;
	phase->n++;
	return 0;
}

static int take_of_phase(struct parser *p, char *line)
{
	struct masim *m = p->m;
	struct masim_phase *phase;
	int rc;

	if (p->in_paragraph > 2)
		return take_access(p, line);
	if (p->in_paragraph == 2) {
		phase = &m->phases[m->n_phases - 1];
		rc = number(p, "the phase's time in ms", line, 1, LARGEST_INT, &phase->ms);
		m->ms += rc ? 0 : phase->ms;
		return rc;
	}
	phase = one_more((void **)&m->phases, &m->n_phases, sizeof(*phase));
	if (!phase)
		return no_memory(p);
	*phase = (struct masim_phase){ .name = line, .first = m->n_accesses, .hottest = m->n_accesses,
				       .line = p->line };
	return 0;
}

/* -- The whole ------------------------------------------------------------------------------- */

static int end_paragraph(struct parser *p)
{
	const struct masim_phase *phase;

	if (!p->in_paragraph)
		return 0;
	p->in_paragraph = 0;
	if (!p->has_regions) {
		p->has_regions = true;
		return 0;
	}
	phase = &p->m->phases[p->m->n_phases - 1];
	if (!phase->ms)
		return bad(p, phase->line, "phase '%.40s' has no time: write its milliseconds in the next line",
			   phase->name);
	if (!phase->n)
		return bad(p, phase->line, "phase '%.40s' accesses nothing: give it a pattern, as 'region, 0, "
			   "4096, 1'", phase->name);
	if (!phase->sum)
		return bad(p, phase->line, "all probabilities of phase '%.40s' are 0: give one of its patterns "
			   "a higher one", phase->name);
	return 0;
}

static int take_line(struct parser *p, char *line, size_t len)
{
	if (line[0] == '#')
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!isprint((unsigned char)line[i]) && !isspace((unsigned char)line[i]))
			return bad(p, p->line, "byte 0x%02x is not of a text: write it in ASCII",
				   (unsigned char)line[i]);
	line = trim(line);
	if (!*line)
		return end_paragraph(p);
	p->in_paragraph++;
	return p->has_regions ? take_of_phase(p, line) : take_region(p, line);
}

int masim_parse(struct masim *m, const char *file, const char *text, size_t len, size_t page)
{
	struct parser p = { .m = m, .file = file, .page = page, .line = 1 };
	char *line, *end;
	int rc = 0;

	*m = (struct masim){ .text = malloc(len + 1) };
	if (!m->text)
		return no_memory(&p);
	if (len > MASIM_LONGEST_FILE)
		return bench_error(BENCH_USAGE, "%s: more than %u KiB is no pattern: give one in masim's "
				   "format", file, MASIM_LONGEST_FILE >> 10);
	memcpy(m->text, text, len);
	m->text[len] = '\0';
	for (line = m->text; !rc && line < m->text + len; line = end + 1, p.line++) {
		end = memchr(line, '\n', len - (size_t)(line - m->text));
		end = end ? end : m->text + len;
		*end = '\0';
		rc = take_line(&p, line, (size_t)(end - line));
	}
	if (rc || (rc = end_paragraph(&p)))
		return rc;
	if (!m->n_regions)
		return bad(&p, 1, "there are no regions: begin with lines as 'name, bytes'");
	if (!m->n_phases)
		return bad(&p, p.line - 1, "there are no phases: write them below the regions, after a blank "
			   "line");
	return 0;
}

void masim_free(struct masim *m)
{
	free(m->regions);
	free(m->accesses);
	free(m->phases);
	free(m->text);
	*m = (struct masim){ 0 };
}
