/* RECIPE.lock: what the names in a recipe stood for on one day, so that the same image can be made on another. `vmbuild lock`
 * writes it from the results of a plan; a build takes what stands in it in the place of what is newest. */
#pragma once
#include "plan.h"

struct lock {
	struct ydoc *doc;
	char *path;
	long format;
	char *made, *compiler;
	struct {
		char *of;      /* what the recipe names                      */
		char *version; /* of a package; or the commit                */
		char *digest;  /* sha256:HEX of the package or tarball       */
	} source;
	struct {
		char *of;
		char *digest;  /* of a cloud image                           */
	} base;
	char **packages;       /* "NAME = VERSION" of all that is installed  */
	size_t n_packages;
};

extern const struct ymap lock_map;

/* The path of a recipe's lock: x.yaml has x.lock beside it. The caller's to free. */
char *lock_path(const char *recipe);

/* Reads the lock at path. NULL on error. */
struct lock *lock_load(const char *path, struct err *e);
void lock_free(struct lock *l);

/* Is it of this recipe? A lock that was written before the recipe's source or base changed is an error. strict: also of a
 * build by this compiler. */
int lock_check(const struct lock *l, const struct build *b, bool strict, struct err *e);

/* What the plan's steps, which are done, came to, as a lock. packages: "NAME VERSION" lines, sorted. The caller's to free. */
char *lock_text(const struct build *b, const struct strv *packages, const char *when);

/* Is what was installed ("NAME VERSION" lines) what the lock has, no more and no less? */
int lock_verify(const struct lock *l, const struct strv *installed, struct err *e);

/* Preferences for apt, by which it takes the lock's versions where the archive still has them. The caller's to free. */
char *lock_preferences(const struct lock *l);
