/* Files and folders. Every function returns 0 or -1 with e filled, unless it says otherwise; every message names the
 * path. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "text.h"

bool file_exists(const char *path);
bool is_dir(const char *path);

/* The whole file as a NUL-terminated text of at most limit bytes (0: 64 MiB), the caller's to free. n may be NULL. */
char *file_read(const char *path, size_t limit, size_t *n, struct err *e);

/* Writes beside the file, syncs, renames: path is the old file or the whole new one, never a part. */
int file_write(const char *path, const char *data, size_t n, mode_t mode, struct err *e);

/* All that is in the open file, from its beginning, added to the text, which then is not NULL. */
int fd_text(int fd, struct text *t, struct err *e);

/* Writes all of it. Returns -1 with errno set if that can't be. */
int write_all(int fd, const char *data, size_t n);

/* Syncs a file or folder to disk. */
int file_sync(const char *path, struct err *e);

/* Makes the folder and those above it, mode 0755. */
int mkdir_p(const char *path, struct err *e);

/* Removes a file or a whole tree, staying on its file system; not being there is no error. */
int remove_tree(const char *path, struct err *e);

/* A new empty folder PARENT/PREFIXxxxxxx, the caller's to free. */
char *make_temp_dir(const char *parent, const char *prefix, struct err *e);

/* A hard link, or where that can't be (another file system) a copy. Replaces what is at to. */
int link_or_copy(const char *from, const char *to, struct err *e);

/* Copies a file with its mode, sparse where the source is. */
int file_copy(const char *from, const char *to, struct err *e);

/* Takes the lock file at path, made if need be; who holds it may remove it. waiting, if not NULL, is called once before it has to wait. Returns
 * its descriptor, which holds the lock until it is closed, or -1. */
int lock_file(const char *path, void (*waiting)(void *arg), void *arg, struct err *e);

/* Bytes free for us on the file system of path (or of the nearest folder above that exists); 0 if unknown. */
uint64_t disk_free(const char *path);

/* Adds the names in dir that end in suffix ("" for all), without it, in the order of strcmp. Names that begin with a dot do
 * not count; a folder that is not there has none. */
int list_dir(const char *dir, const char *suffix, struct strv *names, struct err *e);

/* Calls fn for each file below root in the order of strcmp on its path: rel is the path below root. Folders come
 * before what is in them; links are not followed. Stops at the first -1. */
struct stat;
int walk_tree(const char *root, int (*fn)(const char *path, const char *rel, const struct stat *st, void *arg,
	      struct err *e), void *arg, struct err *e);
