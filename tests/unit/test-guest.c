/* The guest's SSH: the port is QEMU's, and takes connections long before the guest does. */
#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "harness.h"

#include "run.h"
#include "ssh.h"

#define PATIENCE_S 20

/* A server on a port of 127.0.0.1. What it does with one connection after another: '-' takes it and says nothing, 'x' hangs
 * up, 'h' says something that is not SSH, 'S' answers as sshd does; the last one goes on for ever. */
struct server {
	struct state state;
	pid_t pid;
};

static void serve(int listener, const char *script)
{
	for (;; script += script[1] != '\0') {
		int fd = accept(listener, NULL, NULL);

		if (*script == 'S')
			(void)!write(fd, "SSH-2.0-OpenSSH_10.0\r\n", 22);
		if (*script == 'h')
			(void)!write(fd, "HTTP/1.0 400 what?\r\n", 20);
		if (*script == 'x' || *script == 'h')
			close(fd);
	}
}

static void begin(struct server *s, const char *script)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n) | listen(fd, 16) | getsockname(fd, (struct sockaddr *)&a, &n), 0);
	put_file("state/machines/m/ssh-port", keep("%d\n", ntohs(a.sin_port)));
	s->state = (struct state){ (char *)in_scratch("state"), (char *)"m", (char *)in_scratch("state/machines/m") };
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that failed does not come to end() */
		serve(fd, script);
	}
	close(fd);
}

static void end(struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

static int stays_alive(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	return 0;
}

static int dies(void *arg, struct err *e)
{
	int *calls = arg;

	return ++*calls < 3 ? 0 : err_set(e, "QEMU ended");
}

static void a_banner_is_waited_for(void **state)
{
	/* no sshd yet; something else there; a connection that QEMU holds for a guest without an address */
	static const char *const scripts[] = { "S", "xxS", "hS", "-S", "--xS" };

	(void)state;
	for (size_t i = 0; i < COUNT(scripts); i++) {
		struct server s;

		begin(&s, scripts[i]);
		assert_ok(ssh_wait(&s.state, PATIENCE_S, stays_alive, NULL, &why));
		end(&s);
	}
}

static void a_guest_that_never_answers_is_given_up(void **state)
{
	struct server s;

	(void)state;
	begin(&s, "-");
	assert_fails(ssh_wait(&s.state, 0.5, stays_alive, NULL, &why), "does not answer on 127.0.0.1:");
	end(&s);
}

static void a_machine_that_dies_ends_the_waiting(void **state)
{
	struct server s;
	int calls = 0;

	(void)state;
	begin(&s, "-");
	assert_fails(ssh_wait(&s.state, PATIENCE_S, dies, &calls, &why), "QEMU ended");
	end(&s);
}

/* Whether nothing was run is what decides that it may go another way. */
static void a_server_that_is_none_has_run_nothing(void **state)
{
	static const char *const scripts[] = { "x", "h", "-" };
	const struct call c = { .argv = (const char *const[]){ "true", NULL }, .in = -1, .out = -1, .err = -1 };
	struct server s;
	bool absent;

	(void)state;
	if (!program_exists("ssh"))
		skip_because("no ssh");
	for (size_t i = 0; i < COUNT(scripts); i++) {
		begin(&s, scripts[i]);
		assert_fails(ssh_run(&s.state, &c, &absent, &why), "SSH does not get to the guest: ");
		assert_true(absent);
		assert_int_equal(why.status, 255);
		end(&s);
	}
	assert_fails(ssh_run(&s.state, &c, &absent, &why), "Connection refused");
	assert_true(absent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_banner_is_waited_for),
		cmocka_unit_test(a_guest_that_never_answers_is_given_up),
		cmocka_unit_test(a_machine_that_dies_ends_the_waiting),
		cmocka_unit_test(a_server_that_is_none_has_run_nothing),
	};

	return RUN_TESTS(tests);
}
