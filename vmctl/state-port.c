/* The port of 127.0.0.1 that leads to a machine's SSH. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "exits.h"
#include "file.h"
#include "state.h"
#include "text.h"

#define FIRST_PORT 2222
#define LAST_PORT 2999

static bool port_free(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
}

/* Ports that other machines have remembered: they may be about to start too. */
static bool port_claimed(const struct state *s, int port)
{
	auto_strv names = { 0 };

	state_list(&names, &(struct err){ "" });
	for (size_t i = 0; i < names.n; i++) {
		struct state other;
		bool same;

		if (!strcmp(names.v[i], s->name))
			continue;
		same = state_open(&other, names.v[i], &(struct err){ "" }) == 0 &&
		       state_port(&other, &(struct err){ "" }) == port;
		state_free(&other);
		if (same)
			return true;
	}
	return false;
}

int state_port(const struct state *s, struct err *e)
{
	auto_free char *path = state_path(s, "ssh-port"), *text = file_read(path, 64, NULL, e);

	return text ? atoi(text) : -1;
}

/* From the look at what is free to the note of what was taken: two machines that start at once would choose the same. The
 * name is none that a machine can have. */
static int lock_ports(const struct state *s, struct err *e)
{
	auto_free char *dir = strf("%s/locks", s->root), *path = strf("%s/.ports", dir);

	return mkdir_p(dir, e) < 0 ? -1 : lock_file(path, NULL, NULL, e);
}

/* That lock is of one state folder: another user's vmctl does not know it, and a port is free until QEMU has it. So this process keeps a
 * name that the kernel gives once for the network that the port is of, until it ends or looks at another port. */
static bool claim(int port)
{
	static int kept = -1, kept_port;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = offsetof(struct sockaddr_un, sun_path) + 1;
	int fd;

	if (port == kept_port)
		return true;
	if (kept >= 0)
		close(kept);
	kept_port = 0;
	fd = kept = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	n += (size_t)snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "tierlab-port-%d", port);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, (socklen_t)n) < 0)
		return errno != EADDRINUSE;
	kept_port = port;
	return true;
}

static bool forwarded(const struct machine *m, int port)
{
	for (size_t i = 0; i < m->n_forwards; i++)
		if (m->forwards[i].host == port)
			return true;
	return false;
}

static bool usable(const struct state *s, const struct machine *m, int port)
{
	return port > 0 && !forwarded(m, port) && !port_claimed(s, port) && claim(port) && port_free(port);
}

/* What the file says is what it has to be. */
static int check_fixed(const struct machine *m, struct err *e)
{
	if (m->nic == NIC_NONE)
		return 0;
	if (m->ssh_port && (!claim((int)m->ssh_port) || !port_free((int)m->ssh_port)))
		return ydoc_err(m->doc, &m->ssh_port, e, "port %ld on 127.0.0.1 is taken: choose another 'ssh-port', or leave it out",
				m->ssh_port);
	for (size_t i = 0; i < m->n_forwards; i++)
		if (!port_free((int)m->forwards[i].host))
			return ydoc_err(m->doc, &m->forwards[i].host, e, "port %ld on 127.0.0.1 is taken: choose another to forward",
					m->forwards[i].host);
	return 0;
}

int state_choose_port(const struct state *s, const struct machine *m, int *port, struct err *e)
{
	auto_free char *path = state_path(s, "ssh-port"), *text = NULL;
	auto_close int lock = lock_ports(s, e);
	int old = state_port(s, &(struct err){ "" });

	if (lock < 0)
		return -1;
	if (check_fixed(m, e) < 0)
		return err_status(e, EXIT_HOST);
	*port = m->nic == NIC_NONE ? 0 : m->ssh_port ? (int)m->ssh_port : usable(s, m, old) ? old : FIRST_PORT;
	while (*port && !m->ssh_port && !usable(s, m, *port))
		if (++*port > LAST_PORT)
			return err_set(e, "no port of 127.0.0.1 is free from %d to %d", FIRST_PORT, LAST_PORT);
	text = strf("%d\n", *port);
	return file_write(path, text, strlen(text), 0644, e);
}
