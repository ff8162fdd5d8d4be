#include "results.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "digest.h"
#include "file.h"

static const char *const status_names[] = { [RESULT_DONE] = "done", [RESULT_FAILED] = "failed", [RESULT_INTERRUPTED] = "interrupted" };

const char *result_status_name(enum result_status s)
{
	return status_names[s];
}

double counters_get(const struct counters *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->names[i], name))
			return c->values[i];
	return NAN;
}

double counters_sum(const struct counters *c, const char *prefix)
{
	double sum = NAN;

	for (size_t i = 0; i < c->n; i++)
		if (str_starts(c->names[i], prefix) && !isnan(c->values[i]))
			sum = (isnan(sum) ? 0 : sum) + c->values[i];
	return sum;
}

double result_delta(const struct result *r, const char *counter)
{
	return counters_get(&r->end, counter) - counters_get(&r->begin, counter);
}

const struct result_knob *result_knob(const struct result *r, const char *name)
{
	for (size_t i = 0; i < r->n_knobs; i++)
		if (r->knobs[i].name && !strcmp(r->knobs[i].name, name))
			return &r->knobs[i];
	return NULL;
}

/* ---- many of them ---- */

struct loading {
	struct results *list;
	struct strv *skipped;
};

static char *sha256_of_text(const char *text)
{
	struct digest *d = digest_new(DIGEST_SHA256);
	char hex[DIGEST_HEX];

	digest_add(d, text, strlen(text));
	digest_end(d, hex);
	return xstrdup(hex);
}

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* The same file by another name, or a copy of it: the same bytes, or it began at the same second, as the same run. */
static const struct result *known(const struct results *list, const struct result *r)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct result *o = list->v[i];

		if (same_text(o->path, r->path) || same_text(o->sha256, r->sha256) || (same_text(o->id, r->id) && same_text(o->from.date, r->from.date)))
			return o;
	}
	return NULL;
}

static void load_file(const char *path, struct loading *l)
{
	auto_free char *text = NULL, *real = realpath(path, NULL);
	cleanup(result_cleanup) struct result *r = NULL;
	const struct result *other;
	struct err why = { "" };

	text = file_read(path, 0, NULL, &why);
	r = text ? result_parse(real ? real : path, text, &why) : NULL;
	if (!r) {
		strv_addf(l->skipped, "left out: %s", why.msg);
		return;
	}
	r->sha256 = sha256_of_text(text);
	other = known(l->list, r);
	if (other) {
		if (strcmp(other->path, r->path))
			strv_addf(l->skipped, "left out: %s: is the same run as %s", path, other->path);
		return;
	}
	l->list->v = xrealloc(l->list->v, (l->list->n + 1) * sizeof(*l->list->v));
	l->list->v[l->list->n++] = steal(r);
}

static int each_file(const char *path, const char *rel, const struct stat *st, void *arg, struct err *e)
{
	(void)rel;
	(void)e;
	if (S_ISREG(st->st_mode) && str_ends(path, ".json"))
		load_file(path, arg);
	return 0;
}

int results_load(struct results *list, const char *path, struct strv *skipped, struct err *e)
{
	struct loading l = { list, skipped };
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(e, "%s: give the folder that vmctl bench wrote its results into", path);
	if (S_ISDIR(st.st_mode))
		return walk_tree(path, each_file, &l, e);
	load_file(path, &l);
	return 0;
}

void results_free(struct results *list)
{
	for (size_t i = 0; i < list->n; i++)
		result_drop(list->v[i]);
	free(list->v);
	*list = (struct results){ 0 };
}
