/* Where a machine's files are: in its folder here, or, where libvirt is another host's, volumes of a storage pool there. */
#pragma once
#include <stdint.h>
#include <sys/types.h>

#include "state.h"
#include "virt-store.h"
#include "virt.h"

struct home {
	char *prefix;        /* makes a path of a file's name, on the host that QEMU runs on: "/var/lib/tierlab/machines/cxl/" */
	struct store *store; /* NULL: here */
	char *volumes;       /* what the names of the machine's volumes begin with; NULL: none yet, or here */
};

/* The address of the host that the machine was started on, the caller's to free; NULL: this one. */
char *home_uri(const struct state *s);

/* Where the machine's files are, or, if it is a new one, will be: the prefix is empty as long as they have no names there. */
int home_open(struct home *p, const struct state *s, struct virt *v, struct err *e);
/* Before they are made on another host: gives them names, which the state remembers, and makes the pool where there is none. */
int home_claim(struct home *p, const struct state *s, struct virt *v, struct err *e);
void home_free(struct home *p);

/* The file's path, the caller's to free. */
char *home_path(const struct home *p, const char *file);

/* 1: it is there, of that size; 0: it is not. */
int home_has(const struct home *p, const char *file, uint64_t *bytes, struct err *e);

/* Makes it, of zeros that take no room, for that user (-1: whoever it is). There is a whole file or none. */
int home_make(const struct home *p, const char *file, uint64_t bytes, uid_t uid, gid_t gid, struct err *e);
