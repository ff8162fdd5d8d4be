/* The option contract: what a recipe and its fragments ask of the kernel's configuration, and whether the resolved
 * configuration has it. Pure: texts in, structs and texts out.
 *
 * A fragment is a list of lines in the form of a kernel configuration:
 *     CONFIG_X=y                        asked for (y, m, a number or "text")
 *     CONFIG_X=n, # CONFIG_X is not set asked to be off
 *     CONFIG_A=y | CONFIG_B=y           one of several spellings: kernels differ in what they call it */
#pragma once
#include <stddef.h>

#include "err.h"
#include "text.h"

struct option {
	char *name;  /* without CONFIG_ */
	char *value; /* "n" for off     */
};

struct ask {
	struct option *alts;
	size_t n_alts;
	char *from; /* the file it stands in, as for messages */
	int line;
};

struct asks {
	struct ask *v;
	size_t n;
};

/* Adds what a fragment asks for. A later ask for a symbol takes the place of an earlier one. */
int asks_add_text(struct asks *a, const char *from, const char *text, struct err *e);
/* Adds a single line of a recipe. */
int asks_add_line(struct asks *a, const char *from, int line, const char *text, struct err *e);
void asks_free(struct asks *a);

/* All alternatives as one configuration text, for kconfig. */
void asks_write(const struct asks *a, struct text *out);

/* "CONFIG_A=y | CONFIG_B=y", the caller's to free. */
char *ask_text(const struct ask *k);

/* A resolved configuration (.config), sorted by name. */
struct config {
	struct option *v;
	size_t n;
};

/* Reads a .config. Lines that it does not understand are passed over, as the kernel does. */
void config_parse(struct config *c, const char *text);
void config_free(struct config *c);
/* The value of a symbol (without CONFIG_), "n" where it is off or unknown. */
const char *config_get(const struct config *c, const char *name);
/* How many symbols are y or m. */
size_t config_enabled(const struct config *c);

/* The alternative that holds, or NULL. */
const struct option *ask_met(const struct ask *k, const struct config *c);
