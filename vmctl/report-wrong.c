/* Rules: what is not as it should be. */
#include <stdlib.h>
#include <string.h>

#include "report-rules.h"

#define HIGH_SHARE 0.1 /* of page migrations that fail   */
#define GAP 2.5        /* intervals between two samples  */

char *say_many_failed(const struct group *g)
{
	double failed = mean_of(g, M_FAILED), all = failed + mean_of(g, M_MIGRATED);

	if (!(failed >= FEW_PAGES) || !(failed > HIGH_SHARE * all))
		return NULL;
	return strf("%.0f %% of all page migrations failed (pgmigrate_fail %.0f): pages were pinned or in use, or the target node was full.",
		    100 * failed / all, failed);
}

char *say_contradiction(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct result *r = g->runs[i];
		double migrated = metrics[M_MIGRATED].of(r), up = metrics[M_PROMOTED].of(r), down = metrics[M_DEMOTED].of(r);

		up = isnan(up) ? 0 : up;
		down = isnan(down) ? 0 : down;
		if (migrated < up + down)
			return strf("The counters contradict each other: %.0f pages were promoted and %.0f demoted, which pgmigrate_success has as %.0f "
				    "only. Do not trust them.", up, down, migrated);
	}
	return NULL;
}

char *say_gaps(const struct group *g)
{
	double longest = 0, interval = 0;
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		for (size_t j = 1; j < g->runs[i]->n_samples; j++) {
			double gap = g->runs[i]->samples[j].at - g->runs[i]->samples[j - 1].at;

			if (!(g->runs[i]->interval_secs > 0) || !(gap > GAP * g->runs[i]->interval_secs))
				continue;
			n++;
			longest = fmax(longest, gap);
			interval = g->runs[i]->interval_secs;
		}
	if (!n)
		return NULL;
	return strf("The samples have %zu gap%s, the longest of %.1f s where one was due every %.1f s: the guest had no processor for the sampler.", n,
		    n == 1 ? "" : "s", longest, interval);
}

char *say_no_warm_up(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		bool whole;

		result_rate(g->runs[i], &whole);
		if (whole && !g->runs[i]->n_intervals)
			return strf("The workload notes no intervals, so that its warm-up of %.1f s can't be left out: the rate is that of the whole run.",
				    g->runs[i]->warm_up_secs);
		if (whole)
			return strf("Nothing is left of the run without its warm-up of %.1f s: the rate is that of the whole run.",
				    g->runs[i]->warm_up_secs);
	}
	return NULL;
}

/* What a file says, as it would be written: of "always [madvise] never" madvise. The caller's to free. */
static char *plain(const char *said)
{
	const char *open = strchr(said, '['), *close = open ? strchr(open, ']') : NULL;

	return close ? xstrndup(open + 1, (size_t)(close - open - 1)) : xstrdup(said);
}

static bool number_of(const char *text, unsigned long *n)
{
	char *end;

	if (!strcmp(text, "true") || !strcmp(text, "Y") || !strcmp(text, "y"))
		text = "1";
	else if (!strcmp(text, "false") || !strcmp(text, "N") || !strcmp(text, "n"))
		text = "0";
	*n = strtoul(text, &end, 0);
	return end != text && !*end;
}

/* The kernel says "true" for "1", and "0x0007" for "y". */
static bool same_setting(const char *asked, const char *said)
{
	auto_free char *value = plain(said);
	unsigned long a, b;

	if (!strcmp(asked, value))
		return true;
	return number_of(asked, &a) && number_of(value, &b) && (a == b || (*asked == 'y' && b));
}

char *say_knob_refused(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t j = 0; j < g->runs[i]->n_knobs; j++) {
			const struct result_knob *k = &g->runs[i]->knobs[j];

			if (k->name && !str_empty(k->asked) && !str_empty(k->during) && !same_setting(k->asked, k->during))
				return strf("%s was to be %s and was %s while it ran.", k->name, k->asked, k->during);
		}
	return NULL;
}

char *say_knob_left(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t j = 0; j < g->runs[i]->n_knobs; j++) {
			const struct result_knob *k = &g->runs[i]->knobs[j];

			if (k->name && !str_empty(k->before) && !str_empty(k->after) && strcmp(k->before, k->after))
				return strf("%s was %s before the run and is %s after it: later runs may have had it so.", k->name, k->before, k->after);
		}
	return NULL;
}

char *say_some_failed(const struct group *g)
{
	if (!g->bad)
		return NULL;
	return strf("%zu of %zu runs %s not done and not in the figures.", g->bad, g->bad + g->n, g->bad == 1 ? "is" : "are");
}

/* What a result must have in common with those that it is averaged with. */
struct condition {
	const char *what;
	size_t off;
};
static const struct condition conditions[] = {
	{ "kernel", offsetof(struct result, kernel) },
	{ "image", offsetof(struct result, from.image_sha256) },
	{ "machine file", offsetof(struct result, from.machine_sha256) },
	{ "QEMU", offsetof(struct result, from.qemu) },
	{ "accelerator", offsetof(struct result, from.accelerator) },
	{ "host", offsetof(struct result, from.host) },
	{ "processor", offsetof(struct result, from.cpu_model) },
	{ "kernel command line", offsetof(struct result, cmdline) },
	{ "tierlab", offsetof(struct result, from.tierlab) },
};
static const struct condition numbers[] = {
	{ "warm-up", offsetof(struct result, warm_up_secs) },
	{ "fast path", offsetof(struct result, from.fast_path) },
};

static const void *member(const struct result *r, size_t off) { return (const char *)r + off; }

static bool other_text(const struct result *a, const struct result *b, size_t off)
{
	const char *s = *(char *const *)member(a, off), *t = *(char *const *)member(b, off);

	return strcmp(s ? s : "", t ? t : "") != 0;
}

/* What one of them does not say is no difference. */
static bool other_number(const struct result *a, const struct result *b, size_t off)
{
	double x = *(const double *)member(a, off), y = *(const double *)member(b, off);

	return x < y || x > y;
}

/* Adds the names of those conditions that some run has otherwise than the first. */
static void add_other(struct text *t, const struct group *g, const struct condition *c, size_t n,
		      bool (*other)(const struct result *a, const struct result *b, size_t off))
{
	for (size_t k = 0; k < n; k++)
		for (size_t i = 1; i < g->n; i++)
			if (other(g->runs[0], g->runs[i], c[k].off)) {
				text_addf(t, "%s%s", t->n ? ", " : "", c[k].what);
				break;
			}
}

char *say_mixed(const struct group *g)
{
	auto_text t = { 0 };

	add_other(&t, g, conditions, sizeof(conditions) / sizeof(*conditions), other_text);
	add_other(&t, g, numbers, sizeof(numbers) / sizeof(*numbers), other_number);
	return t.n ? strf("Its runs were made under different conditions (%s), and the mean is of both.", t.s) : NULL;
}
