#include "session.h"

#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "host-there.h"
#include "objects.h"
#include "text.h"

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
	auto_free char *xml = NULL, *theirs = NULL, *ours = p ? xstrdup(p->prefix) : state_path(s, "");

	if (virt_running(v, s->name, running, e) < 0)
		return -1;
	xml = *running ? virt_xml(v, s->name, &(struct err){ "" }) : NULL;
	theirs = xml ? prefix_in(xml) : NULL;
	if (!theirs || !strcmp(theirs, ours) || (!virt_is_remote(v) && same_dir(theirs, ours)))
		return 0;
	if (str_ends(theirs, "/"))
		theirs[strlen(theirs) - 1] = '\0';
	return err_set(e, "a machine '%s' is running that belongs to another state folder%s (%s), and is left alone: take another name, or "
		       "set TIERLAB_STATE", s->name, virt_is_remote(v) ? " or computer" : "", theirs);
}

int session_refresh(struct session *s, struct err *e)
{
	return session_running(s->virt, &s->state, &s->home, &s->running, e);
}

/* To the host that the machine was started on; a new one goes where the user says. */
static int connect_to(struct session *s, struct err *e)
{
	auto_free char *uri = home_uri(&s->state);
	const char *asked = virt_given();

	if (asked && is_dir(s->state.dir) && (uri ? strcmp(asked, uri) != 0 : virt_uri_is_remote(asked)))
		return err_set(e, "machine '%s' is on %s, and not at %s: leave --connect (TIERLAB_LIBVIRT_URI) out, or take another name "
			       "there (start --as)", s->state.name, uri ? uri : "this host", asked);
	s->virt = virt_open(uri, e);
	return s->virt ? home_open(&s->home, &s->state, s->virt, e) : -1;
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

int session_open_running(struct session *s, const char *given, struct err *e)
{
	if (session_open(s, given, e) < 0)
		return -1;
	return s->running ? 0 : err_set(e, "machine '%s' is not running: `vmctl start %s`", s->state.name, given);
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
