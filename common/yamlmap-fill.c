#include <stdarg.h>
#include <string.h>

#include "text.h"
#include "units.h"
#include "yamlmap-doc.h"

static void mark(struct ydoc *d, const void *field, const yaml_node_t *node, size_t size)
{
	ydoc_mark(d, (struct mark){ field, d->path, ydoc_pos(d, &node->start_mark), size });
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
	return ypos_err(d->path, ydoc_pos(d, &n->start_mark), e, "%s", text);
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
int ydoc_want_scalar(const struct ydoc *d, const yaml_node_t *n, const char *key, struct err *e)
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

	if (ydoc_want_scalar(d, n, k->name, e) < 0)
		return -1;
	switch (k->type) {
	case Y_STR:
		*(char **)out = ydoc_own(d, xstrdup(scalar(n)));
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
	case Y_LATENCY:
		return latency_parse(scalar(n), out, &why) < 0 ? fail(d, n, e, "'%s': %s", k->name, why.msg) : 0;
	default:
		return duration_parse(scalar(n), out, &why) < 0 ? fail(d, n, e, "'%s': %s", k->name, why.msg) : 0;
	}
}

/* Room for count elements more at the end of the list, which moves: with it the marks of what is in it. Returns where they
 * go. */
static void *grow(struct ydoc *d, char *out, const struct ykey *k, size_t size, size_t count, size_t spare)
{
	char *old = *(char **)(out + k->off), *new;
	size_t had = old ? *(size_t *)(out + k->count) : 0, n = d->n_marks;

	new = ydoc_own(d, xcalloc(had + count + spare, size));
	if (had)
		memcpy(new, old, had * size);
	for (size_t i = 0; i < n; i++) {
		const char *at = d->marks[i].field;

		if (had && at >= old && at < old + had * size) {
			struct mark moved = d->marks[i];

			moved.field = new + (at - old);
			ydoc_mark(d, moved);
		}
	}
	*(char **)(out + k->off) = new;
	*(size_t *)(out + k->count) = had + count;
	return new + had * size;
}

static int fill_strs(struct ydoc *d, yaml_node_t *n, const struct ykey *k, char *out, struct err *e)
{
	size_t count = n->type == YAML_SEQUENCE_NODE ? (size_t)(n->data.sequence.items.top -
								n->data.sequence.items.start) : 1;
	char **v;

	if (n->type == YAML_MAPPING_NODE)
		return fail(d, n, e, "'%s' takes a list of words, not a mapping", k->name);
	v = grow(d, out, k, sizeof(*v), count, 1);
	for (size_t i = 0; i < count; i++) {
		yaml_node_t *item = n;

		if (n->type == YAML_SEQUENCE_NODE)
			item = yaml_document_get_node(&d->yaml, n->data.sequence.items.start[i]);
		if (ydoc_want_scalar(d, item, k->name, e) < 0)
			return -1;
		if (d->n_marks > YDOC_MAX_VALUES)
			return fail(d, n, e, "the file holds more than %d values", YDOC_MAX_VALUES);
		v[i] = ydoc_own(d, xstrdup(scalar(item)));
		mark(d, &v[i], item, 0);
	}
	return 0;
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

static int fill_pairs(struct ydoc *d, yaml_node_t *n, const struct ykey *k, char *out, struct err *e)
{
	size_t count;
	char **v;

	if (n->type != YAML_MAPPING_NODE)
		return fail(d, n, e, "'%s' takes lines of 'name: value', not %s", k->name, kind_name(n));
	count = (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
	v = grow(d, out, k, sizeof(*v), count, 1);
	for (size_t i = 0; i < count; i++) {
		const yaml_node_pair_t *p = n->data.mapping.pairs.start + i;
		const yaml_node_t *key = yaml_document_get_node(&d->yaml, p->key);
		const yaml_node_t *value = yaml_document_get_node(&d->yaml, p->value);

		if (ydoc_want_scalar(d, key, k->name, e) < 0 || ydoc_want_scalar(d, value, scalar(key), e) < 0)
			return -1;
		if (seen_before(d, n, p, scalar(key)))
			return fail(d, key, e, "'%s' stands twice", scalar(key));
		v[i] = ydoc_own(d, strf("%s = %s", scalar(key), scalar(value)));
		mark(d, &v[i], key, 0);
	}
	return 0;
}

static int fill_list(struct ydoc *d, yaml_node_t *n, const struct ykey *k, char *out, struct err *e)
{
	size_t count;
	char *v;

	if (n->type != YAML_SEQUENCE_NODE)
		return fail(d, n, e, "'%s' takes a list (lines that begin with '- '), not %s", k->name, kind_name(n));
	count = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
	v = grow(d, out, k, k->map->size, count, 0);
	for (size_t i = 0; i < count; i++) {
		yaml_node_t *item = yaml_document_get_node(&d->yaml, n->data.sequence.items.start[i]);

		if (fill_map(d, item, k->map, v + i * k->map->size, e) < 0)
			return -1;
	}
	return 0;
}

static int fill_key(struct ydoc *d, yaml_node_t *n, const struct ykey *k, char *out, struct err *e)
{
	if (k->type != Y_MAP)
		mark(d, out + k->off, n, 0);
	switch (k->type) {
	case Y_MAP:
		return fill_map(d, n, k->map, out + k->off, e);
	case Y_LIST:
		return fill_list(d, n, k, out, e);
	case Y_PAIRS:
		return fill_pairs(d, n, k, out, e);
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

/* Set by this file, or by an earlier one. */
static bool is_set(struct ydoc *d, const yaml_node_t *n, const struct ykey *k, const char *out)
{
	if (seen_before(d, n, n->data.mapping.pairs.top, k->name))
		return true;
	for (size_t i = 0; d->layer > 0 && i < d->n_marks; i++)
		if (d->marks[i].field == out + k->off && d->marks[i].size == (k->type == Y_MAP ? k->map->size : 0))
			return true;
	return false;
}

static int check_required(struct ydoc *d, const yaml_node_t *n, const struct ymap *map, const char *out, struct err *e)
{
	for (const struct ykey *k = map->keys; k->name; k++)
		if (k->required && !is_set(d, n, k, out))
			return fail(d, n, e, "%s needs the key '%s': %s", map->what, k->name, k->help);
	return 0;
}

static size_t key_size(const struct ykey *k)
{
	static const size_t sizes[] = { [Y_STR] = sizeof(char *), [Y_BOOL] = sizeof(bool), [Y_INT] = sizeof(long),
					[Y_SIZE] = sizeof(uint64_t), [Y_DURATION] = sizeof(uint64_t),
					[Y_LATENCY] = sizeof(uint64_t), [Y_ENUM] = sizeof(int), [Y_STRS] = sizeof(char **), [Y_PAIRS] = sizeof(char **), [Y_LIST] = sizeof(void *) };

	return k->type == Y_MAP ? k->map->size : sizes[k->type];
}

/* What earlier files said of the keys that exclude the one that stands here. */
static void forget_group(struct ydoc *d, const yaml_node_t *n, const struct ymap *map, const struct ykey *here, char *out)
{
	for (const struct ykey *k = map->keys; here->group && k->name; k++)
		if (k->group == here->group && !seen_before(d, n, n->data.mapping.pairs.top, k->name))
			ydoc_forget(d, out + k->off, key_size(k));
}

static int fill_map(struct ydoc *d, yaml_node_t *n, const struct ymap *map, void *out, struct err *e)
{
	if (d->n_marks > YDOC_MAX_VALUES)
		return fail(d, n, e, "the file holds more than %d values", YDOC_MAX_VALUES);
	if (n->type == YAML_SCALAR_NODE && map->scalar) { /* the word stands for all there is to say */
		ydoc_forget(d, out, map->size);
		mark(d, out, n, map->size);
		return fill_key(d, n, find_key(map, map->scalar), out, e);
	}
	mark(d, out, n, map->size);
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
		if (d->layer > 0 && k->group)
			forget_group(d, n, map, k, out);
		if (d->layer > 0 && k->whole && (k->type != Y_MAP || !d->value))
			ydoc_forget(d, (char *)out + k->off, key_size(k));
		if (fill_key(d, yaml_document_get_node(&d->yaml, p->value), k, out, e) < 0)
			return -1;
	}
	return check_required(d, n, map, out, e);
}

int ydoc_fill(struct ydoc *d, const struct ymap *map, void *out, struct err *e)
{
	return fill_map(d, yaml_document_get_root_node(&d->yaml), map, out, e);
}
