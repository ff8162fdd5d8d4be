/* NAME.json: what went into an image. It is written last, when everything it names is in place: an image without its
 * manifest is not whole. manifest.c writes it, manifest-read.c reads it. */
#pragma once
#include "image.h"
#include "plan.h"

/* Writes OUT/NAME.json. image, kernel: names of the files beside it; initrd may be NULL. */
int manifest_write(const struct build *b, const struct image_result *r, const struct config *config, bool initrd,
		   struct err *e);

/* True if OUT/NAME.json says that the image was made from inputs of that digest, and its files are there in the sizes
 * that it gives. */
bool manifest_matches(const struct build *b, const char *digest);

/* The inputs that the step had when the image in OUT was made. False: there is no such image, or it had no such step. */
bool manifest_inputs(const struct build *b, enum step_kind kind, struct strv *inputs);

/* What `list` shows of an image. */
struct image_info {
	char *name, *created, *recipe, *base, *kernel;
	uint64_t bytes;       /* that its file takes on the disk */
	struct strv digests;  /* of the steps that it is made of */
};
/* Reads the manifest at path. -1 if it is none. */
int image_info_load(struct image_info *i, const char *path, struct err *e);
void image_info_free(struct image_info *i);

/* OUT/NAME.SUFFIX, the caller's to free. */
char *image_path(const struct build *b, const char *suffix);

/* A manifest that was read. */
struct record;
struct record *record_load(const char *path, struct err *e);
void record_free(struct record *m);
static inline void record_cleanup(struct record **m) { record_free(*m); }

/* The text at a path of keys ("kernel.release"), "" where there is none. It is the manifest's. */
const char *record_text(const struct record *m, const char *path);
/* "NAME VALUE" of each key of the object there. */
void record_pairs(const struct record *m, const char *path, struct strv *pairs);
/* "X=y" of each kernel option that was asked for and got. */
void record_options(const struct record *m, struct strv *options);
