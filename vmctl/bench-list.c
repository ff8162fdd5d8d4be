#include "bench-list.h"

#include <string.h>

#include "bench-estimate.h"
#include "digest.h"
#include "exits.h"
#include "file.h"
#include "table.h"
#include "units.h"

#define MAX_LABEL 120
#define MAX_PATTERN (1 << 20) /* bytes of a file that is looked into, as of masim's format */

char *bench_file_path(const char *dir, const struct bench_run *r)
{
	auto_free char *name = matrix_file(r);

	if (!name)
		return NULL;
	return *name == '/' ? steal(name) : strf("%s/%s", dir, name);
}

static const char *known_digest(const struct matrix *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (m->v[k].file_sha256 && !strcmp(m->v[k].words, m->v[i].words))
			return m->v[k].file_sha256;
	return NULL;
}

static int digest_files(struct matrix *m, const char *dir, struct err *e)
{
	for (size_t i = 0; i < m->n; i++) {
		auto_free char *path = bench_file_path(dir, &m->v[i]);
		const char *known = path ? known_digest(m, i) : NULL;
		char hex[DIGEST_HEX];

		if (path && !known && digest_file(path, DIGEST_SHA256, hex, e) < 0)
			return err_status(e, EXIT_FILE);
		if (path)
			m->v[i].file_sha256 = xstrdup(known ? known : hex);
	}
	return 0;
}

/* A file that can't be read, or not now, is one that tells nothing. */
static void guess_from_words(struct bench_list *l, const char *dir)
{
	for (size_t i = 0; i < l->m.n; i++) {
		auto_free char *path = bench_file_path(dir, &l->m.v[i]);
		struct err unread;
		auto_free char *text = path ? file_read(path, MAX_PATTERN, NULL, &unread) : NULL;

		l->from_words[i] = estimate_seconds(l->m.v[i].words, text);
	}
}

/* The mean of those that took some time among the runs of the same words; else a guess from the words, and the file if there is one. */
static void guess(struct bench_list *l)
{
	for (size_t i = 0; i < l->m.n; i++) {
		double sum = 0;
		int n = 0;

		for (size_t k = 0; k < l->m.n; k++)
			if (l->made[k].seconds > 0 && !strcmp(l->m.v[k].words, l->m.v[i].words)) {
				sum += l->made[k].seconds;
				n++;
			}
		l->guess[i] = n ? sum / n : l->from_words[i];
	}
}

int bench_list_make(struct bench_list *l, const struct experiment *x, const struct bench_place *p, const char *dir, const char *results,
		    const char *const *where, struct err *e)
{
	matrix_make(&l->m, x);
	if (digest_files(&l->m, dir, e) < 0)
		return -1;
	matrix_identify(&l->m, where);
	l->paths = xcalloc(l->m.n, sizeof(*l->paths));
	l->made = xcalloc(l->m.n, sizeof(*l->made));
	l->guess = xcalloc(l->m.n, sizeof(*l->guess));
	l->from_words = xcalloc(l->m.n, sizeof(*l->from_words));
	for (size_t i = 0; i < l->m.n; i++) {
		const struct bench_run *r = &l->m.v[i];

		l->paths[i] = strf("%s/%s/%.*s-%s.json", results, p->machine, MAX_LABEL, r->label, r->id);
		l->made[i] = bench_result_look(l->paths[i], r->id);
	}
	guess_from_words(l, dir);
	guess(l);
	return 0;
}

void bench_list_free(struct bench_list *l)
{
	for (size_t i = 0; l->paths && i < l->m.n; i++)
		free(l->paths[i]);
	free(l->paths);
	free(l->made);
	free(l->guess);
	free(l->from_words);
	matrix_free(&l->m);
}

bool bench_list_is_made(const struct bench_list *l, size_t i)
{
	return l->made[i].done && !l->again;
}

size_t bench_list_made(const struct bench_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->m.n; i++)
		n += bench_list_is_made(l, i);
	return n;
}

void bench_list_took(struct bench_list *l, size_t i, double seconds)
{
	l->made[i] = (struct bench_earlier){ true, seconds };
	guess(l);
}

double bench_list_left(const struct bench_list *l, size_t i)
{
	double s = 0;

	for (; i < l->m.n; i++)
		s += bench_list_is_made(l, i) ? 0 : l->guess[i];
	return s;
}

void bench_list_print(const struct bench_list *l, const struct bench_place *p, bool json)
{
	const char **states = xcalloc(l->m.n, sizeof(*states));
	struct table *t = NULL;
	char time[SIZE_TEXT];

	for (size_t i = 0; i < l->m.n; i++)
		states[i] = l->made[i].done ? "done" : "missing";
	if (json) {
		bench_print_json(&l->m, p, states, l->paths);
	} else {
		t = table_new((const char *const[]){ "RUN", "", "ABOUT", NULL });
		for (size_t i = 0; i < l->m.n; i++)
			table_row(t, (const char *const[]){ l->m.v[i].label, states[i], seconds_human(l->guess[i], time), NULL });
		table_print(t);
	}
	free(states);
}
