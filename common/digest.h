/* Digests of files, trees and lists of inputs (SHA-256 and SHA-512, by OpenSSL). */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum digest_alg { DIGEST_SHA256, DIGEST_SHA512 };

/* Hexadecimal digits of the longest one, and a NUL. */
#define DIGEST_HEX 129

struct digest;
struct digest *digest_new(enum digest_alg alg);
void digest_add(struct digest *d, const void *data, size_t n);
/* Adds s and its closing NUL, so that two strings never run into each other. */
void digest_add_str(struct digest *d, const char *s);
/* The digest in lower-case hexadecimal; frees d. */
void digest_end(struct digest *d, char hex[DIGEST_HEX]);
void digest_free(struct digest *d);

int digest_file(const char *path, enum digest_alg alg, char hex[DIGEST_HEX], struct err *e);

/* Over the relative path, type, permissions and content of everything below root, in a fixed order (SHA-256). Times
 * and owners do not count. */
int digest_tree(const char *root, char hex[DIGEST_HEX], struct err *e);

/* "sha256:HEX" or "sha512:HEX", as recipes write it. hex points into spec. */
int digest_spec(const char *spec, enum digest_alg *alg, const char **hex, struct err *e);
const char *digest_alg_name(enum digest_alg alg);
