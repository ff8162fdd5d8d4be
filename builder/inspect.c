#include "inspect.h"

#include <string.h>

#include "dpkg.h"
#include "options.h"
#include "units.h"

#define SHOWN 3 /* of what differs; the rest is counted */

void finding_add(struct findings *l, bool differs, const char *what, char *found)
{
	l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	l->v[l->n++] = (struct finding){ xstrdup(what), found, differs };
}

void findings_free(struct findings *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].what);
		free(l->v[i].found);
	}
	free(l->v);
}

/* "a, b, c and 4 more", the caller's to free. */
static char *some(const struct strv *l)
{
	struct text t = { 0 };

	for (size_t i = 0; i < l->n && i < SHOWN; i++)
		text_addf(&t, "%s%s", i ? ", " : "", l->v[i]);
	if (l->n > SHOWN)
		text_addf(&t, " and %zu more", l->n - SHOWN);
	return t.s ? t.s : xstrdup("");
}

/* ---- packages ---- */

static void compare_packages(const struct record *m, const struct image_facts *f, struct findings *out)
{
	auto_strv said = { 0 }, found = { 0 }, odd = { 0 };

	if (!f->status)
		return;
	dpkg_list(f->status, &found);
	if (m)
		record_pairs(m, "packages", &said);
	for (size_t i = 0; m && i < found.n; i++)
		if (!strv_has(&said, found.v[i]))
			strv_addf(&odd, "%s is not in the manifest", found.v[i]);
	for (size_t i = 0; i < said.n; i++)
		if (!strv_has(&found, said.v[i]))
			strv_addf(&odd, "%s is not in the image", said.v[i]);
	if (odd.n) {
		auto_free char *words = some(&odd);

		finding_add(out, true, "packages", strf("%zu: %s", found.n, words));
	} else {
		finding_add(out, false, "packages", strf("%zu%s", found.n, m ? ", in the versions of the manifest" : ""));
	}
}

/* ---- kernel ---- */

static void compare_kernel(const struct record *m, const struct image_facts *f, struct findings *out)
{
	const char *release = m ? record_text(m, "kernel.release") : "";
	auto_text list = { 0 };
	bool there = strv_has(&f->kernels, release);

	for (size_t i = 0; i < f->kernels.n; i++)
		text_addf(&list, "%s%s", i ? ", " : "", f->kernels.v[i]);
	if (*release && !there)
		finding_add(out, true, "kernels", strf("%s; the manifest's %s is not among them", list.s ? list.s : "none", release));
	else
		finding_add(out, false, "kernels", xstrdup(list.s ? list.s : "none"));
	if (*f->entry)
		finding_add(out, *release && !strstr(f->entry, release), "boots", xstrdup(f->entry));
}

static void compare_options(const struct record *m, const struct image_facts *f, struct findings *out)
{
	auto_strv asked = { 0 }, odd = { 0 };
	struct config c = { 0 };

	if (!m || !f->config)
		return;
	record_options(m, &asked);
	config_parse(&c, f->config);
	for (size_t i = 0; i < asked.n; i++) {
		auto_free char *name = xstrndup(asked.v[i], strcspn(asked.v[i], "="));
		const char *want = asked.v[i] + strlen(name) + 1, *have = config_get(&c, name);

		if (strcmp(want, have))
			strv_addf(&odd, "%s is %s", asked.v[i], have);
	}
	if (odd.n) {
		auto_free char *words = some(&odd);

		finding_add(out, true, "options", strf("%zu of %zu asked for do not hold: %s", odd.n, asked.n, words));
	} else {
		finding_add(out, false, "options", strf("%zu on, all %zu asked for among them", config_enabled(&c), asked.n));
	}
	config_free(&c);
}

/* ---- the rest ---- */

/* "root" and those that people log in as: from 1000 on, but nobody. */
static int user_line(char *line, int number, void *arg)
{
	char *uid = strchr(line, ':');
	long n;

	(void)number;
	uid = uid ? strchr(uid + 1, ':') : NULL;
	if (!uid)
		return 0;
	n = strtol(uid + 1, NULL, 10);
	if (n == 0 || (n >= 1000 && n < 65534))
		strv_addf(arg, "%.*s", (int)strcspn(line, ":"), line);
	return 0;
}

static void show_filesystems(const struct image_facts *f, struct findings *out)
{
	for (size_t i = 0; i < f->filesystems.n; i++) {
		char where[200], type[32], size[SIZE_TEXT], room[SIZE_TEXT];
		unsigned long long bytes, left;

		if (sscanf(f->filesystems.v[i], "%199s %31s %llu %llu", where, type, &bytes, &left) == 4)
			finding_add(out, false, where, strf("%s, %s, %s free", type, size_human(bytes, size),
							    size_human(left, room)));
	}
}

void inspect(const struct record *m, const struct image_facts *f, struct findings *out)
{
	const char *host = m ? record_text(m, "hostname") : "";
	auto_strv users = { 0 };
	auto_text list = { 0 };

	finding_add(out, false, "system", xstrdup(*f->system ? f->system : "unknown"));
	if (*f->hostname)
		finding_add(out, *host && strcmp(host, f->hostname), "host name", xstrdup(f->hostname));
	if (f->table)
		finding_add(out, false, "partitions", xstrdup(f->table));
	show_filesystems(f, out);
	compare_kernel(m, f, out);
	compare_options(m, f, out);
	compare_packages(m, f, out);
	if (f->passwd)
		each_line(f->passwd, user_line, &users);
	for (size_t i = 0; i < users.n; i++)
		text_addf(&list, "%s%s", i ? ", " : "", users.v[i]);
	if (list.n)
		finding_add(out, false, "users", xstrdup(list.s));
}

/* ---- two lists of files ---- */

static int compare_paths(const char *a, const char *b)
{
	size_t n = strcspn(a, "\t"), m = strcspn(b, "\t");
	int rc = strncmp(a, b, n < m ? n : m);

	return rc ? rc : n < m ? -1 : n > m;
}

static const char *what_of(const char *line)
{
	const char *tab = strchr(line, '\t');

	return tab ? tab + 1 : "";
}

void listing_diff(const struct strv *a, const struct strv *b, struct strv *out)
{
	size_t i = 0, j = 0;

	while (i < a->n || j < b->n) {
		int order = i == a->n ? 1 : j == b->n ? -1 : compare_paths(a->v[i], b->v[j]);
		const char *line = order > 0 ? b->v[j] : a->v[i];
		int path = (int)strcspn(line, "\t");

		if (order < 0)
			strv_addf(out, "only in the first: %.*s (%s)", path, line, what_of(line));
		else if (order > 0)
			strv_addf(out, "only in the second: %.*s (%s)", path, line, what_of(line));
		else if (strcmp(line, b->v[j]))
			strv_addf(out, "differs: %.*s: %s, %s", path, line, what_of(line), what_of(b->v[j]));
		i += order <= 0;
		j += order >= 0;
	}
}
