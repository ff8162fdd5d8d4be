#include "ssh.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "exits.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "run.h"
#include "text.h"
#include "units.h"

#define POLL_MS 100
#define KNOCK_S 1.0
#define MAX_KNOCKS 64 /* 300 s of waiting make 60 */

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

int ssh_wait(const struct state *s, double timeout_s, int (*alive)(void *, struct err *), void *arg, struct err *e)
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

/* ---- running ssh ---- */

/* A guest that answers at all does so within 3 s: under TCG its banner comes after 0.05 s, and after 0.35 s with twice as much to do
 * as it has processors, and its host too. Who logs in has patience. */
#define ANSWER_S 3
#define LOGIN_S 20
#define UNREACHED 255 /* the exit status by which ssh says so, which may be the command's own too */

/* The key exchange and the cipher are what a login costs in an emulated guest, and what they protect from does not listen on
 * loopback: the post-quantum exchange that is ssh's first choice takes 60 ms more than one on a curve, of 390. */
static int ssh_words(const struct state *s, bool terminal, int patience_s, struct strv *argv, struct err *e)
{
	auto_free char *hosts = state_path(s, "known_hosts"), *key = strf("%s/id_ed25519", s->root);
	int port = state_port(s, e);

	if (port < 0)
		return -1;
	for (const char *const *w = (const char *const[]){ "ssh", "-F", "none", terminal ? "-t" : "-T", "-o",
	     "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=accept-new", "-o",
	     "GlobalKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15", "-o",
	     "KexAlgorithms=^ecdh-sha2-nistp256", "-o", "Ciphers=^chacha20-poly1305@openssh.com", NULL }; *w; w++)
		strv_add(argv, *w);
	strv_add(argv, "-o");
	strv_addf(argv, "ConnectTimeout=%d", patience_s);
	strv_add(argv, "-o");
	strv_addf(argv, "UserKnownHostsFile=%s", hosts);
	strv_add(argv, "-i");
	strv_add(argv, key);
	strv_add(argv, "-p");
	strv_addf(argv, "%d", port);
	return 0;
}

/* ssh joins its words with blanks and gives them to the guest's shell: quoted, they arrive as they are. */
static void add_command(struct strv *argv, const char *const *words)
{
	struct text t = { 0 };

	for (; *words; words++) {
		auto_free char *q = shell_quote(*words);

		text_addf(&t, "%s%s", t.n ? " " : "", q);
	}
	strv_add(argv, "--");
	strv_take(argv, t.s);
}

int ssh_login(const struct state *s, bool terminal, struct err *e)
{
	auto_strv argv = { 0 };

	if (ssh_words(s, terminal, LOGIN_S, &argv, e) < 0)
		return -1;
	strv_add(&argv, "root@127.0.0.1");
	return run_attached((const char *const *)argv.v, e);
}

/* ---- the connection that is kept ---- */

/* A login costs an emulated guest 0.3 s, a command over a connection that is there 0.04 s. So a command's connection stays open for
 * those that follow, until none has come for KEPT_S. While ssh makes the socket its name is 17 bytes longer. */
#define KEPT_S "600"
#define SOCKET_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 18)

static char *kept_path(const struct state *s)
{
	auto_free char *path = state_path(s, "ssh-kept");

	return strlen(path) <= SOCKET_MAX ? steal(path) : NULL;
}

/* On port 1 nobody listens: only the kept connection counts. */
static bool kept_does(const char *path, const char *option, const char *what)
{
	const char *argv[] = { "ssh", "-F", "none", "-o", "LogLevel=QUIET", "-o", "BatchMode=yes", "-p", "1", "-S", path,
			       "root@127.0.0.1", option, what, NULL };
	int status = -1;

	run_program(&(struct run){ .argv = argv, .status = &status, .timeout_s = ANSWER_S }, &(struct err){ "" });
	return status == 0;
}

/* A guest that was reset, or has lost its network, leaves a connection that nothing comes back from, and a command that is sent
 * there may or may not be run. So something harmless goes first. What is under way there is left to it. */
static void kept_check(const char *path)
{
	if (!path || access(path, F_OK) < 0 || kept_does(path, "--", "true") || interrupted())
		return;
	kept_does(path, "-O", "stop");
	unlink(path);
}

static void add_kept(struct strv *argv, const char *path)
{
	for (const char *const *w = (const char *const[]){ "-o", "ControlMaster=auto", "-o", "ControlPersist=" KEPT_S, "-S", NULL }; *w; w++)
		strv_add(argv, *w);
	strv_add(argv, path);
}

/* ---- what came of it ---- */

/* What ssh itself says, apart from what the command says on the same standard error: in a file that has no name. */
static int own_words(struct strv *argv, struct err *e)
{
	int fd = memfd_create("ssh", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(e, "can't take what ssh says");
	strv_add(argv, "-E");
	strv_addf(argv, "/proc/%d/fd/%d", (int)getpid(), fd);
	return fd;
}

/* ssh says this only before the server has said its name: nothing was run then. Of other words it is not assumed, and no other way
 * is tried: a command must not be run twice. */
static bool says_absent(const char *words)
{
	return strstr(words, "ssh: connect to host") || strstr(words, "kex_exchange_identification:") ||
	       strstr(words, "during banner exchange");
}

/* ssh says this where two commands made the connection that is kept at the same time, or it has as many as sshd lets it have; the command
 * then went by one of its own. */
static bool says_nothing(const char *words)
{
	return strstr(words, "ControlSocket ") || strstr(words, "mux_client_request_session: ");
}

static int unreached(const char *why, struct err *e)
{
	err_set(e, "%s", why);
	return err_status(e, EXIT_UNREACHED);
}

/* A command that a connection ends under has no exit status, and ssh says no word of it; the connection's socket is gone then. */
static int judge(int status, const char *words, const char *kept, bool *absent, struct err *e)
{
	auto_free char *why = NULL;

	if (status == UNREACHED && !*words && kept && access(kept, F_OK) < 0)
		return unreached("SSH lost the guest: the connection ended before the command did", e);
	if (status != UNREACHED || !*words) {
		if (*words && !says_nothing(words))
			progress_note("%s", words);
		return status;
	}
	if (absent)
		*absent = says_absent(words);
	why = strf("SSH does not get to the guest: %.*s", (int)strcspn(words, "\r\n"), words);
	return unreached(why, e);
}

int ssh_run(const struct state *s, const struct call *c, bool *absent, struct err *e)
{
	const int fds[] = { c->in, c->out, c->err };
	auto_free char *kept = kept_path(s);
	auto_strv argv = { 0 };
	auto_close int said = -1;
	auto_text words = { 0 };
	int status = 0;

	if (absent)
		*absent = false;
	kept_check(kept);
	if (ssh_words(s, false, ANSWER_S, &argv, e) < 0 || (said = own_words(&argv, e)) < 0)
		return -1;
	if (kept)
		add_kept(&argv, kept);
	strv_add(&argv, "root@127.0.0.1");
	add_command(&argv, c->argv);
	if (c->attached)
		status = run_attached((const char *const *)argv.v, e);
	else if (run_program(&(struct run){ .argv = (const char *const *)argv.v, .fds = fds, .status = &status, .tick = c->tick,
					    .arg = c->arg, .timeout_s = c->timeout_s }, e) < 0)
		return -1;
	if (status < 0 || (status == UNREACHED && interrupt_check(e) < 0) || fd_text(said, &words, e) < 0)
		return -1;
	return judge(status, words.s, kept, absent, e);
}
