/* Scope cleanup: a variable declared with one of these is released when it goes out of scope, so that a function
 * has one way out. steal() takes the value away, leaving nothing to release. Destructors accept NULL / -1. */
#pragma once
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *p) { free(*(void **)p); }
static inline void cleanup_fclose(FILE **f) { if (*f) fclose(*f); }
static inline void cleanup_closedir(DIR **d) { if (*d) closedir(*d); }
static inline void cleanup_close(int *fd) { if (*fd >= 0) close(*fd); }

#define cleanup(fn) __attribute__((cleanup(fn)))
#define auto_free cleanup(cleanup_free)
#define auto_fclose cleanup(cleanup_fclose)
#define auto_closedir cleanup(cleanup_closedir)
#define auto_close cleanup(cleanup_close)

#define steal(p) ({ __typeof__(p) *from_ = &(p), stolen_ = *from_; *from_ = NULL; stolen_; })
#define steal_fd(fd) ({ int *from_ = &(fd), stolen_ = *from_; *from_ = -1; stolen_; })
