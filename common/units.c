#include "units.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit sizes[] = { { "B", 1 }, { "KiB", KiB }, { "MiB", MiB }, { "GiB", GiB }, { "TiB", TiB } };
static const struct unit durations[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
static const struct unit latencies[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 } };

static int parse(const char *s, const struct unit *units, size_t n, const char *what, uint64_t *out, struct err *e)
{
	const char *p = s;
	uint64_t v = 0;

	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return err_set(e, "'%.40s' is too large", s);
	if (p == s)
		return err_set(e, "'%.40s' is not a %s", s, what);
	if (!*p)
		return err_set(e, "'%.40s' has no unit: say %.40s%s or %.40s%s", s, s, units[n / 2].name, s,
			       units[n / 2 + 1].name);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(p, units[i].name)) {
			if (__builtin_mul_overflow(v, units[i].factor, out))
				return err_set(e, "'%.40s' is too large", s);
			return 0;
		}
	err_set(e, "'%.40s' is not a %s: the unit is one of", s, what);
	for (size_t i = 0; i < n; i++)
		err_append(e, "%s %s", i ? "," : "", units[i].name);
	return -1;
}

int size_parse(const char *s, uint64_t *bytes, struct err *e)
{
	return parse(s, sizes, sizeof(sizes) / sizeof(*sizes), "size", bytes, e);
}

int duration_parse(const char *s, uint64_t *ms, struct err *e)
{
	return parse(s, durations, sizeof(durations) / sizeof(*durations), "duration", ms, e);
}

int latency_parse(const char *s, uint64_t *ns, struct err *e)
{
	return parse(s, latencies, sizeof(latencies) / sizeof(*latencies), "latency", ns, e);
}

const char *size_text(uint64_t bytes, char buf[SIZE_TEXT])
{
	int i = 4;

	while (i > 0 && (bytes % sizes[i].factor || !bytes))
		i--;
	snprintf(buf, SIZE_TEXT, "%llu%s", (unsigned long long)(bytes / sizes[i].factor), sizes[i].name);
	return buf;
}

const char *size_human(uint64_t bytes, char buf[SIZE_TEXT])
{
	int i = 4;

	while (i > 0 && bytes < sizes[i].factor)
		i--;
	if (bytes % sizes[i].factor)
		snprintf(buf, SIZE_TEXT, "%.1f %s", (double)bytes / (double)sizes[i].factor, sizes[i].name);
	else
		snprintf(buf, SIZE_TEXT, "%llu %s", (unsigned long long)(bytes / sizes[i].factor), sizes[i].name);
	return buf;
}

const char *seconds_human(double s, char buf[SIZE_TEXT])
{
	unsigned long t = (unsigned long)(s + 0.5);

	if (s < 59.95)
		snprintf(buf, SIZE_TEXT, "%.1f s", s);
	else if (t < 3600)
		snprintf(buf, SIZE_TEXT, "%lu:%02lu min", t / 60, t % 60);
	else
		snprintf(buf, SIZE_TEXT, "%lu:%02lu:%02lu h", t / 3600, t / 60 % 60, t % 60);
	return buf;
}

double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}
