#include "session.h"

#include <string.h>
#include <sys/stat.h>

#include "diagnose.h"
#include "exits.h"
#include "file.h"
#include "host-there.h"
#include "objects.h"
#include "text.h"
#include "units.h"

/* What the user named is a machine that was started before, or one that there is a file of; else that is what to say,
 * before anything about libvirt. */
static int known(const struct state *s, const char *given, struct err *e)
{
	cleanup(machine_cleanup) struct machine *m = NULL;
	auto_free char *path = NULL;

	if (is_dir(s->dir)) /* perhaps without a machine file: a start was killed early, and `delete` is to be able */
		return 0;
	m = state_find_machine(given, &path, e);
	return m ? 0 : -1;
}

int session_open(struct session *s, const char *given, struct err *e)
{
	return session_open_as(s, given, NULL, e);
}

/* "<source file='/var/lib/tierlab/machines/NAME/disk.qcow2'": what stands before the file's name, the caller's to free; NULL: it
 * does not say. */
static char *prefix_in(const char *xml)
{
	static const char file[] = "disk.qcow2'";
	const char *at = strstr(xml, file), *begin = at;

	while (begin && begin > xml && begin[-1] != '\'')
		begin--;
	return at ? xstrndup(begin, (size_t)(at - begin)) : NULL;
}

/* Also by way of a link, which a folder that was not there yet could not be followed through. */
static bool same_dir(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int session_running(struct virt *v, const struct state *s, const struct home *p, bool *running, struct err *e)
{
	auto_free char *xml = NULL, *theirs = NULL, *ours = state_path(s, "");
	bool same;

	if (virt_running(v, s->name, running, e) < 0)
		return -1;
	xml = *running ? virt_xml(v, s->name, &(struct err){ "" }) : NULL;
	theirs = xml ? prefix_in(xml) : NULL;
	if (!theirs)
		return 0;
	/* There, by the names alone, which no other machine has: the pool may be gone, or elsewhere by now. */
	if (virt_is_remote(v))
		same = p && p->volumes && str_ends(theirs, p->volumes);
	else
		same = !strcmp(theirs, ours) || same_dir(theirs, ours);
	if (same)
		return 0;
	if (str_ends(theirs, "/"))
		theirs[strlen(theirs) - 1] = '\0';
	return err_set(e, "a machine '%s' is running that belongs to another state folder%s (%s), and is left alone: take another name, or "
		       "set TIERLAB_STATE", s->name, virt_is_remote(v) ? " or computer" : "", theirs);
}

/* Where its files are may have changed too: it was deleted, or started for the first time, by another vmctl. */
int session_refresh(struct session *s, struct err *e)
{
	auto_free char *uri = home_uri(&s->state), *at = virt_uri(s->virt);

	if (uri && strcmp(uri, at))
		return err_set(e, "machine '%s' was started on %s meanwhile: try again", s->state.name, uri);
	home_free(&s->home);
	if (home_open(&s->home, &s->state, s->virt, e) < 0)
		return -1;
	return session_running(s->virt, &s->state, &s->home, &s->running, e);
}

/* To the host that the machine was started on, unless --connect names another; a new one goes where the user says. */
static int connect_to(struct session *s, struct err *e)
{
	auto_free char *uri = home_uri(&s->state), *at = NULL;

	s->virt = virt_open(virt_connect ? virt_connect : uri, e);
	if (!s->virt)
		return -1;
	at = virt_uri(s->virt);
	if (uri ? !strcmp(at, uri) : !state_exists(&s->state) || !virt_is_remote(s->virt))
		return 0;
	return err_set(e, "machine '%s' is on %s, and not at %s: leave --connect (TIERLAB_LIBVIRT_URI) out, or take another name there "
		       "(start --as)", s->state.name, uri ? uri : "this host", at);
}

int session_reconnect(struct session *s, struct err *e)
{
	if (!virt_is_remote(s->virt))
		return session_refresh(s, e);
	home_free(&s->home);
	virt_close(s->virt);
	s->virt = NULL;
	if (connect_to(s, e) < 0)
		return -1;
	guest_init(&s->guest, &s->state, s->virt);
	return session_refresh(s, e);
}

int session_open_as(struct session *s, const char *given, const char *as, struct err *e)
{
	auto_free char *name = as ? xstrdup(as) : machine_name(given);

	*s = (struct session){ 0 };
	if (state_open(&s->state, name, e) < 0 || known(&s->state, given, e) < 0)
		return -1;
	if (connect_to(s, e) < 0)
		return -1;
	guest_init(&s->guest, &s->state, s->virt);
	return session_refresh(s, e);
}

uint64_t session_room(const struct session *s)
{
	if (!s->home.store)
		return disk_free(s->state.dir);
	return store_refresh(s->home.store, &(struct err){ "" }) < 0 ? 0 : store_room(s->home.store);
}

int session_check_paused(struct session *s, struct err *e)
{
	enum pause pause = virt_paused(s->virt, s->state.name);
	char have[SIZE_TEXT];

	if (pause == PAUSE_NONE)
		return 0;
	if (pause == PAUSE_OTHER)
		return err_set(e, "machine '%s' is paused, not by vmctl: `vmctl start %s` lets it go on", s->state.name, s->state.name);
	err_set(e, "machine '%s' is paused: the disk of the host is full (%s are free in %s): make room, then `vmctl start %s` lets it go on "
		   "and nothing is lost", s->state.name, size_human(session_room(s), have), s->home.store ? "its storage pool" : s->state.dir, s->state.name);
	return err_status(e, EXIT_HOST);
}

int session_open_running(struct session *s, const char *given, struct err *e)
{
	auto_free char *tail = NULL;
	const char *why;

	if (session_open(s, given, e) < 0)
		return -1;
	if (s->running)
		return session_check_paused(s, e);
	tail = guest_console_tail(&s->state, 1);
	why = tail ? diagnose_end(tail) : NULL;
	return err_set(e, "machine '%s' is not running%s%s: `vmctl start %s`", s->state.name, why ? ": " : "", why ? why : "", given);
}

int session_needs_here(const struct session *s, const char *what, const char *instead, struct err *e)
{
	auto_free char *uri = virt_is_remote(s->virt) ? virt_uri(s->virt) : NULL;

	return uri ? err_set(e, "machine '%s' is on another host (%s), where %s can't be done: %s", s->state.name, uri, what, instead) : 0;
}

void session_close(struct session *s)
{
	home_free(&s->home);
	virt_close(s->virt);
	state_free(&s->state);
}

int session_probe(const struct session *s, const struct machine *m, struct host *h, struct err *e)
{
	return virt_is_remote(s->virt) ? host_probe_there(h, m, s->virt, e) : host_probe(h, m, e);
}

/* The version of the QEMU that runs, which may not be the one that would be started now. */
static int running_qemu(struct session *s, int fallback, struct err *e)
{
	auto_free char *said = virt_monitor(s->virt, s->state.name, "info version", e), *text = NULL;
	auto_free char *line = said ? strf("version %s", said) : NULL;
	int version = line ? qemu_version_parse(line, &text) : -1;

	return version < 0 ? fallback : version;
}

int session_look(struct session *s, struct look *l, struct err *e)
{
	const char *report[] = { "/usr/lib/tierlab/report", NULL };
	auto_text out = { 0 };
	struct seen seen;

	*l = (struct look){ 0 };
	l->m = state_load(&s->state, &l->man, e);
	if (!l->m || objects_mark_plugged(s->virt, l->m, e) < 0 || session_probe(s, l->m, &l->host, e) < 0 ||
	    guest_capture(&s->guest, report, &out, e) < 0)
		return -1;
	view_parse(&l->view, out.s);
	l->mtree = virt_monitor(s->virt, s->state.name, "info mtree", e);
	if (!l->mtree)
		return -1;
	seen = (struct seen){ &l->view, l->mtree, running_qemu(s, l->host.qemu.version, e), l->host.cpus };
	checks_make(&l->checks, l->m, &l->man, &seen);
	return 0;
}

void look_free(struct look *l)
{
	machine_free(l->m);
	manifest_free(&l->man);
	host_free(&l->host);
	view_free(&l->view);
	free(l->mtree);
	checks_free(&l->checks);
}
