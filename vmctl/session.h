/* What most commands begin with: the machine that the user named, its state, and libvirt. */
#pragma once
#include "checks.h"
#include "guest.h"
#include "home.h"
#include "state.h"
#include "virt.h"

struct session {
	struct state state;
	struct virt *virt;
	struct home home;          /* of the machine's files */
	struct elsewhere elsewhere; /* remote_disks()'s       */
	struct guest guest;
	bool running;
};

/* Opens the state of the machine (named, or by its file's path) and asks libvirt whether it runs. Fails if there is
 * neither a state nor a file of it. */
int session_open(struct session *s, const char *given, struct err *e);
/* The same of a machine that has another name than its file; as NULL: the file's. */
int session_open_as(struct session *s, const char *given, const char *as, struct err *e);
/* True if the domain of the machine's name runs. Fails if it is one that vmctl did not start, or started out of another state
 * folder: then it is another machine. p: where its files are; NULL: here. */
int session_running(struct virt *v, const struct state *s, const struct home *p, bool *running, struct err *e);
/* Looks at the host that the machine is to run on. */
int session_probe(const struct session *s, const struct machine *m, struct host *h, struct err *e);
/* Asks once more: what was so before a lock was waited for need not be so after. */
int session_refresh(struct session *s, struct err *e);
/* Asks once more, of another host by a new connection: Ctrl-C in a terminal ends the ssh that libvirt goes by, too. */
int session_reconnect(struct session *s, struct err *e);
void session_close(struct session *s);
/* Fails if the machine is on another host: of a command that works on its files. instead: what does the same there. */
int session_needs_here(const struct session *s, const char *what, const char *instead, struct err *e);

/* Bytes that are free where the machine's disk is, here or on another host; of that, 0: unknown. */
uint64_t session_room(const struct session *s);

/* Fails if it runs and its guest stands still, with why and what lets it go on. */
int session_check_paused(struct session *s, struct err *e);

/* The same as session_open(), and fails if the machine is not running, or paused. */
int session_open_running(struct session *s, const char *given, struct err *e);

/* Asks guest and QEMU, and fills the checks for the machine as it was started. view and mtree may be wanted by the caller:
 * they are its to free. */
struct look {
	struct machine *m;
	struct manifest man;
	struct host host;
	struct view view;
	char *mtree;
	struct checks checks;
};
int session_look(struct session *s, struct look *l, struct err *e);
void look_free(struct look *l);
