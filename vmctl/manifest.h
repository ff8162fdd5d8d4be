/* The manifest of an image, as vmbuild wrote it (NAME.json): what vmctl needs to boot and to check it. */
#pragma once
#include <stdbool.h>

#include "err.h"
#include "text.h"

/* One option that the recipe asked for: it holds when one of its spellings does. */
struct kernel_option {
	struct strv spellings; /* "CXL_REGION=y" */
	char *from;
};

struct manifest {
	char *path, *name, *build, *created;
	char *root;                    /* "PARTUUID=..."                */
	char *kernel_args; /* that the recipe gives the kernel, or NULL */
	char *image, *kernel, *initrd; /* absolute paths; initrd or NULL */
	char *image_sha256, *kernel_sha256, *initrd_sha256; /* hexadecimal; NULL: the manifest does not say */
	char *release, *base;
	bool stock;                    /* the base's own kernel         */
	struct kernel_option *options;
	size_t n_options;
};

/* Reads a manifest and sees to it that its files are there. */
int manifest_load(struct manifest *m, const char *path, struct err *e);
void manifest_free(struct manifest *m);
