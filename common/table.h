/* A table for people, aligned on any terminal; the last column is wrapped where it is too wide. The one module that knows
 * libsmartcols. */
#pragma once

struct table;

/* columns ends in NULL. What is below a name that begins with ">", which is left out, stands to the right. */
struct table *table_new(const char *const *columns);
/* One cell a column, ending in NULL; copied. */
void table_row(struct table *t, const char *const *cells);
/* Prints it on standard output and frees it. */
void table_print(struct table *t);
/* The same as a text, the caller's to free. */
char *table_text(struct table *t);
