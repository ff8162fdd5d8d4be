/* The manifest that vmbuild writes beside an image, and vmctl reads. */
#pragma once

/* Its "tierlab_image": raised when a key changes its meaning. */
#define IMAGE_FORMAT 1
