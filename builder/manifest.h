/* NAME.json: what went into an image. It is written last, when everything it names is in place: an image without its
 * manifest is not whole. One of the two places of vmbuild that know json-c. */
#pragma once
#include "image.h"
#include "plan.h"

/* Writes OUT/NAME.json. image, kernel: names of the files beside it; initrd may be NULL. */
int manifest_write(const struct build *b, const struct image_result *r, const struct config *config, bool initrd,
		   struct err *e);

/* True if OUT/NAME.json says that the image was made from inputs of that digest, and its files are there in the sizes
 * that it gives. */
bool manifest_matches(const struct build *b, const char *digest);

/* OUT/NAME.SUFFIX, the caller's to free. */
char *image_path(const struct build *b, const char *suffix);
