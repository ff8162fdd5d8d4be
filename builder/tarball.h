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

/* The content of the file whose path, without "./" or "/" before it, matches a shell pattern; of several the one with the
 * highest version in its name. The caller's to free; NULL where there is none. */
char *tarball_newest(const char *path, const char *pattern, struct err *e);

/* Can the overlay at dir be packed? Not with devices, and links that lead above its root. */
int tarball_check(const char *dir, struct err *e);

/* A line for each file of the archive that fd gives, in the order of strcmp on the path: path, tab, "f 0644 0:0 SHA256" of a file,
 * "d" a folder, "l 0777 0:0 -> TARGET" a link, "c 0600 0:0 5:1" and "b" devices, "p" the rest; extended attributes after
 * that. Of a hard link what the file is. Times do not count. */
struct strv;
int tarball_list(int fd, struct strv *lines, struct err *e);
