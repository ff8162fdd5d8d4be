#include "guest.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "run.h"
#include "text.h"
#include "units.h"

#define POLL_MS 100
#define KNOCK_S 1.0
#define MAX_KNOCKS 64 /* 300 s of waiting make 60 */
#define CAPTURE_S 120

static int connect_local(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 ? steal_fd(fd) : -1;
}

/* The connections that were made to the guest's SSH port and have not been answered.
 *
 * QEMU takes a connection before the guest does. It asks the guest again after 6 s, then after 12 more, and so on (its
 * user network, libslirp's tcp_timer.c), so one that was made too early hears of the guest late. Therefore a new one is
 * made now and then. The older ones stay open: sshd (from OpenSSH 9.8 on) locks out who connects often and hangs up
 * before the login. */
struct knocks {
	struct pollfd v[MAX_KNOCKS];
	nfds_t n;
	double begun, next;
};

static void knock(struct knocks *k, int port)
{
	double now = now_s(), waited = now - k->begun;
	int fd;

	if (now < k->next || k->n == MAX_KNOCKS)
		return;
	k->next = now + (waited > 15 * KNOCK_S ? waited / 15 : KNOCK_S);
	fd = connect_local(port);
	if (fd >= 0)
		k->v[k->n++] = (struct pollfd){ fd, POLLIN, 0 };
}

/* Waits for an answer, for POLL_MS at most. Only an SSH server's banner counts. */
static bool answered(struct knocks *k)
{
	char buf[4];

	if (poll(k->v, k->n, POLL_MS) <= 0)
		return false;
	for (nfds_t i = k->n; i-- > 0;) {
		if (!k->v[i].revents)
			continue;
		if (recv(k->v[i].fd, buf, sizeof(buf), MSG_WAITALL) == 4 && !memcmp(buf, "SSH-", 4))
			return true;
		/* refused: the guest is there, and its SSH server about to be */
		close(k->v[i].fd);
		k->v[i] = k->v[--k->n];
		k->next = now_s() + POLL_MS / 1e3;
	}
	return false;
}

static void knocks_close(struct knocks *k)
{
	while (k->n > 0)
		close(k->v[--k->n].fd);
}

int guest_wait(const struct state *s, double timeout_s, int (*alive)(void *, struct err *), void *arg, struct err *e)
{
	cleanup(knocks_close) struct knocks k = { .begun = now_s() };
	int port = state_port(s, e);

	if (port < 0)
		return -1;
	do {
		if (interrupt_check(e) < 0 || alive(arg, e) < 0)
			return -1;
		if (now_s() > k.begun + timeout_s) {
			err_set(e, "the guest's SSH does not answer on 127.0.0.1:%d after %.0f s", port, timeout_s);
			return err_status(e, EXIT_TIMEOUT);
		}
		knock(&k, port);
	} while (!answered(&k));
	return 0;
}

static int ssh_words(const struct state *s, bool terminal, struct strv *argv, struct err *e)
{
	auto_free char *hosts = state_path(s, "known_hosts"), *key = strf("%s/id_ed25519", s->root);
	int port = state_port(s, e);

	if (port < 0)
		return -1;
	for (const char *const *w = (const char *const[]){ "ssh", "-F", "none", terminal ? "-t" : "-T", "-o",
	     "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=accept-new", "-o",
	     "GlobalKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o",
	     "ServerAliveInterval=15", NULL }; *w; w++)
		strv_add(argv, *w);
	strv_add(argv, "-o");
	strv_addf(argv, "UserKnownHostsFile=%s", hosts);
	strv_add(argv, "-i");
	strv_add(argv, key);
	strv_add(argv, "-p");
	strv_addf(argv, "%d", port);
	strv_add(argv, "root@127.0.0.1");
	return 0;
}

/* ssh joins its words with blanks and gives them to the guest's shell: quoted, they arrive as they are. */
static void add_command(struct strv *argv, char *const *words)
{
	struct text t = { 0 };

	if (!words || !*words)
		return;
	for (; *words; words++) {
		auto_free char *q = shell_quote(*words);

		text_addf(&t, "%s%s", t.n ? " " : "", q);
	}
	strv_add(argv, "--");
	strv_take(argv, t.s);
}

int guest_exec(const struct state *s, char *const *words, bool terminal, struct err *e)
{
	auto_strv argv = { 0 };

	if (ssh_words(s, terminal, &argv, e) < 0)
		return -1;
	add_command(&argv, words);
	return run_attached((const char *const *)argv.v, e);
}

int guest_capture(const struct state *s, const char *const *words, struct text *out, struct err *e)
{
	auto_strv argv = { 0 };

	if (ssh_words(s, false, &argv, e) < 0)
		return -1;
	add_command(&argv, (char *const *)words);
	if (run_program(&(struct run){ .argv = (const char *const *)argv.v, .out = out, .timeout_s = CAPTURE_S }, e) < 0)
		return interrupted() ? -1 : err_prefix(e, "can't ask the guest (%s)", words[0]);
	return 0;
}

char *guest_console_tail(const struct state *s, int lines)
{
	auto_free char *path = state_path(s, "console.log"), *text = NULL;
	size_t n;
	char *p;

	text = file_read(path, 0, &n, &(struct err){ "" });
	if (!text || !n)
		return NULL;
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		text[--n] = '\0';
	for (p = text + n; p > text; p--)
		if (p[-1] == '\n' && lines-- <= 1)
			break;
	for (char *c = p; *c; c++) /* no terminal controls, but lines */
		if (((unsigned char)*c < ' ' && *c != '\n' && *c != '\t') || *c == 127)
			*c = ' ';
	return xstrdup(p);
}
