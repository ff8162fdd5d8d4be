/* Kconfig's dependency expressions: their parts, for messages. See kconfig_eval() for their value. */
#pragma once
#include "options.h"

/* Splits an expression at its outermost "&&". */
void kexpr_conjuncts(const char *expr, struct strv *out);

/* The same at its outermost "||". */
void kexpr_alternatives(const char *expr, struct strv *out);

/* The symbols in the expression with their values: "NUMA=n, X86_64=y". The caller's to free. */
char *kexpr_values(const char *expr, const struct config *c);
