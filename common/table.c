#include "table.h"

#include <libsmartcols.h>
#include <stdlib.h>

/* struct table is libsmartcols' own under another name. */
static struct libscols_table *own(struct table *t)
{
	return (struct libscols_table *)t;
}

struct table *table_new(const char *const *columns)
{
	struct libscols_table *t = scols_new_table();

	if (!t)
		abort();
	for (; *columns; columns++)
		scols_table_new_column(t, *columns + (**columns == '>'), 0,
				       (**columns == '>' ? SCOLS_FL_RIGHT : 0) | (columns[1] ? 0 : SCOLS_FL_WRAP));
	return (struct table *)t;
}

void table_row(struct table *t, const char *const *cells)
{
	struct libscols_line *l = scols_table_new_line(own(t), NULL);

	for (size_t i = 0; *cells; cells++, i++)
		scols_line_set_data(l, i, *cells);
}

void table_print(struct table *t)
{
	scols_print_table(own(t));
	scols_unref_table(own(t));
}

char *table_text(struct table *t)
{
	char *text = NULL;

	if (scols_print_table_to_string(own(t), &text) < 0)
		abort();
	scols_unref_table(own(t));
	return text;
}
