/* The one module that knows libvirt. */
#pragma once
#include <stdbool.h>

#include <stdint.h>
#include <sys/types.h>

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

/* The user that libvirt runs QEMU as: who has to own what QEMU writes to and libvirt does not know of. This process' own if
 * libvirt does not tell. */
void virt_qemu_user(struct virt *v, uid_t *uid, gid_t *gid);

/* True if a domain of that name is running. Fails if it is one that vmctl did not start. */
int virt_running(struct virt *v, const char *name, bool *running, struct err *e);

enum pause {
	PAUSE_NONE,
	PAUSE_DISK_FULL, /* by QEMU: the host has no room for what the guest writes */
	PAUSE_OTHER,     /* by somebody, with another program                       */
};

/* Whether it runs and its guest stands still. */
enum pause virt_paused(struct virt *v, const char *name);

/* Lets the guest go on. */
int virt_resume(struct virt *v, const char *name, struct err *e);

/* Starts a domain that is gone when it ends. */
int virt_start(struct virt *v, const char *xml, struct err *e);

/* Resets the guest at once, like the button. */
int virt_reset(struct virt *v, const char *name, struct err *e);

/* QEMU's command line, as a shell takes it, of a domain with that XML; the caller's to free. */
char *virt_command_line(struct virt *v, const char *xml, struct err *e);

/* Asks the guest to power off. */
int virt_shutdown(struct virt *v, const char *name, struct err *e);
/* Ends QEMU at once. */
int virt_destroy(struct virt *v, const char *name, struct err *e);

/* The running domain's XML, the caller's to free. */
char *virt_xml(struct virt *v, const char *name, struct err *e);

/* What QEMU's monitor answers to a command of its human interface, the caller's to free. */
char *virt_monitor(struct virt *v, const char *name, const char *command, struct err *e);

/* What QEMU answers to a command of its machine interface (QMP, JSON), the caller's to free: also when it is an error. */
char *virt_qmp(struct virt *v, const char *name, const char *command, struct err *e);

/* Adds a device to the running machine, as libvirt's XML of it. */
int virt_attach(struct virt *v, const char *name, const char *xml, struct err *e);

/* Bytes of the running machine's memory, with what was added while it ran. 0: unknown. */
uint64_t virt_memory(struct virt *v, const char *name);

/* What the guest's agent answers to a command (JSON, both), the caller's to free. NULL also if it does not answer within timeout_s
 * seconds, or says that it can't. */
char *virt_agent(struct virt *v, const char *name, const char *command, int timeout_s, struct err *e);

/* What the QEMU of that name said that runs, or ran last, as far as libvirt keeps it. The caller's to free; NULL: it is not known. */
char *virt_last_words(struct virt *v, const char *name);

/* Joins the terminal to the guest's serial console until the user types Ctrl-]. */
int virt_console(struct virt *v, const char *name, struct err *e);
