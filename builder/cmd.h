/* The commands of vmbuild. */
#pragma once
#include "cli.h"
#include "job.h"

extern const struct cli_option build_options[], plan_options[], explain_options[], config_options[], images_options[],
	gc_options[], inspect_options[], verify_options[],
	lock_options[];
int cmd_build(int argc, char **argv, struct err *e);
int cmd_plan(int argc, char **argv, struct err *e);
int cmd_explain(int argc, char **argv, struct err *e);
int cmd_config(int argc, char **argv, struct err *e);
int cmd_images(int argc, char **argv, struct err *e);
int cmd_gc(int argc, char **argv, struct err *e);
int cmd_inspect(int argc, char **argv, struct err *e);
int cmd_verify(int argc, char **argv, struct err *e);
int cmd_lock(int argc, char **argv, struct err *e);

/* Writes the recipe's lock from the steps that resolve it, which are run as far as they are not in the cache. */
int lock_write(struct job *s, struct err *e);
