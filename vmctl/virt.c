#include "virt.h"

#include <libvirt/libvirt-qemu.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "diagnose.h"
#include "diagnose.h"
#include "exits.h"
#include "file.h"
#include "text.h"
#include "virt-private.h"

/* A host that does not answer for 20 s is lost. */
#define KEEPALIVE_S 5
#define KEEPALIVE_COUNT 3
#define TIERLAB_NS "urn:tierlab:machine"

static void silent(void *arg, virErrorPtr e)
{
	(void)arg;
	(void)e;
}

int virt_err(struct err *e, const char *what)
{
	const char *said = virGetLastErrorMessage();
	auto_free char *words = without_warnings(said ? said : "libvirt gives no reason");

	return err_set(e, "%s: %s", what, words);
}

/* libvirt has its event loop: ours to run, or that of who called virt_use_events(). */
static bool has_events;

void virt_use_events(void)
{
	has_events = virEventRegisterDefaultImpl() == 0;
}

const char *virt_connect;

const char *virt_given(void)
{
	const char *variable = getenv("TIERLAB_LIBVIRT_URI");

	return !str_empty(virt_connect) ? virt_connect : str_empty(variable) ? NULL : variable;
}

/* "qemu:///system", "qemu+unix:///session" are here; "qemu+ssh://host/system", also without a host, is not. */
bool virt_uri_is_remote(const char *uri)
{
	const char *colon = strstr(uri, "://"), *plus = strchr(uri, '+');

	if (!colon)
		return false;
	return (plus && plus < colon && strncmp(plus, "+unix:", 6)) || (colon[3] && colon[3] != '/');
}

static void *run_events(void *arg)
{
	(void)arg;
	while (virEventRunDefaultImpl() == 0)
		;
	return NULL;
}

/* Keep-alive needs the event loop, from before the connection is made. Whoever runs it itself has no need of the thread. */
static void start_events(void)
{
	pthread_t thread;

	if (has_events)
		return;
	virt_use_events();
	if (has_events && pthread_create(&thread, NULL, run_events, NULL) == 0)
		pthread_detach(thread);
}

struct virt *virt_open(const char *given, struct err *e)
{
	const char *uri = given ? given : virt_given();
	auto_free char *actual = NULL;
	struct virt *v;
	virConnectPtr conn;

	uri = uri ? uri : geteuid() == 0 ? "qemu:///system" : "qemu:///session";
	if (virt_uri_is_remote(uri) || !strstr(uri, "://")) /* an alias of libvirt.conf has no scheme */
		start_events();
	virSetErrorFunc(NULL, silent);
	conn = virConnectOpen(uri);
	if (!conn) {
		virt_err(e, "can't reach libvirt");
		if (virt_uri_is_remote(uri))
			err_append(e, "; `virsh -c '%s' list` has to work", uri);
		else
			err_append(e, " (%s); `make setup` installs it and starts its daemon", uri);
		err_status(e, EXIT_HOST);
		return NULL;
	}
	v = xcalloc(1, sizeof(*v));
	v->conn = conn;
	actual = virt_uri(v); /* what an alias stands for */
	v->remote = virt_uri_is_remote(actual);
	if (v->remote)
		virConnectSetKeepAlive(conn, KEEPALIVE_S, KEEPALIVE_COUNT);
	return v;
}

void virt_close(struct virt *v)
{
	if (v)
		virConnectClose(v->conn);
	free(v);
}

bool virt_far_given(void)
{
	return virt_connect || (virt_given() && virt_uri_is_remote(virt_given()));
}

bool virt_is_remote(const struct virt *v)
{
	return v->remote;
}

char *virt_uri(const struct virt *v)
{
	char *uri = virConnectGetURI(v->conn);

	return uri ? uri : xstrdup("an address that it does not tell");
}

char *virt_describe(struct virt *v)
{
	unsigned long n = 0;
	auto_free char *uri = virt_uri(v);

	virConnectGetLibVersion(v->conn, &n);
	return strf("%lu.%lu.%lu answers at %s", n / 1000000, n / 1000 % 1000, n % 1000, uri);
}

/* In the capabilities: <secmodel><model>dac</model>...<baselabel type='qemu'>+64055:+64055</baselabel> */
void virt_qemu_user(struct virt *v, uid_t *uid, gid_t *gid)
{
	char *caps = virConnectGetCapabilities(v->conn), *dac = caps ? strstr(caps, "<model>dac</model>") : NULL;
	char *label = dac ? strstr(dac, "<baselabel") : NULL;
	unsigned long u, g;

	*uid = (uid_t)-1;
	*gid = (gid_t)-1;
	label = label ? strchr(label, '>') : NULL;
	if (label && sscanf(label, ">+%lu:+%lu", &u, &g) == 2) {
		*uid = (uid_t)u;
		*gid = (gid_t)g;
	}
	free(caps);
}

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

virDomainPtr virt_find_running(struct virt *v, const char *name, struct err *e)
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

/* QEMU stops the guest when its disk's file can't grow any more (werror=enospc), and tries again when it goes on. */
enum pause virt_paused(struct virt *v, const char *name)
{
	auto_domain d = find(v, name, &(struct err){ "" });
	int state = VIR_DOMAIN_NOSTATE, reason = 0;

	if (!d || virDomainGetState(d, &state, &reason, 0) < 0 || state != VIR_DOMAIN_PAUSED || reason == VIR_DOMAIN_PAUSED_STARTING_UP)
		return PAUSE_NONE;
	return reason == VIR_DOMAIN_PAUSED_IOERROR ? PAUSE_DISK_FULL : PAUSE_OTHER;
}

int virt_resume(struct virt *v, const char *name, struct err *e)
{
	auto_domain d = virt_find_running(v, name, e);

	if (!d)
		return -1;
	return virDomainResume(d) < 0 ? virt_err(e, "the machine can't go on") : 0;
}

int virt_start(struct virt *v, const char *xml, struct err *e)
{
	auto_domain d = virDomainCreateXML(v->conn, xml, 0);

	if (d)
		return 0;
	virt_err(e, "libvirt can't start the machine");
	return err_status(e, EXIT_HOST);
}

int virt_reset(struct virt *v, const char *name, struct err *e)
{
	auto_domain d = virt_find_running(v, name, e);

	if (!d)
		return -1;
	return virDomainReset(d, 0) < 0 ? virt_err(e, "can't reset the guest") : 0;
}

char *virt_command_line(struct virt *v, const char *xml, struct err *e)
{
	char *line = virConnectDomainXMLToNative(v->conn, "qemu-argv", xml, 0);

	if (!line)
		virt_err(e, "libvirt can't tell QEMU's command line");
	return line;
}

int virt_shutdown(struct virt *v, const char *name, struct err *e)
{
	auto_domain d = virt_find_running(v, name, e);

	if (!d)
		return -1;
	return virDomainShutdown(d) < 0 ? virt_err(e, "can't ask the guest to power off") : 0;
}

int virt_destroy(struct virt *v, const char *name, struct err *e)
{
	auto_domain d = virt_find_running(v, name, e);

	if (!d)
		return -1;
	if (virDomainDestroy(d) == 0)
		return 0;
	virt_err(e, "can't end the machine");
	/* It ended by itself meanwhile; or it was being started by a vmctl that was killed, and that came to nothing by this. */
	return virGetLastErrorCode() == VIR_ERR_NO_DOMAIN || virDomainIsActive(d) == 0 ? 0 : -1;
}

char *virt_xml(struct virt *v, const char *name, struct err *e)
{
	auto_domain d = virt_find_running(v, name, e);
	char *xml = d ? virDomainGetXMLDesc(d, 0) : NULL;

	if (d && !xml)
		virt_err(e, "can't get the machine's XML");
	return xml;
}

static char *monitor(struct virt *v, const char *name, const char *command, unsigned flags, struct err *e)
{
	auto_domain d = virt_find_running(v, name, e);
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
	auto_domain d = virt_find_running(v, name, e);

	if (!d)
		return -1;
	return virDomainAttachDeviceFlags(d, xml, VIR_DOMAIN_AFFECT_LIVE) < 0 ? virt_err(e, "libvirt can't add the device") : 0;
}

uint64_t virt_memory(struct virt *v, const char *name)
{
	auto_domain d = virt_find_running(v, name, &(struct err){ "" });

	return d ? (uint64_t)virDomainGetMaxMemory(d) * 1024 : 0;
}

char *virt_agent(struct virt *v, const char *name, const char *command, int timeout_s, struct err *e)
{
	auto_domain d = virt_find_running(v, name, e);
	char *answer = d ? virDomainQemuAgentCommand(d, command, timeout_s, 0) : NULL;

	if (d && !answer)
		virt_err(e, "the guest's agent");
	return answer;
}

/* libvirt keeps what each QEMU says in a file: root's in the first folder, anybody else's in the second (libvirt's manual, "QEMU
 * driver", "Log file"). */
static char *qemu_log(struct virt *v, const char *name)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	auto_free char *uri = virt_uri(v);
	char *path = NULL;

	if (!strcmp(uri, "qemu:///system"))
		path = strf("/var/log/libvirt/qemu/%s.log", name);
	else if (!strcmp(uri, "qemu:///session") && (!str_empty(cache) || home))
		path = strf("%s%s/libvirt/qemu/log/%s.log", str_empty(cache) ? home : cache, str_empty(cache) ? "/.cache" : "", name);
	return path;
}

char *virt_last_words(struct virt *v, const char *name)
{
	auto_free char *path = qemu_log(v, name), *log = path ? file_read(path, 0, NULL, &(struct err){ "" }) : NULL;

	return log ? qemu_words(log) : NULL;
}
