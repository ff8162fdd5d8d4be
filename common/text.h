/* Strings: formatted ones, growing ones, and lists of them. Running out of memory ends the program: nothing here
 * returns NULL for that. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "cleanup.h"

/* A formatted string, the caller's to free. */
char *strf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);

/* A text that grows. {0} is an empty one; s is NULL until something is added, then always ends in NUL. */
struct text {
	char *s;
	size_t n, cap;
};
void text_add(struct text *t, const char *s, size_t n);
void text_puts(struct text *t, const char *s);
void text_addf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_free(struct text *t);
#define auto_text cleanup(text_free) struct text

/* A list of strings that it owns. {0} is an empty one; v ends in NULL as soon as something was added. */
struct strv {
	char **v;
	size_t n;
};
void strv_add(struct strv *l, const char *s);
void strv_addf(struct strv *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds s itself, which the list then owns. */
void strv_take(struct strv *l, char *s);
bool strv_has(const struct strv *l, const char *s);
/* In the order of strcmp. */
void strv_sort(struct strv *l);
void strv_free(struct strv *l);
#define auto_strv cleanup(strv_free) struct strv

bool str_starts(const char *s, const char *prefix);
/* NULL is the same as "". */
bool str_same(const char *a, const char *b);
bool str_ends(const char *s, const char *suffix);
static inline bool str_empty(const char *s) { return !s || !*s; }

/* The one of the n names nearest to word (edit distance at most 2, or a third of its length), or NULL. */
const char *did_you_mean(const char *word, const char *const *names, size_t n);

/* " (did you mean 'NAME'?)", or "". In a buffer of the caller. */
const char *did_you_mean_text(char *buf, size_t size, const char *word, const char *const *names, size_t n);

/* True for a name that is safe as a file's, a host's and a machine's: a-z 0-9 . _ -, begins with a letter or digit,
 * at most 63 long (RFC 1123's limit for a host name's label). */
bool name_ok(const char *name);

/* Is ".." among the parts of the path? */
bool path_leads_up(const char *path);

/* Calls fn with each line of text (without its line break); stops at the first that returns non-zero, and returns
 * that. Lines are numbered from 1. */
int each_line(const char *text, int (*fn)(char *line, int number, void *arg), void *arg);

/* One argument quoted for a POSIX shell, the caller's to free. */
char *shell_quote(const char *arg);
