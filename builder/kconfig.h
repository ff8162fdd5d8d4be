/* Why does an option not hold? Reads a kernel tree's Kconfig files (Documentation/kbuild/kconfig-language.rst) as far
 * as that question needs: prompts, dependencies, selections. The kernel's own kconfig does the resolving; this only
 * explains what it did. */
#pragma once
#include "options.h"

struct kconfig;

/* Reads Kconfig and all that it sources below root for the x86 architecture. NULL on error. */
struct kconfig *kconfig_load(const char *root, struct err *e);
void kconfig_free(struct kconfig *k);
static inline void kconfig_cleanup(struct kconfig **k) { kconfig_free(*k); }

/* For one option that did not come out as asked, in words: "depends on NUMA, which is n (arch/x86/Kconfig:1550)".
 * The caller's to free; never NULL. */
char *kconfig_why(const struct kconfig *k, const struct config *c, const struct option *asked);

/* The value of a dependency expression under a configuration: 0 n, 1 m, 2 y. For tests. */
int kconfig_eval(const char *expr, const struct config *c);
