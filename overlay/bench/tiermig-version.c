/* Which damo the YAML is for: see tiermig.h. */
#define _GNU_SOURCE	/* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "tiermig.h"

#define OLDEST		20407
#define NEWEST		30401
#define KNOWN		"2.4.7 to 3.4.1"
#define PATIENCE	60000	/* ms: Python may start slowly in an emulated guest */

extern char **environ;

/* Three numbers, and what `git describe` adds to them in a checkout. */
int damon_version(const char *text)
{
	unsigned major, minor, patch;
	int n = 0;

	text += *text == 'v';
	if (sscanf(text, "%2u.%2u.%2u%n", &major, &minor, &patch, &n) != 3 ||
	    !*text || !strchr("0123456789", *text) || (text[n] && text[n] != '-'))
		return 0;
	return (int)(major * 10000 + minor * 100 + patch);
}

/* The first line of what it says, within the time. */
static void listen_to(int fd, char *line, size_t size)
{
	struct pollfd wait = { fd, POLLIN, 0 };
	size_t have = 0;
	ssize_t n;

	while (have < size - 1 && poll(&wait, 1, PATIENCE) > 0 &&
	       (n = read(fd, line + have, size - 1 - have)) > 0)
		have += (size_t)n;
	line[have] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

/* False when there is no damo. */
static bool ask_damo(char *line, size_t size)
{
	char *argv[] = { "damo", "version", NULL };
	posix_spawn_file_actions_t actions;
	int out[2], status, rc;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	if (!rc)
		listen_to(out[0], line, size);
	close(out[0]);
	if (rc)
		return false;
	/* It has said what it had to, or is stuck. */
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return true;
}

static int choose_installed(int *version)
{
	char line[64];

	if (!ask_damo(line, sizeof(line))) {
		*version = NEWEST;
		bench_error(0, "damo is not installed: the YAML is for damo 3.4.1, --damo VERSION "
			    "chooses another");
		return 0;
	}
	*version = damon_version(line);
	if (!*version)
		return bench_error(BENCH_FAILED, "'damo version' says '%s', which is no version: give it "
				   "with --damo (%s are known)", line, KNOWN);
	if (*version < OLDEST)
		return bench_error(BENCH_FAILED, "damo %s is installed, and %s are known: install a newer "
				   "one, or try --damo 2.4.7", line, KNOWN);
	if (*version > NEWEST) {
		*version = NEWEST;
		bench_error(0, "damo %s is newer than those that are known (%s): the YAML is for 3.4.1",
			    line, KNOWN);
	}
	return 0;
}

int damon_version_choose(const char *text, int *version)
{
	if (!text)
		return choose_installed(version);
	*version = damon_version(text);
	if (*version >= OLDEST && *version <= NEWEST)
		return 0;
	return bench_error(BENCH_USAGE, "--damo %s: the YAML of damo %s is known", text, KNOWN);
}
