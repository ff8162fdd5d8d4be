#include "bench-estimate.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Seen under TCG: a workload that is not told works 10 s (overlay/bench/README), a GiB is filled in 10 to 15 s, and a scheme's start and
 * end, and the connection, take some more. */
#define DEFAULT_SECONDS 10
#define FILL_S 12
#define AROUND_S 4

/* The first argument as GiB, if it is a size: 256M, 1G, 1GiB. */
static double gib_of(const char *words)
{
	static const struct {
		char unit;
		double gib;
	} units[] = { { 'K', 1.0 / (1 << 20) }, { 'M', 1.0 / 1024 }, { 'G', 1 }, { 'T', 1024 } };
	const char *at = strchr(words, ' ');
	char *end;
	double n = at ? strtod(at + 1, &end) : 0;

	for (size_t i = 0; n > 0 && i < sizeof(units) / sizeof(units[0]); i++)
		if (*end == units[i].unit)
			return n * units[i].gib;
	return 0;
}

/* "--seconds 4", "--seconds=500ms"; 0: it is not among the words. */
static double option(const char *words, const char *name)
{
	const char *at = strstr(words, name);
	double n = 0;
	char *end;

	if (at && (at = strpbrk(at, "= "))) {
		n = strtod(at + 1, &end);
		n = strncmp(end, "ms", 2) ? n : n / 1000;
	}
	return n > 0 && isfinite(n) ? n : 0;
}

/* Paragraphs: the regions, "name, bytes" each, and then the phases, whose second line has their milliseconds. A line that begins with # is
 * not there. What is wrong in it the workload itself says. */
struct pattern {
	int paragraph, line; /* from 1; line 0: between two paragraphs */
	double bytes, ms;
};

static int take_line(char *line, int number, void *arg)
{
	struct pattern *p = arg;
	const char *comma = strchr(line, ',');

	(void)number;
	if (*line == '#')
		return 0;
	if (!line[strspn(line, " \t\r\v\f")]) {
		p->line = 0;
		return 0;
	}
	p->paragraph += !p->line++;
	if (p->paragraph == 1 && comma)
		p->bytes += strtod(comma + 1, NULL);
	else if (p->paragraph > 1 && p->line == 2)
		p->ms += strtod(line, NULL);
	return 0;
}

double estimate_seconds(const char *words, const char *pattern)
{
	double seconds = option(words, "--seconds"), times = option(words, "--repeat"), gib = gib_of(words), all;
	struct pattern p = { 0 };

	if (pattern)
		each_line(pattern, take_line, &p);
	all = p.ms / 1000 * (times > 0 ? times : 1);
	if (all > 0 && isfinite(all + p.bytes)) {
		gib = p.bytes / (1 << 30);
		seconds = seconds > 0 && seconds < all ? seconds : all;
	}
	return AROUND_S + gib * FILL_S + (seconds > 0 ? seconds : DEFAULT_SECONDS);
}
