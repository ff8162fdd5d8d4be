/*
 * tiermig: migration of hot and cold pages between nodes by the kernel's DAMON, with the schemes of HMSDK's capacity
 * expansion or with those that the kernel tunes itself.
 *
 * It writes what `damo start` takes, with the options of HMSDK's gen_migpol.py, or programs DAMON itself: a guest of a
 * lab need not have Python.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "tiermig.h"

enum mode { MODE_YAML, MODE_DRY_RUN, MODE_APPLY, MODE_STOP, MODE_STATUS };

struct options {
	struct damon_plan plan;
	enum mode mode;
	const char *output, *damo, *cgroup;
	bool global, json;
};

/* Beyond any character. */
enum { OPT_TUNE = 256, OPT_CGROUP, OPT_DAMO, OPT_APPLY, OPT_DRY_RUN, OPT_STOP, OPT_STATUS, OPT_JSON, OPT_ROOT };

static const struct option table[] = {
	{ "demote", required_argument, NULL, 'd' },
	{ "promote", required_argument, NULL, 'p' },
	{ "migrate", required_argument, NULL, 'm' },
	{ "tune", required_argument, NULL, OPT_TUNE },
	{ "global", no_argument, NULL, 'g' },
	{ "cgroup", required_argument, NULL, OPT_CGROUP },
	{ "region-max-size", required_argument, NULL, 's' },
	{ "output", required_argument, NULL, 'o' },
	{ "damo", required_argument, NULL, OPT_DAMO },
	{ "apply", no_argument, NULL, OPT_APPLY },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "stop", no_argument, NULL, OPT_STOP },
	{ "status", no_argument, NULL, OPT_STATUS },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"usage: tiermig FLOW... [options]\n"
	"       tiermig --stop | --status [--json]\n"
	"Migrates cold and hot pages between nodes by DAMON: writes the YAML that damo start\n"
	"takes, or programs the kernel.\n\n"
	"  -d, --demote SRC DST      cold pages of node SRC go to node DST\n"
	"  -p, --promote SRC DST     hot pages of node SRC go to node DST\n"
	"  -m, --migrate FAST SLOW   both: -d FAST SLOW -p SLOW FAST\n"
	"  --tune FAST SLOW          as -m, with intervals and quotas that the kernel tunes\n"
	"  -g, --global              pages of all processes, not only those in /hmsdk\n"
	"  --cgroup PATH             those in this cgroup instead\n"
	"  -s, --region-max-size SIZE  split ranges that are larger, a kdamond for each part\n"
	"  -o, --output FILE         write to FILE (end its name in .yaml, or damo takes it for JSON)\n"
	"  --damo VERSION            YAML for this damo, 2.4.7 to 3.4.1 (the one that is installed)\n"
	"  --apply                   program the kernel, no YAML\n"
	"  --dry-run                 print what --apply would write, and where\n"
	"  --stop                    stop what --apply started\n"
	"  --status                  what DAMON is doing; --json: on one line\n"
	"  --root DIR                /sys, /proc and /run are in DIR (also: TIERMIG_ROOT)\n"
	"  --help                    this text\n\n"
	"SIZE is 256M, 256MiB, 1G or 1GiB. Exit status: 0 done, 1 failed, 2 wrong usage.\n";

/* -- Values ---------------------------------------------------------------------------------- */

static int parse_node(const char *option, const char *text, int *node)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || value >= BENCH_MAX_NODES)
		return bench_error(BENCH_USAGE, "%s '%s' is not a node: give two, as 0 1", option, text);
	*node = (int)value;
	return 0;
}

/* getopt knows options with one value: the second stands behind it. */
static int parse_nodes(int argc, char **argv, const char *option, int nodes[2])
{
	int rc = parse_node(option, optarg, &nodes[0]);

	if (rc)
		return rc;
	if (optind == argc)
		return bench_error(BENCH_USAGE, "%s %s lacks the second node: give two, as 0 1", option,
				   optarg);
	return parse_node(option, argv[optind++], &nodes[1]);
}

static int add_flow(struct options *o, enum damon_action action, int from, int to)
{
	if (o->plan.flow_count == DAMON_MAX_FLOWS)
		return bench_error(BENCH_USAGE, "more than %d schemes: give fewer", DAMON_MAX_FLOWS);
	o->plan.flows[o->plan.flow_count++] = (struct damon_flow){ action, from, to };
	return 0;
}

static int take_flow(struct options *o, int c, int argc, char **argv)
{
	const char *option = c == 'd' ? "--demote" : c == 'p' ? "--promote" :
		c == 'm' ? "--migrate" : "--tune";
	int nodes[2], rc = parse_nodes(argc, argv, option, nodes);

	if (!rc && c != 'p')
		rc = add_flow(o, DAMON_COLD, nodes[0], nodes[1]);
	if (!rc && c == 'p')
		rc = add_flow(o, DAMON_HOT, nodes[0], nodes[1]);
	if (!rc && (c == 'm' || c == OPT_TUNE))
		rc = add_flow(o, DAMON_HOT, nodes[1], nodes[0]);
	o->plan.tune |= c == OPT_TUNE;
	return rc;
}

static int parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;

	errno = 0;
	*bytes = strtoull(text, &end, 10);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (!isdigit((unsigned char)*text) || !unit || (end[1] && strcmp(end + 1, "iB")) || errno ||
	    !*bytes || *bytes > (UINT64_MAX >> 1) >> (10 * (unit - units + 1)))
		return bench_error(BENCH_USAGE, "--region-max-size '%s' is not a size: write it as 512MiB "
				   "or 1GiB", text);
	*bytes <<= 10 * (unit - units + 1);
	if (*bytes % bench_page_size())
		return bench_error(BENCH_USAGE, "--region-max-size %s is not a number of whole pages", text);
	return 0;
}

static int parse_cgroup(const char *text, const char **cgroup)
{
	size_t length = strlen(text);

	*cgroup = text;
	/* The kernel compares names: it would not know one with a slash too many. */
	if (text[0] == '/' && length > 1 && text[length - 1] != '/' && !strchr(text, '\n'))
		return 0;
	return bench_error(BENCH_USAGE, "--cgroup '%s' is not a cgroup: write it as /hmsdk, below where "
			   "cgroups are mounted", text);
}

/* -- Options --------------------------------------------------------------------------------- */

static int set_mode(struct options *o, enum mode mode)
{
	if (o->mode != MODE_YAML && o->mode != mode)
		return bench_error(BENCH_USAGE, "--apply, --dry-run, --stop and --status exclude each "
				   "other: give one");
	o->mode = mode;
	return 0;
}

static int take(struct options *o, int c, int argc, char **argv)
{
	switch (c) {
	case 'd': case 'p': case 'm': case OPT_TUNE:
		return take_flow(o, c, argc, argv);
	case 'g':
		o->global = true;
		return 0;
	case 's':
		return parse_size(optarg, &o->plan.max_size);
	case 'o':
		o->output = optarg;
		return *optarg ? 0 : bench_error(BENCH_USAGE, "-o '' is no file's name");
	case OPT_CGROUP:
		return parse_cgroup(optarg, &o->cgroup);
	case OPT_DAMO:
		o->damo = optarg;
		return 0;
	case OPT_APPLY: case OPT_DRY_RUN: case OPT_STOP: case OPT_STATUS:
		return set_mode(o, c == OPT_APPLY ? MODE_APPLY : c == OPT_DRY_RUN ? MODE_DRY_RUN :
				c == OPT_STOP ? MODE_STOP : MODE_STATUS);
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_ROOT:
		bench_root = optarg;
		return 0;
	case 'h':
		fputs(help, stdout);
		exit(bench_finish(0));
	default:
		return bench_error(BENCH_USAGE, "option '%s' is unknown or lacks its value: see tiermig --help",
				   argv[optind - 1]);
	}
}

/* What goes with what. */
static int check(const struct options *o)
{
	bool flows = o->plan.flow_count, yaml = o->mode == MODE_YAML;
	bool policy = flows || o->global || o->cgroup || o->plan.max_size;

	if (o->mode >= MODE_STOP && policy)
		return bench_error(BENCH_USAGE, "--stop and --status take no schemes: they are about what "
				   "runs");
	if (o->mode < MODE_STOP && !flows)
		return bench_error(BENCH_USAGE, "no flow given: say which pages go where, as -m 0 1, see "
				   "tiermig --help");
	if (!yaml && (o->output || o->damo))
		return bench_error(BENCH_USAGE, "--output and --damo are for the YAML: leave them out");
	if (o->json && o->mode != MODE_STATUS)
		return bench_error(BENCH_USAGE, "--json goes with --status");
	if (o->global && o->cgroup)
		return bench_error(BENCH_USAGE, "--global and --cgroup exclude each other: give one");
	if (strlen(bench_root) > PATH_MAX / 4)
		return bench_error(BENCH_USAGE, "--root is longer than %d bytes", PATH_MAX / 4);
	return 0;
}

static int parse(struct options *o, int argc, char **argv)
{
	int c, rc;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:d:p:m:gs:o:h", table, NULL)) != -1)
		if ((rc = take(o, c, argc, argv)))
			return rc;
	if (optind < argc)
		return bench_error(BENCH_USAGE, "'%s' is one argument too many: see tiermig --help",
				   argv[optind]);
	if (!o->global)
		o->plan.cgroup = o->cgroup ? o->cgroup : "/hmsdk";
	return check(o);
}

/* -- What it does ---------------------------------------------------------------------------- */

static int write_yaml(const struct options *o)
{
	int version, rc = damon_version_choose(o->damo, &version);
	size_t length = o->output ? strlen(o->output) : 0, n;
	char *text = NULL;
	FILE *out;

	if (rc)
		return rc;
	if (!o->output || !strcmp(o->output, "-"))
		return damon_yaml(&o->plan, version, stdout);
	if (length < 5 || strcmp(o->output + length - 5, ".yaml"))
		bench_error(0, "%s does not end in .yaml: damo start would take it for JSON", o->output);
	if (!(out = open_memstream(&text, &n)))
		return bench_error(BENCH_FAILED, "no memory");
	rc = damon_yaml(&o->plan, version, out);
	fclose(out);
	if (!rc)
		rc = bench_write_whole(o->output, text, n);
	free(text);
	return rc;
}

static void print_knobs(const struct damon_plan *plan)
{
	struct damon_knobs knobs = { NULL, 0 };

	damon_knobs_make(plan, &knobs);
	for (int i = 0; i < knobs.count; i++)
		printf(DAMON_KDAMONDS "/%s %s\n", knobs.at[i].name, knobs.at[i].value);
	for (int k = 0; k < plan->count; k++)
		printf(DAMON_KDAMONDS "/%d/state on\n", k);
	damon_knobs_free(&knobs);
}

static int run(struct options *o)
{
	int rc;

	if (o->mode == MODE_STOP)
		return damon_stop();
	if (o->mode == MODE_STATUS)
		return damon_status(o->json);
	if ((rc = damon_plan_make(&o->plan)))
		return rc;
	if (o->mode == MODE_APPLY)
		return damon_apply(&o->plan);
	if (o->mode == MODE_YAML)
		return write_yaml(o);
	print_knobs(&o->plan);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	int rc;

	bench_name = "tiermig";
	bench_root = getenv("TIERMIG_ROOT") ? getenv("TIERMIG_ROOT") : "";
	if (!(rc = parse(&o, argc, argv)))
		rc = run(&o);
	damon_plan_free(&o.plan);
	return bench_finish(rc);
}
