/* Packages for a Debian or Ubuntu system on a base image. The host's apt chooses and fetches them, by the image's own sources,
 * keys and list of what is installed: apt inside the image would take half a minute for that under TCG, and would know nothing
 * of the host's proxies. */
#pragma once
#include "err.h"
#include "text.h"

/* What apt has to know of the image is in a folder that is laid out as the image's root is: APT_FILES, as far as they are there,
 * all of them files and folders and no links. Nothing of /etc/apt/apt.conf, which may hold commands, and those are not for the
 * host. */
#define APT_FILES "etc/apt", "usr/share/keyrings", "var/lib/dpkg/arch", "var/lib/dpkg/status", "var/lib/apt/extended_states"
#define APT_NOT_FILES "etc/apt/apt.conf", "etc/apt/apt.conf.d"
struct apt_root {
	const char *dir;
	char *const *packages;   /* names of what is wanted             */
	size_t n_packages;
	const char *preferences; /* beside the image's own; NULL: none  */
	const char *log;         /* takes what apt says                 */
};

/* Fetches what is wanted and not yet installed, with what it depends on, to DIR/APT_DEBS. Adds the names of the files there. */
#define APT_DEBS "debs"
int apt_fetch(const struct apt_root *r, struct strv *debs, struct err *e);

/* The image's extended_states, apt's notes of which packages came in by themselves, for when the debs are installed: what was
 * noted and is not wanted now, and those of the debs that are new and that nobody asked for. The caller's to free. */
char *apt_notes(const struct apt_root *r, const struct strv *debs);

/* A file of sources, with the paths of keys and lists of mirrors moved below root; the caller's to free. NULL where one names what
 * APT_FILES has not. */
char *apt_move_sources(const char *text, const char *root, struct err *e);
