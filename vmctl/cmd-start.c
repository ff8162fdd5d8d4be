/* start, restart: from a machine file to a guest in which every expectation holds. */
#include <stdio.h>
#include <string.h>

#include "boot.h"
#include "cmd.h"
#include "device-files.h"
#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "print.h"
#include "progress.h"
#include "ready.h"
#include "remote.h"
#include "session.h"
#include "start.h"
#include "stop.h"
#include "text.h"
#include "topology.h"
#include "units.h"

#define STEPS 3
#define ROOM_TO_GO_ON (64 * MiB) /* with less, what was paused for want of room would be again at once */

static bool fresh, keep, quiet;
static const char *image, *wait_for, *as;

#define WAIT_OPTION { "wait", 'w', "STATE", "return when it is ready (all checks hold), boot (SSH answers), or none", &wait_for }

const struct cli_option start_options[] = {
	{ "fresh", 0, NULL, "begin with a new disk over the image; what was changed on the old one is lost", &fresh },
	{ "keep", 0, NULL, "go on with the old disk although the image was rebuilt", &keep },
	{ "image", 'i', "IMAGE", "boot this image instead of the one that the file names", &image },
	{ "as", 0, "NAME", "a machine of that name, beside the one that has the file's", &as },
	WAIT_OPTION,
	{ "quiet", 'q', NULL, "say nothing but errors", &quiet },
	{ 0 }
};

const struct cli_option restart_options[] = {
	{ "image", 'i', "IMAGE", "boot this image instead of the one that the file names", &image },
	{ "fresh", 0, NULL, "begin with a new disk over the image; what was changed on the old one is lost", &fresh },
	{ "keep", 0, NULL, "go on with the old disk although the image was rebuilt", &keep },
	WAIT_OPTION,
	{ 0 }
};

/* All that is decided before libvirt is asked. */
struct preparation {
	struct machine *m;
	struct manifest man;
	struct host host;
	char *path, *xml;
};

static void preparation_free(struct preparation *p)
{
	machine_free(p->m);
	manifest_free(&p->man);
	host_free(&p->host);
	free(p->path);
	free(p->xml);
}

static void note_choices(const struct preparation *p)
{
	if (p->m->accelerator == ACCEL_AUTO && !p->host.kvm)
		progress_note("%s: TCG, because KVM can't be used: %s", p->m->name, p->host.kvm_why);
	if (hides_hypervisor(p->m, &p->man))
		progress_note("%s: stock kernel %s: the CPUID hypervisor bit is off, else it would not commit a region",
			      p->m->name, p->man.release);
	if (p->m->cxl.n_regions && p->host.qemu.version < QEMU_CXL_ALIAS)
		progress_note("%s: QEMU %s emulates every access to CXL memory (MMIO), some twenty times slower than DRAM; QEMU "
			      "11.1 does not: `make setup` fetches it", p->m->name, p->host.qemu.text);
	for (size_t i = 0; i < p->m->cxl.n_regions; i++)
		if (p->m->cxl.regions[i].n_devices == 1 && !region_is_fast(p->m, &p->m->cxl.regions[i]))
			progress_note("%s: region %zu is emulated access by access (MMIO), some two hundred times slower than DRAM, because a "
				      "later window leads to its host bridge too: give each window a host bridge of its own", p->m->name, i);
}

/* The file and its image: what has to be right before anything is touched. */
static int load(const struct state *s, const char *given, struct preparation *p, struct err *e)
{
	p->m = state_find_machine(given, &p->path, e);
	if (!p->m || state_check_origin(s, p->path, e) < 0)
		return -1;
	free(p->m->name);
	p->m->name = xstrdup(s->name);
	if (image)
		p->m->image = (char *)image;
	/* A new disk, or another image than the file's, is made of what is built now. */
	return fresh || image ? state_find_image(p->m, &p->man, e) : state_image(s, p->m, &p->man, e);
}

static int prepare(struct session *s, struct preparation *p, struct err *e)
{
	auto_free char *key = NULL, *plan = NULL;
	struct boot_spec spec = { .ssh_port = (int)p->m->ssh_port };
	uid_t uid;
	gid_t gid;

	if (session_probe(s, p->m, &p->host, e) < 0 || host_check(&p->host, p->m, e) < 0 || remote_begin(s, e) < 0 ||
	    state_prepare(&s->state, p->path, &p->man, fresh ? FRESH_NEW : keep ? FRESH_KEEP : FRESH_ASK, remote_disks(s), e) < 0 ||
	    remote_prepare(s, &p->man, e) < 0 ||
	    (!virt_is_remote(s->virt) && state_choose_port(&s->state, p->m, &spec.ssh_port, e) < 0))
		return -1;
	virt_qemu_user(s->virt, &uid, &gid);
	key = state_public_key(&s->state, e);
	if (!key || device_files_make(p->m, &s->home, uid, gid, e) < 0)
		return -1;
	plan = guest_plan(p->m, key);
	spec.prefix = s->home.prefix;
	spec.m = p->m;
	spec.man = &p->man;
	spec.host = &p->host;
	spec.plan = plan;
	p->xml = domain_xml(&spec);
	return 0;
}

/* Ctrl-C before the guest is ready: a machine that nobody waits for any more is not left behind. */
static int give_up(struct session *s, struct err *e)
{
	struct err why = { "" };

	progress_abort();
	if (session_reconnect(s, &why) < 0 || (s->running && virt_destroy(s->virt, s->state.name, &why) < 0))
		return err_set(e, "interrupted, and the machine '%s' may be running on: %s", s->state.name, why.msg);
	return err_set(e, "interrupted: the machine '%s' was ended before it was ready", s->state.name);
}

/* What libvirt says of a broken disk is QEMU's words, and many. */
static int explain(struct session *s, struct err *e)
{
	struct err disk = { "" };

	if (!virt_is_remote(s->virt) && state_check_disk(&s->state, &disk) < 0)
		*e = disk;
	return err_status(e, EXIT_HOST);
}

/* A machine that never was leaves nothing. */
static void forget(struct session *s)
{
	struct err why = { "" };

	if ((interrupted() && session_reconnect(s, &why) < 0) || forget_machine(s, &why) < 0)
		progress_note("%s: what was made of it is not all gone: `vmctl delete %s` (%s)", s->state.name, s->state.name, why.msg);
}

static int start(struct session *s, const char *given, enum until until, struct err *e)
{
	cleanup(preparation_free) struct preparation p = { 0 };
	bool is_new = !state_exists(&s->state);

	progress_begin(1, STEPS, "%s: disk and domain", s->state.name);
	if (load(&s->state, given, &p, e) < 0 || prepare(s, &p, e) < 0) {
		if (is_new)
			forget(s);
		return -1;
	}
	note_choices(&p);
	if (virt_start(s->virt, p.xml, e) < 0)
		return explain(s, e);
	progress_end("%s: QEMU %s started, image %s", s->state.name, p.host.qemu.text, p.man.name);
	if (wait_until(s, until, BOOT_TIMEOUT_S, STEPS - 1, e) < 0)
		return interrupted() ? give_up(s, e) : -1;
	return 0;
}

/* Before what runs is stopped for a restart: the file is right, and the image there. */
static int can_start(const struct state *s, const char *given, struct err *e)
{
	cleanup(preparation_free) struct preparation p = { 0 };

	return load(s, given, &p, e);
}

/* What is said of a machine that was started. */
static const char *const reached[] = {
	[UNTIL_STARTED] = "was started", [UNTIL_BOOTED] = "answers", [UNTIL_READY] = "is running and as its file says",
};

static void already_running(const struct state *s)
{
	int port = state_port(s, &(struct err){ "" });

	if (port > 0)
		printf("%s is already running (SSH on 127.0.0.1:%d); nothing was done\n", s->name, port);
	else
		printf("%s is already running; nothing was done\n", s->name);
}

/* A machine that was paused: by QEMU, which then tries once more what it could not write. */
static int go_on(struct session *s, enum pause pause, enum until until, struct err *e)
{
	uint64_t room = session_room(s);
	bool unknown = s->home.store && !room;

	if ((pause == PAUSE_DISK_FULL && !unknown && room < ROOM_TO_GO_ON && session_check_paused(s, e) < 0) ||
	    virt_resume(s->virt, s->state.name, e) < 0)
		return -1;
	progress_note("%s: was paused, and goes on", s->state.name);
	return wait_until(s, until, BOOT_TIMEOUT_S, 0, e);
}

static int start_named(const char *given, bool again, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	auto_close int lock = -1;
	enum until until = UNTIL_READY;
	enum pause paused;

	if (fresh && keep)
		return err_set(e, "--fresh and --keep exclude each other");
	if ((wait_for && until_parse(wait_for, &until, e) < 0) || (as && state_new_name(as, e) < 0) ||
	    session_open_as(&s, given, as, e) < 0)
		return -1;
	lock = state_lock(&s.state, e);
	if (lock < 0 || session_refresh(&s, e) < 0)
		return -1;
	if (s.running && again && (session_check_paused(&s, e) < 0 || can_start(&s.state, given, e) < 0 || stop_machine(&s, STOP_TIMEOUT_S, e) < 0))
		return -1;
	paused = s.running ? virt_paused(s.virt, s.state.name) : PAUSE_NONE;
	if (s.running && paused == PAUSE_NONE) {
		already_running(&s.state);
		return 0;
	}
	if ((paused != PAUSE_NONE ? go_on(&s, paused, until, e) : start(&s, given, until, e)) < 0)
		return -1;
	if (!quiet)
		printf("%s %s: `vmctl %s %s`\n", s.state.name, reached[until], until == UNTIL_STARTED ? "wait" :
		       s.guest.way == WAY_AGENT ? "console" : "ssh", s.state.name);
	return 0;
}

int start_machine(const char *given, bool again, struct err *e)
{
	quiet = true;
	return start_named(given, again, e);
}

int cmd_start(int argc, char **argv, struct err *e)
{
	(void)argc;
	if (quiet)
		progress_show(NULL);
	return start_named(argv[0], false, e);
}

/* A new QEMU, not a reset: QEMU 11.1 keeps a stale alias of a region over a guest's reset. */
int cmd_restart(int argc, char **argv, struct err *e)
{
	(void)argc;
	return start_named(argv[0], true, e);
}
