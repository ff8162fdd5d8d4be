#include "buildlog.h"

#include <string.h>

#define MAX_AFTER 12 /* lines of an error: source, caret, notes and theirs */
#define MAX_BEFORE 6 /* "In file included from" and the like */

/* What compilers, assembler, linker, modpost and objtool write. gcc's own "error:" of a whole file comes with the first;
 * make's "***" is only what follows from it, unless there is nothing to make a file from. */
static bool is_error(const char *line)
{
	static const char *const words[] = { ": error: ", ": fatal error: ", ": Error: ", "undefined reference to", "ERROR: ",
					     "No rule to make target", "No space left on device", "Killed signal" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strstr(line, words[i]))
			return true;
	return str_starts(line, "error: ");
}

static bool leads_to_it(const char *line)
{
	return str_starts(line, "In file included from ") || strstr(line, ": In function ") || strstr(line, ": in function ") ||
	       strstr(line, ": At top level") || (str_starts(line, "    ") && strstr(line, " from "));
}

/* The source line and what points into it, notes, and hints. */
static bool belongs_to_it(const char *line)
{
	size_t n = strspn(line, " 0123456789");

	return (n && line[n] == '|') || strstr(line, ": note: ");
}

static int add_line(char *line, int number, void *arg)
{
	(void)number;
	strv_add(arg, line);
	return 0;
}

void buildlog_error(const char *log, struct strv *lines, size_t *at)
{
	auto_strv all = { 0 };
	size_t i = 0, first;

	each_line(log, add_line, &all);
	while (i < all.n && !is_error(all.v[i]))
		i++;
	if (i == all.n)
		return;
	first = i;
	while (first > 0 && i - first < MAX_BEFORE && leads_to_it(all.v[first - 1]))
		first--;
	*at = lines->n + i - first;
	for (size_t j = first; j <= i; j++)
		strv_add(lines, all.v[j]);
	for (size_t j = i + 1; j < all.n && j - i <= MAX_AFTER && belongs_to_it(all.v[j]); j++)
		strv_add(lines, all.v[j]);
}
