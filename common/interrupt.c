#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t caught;
static void (*volatile hook)(void *);
static void *volatile hook_arg;

static void on_signal(int sig)
{
	int saved = errno;

	if (caught)
		_exit(128 + sig);
	caught = sig;
	if (hook)
		hook(hook_arg);
	errno = saved;
}

void interrupt_catch(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		sigaction(sigs[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool interrupted(void)
{
	return caught != 0;
}

int interrupt_check(struct err *e)
{
	return caught ? err_set(e, "interrupted") : 0;
}

void interrupt_hook(void (*fn)(void *), void *arg)
{
	hook = NULL;
	hook_arg = arg;
	hook = fn;
}
