/*
 * Small files of the kernel's, below a root that can be another one: what tiermig and tierrun read and
 * write. And files of the user's, which are whole or not there.
 */
#ifndef BENCH_FILES_H
#define BENCH_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands before each path, "" for this machine: a tree of files takes the kernel's place in tests. */
extern const char *bench_root;

typedef char bench_path[PATH_MAX];

/* Fills path with root and what the format makes, and returns it. */
char *bench_at(bench_path path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The path as the user knows it, for messages. */
const char *bench_shown(const char *path);
bool bench_exists(const char *path);
/*
 * The file's first size - 1 bytes without the newlines at its end; write: just these bytes, in one piece.
 * False with errno; of read, text is "" then. DAMON's files say EBUSY while anybody reads or writes another
 * one: both then try again, for two seconds.
 */
bool bench_read(const char *path, char *text, size_t size);
bool bench_write(const char *path, const char *text);
/* A number in a file, in that base. False when it can't be read, or is none. */
bool bench_read_number(const char *path, int base, uint64_t *number);
/* The folder that the path is in, "." where it names none. */
void bench_folder(const char *path, char folder[PATH_MAX]);
/* The file, whole or not at all: writes beside it, syncs, renames. What is no regular file, as /dev/stdout, is written to. Returns as bench.h says. */
int bench_write_whole(const char *path, const char *text, size_t n);

#endif
