#include "yamlmap.h"

#include <stdarg.h>
#include <string.h>
#include <yaml.h>

#include "file.h"
#include "text.h"
#include "units.h"

#define MAX_FILE (1 << 20)   /* nobody writes a recipe of a mebibyte by hand */
#define MAX_VALUES (1 << 15) /* aliases of aliases: a few lines could stand for a million values */

struct mark {
	const void *field;
	int line;
	bool whole; /* of a struct, and not of one of its keys */
};

struct ydoc {
	char *path;
	yaml_document_t yaml;
	struct mark *marks;
	size_t n_marks;
	void **owned;
	size_t n_owned;
};

const char *ydoc_path(const struct ydoc *d)
{
	return d->path;
}

static void *own(struct ydoc *d, void *p)
{
	if (!(d->n_owned & (d->n_owned - 1))) /* full: twice as much */
		d->owned = xrealloc(d->owned, (d->n_owned ? 2 * d->n_owned : 1) * sizeof(*d->owned));
	d->owned[d->n_owned++] = p;
	return p;
}

static void mark(struct ydoc *d, const void *field, const yaml_node_t *node, bool whole)
{
	if (!(d->n_marks & (d->n_marks - 1)))
		d->marks = xrealloc(d->marks, (d->n_marks ? 2 * d->n_marks : 1) * sizeof(*d->marks));
	d->marks[d->n_marks++] = (struct mark){ field, (int)node->start_mark.line + 1, whole };
}

int ydoc_line(const struct ydoc *d, const void *field)
{
	/* A struct and its first key have one address. */
	for (size_t i = d->n_marks; i > 0; i--)
		if (d->marks[i - 1].field == field && !d->marks[i - 1].whole)
			return d->marks[i - 1].line;
	return 0;
}

int ydoc_err(const struct ydoc *d, const void *field, struct err *e, const char *fmt, ...)
{
	const struct mark *best = NULL;
	char text[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (size_t i = 0; field && i < d->n_marks; i++)
		if (d->marks[i].field <= field && (!best || d->marks[i].field >= best->field))
			best = &d->marks[i];
	if (best)
		return err_set(e, "%s:%d: %s", d->path, best->line, text);
	return err_set(e, "%s: %s", d->path, text);
}

static int fail(const struct ydoc *d, const yaml_node_t *n, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static int fail(const struct ydoc *d, const yaml_node_t *n, struct err *e, const char *fmt, ...)
{
	char text[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, "%s:%zu: %s", d->path, n->start_mark.line + 1, text);
}

static const char *kind_name(const yaml_node_t *n)
{
	return n->type == YAML_MAPPING_NODE ? "a mapping" : n->type == YAML_SEQUENCE_NODE ? "a list" : "a plain value";
}

static const char *scalar(const yaml_node_t *n)
{
	return (const char *)n->data.scalar.value;
}

/* A word that is there and has no NUL in it. */
static int want_scalar(const struct ydoc *d, const yaml_node_t *n, const char *key, struct err *e)
{
	if (n->type != YAML_SCALAR_NODE)
		return fail(d, n, e, "'%s' takes a plain value, not %s", key, kind_name(n));
	if (strlen(scalar(n)) != n->data.scalar.length)
		return fail(d, n, e, "'%s' has a NUL character in it", key);
	if (!n->data.scalar.length && n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return fail(d, n, e, "'%s' has no value: write one, or take the line out", key);
	return 0;
}

static int fill_map(struct ydoc *d, yaml_node_t *n, const struct ymap *map, void *out, struct err *e);

static int fill_enum(const struct ydoc *d, const yaml_node_t *n, const struct ykey *k, int *out, struct err *e)
{
	char hint[120];
	size_t i = 0;

	for (; k->names[i]; i++)
		if (!strcmp(k->names[i], scalar(n))) {
			*out = (int)i;
			return 0;
		}
	fail(d, n, e, "'%s' can't be '%.60s'%s; it is one of", k->name, scalar(n),
	     did_you_mean_text(hint, sizeof(hint), scalar(n), k->names, i));
	for (i = 0; k->names[i]; i++)
		err_append(e, "%s %s", i ? "," : "", k->names[i]);
	return -1;
}

static int fill_int(const struct ydoc *d, const yaml_node_t *n, const struct ykey *k, long *out, struct err *e)
{
	char *end;

	errno = 0;
	*out = strtol(scalar(n), &end, 10);
	if (errno || *end || end == scalar(n))
		return fail(d, n, e, "'%s' takes a whole number, not '%.60s'", k->name, scalar(n));
	if (*out < k->min || *out > k->max)
		return fail(d, n, e, "'%s' is %ld: it goes from %ld to %ld", k->name, *out, k->min, k->max);
	return 0;
}

static int fill_scalar(struct ydoc *d, const yaml_node_t *n, const struct ykey *k, void *out, struct err *e)
{
	struct err why;

	if (want_scalar(d, n, k->name, e) < 0)
		return -1;
	switch (k->type) {
	case Y_STR:
		*(char **)out = own(d, xstrdup(scalar(n)));
		return 0;
	case Y_BOOL:
		if (strcmp(scalar(n), "true") && strcmp(scalar(n), "false"))
			return fail(d, n, e, "'%s' is true or false, not '%.60s'", k->name, scalar(n));
		*(bool *)out = !strcmp(scalar(n), "true");
		return 0;
	case Y_INT:
		return fill_int(d, n, k, out, e);
	case Y_ENUM:
		return fill_enum(d, n, k, out, e);
	case Y_SIZE:
		return size_parse(scalar(n), out, &why) < 0 ? fail(d, n, e, "'%s': %s", k->name, why.msg) : 0;
	default:
		return duration_parse(scalar(n), out, &why) < 0 ? fail(d, n, e, "'%s': %s", k->name, why.msg) : 0;
	}
}

static int fill_strs(struct ydoc *d, yaml_node_t *n, const struct ykey *k, char *out, struct err *e)
{
	size_t count = n->type == YAML_SEQUENCE_NODE ? (size_t)(n->data.sequence.items.top -
								n->data.sequence.items.start) : 1;
	char **v = own(d, xcalloc(count + 1, sizeof(*v)));

	if (n->type == YAML_MAPPING_NODE)
		return fail(d, n, e, "'%s' takes a list of words, not a mapping", k->name);
	for (size_t i = 0; i < count; i++) {
		yaml_node_t *item = n;

		if (n->type == YAML_SEQUENCE_NODE)
			item = yaml_document_get_node(&d->yaml, n->data.sequence.items.start[i]);
		if (want_scalar(d, item, k->name, e) < 0)
			return -1;
		if (d->n_marks > MAX_VALUES)
			return fail(d, n, e, "the file holds more than %d values", MAX_VALUES);
		v[i] = own(d, xstrdup(scalar(item)));
		mark(d, &v[i], item, false);
	}
	*(char ***)(out + k->off) = v;
	*(size_t *)(out + k->count) = count;
	return 0;
}

static int fill_list(struct ydoc *d, yaml_node_t *n, const struct ykey *k, char *out, struct err *e)
{
	size_t count;
	char *v;

	if (n->type != YAML_SEQUENCE_NODE)
		return fail(d, n, e, "'%s' takes a list (lines that begin with '- '), not %s", k->name, kind_name(n));
	count = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
	v = own(d, xcalloc(count, k->map->size));
	for (size_t i = 0; i < count; i++) {
		yaml_node_t *item = yaml_document_get_node(&d->yaml, n->data.sequence.items.start[i]);

		if (fill_map(d, item, k->map, v + i * k->map->size, e) < 0)
			return -1;
	}
	*(char **)(out + k->off) = v;
	*(size_t *)(out + k->count) = count;
	return 0;
}

static int fill_key(struct ydoc *d, yaml_node_t *n, const struct ykey *k, char *out, struct err *e)
{
	if (k->type != Y_MAP)
		mark(d, out + k->off, n, false);
	switch (k->type) {
	case Y_MAP:
		return fill_map(d, n, k->map, out + k->off, e);
	case Y_LIST:
		return fill_list(d, n, k, out, e);
	case Y_STRS:
		return fill_strs(d, n, k, out, e);
	default:
		return fill_scalar(d, n, k, out + k->off, e);
	}
}

static const struct ykey *find_key(const struct ymap *map, const char *name)
{
	for (const struct ykey *k = map->keys; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

static int unknown_key(struct ydoc *d, const yaml_node_t *n, const struct ymap *map, struct err *e)
{
	const char *names[64];
	char hint[120];
	size_t count = 0;

	for (const struct ykey *k = map->keys; k->name && count < 64; k++)
		names[count++] = k->name;
	fail(d, n, e, "unknown key '%.60s' in %s%s", scalar(n), map->what,
	     did_you_mean_text(hint, sizeof(hint), scalar(n), names, count));
	if (*hint)
		return -1;
	err_append(e, "; it knows");
	for (size_t i = 0; i < count; i++)
		err_append(e, "%s %s", i ? "," : "", names[i]);
	return -1;
}

/* Line of an earlier key of the same name, 0 if there is none. */
static size_t seen_before(struct ydoc *d, const yaml_node_t *map, const yaml_node_pair_t *upto, const char *name)
{
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < upto; p++) {
		const yaml_node_t *key = yaml_document_get_node(&d->yaml, p->key);

		if (key->type == YAML_SCALAR_NODE && !strcmp(scalar(key), name))
			return key->start_mark.line + 1;
	}
	return 0;
}

static int check_required(struct ydoc *d, const yaml_node_t *n, const struct ymap *map, struct err *e)
{
	for (const struct ykey *k = map->keys; k->name; k++)
		if (k->required && !seen_before(d, n, n->data.mapping.pairs.top, k->name))
			return fail(d, n, e, "%s needs the key '%s': %s", map->what, k->name, k->help);
	return 0;
}

static int fill_map(struct ydoc *d, yaml_node_t *n, const struct ymap *map, void *out, struct err *e)
{
	if (d->n_marks > MAX_VALUES)
		return fail(d, n, e, "the file holds more than %d values", MAX_VALUES);
	mark(d, out, n, true);
	if (n->type == YAML_SCALAR_NODE && map->scalar)
		return fill_key(d, n, find_key(map, map->scalar), out, e);
	if (n->type != YAML_MAPPING_NODE)
		return fail(d, n, e, "%s is a mapping (lines of 'key: value'), not %s", map->what, kind_name(n));
	for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
		yaml_node_t *key = yaml_document_get_node(&d->yaml, p->key);
		const struct ykey *k;
		size_t before;

		if (key->type != YAML_SCALAR_NODE)
			return fail(d, key, e, "a key has to be a plain word, not %s", kind_name(key));
		if (strlen(scalar(key)) != key->data.scalar.length)
			return fail(d, key, e, "a key has a NUL character in it");
		k = find_key(map, scalar(key));
		if (!k)
			return unknown_key(d, key, map, e);
		before = seen_before(d, n, p, scalar(key));
		if (before)
			return fail(d, key, e, "'%s' stands twice: it is also on line %zu", scalar(key), before);
		if (fill_key(d, yaml_document_get_node(&d->yaml, p->value), k, out, e) < 0)
			return -1;
	}
	return check_required(d, n, map, e);
}

/* libyaml's reader, which refuses control characters and wrong UTF-8, knows an offset and no line. */
static size_t problem_line(const yaml_parser_t *p, const char *text)
{
	size_t line = 1;

	if (p->error != YAML_READER_ERROR)
		return p->problem_mark.line + 1;
	for (size_t i = 0; i < p->problem_offset; i++)
		line += text[i] == '\n';
	return line;
}

static int load_yaml(struct ydoc *d, yaml_parser_t *p, const char *text, struct err *e)
{
	yaml_document_t second;
	bool more;

	if (!yaml_parser_load(p, &d->yaml))
		return err_set(e, "%s:%zu: %s%s%s", d->path, problem_line(p, text), p->problem ? p->problem : "not YAML",
			       p->context ? ", " : "", p->context ? p->context : "");
	if (!yaml_document_get_root_node(&d->yaml))
		return err_set(e, "%s: the file is empty", d->path);
	if (!yaml_parser_load(p, &second))
		return err_set(e, "%s:%zu: %s", d->path, problem_line(p, text), p->problem ? p->problem : "not YAML");
	more = yaml_document_get_root_node(&second) != NULL;
	yaml_document_delete(&second);
	return more ? err_set(e, "%s: holds more than one YAML document ('---'): split it", d->path) : 0;
}

struct ydoc *ydoc_parse(const char *path, const char *text, size_t n, const struct ymap *map, void *out,
			struct err *e)
{
	cleanup(ydoc_cleanup) struct ydoc *d = xcalloc(1, sizeof(*d));
	yaml_parser_t parser;
	int rc;

	memset(out, 0, map->size);
	d->path = xstrdup(path);
	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	rc = load_yaml(d, &parser, text, e);
	yaml_parser_delete(&parser);
	if (rc == 0)
		rc = fill_map(d, yaml_document_get_root_node(&d->yaml), map, out, e);
	if (rc < 0) {
		memset(out, 0, map->size);
		return NULL;
	}
	return steal(d);
}

struct ydoc *ydoc_load(const char *path, const struct ymap *map, void *out, struct err *e)
{
	auto_free char *text = NULL;
	size_t n;

	memset(out, 0, map->size);
	text = file_read(path, MAX_FILE, &n, e);
	return text ? ydoc_parse(path, text, n, map, out, e) : NULL;
}

void ydoc_free(struct ydoc *d)
{
	if (!d)
		return;
	yaml_document_delete(&d->yaml);
	for (size_t i = 0; i < d->n_owned; i++)
		free(d->owned[i]);
	free(d->owned);
	free(d->marks);
	free(d->path);
	free(d);
}
