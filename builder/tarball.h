/* Archives: unpacking a source tarball, packing trees for the image. The one module that knows libarchive. */
#pragma once
#include <stddef.h>

#include "err.h"

/* Unpacks a tar archive, compressed or not, into dir, which must exist. The first component of each path is left
 * out. Entries that would lead outside of dir are refused. Shows the number of files as progress. */
int tarball_unpack(const char *path, const char *dir, struct err *e);

/* "xz", "gzip", "zstd" or "bzip2" where the file begins as what these write; NULL: it is not compressed. */
const char *compression_of(const char *path);

/* Unpacks one compressed file to to, sparse where it holds zeros. Shows bytes as progress. */
int decompress(const char *path, const char *to, struct err *e);

/* A folder of the host and where it goes in the guest: "" the root, or "usr/local/bin". Or a file, and its path there, or
 * with a slash at the end the folder that it goes into. */
struct tarball_tree {
	const char *dir, *prefix;
};

/* Packs the trees into one tar file: owner 0:0, executables 0755, other files 0644, one fixed time, in a fixed order; folders
 * only with what is in them. The same trees give the same bytes. */
int tarball_pack(const char *path, const struct tarball_tree *trees, size_t n, struct err *e);
