/* The runs that an experiment makes, in the order in which they are run. Pure. */
#pragma once
#include "experiment.h"
#include "text.h"

/* One run. Its strings are the experiment's, but for those that it owns. */
struct bench_run {
	const struct workload *workload;
	const char *words;     /* the workload with its arguments, as the file has it */
	const char *case_name, *scheme, *scope, *ratio, *threads, *skew; /* NULL: it has none */
	long repetition;       /* from 1 */
	char id[17];           /* of all that it depends on; see matrix_identify() */
	char *file_sha256;     /* own: of the file that goes along; NULL: there is none */
	char *label;           /* own: for people and file names, "gups-1G-autonuma-eat-6000MiB-t2-r1" */
};

struct matrix {
	const struct experiment *x;
	struct bench_run *v;
	size_t n;
};

/* Repetitions are outermost: what changes on the host while it all runs changes all of the combinations alike. Dimensions that a workload, or a
 * scheme, does not have make no further runs of it. */
void matrix_make(struct matrix *m, const struct experiment *x);
void matrix_free(struct matrix *m);

/* Gives each run its id, by which its result is known again: of the run with its file, of the experiment's settings, and of where it runs. */
void matrix_identify(struct matrix *m, const char *const *where);

/* What tierrun is told: its words, to be put behind the program's name. file: where the workload's file is in the guest; NULL: it has none. */
void matrix_command(const struct matrix *m, const struct bench_run *r, const char *file, struct strv *argv);

/* The file that goes along with the run: its name as the experiment has it, the caller's to free; NULL: there is none. */
char *matrix_file(const struct bench_run *r);
