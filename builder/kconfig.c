#include <ctype.h>
#include <search.h>
#include <string.h>

#include "file.h"
#include "kconfig-tree.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct symbol *)a)->name, ((const struct symbol *)b)->name);
}

static struct symbol *find(const struct kconfig *k, const char *name)
{
	struct symbol key = { .name = (char *)name };
	void *node = tfind(&key, &k->index, by_name);

	return node ? *(struct symbol **)node : NULL;
}

const struct symbol *kconfig_find(const struct kconfig *k, const char *name)
{
	return find(k, name);
}

static struct symbol *find_or_add(struct kconfig *k, const char *name)
{
	struct symbol *s = find(k, name);

	if (s)
		return s;
	s = xcalloc(1, sizeof(*s));
	s->name = xstrdup(name);
	k->symbols = xrealloc(k->symbols, (k->n + 1) * sizeof(*k->symbols));
	k->symbols[k->n++] = s;
	tsearch(s, &k->index, by_name);
	return s;
}

/* Where the reader stands: the conditions around the line, and what it is inside of. */
struct reader {
	struct kconfig *k;
	const char *file;
	struct strv around; /* one entry for each open menu, if or choice: its condition, or "" */
	struct symbol *symbol;
	struct block *block; /* the config that the line belongs to, NULL: none        */
	bool opener;         /* the line belongs to a menu or choice just opened       */
	int help_indent;     /* in a help text: its indentation; -1 not known yet; -2 no */
	int depth;
	struct err *e;
};

static int read_file(struct reader *up, const char *path);

static int indent_of(const char *s)
{
	int n = 0;

	for (; *s == ' ' || *s == '\t'; s++)
		n = *s == '\t' ? (n | 7) + 1 : n + 1;
	return n;
}

/* True while the line belongs to a help text: help goes on while lines are indented at least as its first one. */
static bool in_help(struct reader *r, const char *line)
{
	if (r->help_indent == -2)
		return false;
	if (line[strspn(line, " \t")] == '\0')
		return true;
	if (r->help_indent == -1)
		r->help_indent = indent_of(line) ? indent_of(line) : 1000;
	if (indent_of(line) >= r->help_indent)
		return true;
	r->help_indent = -2;
	return false;
}

static void begin_block(struct reader *r, const char *name, int line)
{
	struct symbol *s = find_or_add(r->k, name);

	s->blocks = xrealloc(s->blocks, (s->n_blocks + 1) * sizeof(*s->blocks));
	r->symbol = s;
	r->block = &s->blocks[s->n_blocks++];
	*r->block = (struct block){ .file = xstrdup(r->file), .line = line };
	for (size_t i = 0; i < r->around.n; i++)
		if (*r->around.v[i])
			strv_add(&r->block->depends, r->around.v[i]);
}

/* The text after " if " outside of quotes, cut off from s; NULL if there is none. */
static char *cut_if(char *s)
{
	bool quoted = false;

	for (char *p = s; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (!quoted && str_starts(p, " if ")) {
			*p = '\0';
			return p + 4;
		}
	}
	return NULL;
}

static void add_depends(struct reader *r, const char *expr)
{
	if (r->block) {
		strv_add(&r->block->depends, expr);
	} else if (r->opener && r->around.n) {
		char **top = &r->around.v[r->around.n - 1];
		char *both = **top ? strf("(%s) && (%s)", *top, expr) : xstrdup(expr);

		free(*top);
		*top = both;
	}
}

static void add_select(struct reader *r, char *rest)
{
	const char *cond = cut_if(rest);
	struct symbol *s;

	rest[strcspn(rest, " \t")] = '\0';
	s = find_or_add(r->k, rest);
	if (r->symbol)
		strv_addf(&s->selected_by, "%s%s%s", r->symbol->name, cond ? " if " : "", cond ? cond : "");
}

/* A prompt can carry a condition of its own, which counts like a dependency for who sets the symbol. */
static void add_prompt(struct reader *r, char *rest)
{
	const char *cond;

	if (!r->block || *rest != '"')
		return;
	r->block->prompt = true;
	cond = cut_if(rest);
	if (cond)
		strv_add(&r->block->depends, cond);
}

static int source(struct reader *r, char *rest)
{
	auto_free char *path = NULL;
	char *var;

	rest += *rest == '"';
	rest[strcspn(rest, "\"")] = '\0';
	var = strstr(rest, "$(SRCARCH)");
	if (!var)
		var = strstr(rest, "$(HEADER_ARCH)");
	if (var) {
		*var = '\0';
		path = strf("%sx86%s", rest, strchr(var + 1, ')') + 1);
	}
	return read_file(r, path ? path : rest);
}

static void open_scope(struct reader *r, const char *condition)
{
	strv_add(&r->around, condition);
	r->block = NULL;
	r->symbol = NULL;
}

static void close_scope(struct reader *r)
{
	if (r->around.n) {
		free(r->around.v[--r->around.n]);
		r->around.v[r->around.n] = NULL;
	}
	r->block = NULL;
	r->symbol = NULL;
	r->opener = false;
}

static bool is_type(const char *word)
{
	static const char *const types[] = { "bool", "tristate", "string", "hex", "int", "prompt" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(word, types[i]))
			return true;
	return false;
}

static int read_statement(struct reader *r, char *line, int number)
{
	char *word = line + strspn(line, " \t"), *rest = word + strcspn(word, " \t");

	if (!*word || *word == '#')
		return 0;
	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, " \t");
	if (!strcmp(word, "config") || !strcmp(word, "menuconfig")) {
		rest[strcspn(rest, " \t#")] = '\0';
		begin_block(r, rest, number);
		r->opener = false;
	} else if (!strcmp(word, "depends") && str_starts(rest, "on")) {
		char *cond = cut_if(rest + 2);
		auto_free char *expr = cond ? strf("!(%s) || (%s)", cond, rest + 2) : xstrdup(rest + 2);

		add_depends(r, expr + strspn(expr, " \t"));
	} else if (!strcmp(word, "select")) {
		add_select(r, rest);
	} else if (is_type(word)) {
		add_prompt(r, rest);
	} else if (!strcmp(word, "help") || !strcmp(word, "---help---")) {
		r->help_indent = -1;
	} else if (!strcmp(word, "menu") || !strcmp(word, "choice")) {
		open_scope(r, "");
		r->opener = true;
	} else if (!strcmp(word, "if")) {
		open_scope(r, rest);
		r->opener = false;
	} else if (!strcmp(word, "endmenu") || !strcmp(word, "endif") || !strcmp(word, "endchoice")) {
		close_scope(r);
	} else if (!strcmp(word, "comment")) {
		r->block = NULL;
		r->opener = false;
	} else if (!strcmp(word, "source")) {
		r->block = NULL;
		r->opener = false;
		return source(r, rest);
	}
	return 0;
}

static int read_line(char *line, int number, void *arg)
{
	struct reader *r = arg;
	char *comment;

	if (in_help(r, line))
		return 0;
	for (comment = line; (comment = strchr(comment, '#')); comment++)
		if (comment > line && isspace((unsigned char)comment[-1])) {
			*comment = '\0';
			break;
		}
	return read_statement(r, line, number);
}

/* Joins a line that ends in a backslash with the next. As many empty lines follow as were joined: the count stays. */
static void join_lines(char *text)
{
	char *to = text;
	int joined = 0;

	for (const char *p = text; *p; p++) {
		if (str_starts(p, "\\\n")) {
			*to++ = ' ';
			joined++;
			p++;
			continue;
		}
		*to++ = *p;
		for (; *p == '\n' && joined; joined--)
			*to++ = '\n';
	}
	*to = '\0';
}

static int read_file(struct reader *up, const char *path)
{
	auto_free char *full = strf("%s/%s", up->k->root, path), *text = NULL;
	struct reader r = { .k = up->k, .file = path, .help_indent = -2, .depth = up->depth + 1, .e = up->e };
	int rc;

	if (r.depth > 40)
		return err_set(up->e, "%s: Kconfig files source each other", path);
	text = file_read(full, 0, NULL, up->e);
	if (!text)
		return -1;
	for (size_t i = 0; i < up->around.n; i++)
		strv_add(&r.around, up->around.v[i]);
	join_lines(text);
	rc = each_line(text, read_line, &r);
	strv_free(&r.around);
	return rc;
}

struct kconfig *kconfig_load(const char *root, struct err *e)
{
	cleanup(kconfig_cleanup) struct kconfig *k = xcalloc(1, sizeof(*k));
	struct reader r = { .k = k, .help_indent = -2, .e = e };

	k->root = xstrdup(root);
	return read_file(&r, "Kconfig") < 0 ? NULL : steal(k);
}

void kconfig_free(struct kconfig *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++) {
		struct symbol *s = k->symbols[i];

		for (size_t j = 0; j < s->n_blocks; j++) {
			free(s->blocks[j].file);
			strv_free(&s->blocks[j].depends);
		}
		tdelete(s, &k->index, by_name);
		free(s->blocks);
		strv_free(&s->selected_by);
		free(s->name);
		free(s);
	}
	free(k->symbols);
	free(k->root);
	free(k);
}
