/* What builder/kconfig.c reads out of the Kconfig files, for builder/kconfig-why.c. */
#pragma once
#include "kconfig.h"

/* One `config` block. A symbol may have several, in different files. */
struct block {
	char *file;
	int line;
	bool prompt;
	struct strv depends; /* its own, and those of the menus, ifs and choices around it */
};

struct symbol {
	char *name;
	struct block *blocks;
	size_t n_blocks;
	struct strv selected_by; /* "X" or "X if EXPR" */
};

struct kconfig {
	char *root;
	struct symbol **symbols; /* in the order in which they were met */
	size_t n;
	void *index; /* tsearch(3) tree of them by name */
};

/* The symbol of that name, NULL if no file has it. */
const struct symbol *kconfig_find(const struct kconfig *k, const char *name);
