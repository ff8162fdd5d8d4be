#include "qemu-args.h"

#include <stdbool.h>
#include <string.h>

#include "text.h"

/* libvirt's own; value: what the option's argument has in it, NULL: any. */
static const struct {
	const char *option, *value;
} own[] = {
	{ "-S", NULL },
	{ "-no-shutdown", NULL },
	{ "-object", "\"id\":\"masterKey0\"" },
	{ "-chardev", "id=charmonitor" },
	{ "-mon", "chardev=charmonitor" },
};

/* The next word of a line that a shell would take, the caller's to free; NULL: there is none. libvirt quotes whole words, with
 * '...', and an apostrophe as '\\''. */
static char *next_word(const char **line)
{
	struct text t = { 0 };
	bool quoted = false;
	const char *p = *line;

	p += strspn(p, " \n");
	if (!*p)
		return NULL;
	text_puts(&t, "");
	for (; *p && (quoted || !strchr(" \n", *p)); p++) {
		if (*p == '\'')
			quoted = !quoted;
		else if (*p == '\\' && !quoted && p[1])
			text_add(&t, ++p, 1);
		else
			text_add(&t, p, 1);
	}
	*line = p;
	return t.s;
}

static bool is_variable(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return n > 0 && word[n] == '=';
}

/* An option begins with '-', and so does no argument of one. */
static bool is_option(const char *word)
{
	return word && *word == '-';
}

static bool is_own(const char *option, const char *value)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcmp(option, own[i].option) && (!own[i].value || (value && strstr(value, own[i].value))))
			return true;
	return false;
}

char *qemu_args_text(const char *line)
{
	auto_strv words = { 0 };
	struct text out = { 0 };
	char *word;
	size_t i = 0;

	while ((word = next_word(&line)))
		strv_take(&words, word);
	while (i < words.n && is_variable(words.v[i]))
		i++;
	for (size_t first = i; i < words.n; i++) {
		const char *value = i > first && i + 1 < words.n && !is_option(words.v[i + 1]) ? words.v[i + 1] : NULL;
		auto_free char *a = shell_quote(words.v[i]), *b = value ? shell_quote(value) : NULL;

		if (i == first || !is_own(words.v[i], value))
			text_addf(&out, "%s%s%s%s", i == first ? "" : " \\\n  ", a, b ? " " : "", b ? b : "");
		if (value)
			i++;
	}
	text_puts(&out, "\n");
	return out.s;
}
