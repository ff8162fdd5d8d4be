#include "session.h"

#include <string.h>

#include "objects.h"
#include "text.h"

/* What the user named is a machine that was started before, or one that there is a file of; else that is what to say,
 * before anything about libvirt. */
static int known(const struct state *s, const char *given, struct err *e)
{
	cleanup(machine_cleanup) struct machine *m = NULL;
	auto_free char *path = NULL;

	if (state_exists(s))
		return 0;
	m = state_find_machine(given, &path, e);
	return m ? 0 : -1;
}

int session_open(struct session *s, const char *given, struct err *e)
{
	auto_free char *name = machine_name(given);

	*s = (struct session){ 0 };
	if (state_open(&s->state, name, e) < 0 || known(&s->state, given, e) < 0)
		return -1;
	s->virt = virt_open(e);
	guest_init(&s->guest, &s->state, s->virt);
	return s->virt ? virt_running(s->virt, name, &s->running, e) : -1;
}

int session_open_running(struct session *s, const char *given, struct err *e)
{
	if (session_open(s, given, e) < 0)
		return -1;
	return s->running ? 0 : err_set(e, "machine '%s' is not running: `vmctl start %s`", s->state.name, given);
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
