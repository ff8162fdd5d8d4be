#include "yamlmap-doc.h"

#include <stdarg.h>
#include <string.h>

#include "file.h"
#include "text.h"

#define MAX_FILE (1 << 20) /* nobody writes a recipe of a mebibyte by hand */
#define MAX_DEPTH 64       /* ours are less than 10 deep                   */

const char *ydoc_path(const struct ydoc *d)
{
	return d->path;
}

void *ydoc_own(struct ydoc *d, void *p)
{
	if (!(d->n_owned & (d->n_owned - 1))) /* full: twice as much */
		d->owned = xrealloc(d->owned, (d->n_owned ? 2 * d->n_owned : 1) * sizeof(*d->owned));
	d->owned[d->n_owned++] = p;
	return p;
}

void ydoc_mark(struct ydoc *d, struct mark m)
{
	if (d->n_marks == d->cap_marks) {
		d->cap_marks = d->cap_marks ? 2 * d->cap_marks : 64;
		d->marks = xrealloc(d->marks, d->cap_marks * sizeof(*d->marks));
	}
	d->marks[d->n_marks++] = m;
}

void ydoc_forget(struct ydoc *d, void *from, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n_marks; i++) {
		const char *at = d->marks[i].field;

		if (at < (char *)from || at >= (char *)from + n || d->marks[i].size > n) /* it, or what is around it */
			d->marks[kept++] = d->marks[i];
	}
	d->n_marks = kept;
	memset(from, 0, n);
}

/* The mark of a key; a struct and its first key have one address. */
static const struct mark *find_mark(const struct ydoc *d, const void *field)
{
	for (size_t i = d->n_marks; i > 0; i--)
		if (d->marks[i - 1].field == field && !d->marks[i - 1].size)
			return &d->marks[i - 1];
	return NULL;
}

int ydoc_line(const struct ydoc *d, const void *field)
{
	const struct mark *m = find_mark(d, field);

	return m ? m->pos.line : 0;
}

const char *ydoc_file(const struct ydoc *d, const void *field)
{
	const struct mark *m = find_mark(d, field);

	return m ? m->path : d->path;
}

/* The mark of the innermost struct that the field is in, or is; a later file's, where several have it. */
static const struct mark *mark_around(const struct ydoc *d, const void *field)
{
	const struct mark *best = NULL;

	for (const struct mark *m = d->marks; m < d->marks + d->n_marks; m++)
		if ((char *)field >= (char *)m->field && (char *)field < (char *)m->field + m->size &&
		    (!best || m->size <= best->size))
			best = m;
	return best;
}

int ydoc_err(const struct ydoc *d, const void *field, struct err *e, const char *fmt, ...)
{
	const struct mark *m = field ? find_mark(d, field) : NULL;
	char text[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (field && !m)
		m = mark_around(d, field);
	return m ? ypos_err(m->path, m->pos, e, "%s", text) : err_set(e, "%s: %s", d->path, text);
}

int ypos_err(const char *path, struct ypos pos, struct err *e, const char *fmt, ...)
{
	char text[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!pos.column)
		return err_set(e, "%s: %s", path, text);
	return err_set(e, "%s:%d:%d: %s", path, pos.line, pos.column, text);
}

struct ypos ydoc_pos(const struct ydoc *d, const yaml_mark_t *m)
{
	return (struct ypos){ (int)m->line + 1, d->unseen ? 0 : (int)m->column + 1 };
}

/* libyaml's reader, which refuses control characters and wrong UTF-8, knows an offset and neither line nor column. */
static int not_yaml(const struct ydoc *d, const yaml_parser_t *p, const char *text, struct err *e)
{
	yaml_mark_t at = p->problem_mark;

	if (p->error == YAML_READER_ERROR) {
		at = (yaml_mark_t){ 0 };
		for (size_t i = 0; i < p->problem_offset; i++) {
			at.column = text[i] == '\n' ? 0 : at.column + 1;
			at.line += text[i] == '\n';
		}
	}
	return ypos_err(d->path, ydoc_pos(d, &at), e, "%s%s%s", p->problem ? p->problem : "not YAML", p->context ? ", " : "",
			p->context ? p->context : "");
}

/* libyaml's time goes by the square of the depth: a few thousand brackets take minutes. Parsed as far as here, they take none.
 * What else is wrong is told by who reads the whole. */
static int check_depth(const struct ydoc *d, const char *text, size_t n, struct err *e)
{
	yaml_parser_t p;
	bool end = false;
	int depth = 0, rc = 0;

	if (!yaml_parser_initialize(&p))
		abort();
	yaml_parser_set_input_string(&p, (const unsigned char *)text, n);
	while (!end && rc == 0) {
		yaml_event_t event;

		if (!yaml_parser_parse(&p, &event))
			break;
		depth += event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT;
		depth -= event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
		end = event.type == YAML_STREAM_END_EVENT;
		if (depth > MAX_DEPTH)
			rc = ypos_err(d->path, ydoc_pos(d, &event.start_mark), e, "lists and mappings are nested more than %d deep", MAX_DEPTH);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&p);
	return rc;
}

static int load_yaml(struct ydoc *d, yaml_parser_t *p, const char *text, struct err *e)
{
	yaml_document_t second;
	bool more;

	if (!yaml_parser_load(p, &d->yaml))
		return not_yaml(d, p, text, e);
	if (!yaml_document_get_root_node(&d->yaml))
		return err_set(e, "%s: the file is empty", d->path);
	if (!yaml_parser_load(p, &second))
		return not_yaml(d, p, text, e);
	more = yaml_document_get_root_node(&second) != NULL;
	yaml_document_delete(&second);
	return more ? err_set(e, "%s: holds more than one YAML document ('---'): split it", d->path) : 0;
}

/* Reads one file's text into d->yaml. */
static int read_yaml(struct ydoc *d, const char *path, const char *text, size_t n, struct err *e)
{
	yaml_parser_t parser;
	int rc;

	yaml_document_delete(&d->yaml);
	d->path = ydoc_own(d, xstrdup(path));
	if (check_depth(d, text, n, e) < 0)
		return -1;
	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	rc = load_yaml(d, &parser, text, e);
	yaml_parser_delete(&parser);
	return rc;
}

struct ydoc *ydoc_parse(const char *path, const char *text, size_t n, const struct ymap *map, void *out,
			struct err *e)
{
	cleanup(ydoc_cleanup) struct ydoc *d = xcalloc(1, sizeof(*d));
	int rc;

	memset(out, 0, map->size);
	rc = read_yaml(d, path, text, n, e);
	if (rc == 0)
		rc = ydoc_fill(d, map, out, e);
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

static int add(struct ydoc *d, const char *path, const char *text, size_t n, const struct ymap *map, void *out, struct err *e)
{
	d->layer++;
	return read_yaml(d, path, text, n, e) < 0 ? -1 : ydoc_fill(d, map, out, e);
}

int ydoc_add(struct ydoc *d, const char *label, const char *text, size_t n, const struct ymap *map, void *out, struct err *e)
{
	int rc;

	d->unseen = true;
	rc = add(d, label, text, n, map, out, e);
	d->unseen = false;
	return rc;
}

int ydoc_add_value(struct ydoc *d, const char *label, const char *text, size_t n, const struct ymap *map, void *out,
		   struct err *e)
{
	int rc;

	d->value = true;
	rc = ydoc_add(d, label, text, n, map, out, e);
	d->value = false;
	return rc;
}

int ydoc_add_file(struct ydoc *d, const char *path, const struct ymap *map, void *out, struct err *e)
{
	auto_free char *text = NULL;
	size_t n;

	text = file_read(path, MAX_FILE, &n, e);
	return text ? add(d, path, text, n, map, out, e) : -1;
}

int ydoc_peek(const char *path, const char *key, char **value, struct ypos *pos, struct err *e)
{
	cleanup(ydoc_cleanup) struct ydoc *d = xcalloc(1, sizeof(*d));
	auto_free char *text = NULL;
	yaml_node_t *root;
	size_t n;

	*value = NULL;
	text = file_read(path, MAX_FILE, &n, e);
	if (!text || read_yaml(d, path, text, n, e) < 0)
		return -1;
	root = yaml_document_get_root_node(&d->yaml);
	if (root->type != YAML_MAPPING_NODE)
		return 0;
	for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++) {
		yaml_node_t *k = yaml_document_get_node(&d->yaml, p->key), *v = yaml_document_get_node(&d->yaml, p->value);

		if (k->type != YAML_SCALAR_NODE || strcmp((const char *)k->data.scalar.value, key))
			continue;
		if (ydoc_want_scalar(d, v, key, e) < 0)
			return -1;
		*value = xstrdup((const char *)v->data.scalar.value);
		*pos = ydoc_pos(d, &v->start_mark);
		return 0;
	}
	return 0;
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
	free(d);
}
