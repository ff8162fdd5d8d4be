/* Packages for a Debian or Ubuntu system on a base image. The host's apt chooses and fetches them, by the image's own sources,
 * keys and list of what is installed: apt inside the image would take half a minute for that under TCG, and would know nothing
 * of the host's proxies. */
#pragma once
#include "err.h"
#include "text.h"

/* What apt needs to know of the image, in a folder of the host's that is laid out as the image's root is: /etc/apt,
 * /usr/share/keyrings, /var/lib/dpkg/status, and /var/lib/apt/extended_states if there is one. Of /etc/apt only sources,
 * preferences and keys count: a configuration may hold commands, and those are not for the host. */
struct apt_root {
	const char *dir;
	char *const *packages;   /* what is wanted, as apt-get install takes it */
	size_t n_packages;
	const char *preferences; /* for apt, beside the image's own; NULL: none */
	const char *log;         /* takes what apt says                         */
};

/* Fetches what is wanted and not yet installed, with what it depends on, to DIR/APT_DEBS. Adds the names of the files there. */
#define APT_DEBS "debs"
int apt_fetch(const struct apt_root *r, struct strv *debs, struct err *e);

/* apt's notes of which packages came in by themselves (extended_states), after debs were installed: those of them that nobody
 * asked for, and of those that were noted before, what nobody asks for now. The caller's to free. */
char *apt_notes(const char *notes, const struct apt_root *r, const struct strv *debs);

/* Sources whose paths (keys, lists of mirrors) are meant to be below root, the caller's to free. */
char *apt_move_sources(const char *text, const char *root);
