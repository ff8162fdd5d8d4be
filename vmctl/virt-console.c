/* The serial console, joined to our terminal. */
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "interrupt.h"
#include "text.h"
#include "virt-private.h"
#include "virt.h"

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
	auto_domain d = virt_find_running(v, name, e);
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
