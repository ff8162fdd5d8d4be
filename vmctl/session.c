#include "session.h"

#include <string.h>
#include <sys/stat.h>

#include "diagnose.h"
#include "exits.h"
#include "file.h"
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

/* "<source file='/var/lib/tierlab/machines/NAME/disk.qcow2'": the folder, the caller's to free; NULL: it does not say. */
static char *folder_in(const char *xml, const char *name)
{
	auto_free char *end = strf("/machines/%s", name), *file = strf("%s/disk.qcow2'", end);
	const char *at = strstr(xml, file), *begin = at;

	while (begin && begin > xml && begin[-1] != '\'')
		begin--;
	return at ? xstrndup(begin, (size_t)(at - begin) + strlen(end)) : NULL;
}

/* Also by way of a link, which a folder that was not there yet could not be followed through. */
static bool same_dir(const char *a, const char *b)
{
	struct stat x, y;

	return !strcmp(a, b) || (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

int session_running(struct virt *v, const struct state *s, bool *running, struct err *e)
{
	auto_free char *xml = NULL, *dir = NULL;

	if (virt_running(v, s->name, running, e) < 0)
		return -1;
	xml = *running ? virt_xml(v, s->name, &(struct err){ "" }) : NULL;
	dir = xml ? folder_in(xml, s->name) : NULL;
	if (!dir || same_dir(dir, s->dir))
		return 0;
	return err_set(e, "a machine '%s' is running that belongs to another state folder (%s), and is left alone: take another name, or "
		       "set TIERLAB_STATE", s->name, dir);
}

int session_refresh(struct session *s, struct err *e)
{
	return session_running(s->virt, &s->state, &s->running, e);
}

int session_open_as(struct session *s, const char *given, const char *as, struct err *e)
{
	auto_free char *name = as ? xstrdup(as) : machine_name(given);

	*s = (struct session){ 0 };
	if (state_open(&s->state, name, e) < 0 || known(&s->state, given, e) < 0)
		return -1;
	s->virt = virt_open(e);
	guest_init(&s->guest, &s->state, s->virt);
	return s->virt ? session_refresh(s, e) : -1;
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
		   "and nothing is lost", s->state.name, size_human(disk_free(s->state.dir), have), s->state.dir, s->state.name);
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

void session_close(struct session *s)
{
	virt_close(s->virt);
	state_free(&s->state);
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
	if (!l->m || objects_mark_plugged(s->virt, l->m, e) < 0 || host_probe(&l->host, l->m, e) < 0 ||
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
