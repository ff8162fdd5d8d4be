/* The kernel's settings that an experiment turns: set, read back, put back. See tierrun.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tierrun.h"

#define SCHED_DEBUGFS	"/sys/kernel/debug/sched/numa_balancing/"
#define SCHED_SYSCTL	"/proc/sys/kernel/numa_balancing_"
#define SCHED_NEEDS	"CONFIG_NUMA_BALANCING=y, and debugfs (CONFIG_SCHED_DEBUG=y) from Linux 5.13 on"

/* kernel/sched/debug.c, kernel/sched/fair.c, mm/memory-tiers.c, mm/vmscan.c, mm/page_alloc.c */
static const struct tier_knob knobs[] = {
	{ "numa_balancing", { "/proc/sys/kernel/numa_balancing" }, "CONFIG_NUMA_BALANCING=y" },
	{ "demotion_enabled", { "/sys/kernel/mm/numa/demotion_enabled" },
	  "CONFIG_NUMA=y and CONFIG_MIGRATION=y, Linux 5.18" },
	{ "zone_reclaim_mode", { "/proc/sys/vm/zone_reclaim_mode" }, "CONFIG_NUMA=y" },
	{ "lru_gen_enabled", { "/sys/kernel/mm/lru_gen/enabled" }, "CONFIG_LRU_GEN=y, Linux 6.1" },
	{ "hot_threshold_ms", { SCHED_DEBUGFS "hot_threshold_ms" }, SCHED_NEEDS ", Linux 5.18" },
	{ "scan_delay_ms", { SCHED_DEBUGFS "scan_delay_ms", SCHED_SYSCTL "scan_delay_ms" }, SCHED_NEEDS },
	{ "scan_period_min_ms", { SCHED_DEBUGFS "scan_period_min_ms", SCHED_SYSCTL "scan_period_min_ms" }, SCHED_NEEDS },
	{ "scan_period_max_ms", { SCHED_DEBUGFS "scan_period_max_ms", SCHED_SYSCTL "scan_period_max_ms" }, SCHED_NEEDS },
	{ "scan_size_mb", { SCHED_DEBUGFS "scan_size_mb", SCHED_SYSCTL "scan_size_mb" }, SCHED_NEEDS },
	{ "promote_rate_limit_MBps", { SCHED_SYSCTL "promote_rate_limit_MBps" }, "CONFIG_NUMA_BALANCING=y, Linux 6.1" },
	{ "swappiness", { "/proc/sys/vm/swappiness" }, "CONFIG_SWAP=y" },
	{ "watermark_scale_factor", { "/proc/sys/vm/watermark_scale_factor" }, "Linux 4.6" },
	{ "thp_enabled", { "/sys/kernel/mm/transparent_hugepage/enabled" }, "CONFIG_TRANSPARENT_HUGEPAGE=y" },
};

#define N_KNOBS (sizeof(knobs) / sizeof(knobs[0]))

static const struct tier_knob *find(const char *name, size_t n)
{
	for (size_t i = 0; i < N_KNOBS; i++)
		if (strlen(knobs[i].name) == n && !strncmp(knobs[i].name, name, n))
			return &knobs[i];
	return NULL;
}

const char *tier_knob_name(size_t i)
{
	return i < N_KNOBS ? knobs[i].name : NULL;
}

void tier_list_knobs(void)
{
	bench_path path;
	char value[TIER_TEXT];

	for (size_t i = 0; i < N_KNOBS; i++) {
		const char *file = knobs[i].files[0];

		if (knobs[i].files[1] && !bench_exists(bench_at(path, "%s", file)))
			file = knobs[i].files[1];
		if (bench_read(bench_at(path, "%s", file), value, sizeof(value)))
			printf("%-24s %-28s %s\n", knobs[i].name, value, file);
		else
			printf("%-24s %-28s needs %s\n", knobs[i].name, "-", knobs[i].needs);
	}
}

static int add(struct tier_settings *s, const struct tier_knob *k, const char *value)
{
	int i = 0;

	while (i < s->n && s->v[i].knob != k)
		i++;
	if (i == TIER_MAX_KNOBS)
		return bench_error(BENCH_USAGE, "more than %d knobs", TIER_MAX_KNOBS);
	s->n += i == s->n;
	s->v[i].knob = k;
	snprintf(s->v[i].asked, sizeof(s->v[i].asked), "%s", value);
	return 0;
}

static bool number(const char *text, unsigned long *n)
{
	static const char *const words[][2] = { { "true", "1" }, { "false", "0" }, { "Y", "1" }, { "N", "0" }, { "y", "1" }, { "n", "0" } };
	char *end;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(text, words[i][0]))
			text = words[i][1];
	*n = strtoul(text, &end, 0);
	return end != text && *end == '\0';
}

int tier_ask(struct tier_settings *s, const char *pair)
{
	size_t n = strcspn(pair, "=");
	const struct tier_knob *k = find(pair, n);
	unsigned long value;

	if (!k)
		return bench_error(BENCH_USAGE, "'%.*s' is no knob that tierrun knows: --list-knobs names them",
				   (int)(n < 60 ? n : 60), pair);
	if (!pair[n] || !pair[n + 1] || strlen(pair + n + 1) >= TIER_TEXT || strchr(pair, '\n'))
		return bench_error(BENCH_USAGE, "--knob %.60s: give a value, as %s=1", pair, k->name);
	/* Linux 6.12 takes it, divides by it in task_scan_max(), and panics. */
	if (!strcmp(k->name, "scan_size_mb") && number(pair + n + 1, &value) && !value)
		return bench_error(BENCH_USAGE, "--knob %.60s: the kernel divides by it, and panics: give 1 or more", pair);
	return add(s, k, pair + n + 1);
}

const char *tier_asked(const struct tier_settings *s, const char *name)
{
	for (int i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].knob->name, name))
			return s->v[i].asked;
	return NULL;
}

static const char *find_file(const struct tier_knob *k)
{
	bench_path path;

	for (int i = 0; i < 2 && k->files[i]; i++)
		if (bench_exists(bench_at(path, "%s", k->files[i])))
			return k->files[i];
	return NULL;
}

void tier_want(struct tier_settings *s, const char *name, const char *value)
{
	const struct tier_knob *k = find(name, strlen(name));

	if (k && find_file(k))
		add(s, k, value);
}

int tier_settings_check(struct tier_settings *s)
{
	bench_path path;

	for (int i = 0; i < s->n; i++) {
		struct tier_setting *t = &s->v[i];

		t->file = find_file(t->knob);
		if (!t->file)
			return bench_error(BENCH_FAILED, "the kernel has no %s (%s is not there): it needs %s",
					   t->knob->name, t->knob->files[0], t->knob->needs);
		if (!bench_read(bench_at(path, "%s", t->file), t->before, sizeof(t->before)))
			return bench_error(BENCH_FAILED, "can't read %s: %s: run it as root", t->file, strerror(errno));
		if (access(path, W_OK) < 0)
			return bench_error(BENCH_FAILED, "can't write %s: %s: run it as root, and not in a container", t->file, strerror(errno));
	}
	return 0;
}

void tier_plain(const char *said, char value[TIER_TEXT])
{
	const char *open = strchr(said, '['), *close = open ? strchr(open, ']') : NULL;

	if (close)
		snprintf(value, TIER_TEXT, "%.*s", (int)(close - open - 1), open + 1);
	else
		snprintf(value, TIER_TEXT, "%s", said);
}

/* "1" is "true", and "0x0007" is 7. Of lru_gen, "y" is all that the kernel has. */
static bool same(const char *asked, const char *said)
{
	unsigned long a, b;

	if (!strcmp(asked, said))
		return true;
	if (!number(asked, &a) || !number(said, &b))
		return false;
	return a == b || (*asked == 'y' && b);
}

bool tier_says(const char *asked, const char *said)
{
	char value[TIER_TEXT];

	tier_plain(said, value);
	return same(asked, value);
}

static int set_one(struct tier_setting *t)
{
	bench_path path;

	bench_at(path, "%s", t->file);
	if (!bench_write(path, t->asked))
		return bench_error(BENCH_FAILED, "%s: the kernel does not take '%s': %s", t->file, t->asked, strerror(errno));
	t->set = true;
	if (!bench_read(path, t->during, sizeof(t->during)))
		return bench_error(BENCH_FAILED, "can't read %s back: %s", t->file, strerror(errno));
	if (tier_says(t->asked, t->during))
		return 0;
	return bench_error(BENCH_FAILED, "%s: '%s' was written, and it says '%s': the kernel takes another value",
			   t->file, t->asked, t->during);
}

int tier_settings_set(struct tier_settings *s)
{
	int rc = 0;

	for (int i = 0; i < s->n && !rc; i++)
		rc = set_one(&s->v[i]);
	return rc;
}

int tier_settings_restore(struct tier_settings *s)
{
	char value[TIER_TEXT];
	bench_path path;
	int rc = 0;

	for (int i = s->n - 1; i >= 0; i--) {
		struct tier_setting *t = &s->v[i];

		if (!t->set)
			continue;
		tier_plain(t->before, value);
		if (!bench_write(bench_at(path, "%s", t->file), value) || !bench_read(path, t->after, sizeof(t->after)))
			rc = bench_error(BENCH_FAILED, "can't put %s back to '%s': %s", t->file, value, strerror(errno));
		else if (strcmp(t->after, t->before))
			rc = bench_error(BENCH_FAILED, "%s was '%s' and is '%s' now: put it back by hand", t->file, t->before, t->after);
		t->set = false;
	}
	return rc;
}
