/* xml, qemu-args: what libvirt is given, and what it makes of it. */
#include <stdio.h>

#include "boot.h"
#include "cmd.h"
#include "file.h"
#include "qemu-args.h"
#include "remote.h"
#include "text.h"

/* The image of a machine that has a disk is that under the disk. */
static int planned_image(const struct state *s, const struct machine *m, struct manifest *man, struct err *e)
{
	auto_free char *json = state_path(s, "manifest.json");

	return file_exists(json) && manifest_load(man, json, &(struct err){ "" }) == 0 ? 0 : state_find_image(m, man, e);
}

/* What a machine that does not run would be started with. */
static char *planned_xml(const struct session *session, const char *given, struct err *e)
{
	const struct state *s = &session->state;
	cleanup(manifest_free) struct manifest man = { 0 };
	cleanup(host_free) struct host host = { 0 };
	cleanup(machine_cleanup) struct machine *m = NULL;
	auto_free char *path = NULL, *plan = NULL, *key = NULL;
	int port = state_port(s, &(struct err){ "" });

	m = state_find_machine(given, &path, e);
	if (!m || session_probe(session, m, &host, e) < 0 || planned_image(s, m, &man, e) < 0)
		return NULL;
	if (virt_is_remote(session->virt) && !session->home.volumes) {
		err_set(e, "machine '%s' has not been started there, and its files have no names yet: `vmctl start --wait none` gives them", s->name);
		return NULL;
	}
	remote_names(session, &man);
	key = state_public_key(s, &(struct err){ "" });
	plan = guest_plan(m, key ? key : "(made at the first start)");
	return domain_xml(&(struct boot_spec){ .m = m, .man = &man, .host = &host, .prefix = session->home.prefix, .plan = plan,
					       .ssh_port = m->ssh_port ? (int)m->ssh_port : port > 0 ? port :
					       virt_is_remote(session->virt) ? 0 : 2222 });
}

/* Of a machine that runs, what libvirt has. s is the caller's to close. */
static char *xml_of(struct session *s, const char *given, struct err *e)
{
	if (session_open(s, given, e) < 0)
		return NULL;
	return s->running ? virt_xml(s->virt, s->state.name, e) : planned_xml(s, given, e);
}

int cmd_xml(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	auto_free char *xml = xml_of(&s, argv[0], e);

	(void)argc;
	if (!xml)
		return -1;
	fputs(xml, stdout);
	return 0;
}

int cmd_qemu_args(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	auto_free char *xml = xml_of(&s, argv[0], e), *line = xml ? virt_command_line(s.virt, xml, e) : NULL, *text = NULL;

	(void)argc;
	if (!line)
		return -1;
	text = qemu_args_text(line);
	fputs(text, stdout);
	return 0;
}
