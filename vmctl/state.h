/* What vmctl keeps of a machine, in STATE/machines/NAME:
 *
 *     machine.yaml                   the file that it was started from
 *     manifest.json, IMAGE.qcow2, IMAGE.vmlinuz, ...   its image: hard links, so that a rebuilt image does not pull
 *                                    the ground from under the machine's disk
 *     disk.qcow2                     its own disk, copy-on-write over IMAGE.qcow2
 *     origin                         where that file was
 *     known_hosts ssh-port console.log summary
 *     ssh-kept                       the socket of the connection that commands come by (ssh.c)
 *     connect                        of a machine on another host: where it is, and the names of its files there (remote.h)
 *
 * and STATE/id_ed25519, the user's key for all machines. */
#pragma once
#include "host.h"
#include "machine.h"
#include "manifest.h"
#include "units.h"

/* Room that there has to be for a machine's disk, for what it writes over the image. */
#define DISK_NEEDED (1 * GiB)

struct state {
	char *root; /* STATE                */
	char *name;
	char *dir;  /* STATE/machines/NAME  */
};

int state_open(struct state *s, const char *name, struct err *e);

/* 0 if a new machine, which does not take its name from its file, can have that one: it is a name, and not one of those that
 * come with tierlab. */
int state_new_name(const char *name, struct err *e);
void state_free(struct state *s);

/* A file in the machine's folder, the caller's to free. */
char *state_path(const struct state *s, const char *file);

/* True if the machine has been started before and not been deleted. */
bool state_exists(const struct state *s);

/* Loads the machine that the user named: a path, the file of a machine that was started, or one of the shipped ones. path
 * gets where it was found, the caller's to free. */
struct machine *state_find_machine(const char *given, char **path, struct err *e);

/* Fails if the machine was started from another file than that at path: two machines would have one disk. A file that was
 * edited, or moved, is the same. */
int state_check_origin(const struct state *s, const char *path, struct err *e);

/* Loads the machine as it was last started, with its manifest. */
struct machine *state_load(const struct state *s, struct manifest *man, struct err *e);

/* Names of all machines that there is a state of. */
int state_list(struct strv *names, struct err *e);

/* The manifest of the image that the machine names. */
int state_find_image(const struct machine *m, struct manifest *man, struct err *e);

/* The same; and if that image is gone, the one that the machine's disk is made of, which the machine keeps. */
int state_image(const struct state *s, const struct machine *m, struct manifest *man, struct err *e);

enum fresh { FRESH_ASK, FRESH_NEW, FRESH_KEEP };

/* What makes disks where that is not the machine's folder. */
struct elsewhere {
	int (*has)(void *arg, struct err *e); /* 1: there is a disk, 0: there is none */
	int (*make)(void *arg, const struct manifest *man, struct err *e); /* a new one, in the place of what there is */
	void *arg;
	const char *where;
};

/* Makes folder, key, image links and disk, whatever of it is not there yet. If the image was rebuilt since the disk was
 * made, fresh says what to do: fail and tell, begin anew, or keep the old one. man becomes what the disk is made of.
 * there: NULL if the disk is here. */
int state_prepare(const struct state *s, const char *machine_path, struct manifest *man, enum fresh fresh,
		  const struct elsewhere *there, struct err *e);
/* Of that the disk alone. */
int state_prepare_disk(const struct state *s, struct manifest *man, enum fresh fresh, const struct elsewhere *there, struct err *e);

/* Fails if the machine's disk, or what it is made over, can't be opened; says what mends it. */
int state_check_disk(const struct state *s, struct err *e);

/* The user's public key, the caller's to free. */
char *state_public_key(const struct state *s, struct err *e);

/* The SSH port: what the machine file says, if it is free; else the first free one from 2222. Remembers it. Fails also if a
 * port that the file forwards is taken. */
int state_choose_port(const struct state *s, const struct machine *m, int *port, struct err *e);
int state_port(const struct state *s, struct err *e);

/* A guest that boots once more in the same QEMU: its console's log begins anew, and what was measured does not count any more. */
int state_reboot(const struct state *s, struct err *e);

/* Serialises start, stop and delete of one machine. Returns a descriptor to close. */
int state_lock(const struct state *s, struct err *e);

/* Removes all that there is of the machine, and its lock, which the caller holds. What is left when it does not come to its end
 * is a machine that can be deleted again. */
int state_delete(const struct state *s, struct err *e);
