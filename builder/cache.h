/* The step cache: CACHE/steps/KIND-DIGEST holds what a step made, and appears whole by one rename. Its file `result`
 * holds the step's results, `inputs` what its digest is made of. CACHE/tmp is where steps work; CACHE/locks keeps two
 * vmbuilds from making the same step at once. */
#pragma once
#include "plan.h"

/* Looks the step up; if it is there, its dir, result and cached are set. Returns 1 if it is, 0 if not, -1 on error. */
int cache_lookup(const struct build *b, struct step *s, struct err *e);

/* Takes the lock of the step (waits for another vmbuild that makes it). Returns a descriptor to close. */
int cache_lock(const struct build *b, const struct step *s, struct err *e);

/* Says that a build is at work in the cache, for as long as the descriptor is open: what it found there stays. */
int cache_use(const char *cache, struct err *e);
/* The opposite: that nothing is, so that things may be removed. Fails at once if a build is at work. */
int cache_lock_all(const char *cache, struct err *e);

/* A new folder for the step to work in, the caller's to free; what killed runs left in its place is removed. */
char *cache_work_dir(const struct build *b, const struct step *s, struct err *e);

/* Puts what the step made in dir, with its result, into the cache, in the place of an older one. */
int cache_commit(const struct build *b, struct step *s, const char *dir, struct err *e);

/* The path of the log that a step of that name writes. Any older log is removed. */
char *cache_log(const struct build *b, const char *name, struct err *e);
