/* One run of an experiment in a machine that runs. */
#pragma once
#include "bench-result.h"
#include "session.h"

/* Runs it in the guest. Returns 0 with what tierrun said in *said (the caller's to free; NULL: nothing that could be taken), whatever
 * became of the run; *error says why if it came to nothing, NULL: tierrun's own words count. Returns -1 with e filled if no
 * run can be made: the user interrupted, the guest has no tierrun. tick is called now and then. */
struct bench_call {
	const char *dir;   /* that the experiment's files are in */
	const char *image; /* that the guest was made of         */
	void (*tick)(void *arg);
	void *arg;
};
int bench_run_once(struct session *s, const struct matrix *m, const struct bench_run *r, const struct bench_call *c, char **said,
		   char **error, struct err *e);
