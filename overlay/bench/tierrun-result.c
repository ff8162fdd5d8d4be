/* The result of a run as JSON: see tierrun.h, and docs/results.md for what the keys mean. */
#define _GNU_SOURCE	/* vasprintf */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/utsname.h>

#include "tierrun.h"

void tier_note(struct tier_result *r, const char *fmt, ...)
{
	va_list ap;

	if (r->n_notes == TIER_MAX_NOTES)
		return;
	va_start(ap, fmt);
	if (vasprintf(&r->notes[r->n_notes], fmt, ap) >= 0)
		r->n_notes++;
	va_end(ap);
}

/* -- Writing --------------------------------------------------------------------------------- */

static void put_key(FILE *f, const char *key, const char *text)
{
	fprintf(f, ",\"%s\":", key);
	tier_json_text(f, text);
}

static void put_words(FILE *f, const char *key, char *const *words)
{
	fprintf(f, ",\"%s\":[", key);
	for (int i = 0; words && words[i]; i++) {
		fputs(i ? "," : "", f);
		tier_json_text(f, words[i]);
	}
	putc(']', f);
}

static void put_counts(FILE *f, const struct tier_counters *c, const struct tier_counts *counts)
{
	const char *between = "";

	putc('{', f);
	for (int i = 0; i < c->n; i++)
		if (counts->has[i]) {
			fprintf(f, "%s\"%s\":%" PRIu64, between, c->name[i], counts->v[i]);
			between = ",";
		}
	putc('}', f);
}

static void put_nodes(FILE *f, const struct tier_nodes *nodes)
{
	fputs(",\"nodes\":[", f);
	for (int i = 0; i < nodes->n; i++) {
		const struct tier_node *n = &nodes->v[i];

		fprintf(f, "%s{\"node\":%d", i ? "," : "", n->node);
		put_key(f, "cpus", n->cpus);
		fprintf(f, ",\"total\":%" PRIu64 ",\"free\":%" PRIu64, n->total, n->free);
		if (n->tier >= 0)
			fprintf(f, ",\"tier\":%d", n->tier);
		putc('}', f);
	}
	putc(']', f);
}

static void put_knobs(FILE *f, const struct tier_settings *s)
{
	fputs(",\"knobs\":[", f);
	for (int i = 0; i < s->n; i++) {
		const struct tier_setting *t = &s->v[i];

		fprintf(f, "%s{\"name\":\"%s\"", i ? "," : "", t->knob->name);
		put_key(f, "file", t->file);
		put_key(f, "before", t->before);
		put_key(f, "asked", t->asked);
		put_key(f, "during", t->during);
		put_key(f, "after", t->after);
		putc('}', f);
	}
	putc(']', f);
}

/* tiermig's kdamonds and schemes as one list of schemes. */
static void put_damon(FILE *f, const char *status)
{
	const char *between = "";

	fputs(",\"damon\":[", f);
	for (const char *at = strstr(status, "{\"action\""); at; at = strstr(at + 1, "{\"action\"")) {
		size_t n = strcspn(at, "}");

		fputs(between, f);
		between = ",";
		for (size_t i = 0; i <= n; i++) {
			if (!strncmp(at + i, "_nid\"", 5))
				i += 4;
			putc(at[i], f);
		}
	}
	putc(']', f);
}

static void put_sample(FILE *f, const struct tier_counters *c, const struct tier_nodes *nodes, const struct tier_sample *s, double zero)
{
	fprintf(f, "{\"at\":%.3f,\"counters\":", s->at - zero);
	put_counts(f, c, &s->counts);
	fputs(",\"nodes\":{", f);
	for (int i = 0; i < nodes->n; i++)
		fprintf(f, "%s\"%d\":{\"free\":%" PRIu64 ",\"anon\":%" PRIu64 ",\"file\":%" PRIu64 "}", i ? "," : "", nodes->v[i].node,
			s->nodes[i].free, s->nodes[i].anon, s->nodes[i].file);
	putc('}', f);
	putc('}', f);
}

static void put_system(FILE *f)
{
	char cmdline[4096] = "";
	bench_path path;
	struct utsname u;

	uname(&u);
	bench_read(bench_at(path, "/proc/cmdline"), cmdline, sizeof(cmdline));
	fprintf(f, "\"kernel\":\"%s\"", u.release);
	put_key(f, "cmdline", cmdline);
	fprintf(f, ",\"cpus\":%ld", sysconf(_SC_NPROCESSORS_ONLN));
}

static void put_node(FILE *f, const char *key, int node)
{
	if (node != BENCH_ANY_NODE)
		fprintf(f, ",\"%s\":%d", key, node);
}

static void put_guest(FILE *f, const struct tier_plan *p, const struct tier_result *r)
{
	double zero = r->began_at > 0 ? r->began_at : r->samples.n ? r->samples.v[0].at : 0;

	fputs("\"guest\":{", f);
	put_system(f);
	put_nodes(f, &r->nodes);
	put_node(f, "fast", p->fast);
	put_node(f, "slow", p->slow);
	put_words(f, "tierrun", p->argv);
	put_words(f, "command", r->command);
	if (*r->cgroup)
		put_key(f, "cgroup", r->cgroup);
	put_knobs(f, &p->settings);
	if (r->eaten)
		fprintf(f, ",\"eater\":{\"node\":%d,\"bytes\":%" PRIu64 "}", p->eat_node, r->eaten);
	if (r->began_at > 0)
		fprintf(f, ",\"began_at\":%.6f", r->began_at);
	fprintf(f, ",\"warm_up_secs\":%.3f,\"counters\":{\"begin\":", p->warm_up);
	put_counts(f, &p->counters, &r->begin);
	fputs(",\"end\":", f);
	put_counts(f, &p->counters, &r->end);
	fputs("},\"samples\":[", f);
	for (size_t i = 0; i < r->samples.n; i++) {
		fputs(i ? "," : "", f);
		put_sample(f, &p->counters, &r->nodes, &r->samples.v[i], zero);
	}
	putc(']', f);
	if (r->damon)
		put_damon(f, r->damon);
	fprintf(f, ",\"sampler_cpu_secs\":%.6f", r->sampler_cpu);
	if (r->workload)
		fprintf(f, ",\"workload\":%s", r->workload);
	put_words(f, "notes", (char *const *)r->notes);
	putc('}', f);
}

/* The value of the first line "KEY : VALUE" in a file of /proc; "" if there is none. */
static void proc_value(const char *file, const char *key, char value[TIER_TEXT])
{
	char line[1024];
	bench_path path;
	FILE *f = fopen(bench_at(path, "%s", file), "re");

	*value = '\0';
	while (f && !*value && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && strchr(line, ':')) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(value, TIER_TEXT, "%.200s", strchr(line, ':') + 1 + strspn(strchr(line, ':') + 1, " \t"));
		}
	if (f)
		fclose(f);
}

/* Of the machine that it runs on: in a guest, vmctl says instead what is around it. */
static void put_where(FILE *f, time_t began)
{
	char date[32], name[256] = "", model[TIER_TEXT], total[TIER_TEXT];
	struct utsname u;
	struct tm tm;

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&began, &tm));
	gethostname(name, sizeof(name) - 1);
	uname(&u);
	proc_value("/proc/cpuinfo", "model name", model);
	proc_value("/proc/meminfo", "MemTotal", total);
	fprintf(f, ",\"provenance\":{\"date\":\"%s\",\"host\":{\"name\":", date);
	tier_json_text(f, name);
	fprintf(f, ",\"cpus\":%ld,\"memory\":%llu", sysconf(_SC_NPROCESSORS_ONLN), strtoull(total, NULL, 10) * 1024);
	put_key(f, "cpu_model", model);
	put_key(f, "kernel", u.release);
	fputs("}},", f);
}

char *tier_result_text(const struct tier_plan *p, const struct tier_result *r, size_t *n)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, n);

	if (!f)
		return NULL;
	fprintf(f, "{\"format\":1,\"status\":\"%s\"", r->status);
	if (r->error)
		put_key(f, "error", r->error);
	put_where(f, r->began);
	put_guest(f, p, r);
	fputs("}\n", f);
	fclose(f);
	return text;
}

void tier_print(const struct tier_plan *p, const struct tier_result *r)
{
	double rate = r->workload ? tier_json_number(r->workload, "rate") : 0;

	printf("%s: %s", p->command[0], r->status);
	if (rate > 0)
		printf(", %g a second", rate);
	putchar('\n');
	for (int i = 0; i < p->counters.n; i++)
		if (r->begin.has[i] && r->end.has[i])
			printf("  %-24s %" PRIu64 "\n", p->counters.name[i], r->end.v[i] - r->begin.v[i]);
	for (int i = 0; i < r->n_notes; i++)
		printf("  %s\n", r->notes[i]);
}
