/* tierrun's words: see tierrun.h. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tierrun.h"

enum {
	OPT_SCHEME = 256, OPT_SCOPE, OPT_FAST, OPT_SLOW, OPT_KNOB, OPT_RATIO, OPT_RESIDENT, OPT_EAT, OPT_MEMBIND, OPT_CGROUP, OPT_INTERVAL,
	OPT_WARM_UP, OPT_TIMEOUT, OPT_COUNTER, OPT_SEED, OPT_EOF, OPT_CHECK, OPT_RESTORE, OPT_LIST_KNOBS, OPT_LIST_COUNTERS, OPT_HELP,
};

static const struct option options[] = {
	{ "scheme", required_argument, NULL, OPT_SCHEME },
	{ "scope", required_argument, NULL, OPT_SCOPE },
	{ "fast", required_argument, NULL, OPT_FAST },
	{ "slow", required_argument, NULL, OPT_SLOW },
	{ "knob", required_argument, NULL, OPT_KNOB },
	{ "ratio", required_argument, NULL, OPT_RATIO },
	{ "resident", required_argument, NULL, OPT_RESIDENT },
	{ "eat", required_argument, NULL, OPT_EAT },
	{ "membind", required_argument, NULL, OPT_MEMBIND },
	{ "cgroup", required_argument, NULL, OPT_CGROUP },
	{ "interval", required_argument, NULL, OPT_INTERVAL },
	{ "warm-up", required_argument, NULL, OPT_WARM_UP },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "counter", required_argument, NULL, OPT_COUNTER },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "output", required_argument, NULL, 'o' },
	{ "until-eof", no_argument, NULL, OPT_EOF },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "restore", no_argument, NULL, OPT_RESTORE },
	{ "list-knobs", no_argument, NULL, OPT_LIST_KNOBS },
	{ "list-counters", no_argument, NULL, OPT_LIST_COUNTERS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static const char help[] =
	"usage: tierrun [options] -- WORKLOAD [ARG]...\n"
	"       tierrun --restore | --list-knobs | --list-counters\n"
	"Runs a workload under a tiering scheme: sets the kernel's knobs, samples what moves, puts\n"
	"everything back, and writes a result.\n"
	"\n"
	"  --scheme NAME       none, autonuma, hmsdk, damon, or several joined by + (none)\n"
	"  --scope SCOPE       what hmsdk and damon look at: cgroup or global (cgroup)\n"
	"  --knob NAME=VALUE   a setting of the kernel's; may stand again\n"
	"  --ratio F:S         eat so much of the fast node that F of F+S of the workload fits there\n"
	"  --eat NODE:SIZE     eat SIZE of node NODE, a number or \"fast\"\n"
	"  --membind N         bind the whole workload to node N\n"
	"  --resident SIZE     what the workload needs (by itself: asked of the workload)\n"
	"  --fast N, --slow N  the two nodes (that with CPUs, and that of the next lower tier)\n"
	"  --cgroup NAME       the cgroup that the workload begins in (hmsdk)\n"
	"  --interval S        time between two samples (1), 0: none\n"
	"  --warm-up S         time at the beginning that rates leave out (0)\n"
	"  --timeout S         end it after S, as failed\n"
	"  --counter NAME      one more counter of /proc/vmstat; may stand again\n"
	"  --seed N            of the workload's random numbers\n"
	"  -o, --output FILE   the result as JSON, - for standard output (else: in a few lines)\n"
	"  --until-eof         end when standard input does: who started it is gone\n"
	"  --check             only look whether all of it could be done\n"
	"  --restore           put back what a run that was killed left behind\n"
	"  --list-knobs        the kernel's settings that --knob knows\n"
	"  --list-counters     the counters that are always kept\n"
	"  --help              this text\n"
	"\n"
	"Exit status: 0 done, 1 failed, 2 wrong usage, 3 another run is at work, 128 and its number\n"
	"if a signal ended it.\n";

static int parse_schemes(struct tier_plan *p, const char *text)
{
	static const struct {
		const char *name;
		int scheme;
	} schemes[] = { { "autonuma", TIER_AUTONUMA }, { "hmsdk", TIER_HMSDK }, { "damon", TIER_DAMON } };

	p->schemes = 0;
	if (!strcmp(text, "none"))
		return 0;
	for (const char *at = text;; at++) {
		size_t i = 0, n = strcspn(at, "+");

		while (i < 3 && (strlen(schemes[i].name) != n || strncmp(schemes[i].name, at, n)))
			i++;
		if (i == 3)
			return bench_error(BENCH_USAGE, "--scheme: '%.60s' is neither none nor one of autonuma, hmsdk and damon, or two joined by +", text);
		if (p->schemes & schemes[i].scheme)
			return bench_error(BENCH_USAGE, "--scheme: '%.60s' has %s twice", text, schemes[i].name);
		p->schemes |= schemes[i].scheme;
		at += n;
		if (!*at)
			return 0;
	}
}

static int parse_number(const char *option, const char *text, uint64_t most, uint64_t *n)
{
	char *end;

	*n = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && *n <= most)
		return 0;
	return bench_error(BENCH_USAGE, "--%s: '%.60s' is not a number up to %llu", option, text, (unsigned long long)most);
}

static int parse_node(const char *option, const char *text, int *node)
{
	uint64_t n;
	int rc = parse_number(option, text, BENCH_MAX_NODES - 1, &n);

	*node = rc ? *node : (int)n;
	return rc;
}

/* 10, 2.5, 30s, 500ms */
static int parse_seconds(const char *option, const char *text, double *seconds)
{
	char *end;
	double s = strtod(text, &end);

	if (end != text && !strcmp(end, "ms"))
		s /= 1000;
	else if (end == text || (*end && strcmp(end, "s")))
		s = -1;
	if (!(s >= 0) || s > 1e7)
		return bench_error(BENCH_USAGE, "--%s: '%.60s' is not a time, as 10, 30s or 500ms", option, text);
	*seconds = s;
	return 0;
}

static int parse_eat(struct tier_plan *p, const char *text)
{
	const char *colon = strchr(text, ':');
	char node[16];

	if (!colon || colon - text >= (int)sizeof(node))
		return bench_error(BENCH_USAGE, "--eat: '%.60s' is not NODE:SIZE, as fast:2G or 0:512MiB", text);
	snprintf(node, sizeof(node), "%.*s", (int)(colon - text), text);
	p->eat_node = BENCH_ANY_NODE;
	if (strcmp(node, "fast") && parse_node("eat", node, &p->eat_node))
		return BENCH_USAGE;
	return bench_parse_size(colon + 1, &p->eat);
}

static int parse_cgroup(struct tier_plan *p, const char *text)
{
	p->cgroup = text;
	if (*text && *text != '.' && !strpbrk(text, "/ \n") && strlen(text) < 100)
		return 0;
	return bench_error(BENCH_USAGE, "--cgroup: '%.60s' can't be a cgroup's name", text);
}

static int take(struct tier_plan *p, int option, const char *name, const char *value)
{
	uint64_t unused;

	switch (option) {
	case OPT_SCHEME:
		return parse_schemes(p, value);
	case OPT_SCOPE:
		p->global = !strcmp(value, "global");
		return p->global || !strcmp(value, "cgroup") ? 0 :
		       bench_error(BENCH_USAGE, "--scope: '%.60s' is neither cgroup nor global", value);
	case OPT_FAST:
		return parse_node(name, value, &p->fast);
	case OPT_SLOW:
		return parse_node(name, value, &p->slow);
	case OPT_KNOB:
		return tier_ask(&p->settings, value);
	case OPT_RATIO:
		return bench_parse_ratio(value, &p->ratio_fast, &p->ratio_slow);
	case OPT_RESIDENT:
		return bench_parse_size(value, &p->resident);
	case OPT_EAT:
		return parse_eat(p, value);
	case OPT_MEMBIND:
		return parse_node(name, value, &p->membind);
	case OPT_CGROUP:
		return parse_cgroup(p, value);
	case OPT_INTERVAL:
		return parse_seconds(name, value, &p->interval);
	case OPT_WARM_UP:
		return parse_seconds(name, value, &p->warm_up);
	case OPT_TIMEOUT:
		return parse_seconds(name, value, &p->timeout);
	case OPT_COUNTER:
		return tier_counters_add(&p->counters, value);
	case OPT_SEED:
		p->seed = value;
		return parse_number(name, value, 1ull << 53, &unused);
	case 'o':
		p->output = value;
		return *value ? 0 : bench_error(BENCH_USAGE, "-o '' is no file's name");
	default:
		return bench_error(BENCH_USAGE, "a word too many or too few: tierrun --help");
	}
}

static int check_plan(struct tier_plan *p)
{
	int ways = (p->ratio_fast > 0) + (p->eat > 0) + (p->membind != BENCH_ANY_NODE);

	if ((p->schemes & TIER_MIGRATES) == TIER_MIGRATES)
		return bench_error(BENCH_USAGE, "--scheme: hmsdk and damon both program DAMON for the same nodes: one of the two");
	if (p->cgroup && (p->global || !(p->schemes & TIER_MIGRATES)))
		return bench_error(BENCH_USAGE, "--cgroup: only hmsdk and damon look at a cgroup, without --scope global");
	if (ways > 1)
		return bench_error(BENCH_USAGE, "--ratio, --eat and --membind exclude each other: give one of them");
	if (p->interval > 0 && p->interval < 0.1)
		return bench_error(BENCH_USAGE, "samples less than 100ms apart would be what is measured: give --interval 100ms or more");
	if (!p->command[0] || !*p->command[0])
		return bench_error(BENCH_USAGE, "no workload: say which, as tierrun --scheme autonuma -- gups 1G");
	if (!p->cgroup)
		p->cgroup = "hmsdk";
	return 0;
}

static int stands_alone(const struct tier_plan *p, const struct option *o, int argc, enum tier_mode *mode)
{
	if (argc > 2)
		return bench_error(BENCH_USAGE, "--%s stands alone, without other words", o->name);
	*mode = o->val == OPT_RESTORE ? TIER_RESTORE : TIER_LIST;
	if (o->val == OPT_LIST_KNOBS)
		tier_list_knobs();
	for (int i = 0; o->val == OPT_LIST_COUNTERS && i < p->counters.n; i++)
		puts(p->counters.name[i]);
	return 0;
}

/* Results have the words as they stand, and whoever reads them knows whole names alone. */
static bool whole_name(const char *word, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(word, "--", 2) && !strncmp(word + 2, name, n) && (!word[2 + n] || word[2 + n] == '=');
}

int tier_options(struct tier_plan *p, int argc, char **argv, enum tier_mode *mode)
{
	const struct option *alone = NULL;
	int option, index = 0, rc;

	*p = (struct tier_plan){ .fast = BENCH_ANY_NODE, .slow = BENCH_ANY_NODE, .membind = BENCH_ANY_NODE, .eat_node = BENCH_ANY_NODE,
				 .interval = 1, .argv = argv };
	*mode = TIER_RUN;
	tier_counters_default(&p->counters);
	opterr = 0;
	while (index = -1, (option = getopt_long(argc, argv, "+:o:", options, &index)) != -1) {
		const char *word = argv[optind - 1 - (optarg && optarg == argv[optind - 1])];

		if (index >= 0 && !whole_name(word, options[index].name))
			return bench_error(BENCH_USAGE, "'%.60s' is no option: --%s is, in full", word, options[index].name);
		switch (option) {
		case '?':
		case ':':
			return bench_error(BENCH_USAGE, "'%.60s' %s: see tierrun --help", argv[optind - 1], option == ':' ? "needs a value" : "is no option");
		case OPT_HELP:
			fputs(help, stdout);
			*mode = TIER_LIST;
			return 0;
		case OPT_LIST_KNOBS:
		case OPT_LIST_COUNTERS:
		case OPT_RESTORE:
			alone = &options[index];
			break;
		case OPT_CHECK:
			*mode = TIER_CHECK;
			break;
		case OPT_EOF:
			p->until_eof = true;
			break;
		default:
			if ((rc = take(p, option, index >= 0 ? options[index].name : "output", optarg)))
				return rc;
		}
	}
	p->command = argv + optind;
	return alone ? stands_alone(p, alone, argc, mode) : check_plan(p);
}
