/* Files and folders into and out of the guest. What arrives does so whole or not at all, by either way: beside its place, then
 * renamed. */
#pragma once
#include "guest.h"

/* FROM and TO of a command line, one of which is MACHINE:PATH. */
struct places {
	char *machine;
	char *from, *to; /* the path in the guest may be "": root's home */
	bool into;       /* the guest                                    */
};
int places_parse(struct places *p, const char *from, const char *to, struct err *e);
void places_free(struct places *p);

/* to may be a folder, in which the copy then has its old name. */
int copy_into(struct guest *g, const char *from, const char *to, struct err *e);
int copy_out(struct guest *g, const char *from, const char *to, struct err *e);
