/* Holds an image against its manifest. Pure: what was read of both in, findings out. */
#pragma once
#include "image-read.h"
#include "manifest.h"

struct finding {
	char *what, *found; /* "packages", "237, all in the manifest's versions" */
	bool differs;       /* from what the manifest says                       */
};

struct findings {
	struct finding *v;
	size_t n;
};

/* m may be NULL: there is no manifest, and nothing can differ. */
void inspect(const struct record *m, const struct image_facts *f, struct findings *out);
void finding_add(struct findings *l, bool differs, const char *what, char *found);
void findings_free(struct findings *l);

/* What differs between two lists of tarball_list(): "only in the first: PATH (WHAT)", "differs: PATH: WHAT, WHAT". */
void listing_diff(const struct strv *a, const struct strv *b, struct strv *out);
