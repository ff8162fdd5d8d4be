/* The runs of an experiment in one place, with what is there of them already. */
#pragma once
#include "bench-result.h"

struct bench_list {
	struct matrix m;
	char **paths;               /* of the results */
	struct bench_earlier *made;
	double *guess, *from_words; /* seconds; from_words: as long as no run of the same tells more */
	bool again;                 /* what is made counts as missing */
};

/* dir: that the experiment's files are in; results: the folder of its results; where: of matrix_identify(). */
int bench_list_make(struct bench_list *l, const struct experiment *x, const struct bench_place *p, const char *dir, const char *results,
		    const char *const *where, struct err *e);
void bench_list_free(struct bench_list *l);

bool bench_list_is_made(const struct bench_list *l, size_t i);
size_t bench_list_made(const struct bench_list *l);
/* Run i took so long: the guesses of others are better then. */
void bench_list_took(struct bench_list *l, size_t i, double seconds);
/* Seconds that the runs from number i on will take. */
double bench_list_left(const struct bench_list *l, size_t i);

/* A table, or JSON. */
void bench_list_print(const struct bench_list *l, const struct bench_place *p, bool json);

/* The path of the run's file on this host, the caller's to free; NULL: it has none. */
char *bench_file_path(const char *dir, const struct bench_run *r);
