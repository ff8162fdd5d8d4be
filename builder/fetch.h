/* Fetching a file: from one of several places, in as many tries as it is worth, verified. What came of a transfer that
 * was cut stays in the cache, and is gone on from, also by a later run, if the server still has the same version. */
#pragma once
#include <stddef.h>

#include "err.h"

struct fetch {
	char *const *urls;  /* https, http or file; tried in this order       */
	size_t n_urls;
	const char *digest; /* "sha256:HEX"; NULL: the caller verifies it     */
	const char *cache;  /* cache_dir(): what came so far is below it      */
};

/* Where a file came from. */
struct origin {
	char *url;
	char date[32]; /* as the server gave it, or "" */
};
void origin_free(struct origin *o);

/* Fetches to path, which must be on the cache's file system. path exists afterwards only if it is whole and, with a
 * digest, fits. from may be NULL. */
int fetch(const struct fetch *f, const char *path, struct origin *from, struct err *e);
