/* The running guest, by the way that leads there: SSH where it answers, else the guest's agent. */
#pragma once
#include "call.h"
#include "state.h"
#include "virt.h"

enum way { WAY_UNKNOWN, WAY_SSH, WAY_AGENT };

struct guest {
	const struct state *state;
	struct virt *virt;
	enum way way; /* the one that was found or forced; it stays for later calls */
};

/* Which way a guest may be reached is decided here, as far as it is known without asking it. */
void guest_init(struct guest *g, const struct state *s, struct virt *v);

/* Waits until the guest can be reached. alive is called now and then: it returns 0 while it is worth waiting, -1 with e filled
 * when the machine is gone or has died. */
int guest_wait(struct guest *g, double timeout_s, int (*alive)(void *arg, struct err *e), void *arg, struct err *e);

/* Runs a command. Returns its exit status, or -1. If it goes by the agent because SSH did not answer, a note says so. */
int guest_call(struct guest *g, const struct call *c, struct err *e);

/* The same with its outputs as texts, in the place of c's descriptors; out may be NULL: then c's. */
int guest_call_text(struct guest *g, const struct call *c, struct text *out, struct text *err, struct err *e);

/* Runs a command with our standard input and outputs. */
int guest_exec(struct guest *g, const char *const *argv, struct err *e);

/* Runs a command that must not fail and takes its standard output. */
int guest_capture(struct guest *g, const char *const *argv, struct text *out, struct err *e);

/* Runs one of tierlab's own programs there, which say in one line what went wrong: that is the error then. */
int guest_ask(struct guest *g, const char *const *argv, struct err *e);

/* The last lines of the console log, without what steers a terminal, the caller's to free; NULL: there is none. */
char *guest_console_tail(const struct state *s, int lines);
