/* Where things are. All strings are the caller's to free.
 *
 *            root                      anybody else
 * cache      /var/cache/tierlab        $XDG_CACHE_HOME/tierlab (~/.cache/tierlab)      TIERLAB_CACHE
 * state      /var/lib/tierlab          $XDG_DATA_HOME/tierlab (~/.local/share/tierlab) TIERLAB_STATE
 *
 * Root's are not below its home because libvirt runs root's QEMU as a user of its own, who has to reach them. */
#pragma once
#include <stdbool.h>

#include "err.h"

/* What can be made anew: fetched bases, kernels, logs. */
char *cache_dir(void);
/* What can't: images and machines. */
char *state_dir(void);

/* The folder with recipes/, kconfigs/, overlay/, machines/ and bench/: TIERLAB_DATA; the source tree when the program
 * runs from its build folder; else PREFIX/share/tierlab beside PREFIX/bin. NULL where there is none. */
struct data_dirs {
	char *recipes, *kconfigs, *overlay, *machines, *bench, *experiments;
};
const struct data_dirs *data_dirs(struct err *e);

/* Finds what the user named: a file by its path, or NAME.yaml in dir. Of a path that is not there its last part is
 * looked for too, so that recipe/x.yaml, recipes/x.yaml and x find the same. what: "recipe". */
char *find_by_name(const char *what, const char *dir, const char *given, struct err *e);
