/* What the guest's agent is asked, and what it answers (QEMU's qga/qapi-schema.json). Pure: from structs to JSON and back. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "text.h"

/* Each command, the caller's to free. */
char *ask_ping(void);
/* To run a program with this environment (NAME=VALUE), and to take what it says. */
char *ask_exec(const char *const *argv, const char *const *env);
char *ask_status(int64_t pid);
/* mode as fopen() has it. */
char *ask_open(const char *path, const char *mode);
char *ask_read(int64_t handle, size_t count);
char *ask_write(int64_t handle, const void *data, size_t n);
char *ask_close(int64_t handle);

/* The answers. Each fails on what is none: the guest is not to be trusted. */
int told_pid(const char *answer, int64_t *pid, struct err *e);
int told_handle(const char *answer, int64_t *handle, struct err *e);
int told_written(const char *answer, size_t asked, struct err *e);
/* Adds what was read; eof: there is no more at the moment. */
int told_read(const char *answer, struct text *to, bool *eof, struct err *e);

struct ended {
	bool exited;
	int status; /* as a shell has it: 128 + N for signal N      */
	char *err;  /* what it said on its standard error, or NULL  */
};
int told_status(const char *answer, struct ended *s, struct err *e);
