/* The plan: the steps that lead from a recipe to an image, each with a digest of its inputs. A step's digest depends on
 * the recipe, on files of the host, and on the results of the steps before it; so it is known once those are done.
 *
 *     source   the kernel's source, unpacked              (not for kernel: stock, nor for a local tree)
 *     config   its configuration, and the option contract (not for kernel: stock)
 *     kernel   vmlinuz and modules, packed                (not for kernel: stock)
 *     base     a bootstrapped root, or a cloud image
 *     disk     the base on a disk that boots
 *     image    the disk, with the kernel, overlays and all that the recipe puts in */
#pragma once
#include "digest.h"
#include "options.h"
#include "paths.h"
#include "recipe.h"

enum step_kind { STEP_SOURCE, STEP_CONFIG, STEP_KERNEL, STEP_BASE, STEP_DISK, STEP_IMAGE, STEP_KINDS };

/* What a step left behind, besides its files: name and value. "id" stands for its content in the digests of later
 * steps. */
struct result {
	struct strv names, values;
};
const char *result_get(const struct result *r, const char *name); /* "" where there is none */
void result_set(struct result *r, const char *name, const char *value);
void result_free(struct result *r);

#define STEP_BIT(kind) (1U << (kind))

struct step {
	enum step_kind kind;
	unsigned needs;          /* STEP_BITs of the steps whose results its inputs are made of */
	char digest[DIGEST_HEX]; /* of the inputs; "" until they are known             */
	struct strv inputs;      /* "name=value", what went into the digest            */
	char *dir;               /* in the cache, with its files; NULL until it is done */
	struct result result;
	bool cached;
	double begun;            /* now_s() when it was begun here, 0: it was cached     */
	double seconds;          /* that it took when it was run                       */
};

struct plan {
	struct step steps[STEP_KINDS];
	int n;
};

struct lock;

/* What everything in vmbuild works on. */
struct build {
	const struct recipe *recipe;
	char *recipe_dir;  /* paths in the recipe are relative to it  */
	char recipe_digest[DIGEST_HEX];
	const struct data_dirs *data;
	char *cache;       /* cache_dir()                             */
	char *out;         /* folder of the images                    */
	struct asks asks;  /* what the recipe asks of the kernel      */
	char *gcc;         /* first line of gcc --version, "" unknown */
	bool update;       /* fetch newer sources and bases           */
	bool use_ccache;   /* where it is installed                   */
	struct lock *lock; /* what the recipe's names stand for; NULL: what is newest */
	int in_use;        /* the lock that keeps gc away             */
	struct live_disk *live; /* the disk step's, for the image step; or NULL */
	struct plan plan;
};

const char *step_name(enum step_kind kind);

/* Lays out the steps that the recipe needs. Pure. */
void plan_make(struct plan *p, const struct recipe *r);
void plan_free(struct plan *p);

/* The STEP_BITs of wanted, and of all that they need. */
unsigned plan_closure(const struct plan *p, unsigned wanted);

/* The step of that kind, NULL if the plan has none. */
struct step *plan_step(struct plan *p, enum step_kind kind);
const struct result *plan_result(const struct plan *p, enum step_kind kind);

/* Finds out the inputs of step, whose predecessors are done, and its digest. */
int plan_inputs(struct build *b, struct step *step, struct err *e);

/* The folder of an overlay that the recipe names: in overlay/, or a path from the recipe's folder. The caller's to
 * free; NULL if it isn't there. */
char *overlay_dir(const struct build *b, char *const *name, struct err *e);

/* The file or folder of the host that `copy` brings. The caller's to free; NULL if it isn't there. */
char *copy_source(const struct build *b, const struct recipe_copy *c, struct err *e);

/* Is the bench suite there, if the recipe wants it? */
int bench_check(const struct build *b, struct err *e);

/* What the recipe names as the kernel's source: a package, URL or folder. */
const char *kernel_source(const struct build *b);

/* A path in the recipe, made absolute: from the folder of the recipe that says it, or ~/ from the user's. The caller's to
 * free. */
char *recipe_path(const struct build *b, char *const *field);
