/* What DAMON is doing, whoever started it: see tiermig.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bench.h"
#include "tiermig.h"

#define CONTEXT		DAMON_KDAMONDS "/%d/contexts/0/"
#define INTERVALS	CONTEXT "monitoring_attrs/intervals/"

static const char *const stats[] = {
	"nr_tried", "sz_tried", "nr_applied", "sz_applied", "qt_exceeds",
};

enum { STATS = sizeof(stats) / sizeof(*stats) };

struct scheme {
	char action[32];
	int from, to;		/* -1: to no node, or from none that is known */
	uint64_t stat[STATS];
};

struct kdamond {
	int index, pid, schemes;
	bool on;
	uint64_t sample_us, aggregate_us;
};

static uint64_t value(const char *path)
{
	uint64_t number = 0;

	bench_read_number(path, 10, &number);
	return number;
}

/* The files have what they had when somebody last asked the kernel to fill them. */
static int refresh(int kdamond)
{
	bench_path path;

	bench_at(path, DAMON_KDAMONDS "/%d/state", kdamond);
	/* It may end between two looks at it: then the files have its last numbers, or none. */
	if (!bench_write(path, "update_schemes_stats") && damon_kdamond_on(kdamond))
		return bench_error(BENCH_FAILED, "%s: can't get new statistics: %s", bench_shown(path),
				   strerror(errno));
	bench_at(path, INTERVALS "intervals_goal", kdamond);
	if (bench_exists(path))
		bench_write(bench_at(path, DAMON_KDAMONDS "/%d/state", kdamond), "update_tuned_intervals");
	return 0;
}

static int look_kdamond(int index, struct kdamond *k)
{
	bench_path path;
	int rc = 0;

	k->index = index;
	k->on = damon_kdamond_on(index);
	k->pid = k->on ? damon_kdamond_pid(index) : -1;
	if (k->on)
		rc = refresh(index);
	k->sample_us = value(bench_at(path, INTERVALS "sample_us", index));
	k->aggregate_us = value(bench_at(path, INTERVALS "aggr_us", index));
	k->schemes = (int)value(bench_at(path, CONTEXT "schemes/nr_schemes", index));
	return rc;
}

static void look_scheme(int kdamond, int index, struct scheme *s)
{
	bench_path path;
	uint64_t start;

	*s = (struct scheme){ .action = "?", .from = -1, .to = -1 };
	bench_read(bench_at(path, CONTEXT "schemes/%d/action", kdamond, index), s->action,
		   sizeof(s->action));
	if (!strncmp(s->action, "migrate_", 8))
		s->to = (int)value(bench_at(path, CONTEXT "schemes/%d/target_nid", kdamond, index));
	if (bench_read_number(bench_at(path, CONTEXT "targets/0/regions/0/start", kdamond), 10, &start))
		s->from = damon_node_of(start);
	for (int i = 0; i < STATS; i++)
		s->stat[i] = value(bench_at(path, CONTEXT "schemes/%d/stats/%s", kdamond, index, stats[i]));
}

/* All pages that the kernel moved between nodes, for whatever reason. */
static uint64_t migrated(void)
{
	bench_path path;
	FILE *file = fopen(bench_at(path, "/proc/vmstat"), "re");
	uint64_t pages = 0, number;
	char name[64];

	while (file && fscanf(file, "%63s %" SCNu64, name, &number) == 2)
		if (!strcmp(name, "pgmigrate_success"))
			pages = number;
	if (file)
		fclose(file);
	return pages;
}

/* -- As JSON --------------------------------------------------------------------------------- */

/* A node, or null. */
static void json_node(const char *key, int node)
{
	if (node < 0)
		printf(",\"%s\":null", key);
	else
		printf(",\"%s\":%d", key, node);
}

static void json_kdamond(const struct kdamond *k)
{
	struct scheme s;

	printf("%s{\"kdamond\":%d,\"running\":%s", k->index ? "," : "", k->index, k->on ? "true" : "false");
	json_node("pid", k->pid);
	printf(",\"sample_us\":%" PRIu64 ",\"aggr_us\":%" PRIu64 ",\"schemes\":[", k->sample_us,
	       k->aggregate_us);
	for (int i = 0; i < k->schemes; i++) {
		look_scheme(k->index, i, &s);
		printf("%s{\"action\":\"%s\"", i ? "," : "", s.action);
		json_node("source_nid", s.from);
		json_node("target_nid", s.to);
		for (int j = 0; j < STATS; j++)
			printf(",\"%s\":%" PRIu64, stats[j], s.stat[j]);
		putchar('}');
	}
	printf("]}");
}

static int print_json(const struct damon_record *record, int count)
{
	bool running = false, own = record->there && damon_foreign(record) < 0;
	struct kdamond k;
	int rc = 0;

	printf("{\"pgmigrate_success\":%" PRIu64 ",\"damon_stat_off\":%s,\"kdamonds\":[", migrated(),
	       record->stat ? "true" : "false");
	for (int i = 0; !rc && i < count; i++) {
		rc = look_kdamond(i, &k);
		json_kdamond(&k);
		running |= k.on;
	}
	printf("],\"running\":%s,\"tiermig\":%s}\n", running ? "true" : "false",
	       running && own ? "true" : "false");
	return rc;
}

/* -- For people ------------------------------------------------------------------------------ */

static void print_scheme(const struct kdamond *k, int index)
{
	char tried[32], applied[32];
	struct scheme s;

	look_scheme(k->index, index, &s);
	printf("kdamond %d: %s, %s", k->index, k->on ? "on" : "off", s.action);
	if (s.from >= 0)
		printf(" from node %d", s.from);
	if (s.to >= 0)
		printf(" to node %d", s.to);
	printf(": tried %" PRIu64 " regions (%s), applied to %" PRIu64 " (%s), quota exceeded %" PRIu64
	       " times\n", s.stat[0], bench_human(s.stat[1], tried), s.stat[2],
	       bench_human(s.stat[3], applied), s.stat[4]);
}

static int print_text(const struct damon_record *record, int count)
{
	int rc = 0, foreign = damon_foreign(record);
	struct kdamond k;

	for (int i = 0; !rc && i < count; i++)
		if (!(rc = look_kdamond(i, &k)))
			for (int j = 0; j < k.schemes; j++)
				print_scheme(&k, j);
	if (!count)
		puts("DAMON is not running");
	if (foreign >= 0)
		printf("kdamond %d was not started by tiermig\n", foreign);
	if (record->stat)
		puts("DAMON_STAT is off until --stop");
	printf("pages migrated since boot, for whatever reason: %" PRIu64 "\n", migrated());
	return rc;
}

int damon_status(bool json)
{
	struct damon_record record;
	int rc, count;

	if ((rc = damon_check_kernel()) || (rc = damon_record_read(&record)))
		return rc;
	count = damon_kdamond_count();
	return json ? print_json(&record, count) : print_text(&record, count);
}
