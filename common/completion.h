/* Completion for shells, written out of a program's command tables. */
#pragma once
#include "cli.h"

/* Prints the script for shell (bash, zsh, fish) on standard output. -1: no such shell. */
int completion_print(const struct cli *cli, const char *shell, struct err *e);
