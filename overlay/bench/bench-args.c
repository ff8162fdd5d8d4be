/* Sizes, times, numbers, and the options of a program from one table: see bench.h. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define MAX_OPTIONS	32
#define FIRST_LONG	256	/* beyond any character that getopt() may return */

/* strtoull() takes signs, blanks and whatever follows: here a number is digits, or is none. */
static bool digits(const char *text, const char **end, uint64_t *number)
{
	*number = 0;
	*end = text;
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*number = strtoull(text, (char **)end, 10);
	if (errno == ERANGE)
		*number = UINT64_MAX;
	return true;
}

int bench_parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *end, *unit;
	uint64_t number;
	int shift;

	if (!digits(text, &end, &number))
		return bench_error(BENCH_USAGE, "'%s' is not a size: write it as 256MiB or 1GiB",
				   text);
	if (!*end)
		return bench_error(BENCH_USAGE, "size '%s' has no unit: write it as %sMiB or %sGiB",
				   text, text, text);
	unit = strchr(units, *end);
	if (!unit || (end[1] && strcmp(end + 1, "iB")))
		return bench_error(BENCH_USAGE, "size '%s' has an unknown unit: use KiB, MiB, GiB "
				   "or TiB (K, M, G and T mean the same)", text);
	shift = 10 * (int)(unit - units + 1);
	/* One bit is left free, so that rounding up to pages cannot overflow. */
	if (number > (UINT64_MAX >> 1) >> shift)
		return bench_error(BENCH_USAGE, "size '%s' is more than a machine can address",
				   text);
	if (!number)
		return bench_error(BENCH_USAGE, "size '%s' is nothing: give at least 1KiB", text);
	*bytes = number << shift;
	return 0;
}

int bench_parse_ratio(const char *text, uint64_t *fast, uint64_t *slow)
{
	const char *end;

	if (digits(text, &end, fast) && *end == ':' && digits(end + 1, &end, slow) && !*end && *fast > 0 && *fast <= BENCH_MAX_PARTS &&
	    *slow <= BENCH_MAX_PARTS)
		return 0;
	return bench_error(BENCH_USAGE, "--ratio '%s' is none: give FAST:SLOW, as 1:2, each at most %u and FAST not 0", text, BENCH_MAX_PARTS);
}

static int parse_seconds(const char *option, const char *text, double *seconds)
{
	double value = 0;
	char *end = (char *)text;

	/* strtod() also knows "inf", "nan", signs and hexadecimal. */
	if (isdigit((unsigned char)*text) && tolower((unsigned char)text[1]) != 'x')
		value = strtod(text, &end);
	if (end == text || (*end && strcmp(end, "s") && strcmp(end, "ms")))
		return bench_error(BENCH_USAGE, "--%s '%s' is not a time: write it as 10, 30s or "
				   "500ms", option, text);
	if (*end == 'm')
		value /= 1000;
	if (value > 1e9)
		return bench_error(BENCH_USAGE, "--%s '%s' is more than 30 years", option, text);
	*seconds = value;
	return 0;
}

static int parse_number(const char *option, const char *text, uint64_t min, uint64_t max,
			uint64_t *number)
{
	const char *end;
	uint64_t value;

	if (!digits(text, &end, &value) || *end)
		return bench_error(BENCH_USAGE, "--%s '%s' is not a number: give one from %" PRIu64
				   " to %" PRIu64, option, text, min, max);
	if (value < min || value > max)
		return bench_error(BENCH_USAGE, "--%s %s is out of range: give one from %" PRIu64
				   " to %" PRIu64, option, text, min, max);
	*number = value;
	return 0;
}

static int parse_fraction(const char *option, const char *text, double *fraction)
{
	double value = -1;
	char *end = (char *)text;

	if (isdigit((unsigned char)*text) && tolower((unsigned char)text[1]) != 'x')
		value = strtod(text, &end);
	if (end == text || *end)
		return bench_error(BENCH_USAGE, "--%s '%s' is not a fraction: write it as 0.1",
				   option, text);
	if (value > 1)
		return bench_error(BENCH_USAGE, "--%s %s is out of range: give a fraction from 0 "
				   "to 1", option, text);
	*fraction = value;
	return 0;
}

/* -- Options --------------------------------------------------------------------------------- */

static const char *const kind_arg[] = {
	[BENCH_FLAG] = "", [BENCH_NUMBER] = " N", [BENCH_SECONDS] = " S", [BENCH_NODE] = " N",
	[BENCH_FRACTION] = " F", [BENCH_TEXT] = " X", [BENCH_ARGUMENT] = "",
};

static void print_options(const struct bench_option *o)
{
	char left[64];

	for (; o && o->name; o++) {
		snprintf(left, sizeof(left), "%s%s%s", o->kind == BENCH_ARGUMENT ? "" : "--", o->name,
			 kind_arg[o->kind]);
		printf("  %-16s %s\n", left, o->help);
	}
}

static void print_help(const struct bench_usage *usage)
{
	printf("usage: %s %s [options]\n%s\n\n", bench_name, usage->args, usage->what);
	print_options(usage->options);
	print_options(usage->shared);
	printf("  %-16s this text\n\n"
	       "SIZE is 256M, 256MiB, 1G or 1GiB: units are powers of 1024, with and without iB.\n"
	       "S is 10, 30s or 500ms. Exit status: 0 done, 1 failed, 2 wrong usage.\n", "--help");
}

static int bad_option(int returned, char **argv)
{
	const char *what = argv[optind - 1];
	char **arg;

	if (returned == ':')
		return bench_error(BENCH_USAGE, "option '%s' needs a value: see %s --help", what,
				   bench_name);
	/* getopt may still stand on a short option's word: look for it, to show what was typed. */
	for (arg = argv + 1; optopt && optopt < FIRST_LONG && *arg; arg++)
		if ((*arg)[0] == '-' && (*arg)[1] == optopt)
			what = *arg;
	if (what[0] == '-' && isdigit((unsigned char)what[1]))
		return bench_error(BENCH_USAGE, "'%s' is not a size: write it as 256MiB or 1GiB",
				   what);
	return bench_error(BENCH_USAGE, "option '%s' is unknown, ambiguous or takes no value: "
			   "see %s --help", what, bench_name);
}

static int take_option(const struct bench_option *o, const char *value)
{
	uint64_t number;
	int rc;

	switch (o->kind) {
	case BENCH_FLAG:
		*(bool *)o->to = true;
		return 0;
	case BENCH_NUMBER:
		return parse_number(o->name, value, o->min, o->max, o->to);
	case BENCH_SECONDS:
		rc = parse_seconds(o->name, value, o->to);
		if (!rc && o->min && !(*(double *)o->to > 0))
			rc = bench_error(BENCH_USAGE, "--%s %s is no time at all: give more than 0",
					 o->name, value);
		return rc;
	case BENCH_NODE:
		rc = parse_number(o->name, value, 0, BENCH_MAX_NODES - 1, &number);
		if (!rc)
			*(int *)o->to = (int)number;
		return rc;
	case BENCH_FRACTION:
		return parse_fraction(o->name, value, o->to);
	case BENCH_TEXT:
	case BENCH_ARGUMENT:
		*(const char **)o->to = value;
		return 0;
	}
	return 0;
}

/* argument: what the one that is no option is for; NULL: it is a size, and goes to bytes. */
static int take_argument(const struct bench_usage *usage, const struct bench_option *argument,
			 int argc, char **argv, uint64_t *bytes)
{
	if (optind == argc && !argument && *bytes)
		return 0;
	if (optind == argc)
		return bench_error(BENCH_USAGE, "no %s given: usage: %s %s, see %s --help",
				   argument ? argument->name : "size", bench_name, usage->args,
				   bench_name);
	if (optind + 1 < argc)
		return bench_error(BENCH_USAGE, "'%s' is one argument too many: see %s --help",
				   argv[optind + 1], bench_name);
	return argument ? take_option(argument, argv[optind]) : bench_parse_size(argv[optind], bytes);
}

int bench_parse(const struct bench_usage *usage, int argc, char **argv, uint64_t *bytes)
{
	const struct bench_option *known[MAX_OPTIONS] = { 0 }, *o, *argument = NULL;
	struct option table[MAX_OPTIONS + 2] = { 0 };
	int c, rc, n = 0;

	for (o = usage->options; o->name && n < MAX_OPTIONS; o++)
		if (o->kind == BENCH_ARGUMENT)
			argument = o;
		else
			known[n++] = o;
	for (o = usage->shared; o && o->name && n < MAX_OPTIONS; o++)
		known[n++] = o;
	for (int i = 0; i < n; i++)
		table[i] = (struct option){ known[i]->name, known[i]->kind != BENCH_FLAG, NULL,
					    FIRST_LONG + i };
	table[n] = (struct option){ "help", no_argument, NULL, FIRST_LONG + n };

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (c == '?' || c == ':')
			return bad_option(c, argv);
		if (c == FIRST_LONG + n) {
			print_help(usage);
			exit(bench_finish(BENCH_OK));
		}
		if ((rc = take_option(known[c - FIRST_LONG], optarg)))
			return rc;
	}
	return take_argument(usage, argument, argc, argv, bytes);
}
