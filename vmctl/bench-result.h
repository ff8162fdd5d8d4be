/* The file of one run's result (docs/results.md): what tierrun said in the guest, with what was asked for and where it ran. One of the
 * modules that know json-c. */
#pragma once
#include "matrix.h"

/* Where an experiment's runs are made: one machine as it runs. */
struct bench_place {
	char *machine, *machine_path, *machine_sha256, *machine_text, *experiment_path, *experiment_sha256, *experiment_text;
	char *image, *image_sha256, *kernel_sha256;
	char *qemu, *accelerator;
	bool fast_path;
	char *host, *host_kernel, *cpu_model;
	long host_cpus;
	uint64_t host_memory;
	char *topology;
};
void bench_place_free(struct bench_place *p);

/* What came of it. */
struct bench_outcome {
	const char *said;   /* tierrun's JSON; NULL or broken: none came    */
	const char *error;  /* what there is to say if tierrun does not; or NULL */
	const char *date;   /* when it began                                */
	double seconds;     /* that it took, with all around it             */
};

/* The text of the file, the caller's to free. done: whether the run is; why: if not, the caller's to free. */
char *bench_result_text(const struct matrix *m, const struct bench_run *r, const struct bench_place *p, const struct bench_outcome *o,
			bool *done, char **why);

/* What is known of an earlier run from its file; a file that is not there, or not a result of the run, is one that was not made. */
struct bench_earlier {
	bool done;
	double seconds; /* 0: unknown */
};
struct bench_earlier bench_result_look(const char *path, const char *id);

/* The list of runs, for programs. states: a word for each. */
void bench_print_json(const struct matrix *m, const struct bench_place *p, const char *const *states, char **paths);
