/* The one module that knows libvirt. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "qemu.h"

struct virt;

/* To be called before virt_open() by who will call virt_console(). Nobody else: a connection with an event loop that
 * does not run leaves the daemon's keep-alive unanswered, and is cut after half a minute. */
void virt_use_events(void);

/* The address that --connect gives, or NULL. */
extern const char *virt_connect;

/* The address that was asked for: --connect's, else that of TIERLAB_LIBVIRT_URI. NULL: none was. */
const char *virt_given(void);

/* Whether another host's libvirt may have been asked for: whether it is one, virt_is_remote() knows. */
bool virt_far_given(void);

/* Whether a libvirt of that address is another host's, where none of our files is. What goes by a network counts as one. */
bool virt_uri_is_remote(const char *uri);

/* Connects. uri NULL: as virt_given() has it, else qemu:///system for root and qemu:///session for anybody else. */
struct virt *virt_open(const char *uri, struct err *e);
bool virt_is_remote(const struct virt *v);
/* The address, the caller's to free. */
char *virt_uri(const struct virt *v);
void virt_close(struct virt *v);
static inline void virt_cleanup(struct virt **v) { virt_close(*v); }

/* Which libvirt it is: version and address. The caller's to free. */
char *virt_describe(struct virt *v);

/* The user that libvirt runs QEMU as: who has to own what QEMU writes to and libvirt does not know of. -1, for whoever
 * makes a file, if libvirt does not tell: then that is the user of its daemon. */
void virt_qemu_user(struct virt *v, uid_t *uid, gid_t *gid);

/* The host that libvirt runs on: CPUs, and bytes of memory that are free there (0: unknown). */
int virt_host(struct virt *v, long *cpus, uint64_t *memory_free, struct err *e);
/* A QEMU of that host, of whose version the first two numbers are known. path NULL: the one that libvirt takes by itself. -1: there is
 * none, or libvirt can't use it. */
int virt_emulator(struct virt *v, const char *path, struct qemu *q);
/* True if libvirt offers KVM with that QEMU, and the processor of its host has what that needs. */
bool virt_has_kvm(struct virt *v, const char *emulator);

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
