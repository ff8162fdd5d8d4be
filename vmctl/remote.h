/* Machines on another host: its libvirt is the only thing of it that is asked. The machine's state stays
 * here (home.h says what of it is there). None of these does anything with a machine that is on this host. */
#pragma once
#include "session.h"

/* Before a machine is started on another host: it gets its names there, and the storage pool is made if there is none. */
int remote_begin(struct session *s, struct err *e);

/* What state_prepare() makes disks with there; NULL if that is here. It holds as long as the session. */
const struct elsewhere *remote_disks(struct session *s);

/* After that one: the image is there, whose files become those on that host, and the console's log is a new one. */
int remote_prepare(struct session *s, struct manifest *man, struct err *e);

/* The image's files become those on that host, without a look whether they are there. */
void remote_names(const struct session *s, struct manifest *man);

/* Brings the guest's console log here, as far as it is new. */
int remote_log(struct session *s, struct err *e);

/* Removes what the machine has there, but not its image, which others may use. */
int remote_forget(struct session *s, struct err *e);
