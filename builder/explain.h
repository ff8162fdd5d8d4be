/* Why a step would be made again: what its inputs were, against what they are. Pure. */
#pragma once
#include "text.h"

/* Inputs are "NAME=VALUE". Adds to out a text for each that differs: "suite: from bookworm to trixie", "packages: with
 * gdb, without less", "asked: with CONFIG_X=y". Lists of words or lines are compared word by word, or line by line; long
 * digests are shortened. */
void explain_inputs(const struct strv *was, const struct strv *is, struct strv *out);
