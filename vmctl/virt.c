#include "virt.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "diagnose.h"
#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "text.h"

#define TIERLAB_NS "urn:tierlab:machine"

struct virt {
	virConnectPtr conn;
};

static void silent(void *arg, virErrorPtr e)
{
	(void)arg;
	(void)e;
}

static int virt_err(struct err *e, const char *what)
{
	const char *words = virGetLastErrorMessage();

	return err_set(e, "%s: %s", what, words ? words : "libvirt gives no reason");
}

void virt_use_events(void)
{
	virEventRegisterDefaultImpl();
}

struct virt *virt_open(struct err *e)
{
	const char *given = getenv("TIERLAB_LIBVIRT_URI");
	const char *uri = !str_empty(given) ? given : geteuid() == 0 ? "qemu:///system" : "qemu:///session";
	struct virt *v;
	virConnectPtr conn;

	virSetErrorFunc(NULL, silent);
	conn = virConnectOpen(uri);
	if (!conn) {
		virt_err(e, "can't reach libvirt");
		err_append(e, " (%s); `make setup` installs it and starts its daemon", uri);
		err_status(e, EXIT_HOST);
		return NULL;
	}
	v = xcalloc(1, sizeof(*v));
	v->conn = conn;
	return v;
}

void virt_close(struct virt *v)
{
	if (v)
		virConnectClose(v->conn);
	free(v);
}

char *virt_describe(struct virt *v)
{
	unsigned long n = 0;
	char *uri = virConnectGetURI(v->conn), *text;

	virConnectGetLibVersion(v->conn, &n);
	text = strf("%lu.%lu.%lu answers at %s", n / 1000000, n / 1000 % 1000, n % 1000, uri ? uri : "an address that it does not tell");
	free(uri);
	return text;
}

/* In the capabilities: <secmodel><model>dac</model>...<baselabel type='qemu'>+64055:+64055</baselabel> */
void virt_qemu_user(struct virt *v, uid_t *uid, gid_t *gid)
{
	char *caps = virConnectGetCapabilities(v->conn), *dac = caps ? strstr(caps, "<model>dac</model>") : NULL;
	char *label = dac ? strstr(dac, "<baselabel") : NULL;
	unsigned long u, g;

	*uid = geteuid();
	*gid = getegid();
	label = label ? strchr(label, '>') : NULL;
	if (label && sscanf(label, ">+%lu:+%lu", &u, &g) == 2) {
		*uid = (uid_t)u;
		*gid = (gid_t)g;
	}
	free(caps);
}

static void free_domain(virDomainPtr *d)
{
	if (*d)
		virDomainFree(*d);
}
#define auto_domain cleanup(free_domain) virDomainPtr

/* The running domain; NULL with an empty message if there is none, also when it ends while we look. */
static virDomainPtr find(struct virt *v, const char *name, struct err *e)
{
	virDomainPtr d = virDomainLookupByName(v->conn, name);
	char *meta = d ? virDomainGetMetadata(d, VIR_DOMAIN_METADATA_ELEMENT, TIERLAB_NS, 0) : NULL;
	int code = meta ? VIR_ERR_OK : virGetLastErrorCode();

	*e->msg = '\0';
	if (!meta && code != VIR_ERR_NO_DOMAIN && code != VIR_ERR_NO_DOMAIN_METADATA)
		virt_err(e, "can't look for the machine");
	if (!meta && d) {
		virDomainFree(d);
		d = NULL;
	}
	if (code == VIR_ERR_NO_DOMAIN_METADATA)
		err_set(e, "libvirt has a domain '%s' that vmctl did not make: it is left alone; give the machine another name "
			"(copy its file)", name);
	free(meta);
	return d;
}

static virDomainPtr find_running(struct virt *v, const char *name, struct err *e)
{
	virDomainPtr d = find(v, name, e);

	if (!d && !*e->msg)
		err_set(e, "machine '%s' is not running: `vmctl start %s`", name, name);
	return d;
}

int virt_running(struct virt *v, const char *name, bool *running, struct err *e)
{
	auto_domain d = find(v, name, e);

	*running = d && virDomainIsActive(d) == 1;
	return !d && *e->msg ? -1 : 0;
}

int virt_start(struct virt *v, const char *xml, struct err *e)
{
	auto_domain d = virDomainCreateXML(v->conn, xml, 0);

	if (d)
		return 0;
	virt_err(e, "libvirt can't start the machine");
	return err_status(e, EXIT_HOST);
}

int virt_shutdown(struct virt *v, const char *name, struct err *e)
{
	auto_domain d = find_running(v, name, e);

	if (!d)
		return -1;
	return virDomainShutdown(d) < 0 ? virt_err(e, "can't ask the guest to power off") : 0;
}

int virt_destroy(struct virt *v, const char *name, struct err *e)
{
	auto_domain d = find_running(v, name, e);

	if (!d)
		return -1;
	return virDomainDestroy(d) < 0 ? virt_err(e, "can't end the machine") : 0;
}

char *virt_xml(struct virt *v, const char *name, struct err *e)
{
	auto_domain d = find_running(v, name, e);
	char *xml = d ? virDomainGetXMLDesc(d, 0) : NULL;

	if (d && !xml)
		virt_err(e, "can't get the machine's XML");
	return xml;
}

static char *monitor(struct virt *v, const char *name, const char *command, unsigned flags, struct err *e)
{
	auto_domain d = find_running(v, name, e);
	char *answer = NULL;

	if (d && virDomainQemuMonitorCommand(d, command, &answer, flags) < 0)
		virt_err(e, "QEMU's monitor does not answer");
	return answer;
}

char *virt_monitor(struct virt *v, const char *name, const char *command, struct err *e)
{
	return monitor(v, name, command, VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP, e);
}

char *virt_qmp(struct virt *v, const char *name, const char *command, struct err *e)
{
	return monitor(v, name, command, VIR_DOMAIN_QEMU_MONITOR_COMMAND_DEFAULT, e);
}

int virt_attach(struct virt *v, const char *name, const char *xml, struct err *e)
{
	auto_domain d = find_running(v, name, e);

	if (!d)
		return -1;
	return virDomainAttachDeviceFlags(d, xml, VIR_DOMAIN_AFFECT_LIVE) < 0 ? virt_err(e, "libvirt can't add the device") : 0;
}

uint64_t virt_memory(struct virt *v, const char *name)
{
	auto_domain d = find_running(v, name, &(struct err){ "" });

	return d ? (uint64_t)virDomainGetMaxMemory(d) * 1024 : 0;
}

/* libvirt keeps what each QEMU says in a file: root's in the first folder, anybody else's in the second (libvirt's manual, "QEMU
 * driver", "Log file"). */
static char *qemu_log(struct virt *v, const char *name)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *uri = virConnectGetURI(v->conn), *path = NULL;

	if (uri && !strcmp(uri, "qemu:///system"))
		path = strf("/var/log/libvirt/qemu/%s.log", name);
	else if (uri && !strcmp(uri, "qemu:///session") && (!str_empty(cache) || home))
		path = strf("%s%s/libvirt/qemu/log/%s.log", str_empty(cache) ? home : cache, str_empty(cache) ? "/.cache" : "", name);
	free(uri);
	return path;
}

char *virt_last_words(struct virt *v, const char *name)
{
	auto_free char *path = qemu_log(v, name), *log = path ? file_read(path, 0, NULL, &(struct err){ "" }) : NULL;

	return log ? qemu_words(log) : NULL;
}

/* ---- console ---- */

#define ESCAPE 0x1d /* Ctrl-], as virsh and telnet have it */

/* A stream gets its data while libvirt's event loop runs, so the terminal hangs on that loop too. */
struct console {
	virStreamPtr st;
	struct text pending; /* typed, and not yet taken by the stream */
	bool done, cut;
};

static void end(struct console *c, bool cut)
{
	c->done = true;
	c->cut = cut;
}

static void from_guest(struct console *c)
{
	char buf[4096];
	int n = virStreamRecv(c->st, buf, sizeof(buf));

	if (n > 0)
		(void)!write(STDOUT_FILENO, buf, (size_t)n);
	else if (n != -2)
		end(c, n < 0);
}

static void to_guest(struct console *c)
{
	int n = c->pending.n ? virStreamSend(c->st, c->pending.s, c->pending.n) : 0;

	if (n == -1)
		end(c, true);
	if (n > 0) {
		memmove(c->pending.s, c->pending.s + n, c->pending.n - (size_t)n);
		c->pending.n -= (size_t)n;
	}
	virStreamEventUpdateCallback(c->st, VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_HANGUP |
				     VIR_STREAM_EVENT_ERROR | (c->pending.n ? VIR_STREAM_EVENT_WRITABLE : 0));
}

static void on_stream(virStreamPtr st, int events, void *arg)
{
	struct console *c = arg;

	(void)st;
	if (events & VIR_STREAM_EVENT_READABLE)
		from_guest(c);
	if (events & VIR_STREAM_EVENT_WRITABLE && !c->done)
		to_guest(c);
	if (events & (VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP) && !(events & VIR_STREAM_EVENT_READABLE))
		end(c, false);
}

static void on_typed(int watch, int fd, int events, void *arg)
{
	struct console *c = arg;
	char buf[256];
	ssize_t n = read(fd, buf, sizeof(buf));

	(void)watch;
	(void)events;
	if (n <= 0 || memchr(buf, ESCAPE, (size_t)n)) {
		end(c, false);
		return;
	}
	text_add(&c->pending, buf, (size_t)n);
	to_guest(c);
}

static void on_tick(int timer, void *arg)
{
	(void)timer;
	if (interrupted())
		end(arg, false);
}

static int join(virStreamPtr st, struct err *e)
{
	struct console c = { .st = st };
	int watch = virEventAddHandle(STDIN_FILENO, VIR_EVENT_HANDLE_READABLE, on_typed, &c, NULL);
	int timer = virEventAddTimeout(200, on_tick, &c, NULL);

	if (virStreamEventAddCallback(st, VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_HANGUP | VIR_STREAM_EVENT_ERROR,
				      on_stream, &c, NULL) < 0)
		return virt_err(e, "can't listen to the console");
	while (!c.done && virEventRunDefaultImpl() == 0)
		;
	virStreamEventRemoveCallback(st);
	virEventRemoveHandle(watch);
	virEventRemoveTimeout(timer);
	text_free(&c.pending);
	return c.cut ? virt_err(e, "the console was cut") : 0;
}

int virt_console(struct virt *v, const char *name, struct err *e)
{
	auto_domain d = find_running(v, name, e);
	struct termios old, raw;
	bool tty = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &old) == 0;
	virStreamPtr st;
	int rc;

	if (!d)
		return -1;
	st = virStreamNew(v->conn, VIR_STREAM_NONBLOCK);
	if (!st || virDomainOpenConsole(d, NULL, st, VIR_DOMAIN_CONSOLE_FORCE) < 0) {
		virt_err(e, "can't open the console");
		if (st)
			virStreamFree(st);
		return -1;
	}
	if (tty) {
		raw = old;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	rc = join(st, e);
	if (tty)
		tcsetattr(STDIN_FILENO, TCSANOW, &old);
	virStreamAbort(st);
	virStreamFree(st);
	return rc;
}
