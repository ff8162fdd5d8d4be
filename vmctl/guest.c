#include "guest.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent.h"
#include "diagnose.h"
#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "printable.h"
#include "progress.h"
#include "ssh.h"
#include "text.h"
#include "units.h"

#define CAPTURE_S 120
#define POLL_MS 200

/* A guest without a network has no port. */
void guest_init(struct guest *g, const struct state *s, struct virt *v)
{
	*g = (struct guest){ s, v, state_port(s, &(struct err){ "" }) > 0 ? WAY_UNKNOWN : WAY_AGENT };
}

static int agent_wait(struct guest *g, double timeout_s, int (*alive)(void *, struct err *), void *arg, struct err *e)
{
	double until = now_s() + timeout_s;

	while (agent_alive(g->virt, g->state->name, &(struct err){ "" }) < 0) {
		if (interrupt_check(e) < 0 || alive(arg, e) < 0)
			return -1;
		if (now_s() > until) {
			err_set(e, "the guest's agent does not answer after %.0f s", timeout_s);
			return err_status(e, EXIT_TIMEOUT);
		}
		usleep(POLL_MS * 1000);
	}
	return 0;
}

int guest_wait(struct guest *g, double timeout_s, int (*alive)(void *, struct err *), void *arg, struct err *e)
{
	guest_init(g, g->state, g->virt); /* the port is known since the machine was started */
	return g->way == WAY_AGENT ? agent_wait(g, timeout_s, alive, arg, e) : ssh_wait(g->state, timeout_s, alive, arg, e);
}

/* SSH said that it can't: is the agent there? */
static int turn_to_agent(struct guest *g, struct err *e)
{
	struct err why = { "" };

	if (agent_alive(g->virt, g->state->name, &why) < 0)
		return err_append(e, ", and %s", why.msg);
	progress_note("%s: SSH does not answer, going by the guest's agent", g->state->name);
	g->way = WAY_AGENT;
	return 0;
}

/* A guest that does not answer: what QEMU said may be why. */
static int add_qemu(struct guest *g, struct err *e)
{
	auto_free char *words = interrupted() ? NULL : virt_last_words(g->virt, g->state->name);
	struct diagnosis d = words ? diagnose_qemu(words) : (struct diagnosis){ 0 };

	if (d.text)
		err_append(e, "; %s", d.text);
	free(d.text);
	return -1;
}

static int call_either(struct guest *g, const struct call *c, struct err *e)
{
	bool absent;
	int status;

	if (g->way == WAY_AGENT)
		return agent_run(g->virt, g->state->name, c, e);
	status = ssh_run(g->state, c, &absent, e);
	if (status >= 0)
		g->way = WAY_SSH;
	if (status >= 0 || !absent || g->way == WAY_SSH || turn_to_agent(g, e) < 0)
		return status;
	return agent_run(g->virt, g->state->name, c, e);
}

int guest_call(struct guest *g, const struct call *c, struct err *e)
{
	int status = call_either(g, c, e);

	return status < 0 ? add_qemu(g, e) : status;
}

int guest_call_text(struct guest *g, const struct call *c, struct text *out, struct text *err, struct err *e)
{
	auto_close int o = out ? memfd_create("out", MFD_CLOEXEC) : -1, x = memfd_create("err", MFD_CLOEXEC);
	struct call own = *c;
	int status;

	if ((out && o < 0) || x < 0)
		return err_errno(e, "can't take what the guest says");
	own.out = out ? o : c->out;
	own.err = x;
	status = guest_call(g, &own, e);
	if (status < 0 || (out && fd_text(o, out, e) < 0) || fd_text(x, err, e) < 0)
		return -1;
	return status;
}

int guest_exec(struct guest *g, const char *const *argv, struct err *e)
{
	return guest_call(g, &(struct call){ .argv = argv, .in = 0, .out = 1, .err = 2, .attached = true }, e);
}

int guest_capture(struct guest *g, const char *const *argv, struct text *out, struct err *e)
{
	auto_text said = { 0 };
	int status = guest_call_text(g, &(struct call){ .argv = argv, .in = -1, .timeout_s = CAPTURE_S }, out, &said, e);

	if (status == 0)
		return 0;
	if (status > 0)
		err_set(e, "it failed with exit status %d: %.400s", status, said.s);
	return interrupted() ? -1 : err_prefix(e, "can't ask the guest (%s)", argv[0]);
}

int guest_ask(struct guest *g, const char *const *argv, struct err *e)
{
	auto_text said = { 0 };
	int status = guest_call_text(g, &(struct call){ .argv = argv, .in = -1, .timeout_s = CAPTURE_S }, NULL, &said, e);

	if (status <= 0)
		return status;
	return err_set(e, "%.400s", said.n ? said.s : "the guest does not say why");
}

char *guest_console_tail(const struct state *s, int lines)
{
	auto_free char *path = state_path(s, "console.log"), *text = NULL;
	size_t n;
	char *p;

	text = file_read(path, 0, &n, &(struct err){ "" });
	if (!text || !n)
		return NULL;
	strip_terminal(text);
	n = strlen(text);
	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	for (p = text + n; p > text; p--)
		if (p[-1] == '\n' && lines-- <= 1)
			break;
	return xstrdup(p);
}
