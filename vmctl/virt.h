/* The one module that knows libvirt. */
#pragma once
#include <stdbool.h>

#include "err.h"

struct virt;

/* To be called before virt_open() by who will call virt_console(). Nobody else: a connection with an event loop that
 * does not run leaves the daemon's keep-alive unanswered, and is cut after half a minute. */
void virt_use_events(void);

/* Connects: TIERLAB_LIBVIRT_URI, else qemu:///system for root and qemu:///session for anybody else. */
struct virt *virt_open(struct err *e);
void virt_close(struct virt *v);
static inline void virt_cleanup(struct virt **v) { virt_close(*v); }

/* Which libvirt it is: version and address. The caller's to free. */
char *virt_describe(struct virt *v);

/* True if a domain of that name is running. Fails if it is one that vmctl did not start. */
int virt_running(struct virt *v, const char *name, bool *running, struct err *e);

/* Starts a domain that is gone when it ends. */
int virt_start(struct virt *v, const char *xml, struct err *e);

/* Asks the guest to power off. */
int virt_shutdown(struct virt *v, const char *name, struct err *e);
/* Ends QEMU at once. */
int virt_destroy(struct virt *v, const char *name, struct err *e);

/* The running domain's XML, the caller's to free. */
char *virt_xml(struct virt *v, const char *name, struct err *e);

/* What QEMU's monitor answers to a command of its human interface, the caller's to free. */
char *virt_monitor(struct virt *v, const char *name, const char *command, struct err *e);

/* What the guest's agent answers to a command (JSON, both), the caller's to free. NULL also if it does not answer within timeout_s
 * seconds, or says that it can't. */
char *virt_agent(struct virt *v, const char *name, const char *command, int timeout_s, struct err *e);

/* What the QEMU of that name said that runs, or ran last, as far as libvirt keeps it. The caller's to free; NULL: it is not known. */
char *virt_last_words(struct virt *v, const char *name);

/* Joins the terminal to the guest's serial console until the user types Ctrl-]. */
int virt_console(struct virt *v, const char *name, struct err *e);
