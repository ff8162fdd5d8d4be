/* What yamlmap.c (files, lines) and yamlmap-fill.c (nodes to structs) share. */
#pragma once
#include <yaml.h>

#include "yamlmap.h"

#define YDOC_MAX_VALUES (1 << 15) /* aliases of aliases: a few lines could stand for a million values */

struct mark {
	const void *field;
	const char *path; /* of the file */
	struct ypos pos;
	size_t size; /* of a whole struct; 0: it is of one of its keys */
};

/* Files are read one after the other; path, yaml and layer are those of the one that is being read, or was last. */
struct ydoc {
	char *path;
	yaml_document_t yaml;
	size_t layer;
	bool value; /* it has a single value, deep in mappings that it does not replace */
	bool unseen; /* it is no file: places in it mean nothing to anybody */
	struct mark *marks;
	size_t n_marks, cap_marks;
	void **owned;
	size_t n_owned;
};

/* Where a node begins, in the text that is being read. */
struct ypos ydoc_pos(const struct ydoc *d, const yaml_mark_t *m);
/* Gives p to the document, which frees it in the end. Returns p. */
void *ydoc_own(struct ydoc *d, void *p);
void ydoc_mark(struct ydoc *d, struct mark m);
/* What was set by an earlier file in the n bytes at from is no more. */
void ydoc_forget(struct ydoc *d, void *from, size_t n);

/* Puts the root of d->yaml into *out. */
int ydoc_fill(struct ydoc *d, const struct ymap *map, void *out, struct err *e);
/* A node that is a plain word and has no NUL in it; key is for the message. */
int ydoc_want_scalar(const struct ydoc *d, const yaml_node_t *n, const char *key, struct err *e);
