/* YAML to structs, by tables. One table says which keys a mapping has, their types, and where in the struct they go;
 * from it come the parser, its messages, and the test that holds the manual against the program.
 *
 * The document is read by libyaml, whose nodes carry line and column. On top of it: unknown keys are refused with the
 * nearest known one, keys that stand twice too (libyaml takes them silently), and a number where a unit is due. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum ytype {
	Y_STR,      /* char *                                           */
	Y_BOOL,     /* bool: true or false                              */
	Y_INT,      /* long, from min to max                            */
	Y_SIZE,     /* uint64_t, bytes: 8GiB, 512MiB                    */
	Y_DURATION, /* uint64_t, milliseconds: 30s, 500ms               */
	Y_LATENCY,  /* uint64_t, nanoseconds: 237ns, 3us                */
	Y_ENUM,     /* int: the index of the word in names              */
	Y_STRS,     /* char **, ending in NULL, and size_t at count; one plain word stands for a list of one */
	Y_PAIRS,    /* the same, from a mapping of plain values with any keys: "KEY = VALUE"        */
	Y_MAP,      /* the struct of map, in place                      */
	Y_LIST,     /* an array of the struct of map, and size_t at count */
};

struct ymap;
struct ykey {
	const char *name;
	enum ytype type;
	size_t off, count; /* where the value and its count go in the struct */
	const struct ymap *map;
	const char *const *names; /* ends in NULL */
	long min, max;
	bool required;
	bool whole; /* Y_MAP, lists: what a later file says takes the place of all that earlier ones said, and is not put
		     * over or behind it */
	int group;  /* not 0: of the keys with this number a later file's take the place of those of earlier ones          */
	const char *fallback; /* the default, as the manual words it; applied by whoever reads the struct */
	const char *help;
};

struct ymap {
	const char *what;        /* "a device", for messages        */
	size_t size;             /* of the struct                   */
	const char *scalar;      /* the key that a plain word in place of the mapping stands for; NULL: none */
	const struct ykey *keys; /* ends with a NULL name           */
};

/* A file that was read: owns every string and array in the struct that was filled from it, and knows the line of
 * each. */
struct ydoc;

/* Reads the file into *out (which is zeroed first). NULL on any error: then *out holds nothing. */
struct ydoc *ydoc_load(const char *path, const struct ymap *map, void *out, struct err *e);
/* The same from a text; path is for messages. */
struct ydoc *ydoc_parse(const char *path, const char *text, size_t n, const struct ymap *map, void *out,
			struct err *e);
/* Reads one more file over what d and *out hold: a value takes the place of an earlier one, and lists grow. On error d and
 * *out are of no more use, but for ydoc_free(). */
int ydoc_add_file(struct ydoc *d, const char *path, const struct ymap *map, void *out, struct err *e);
/* The same from a text that nobody sees: messages begin with the label, and have neither line nor column. */
int ydoc_add(struct ydoc *d, const char *label, const char *text, size_t n, const struct ymap *map, void *out, struct err *e);
/* The same from a text that has a single value: mappings are put over, whole or not. */
int ydoc_add_value(struct ydoc *d, const char *label, const char *text, size_t n, const struct ymap *map, void *out,
		   struct err *e);

/* A place in a file, both from 1. Column 0: of a text that nobody sees. */
struct ypos {
	int line, column;
};

/* The plain value of a key at the top of a file, without looking at the rest: *value is NULL if it has none, and else the
 * caller's to free. */
int ydoc_peek(const char *path, const char *key, char **value, struct ypos *pos, struct err *e);

/* Sets e to "PATH:LINE:COLUMN: message", or without a column to "PATH: message". Returns -1. */
int ypos_err(const char *path, struct ypos pos, struct err *e, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

void ydoc_free(struct ydoc *d);
static inline void ydoc_cleanup(struct ydoc **d) { ydoc_free(*d); }

/* The name, as it was given, of the last file that was read. */
const char *ydoc_path(const struct ydoc *d);

/* The name of the file that set the field; the last one's if none did. */
const char *ydoc_file(const struct ydoc *d, const void *field);

/* The line where the field (a pointer into the struct) was set; 0 if the file does not set it. */
int ydoc_line(const struct ydoc *d, const void *field);

/* Sets e to "FILE:LINE:COLUMN: message", the place being that of the field, or that of the struct around it. Returns -1. */
int ydoc_err(const struct ydoc *d, const void *field, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
