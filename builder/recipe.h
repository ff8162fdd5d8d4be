/* The recipe: what an image is made of. recipe(5) describes the keys; the table in recipe.c is what the program
 * knows. */
#pragma once
#include "text.h"
#include "yamlmap.h"

enum kernel_mode { KERNEL_BUILD, KERNEL_STOCK };

struct recipe_base {
	char *suite;     /* Debian suite for mmdebstrap, or NULL    */
	char *mirror;    /* archive that it comes from; NULL: the host's own */
	char *snapshot;  /* the archive's state at that time; NULL: now */
	char **images;   /* URLs of one cloud image, or NULL        */
	size_t n_images;
	char *digest;    /* of the image: sha256:HEX, sha512:HEX;   */
	char *sums;      /* or the URL of a file of digests,        */
	char *signature; /*   that of a signature over it,          */
	char *keyring;   /*   and the keys that it may be made with */
	bool insecure;   /* nothing verifies it, and that is meant  */
};

struct recipe_kernel {
	int mode;        /* enum kernel_mode                                             */
	char *package;   /* one of the four sources: Debian package,                     */
	char *url;       /* tarball                                                      */
	char *digest;    /*   with its digest,                                           */
	char *git;       /* a git repository                                             */
	char *commit, *tag, *branch; /* at one of these                                  */
	char *path;      /*   and where in it the kernel is; NULL: it is one             */
	char *tree;      /* or a local source tree                                       */
	char **patches;  /* for all but the local tree: files, in this order             */
	char *config;    /* "tiny", "defconfig", "image" or a file's path                */
	char **fragments, **options;
	size_t n_patches, n_fragments, n_options;
	bool headers;    /* what modules of one's own are built with goes in too         */
};

struct recipe_user {
	char *name;
	char **keys;     /* lines of authorized_keys                */
	size_t n_keys;
	char **groups;   /* that it is in beside its own            */
	size_t n_groups;
	char *shell;     /* NULL: bash                              */
	char *passwd;    /* hashed, as crypt(5) has it; NULL: none  */
	bool sudo;
};

struct recipe_copy {
	char *from, *to; /* a file or folder of the host; where it goes  */
	char *mode;      /* "0755", of a file; NULL: 0755 if it may be executed, else 0644 */
	char *owner;     /* "user" or "user:group"; NULL: root           */
};

struct recipe_file {
	char *path, *content;
	char *permissions; /* "0644"                                     */
	char *owner;
	bool append;
};

struct recipe_run {
	char *command;   /* for sh -e */
	bool network;
};

struct recipe_services {
	char **enable, **disable, **mask;
	size_t n_enable, n_disable, n_mask;
};

struct recipe_grub {
	uint64_t timeout; /* milliseconds */
};

struct recipe {
	struct ydoc *doc;
	char *path;      /* of its file, as it was given */
	char *extends;   /* the recipe that this one changes, or NULL */
	char *name;      /* of the image; the recipe file's name where the file gives none */
	struct recipe_base base;
	struct recipe_kernel kernel;
	struct recipe_grub grub;
	char **packages, **overlays;
	size_t n_packages, n_overlays;
	struct recipe_user *users;
	size_t n_users;
	struct recipe_copy *copies;
	size_t n_copies;
	struct recipe_file *files;
	size_t n_files;
	struct recipe_run *runs;
	size_t n_runs;
	struct recipe_services services;
	char **sysctl;   /* "name = value" */
	size_t n_sysctl;
	char **kernel_args;
	size_t n_kernel_args;
	char *hostname, *timezone;
	uint64_t disk;   /* bytes */
	bool bench;
};

extern const struct ymap recipe_map;

/* Reads and checks a recipe file, with those that it extends. NULL on error. recipe_free() releases it. */
struct recipe *recipe_load(const char *path, struct err *e);

/* The same, with values of the command line over it: "kernel.config=defconfig". What stands behind = is YAML. */
struct recipe *recipe_load_with(const char *path, const struct strv *sets, struct err *e);
void recipe_free(struct recipe *r);
static inline void recipe_cleanup(struct recipe **r) { recipe_free(*r); }
