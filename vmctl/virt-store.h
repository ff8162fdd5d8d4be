/* Files on the host that libvirt runs on, where that is another: volumes of a storage pool, which libvirt makes, fills and reads for
 * us. The pool is named "tierlab". An administrator may have made it, where the room is; else it is made below
 * /var/lib/libvirt. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "text.h"

struct virt;
struct store;

/* Opens the pool. make: makes it where there is none; without, *s is NULL then, and that is no failure. */
int store_open(struct virt *v, bool make, struct store **s, struct err *e);
void store_close(struct store *s);

/* The folder of the volumes, on that host. */
const char *store_dir(const struct store *s);

/* Bytes that are free in it; 0: unknown. */
uint64_t store_room(struct store *s);

/* Looks at the folder again: what QEMU or another program made there is known after that. */
int store_refresh(struct store *s, struct err *e);

/* 1: there is a volume of that name, and bytes is its file's size; 0: there is none. */
int store_has(struct store *s, const char *name, uint64_t *bytes, struct err *e);

/* Makes a volume of zeros, sparse, for that user of that host. */
int store_make(struct store *s, const char *name, uint64_t bytes, uid_t uid, gid_t gid, struct err *e);

/* Makes an empty volume of that name where there is none. */
int store_ensure(struct store *s, const char *name, struct err *e);

/* Makes a qcow2 disk, copy-on-write over another volume that is one. */
int store_make_over(struct store *s, const char *name, const char *backing, struct err *e);

/* Sends all bytes of a file to a volume. tick is told of each piece, and how many bytes are sent by then; it fails to end it. */
typedef int store_tick(const char *data, size_t n, uint64_t sent, void *arg, struct err *e);
int store_send(struct store *s, const char *name, int fd, store_tick *tick, void *arg, struct err *e);

/* Adds a volume's bytes from the given one on. */
int store_receive(struct store *s, const char *name, uint64_t from, struct text *out, struct err *e);

/* Removes a volume; not being there is no error. */
int store_drop(struct store *s, const char *name, struct err *e);

/* Removes the volumes whose names begin so. */
int store_remove(struct store *s, const char *prefix, struct err *e);
