/* Messages, threads and time of the bench programs: see bench.h for the contract. */
#define _GNU_SOURCE	/* CPU_COUNT */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

const char *bench_name = "bench";
static char last_error[1024];

const char *bench_last_error(void)
{
	return last_error;
}

int bench_error(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(last_error, sizeof(last_error), fmt, ap);
	va_end(ap);

	fflush(stdout);
	flockfile(stderr);
	fprintf(stderr, "%s: ", bench_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	funlockfile(stderr);
	return status;
}

/* -- Threads and time ------------------------------------------------------------------------ */

double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void bench_sleep_until(double when)
{
	struct timespec t = { .tv_sec = (time_t)when };

	t.tv_nsec = (long)((when - (double)t.tv_sec) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

int bench_cpus(void)
{
	cpu_set_t set;
	/* Fails on machines with more than 1024 CPUs: those that are online, then. */
	int count = sched_getaffinity(0, sizeof(set), &set) ?
		(int)sysconf(_SC_NPROCESSORS_ONLN) : CPU_COUNT(&set);

	return count > 0 ? count : 1;
}

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	enum { GATE_SHUT, GATE_OPEN, GATE_OFF } state;
};

struct member {
	const struct bench_team *team;
	struct gate *gate;
	pthread_t thread;
	int index;
	double began, ended;
};

static void gate_set(struct gate *gate, int state)
{
	pthread_mutex_lock(&gate->lock);
	gate->state = state;
	pthread_cond_broadcast(&gate->moved);
	pthread_mutex_unlock(&gate->lock);
}

static bool gate_pass(struct gate *gate)
{
	bool open;

	pthread_mutex_lock(&gate->lock);
	while (gate->state == GATE_SHUT)
		pthread_cond_wait(&gate->moved, &gate->lock);
	open = gate->state == GATE_OPEN;
	pthread_mutex_unlock(&gate->lock);
	return open;
}

static void *member_main(void *arg)
{
	struct member *m = arg;

	if (!gate_pass(m->gate))
		return NULL;
	m->began = bench_now();
	m->team->work(m->team->arg, m->index);
	m->ended = bench_now();
	return NULL;
}

int bench_team_run(const struct bench_team *team, double *first, double *seconds)
{
	struct gate gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, GATE_SHUT };
	struct member *members = calloc((size_t)team->threads, sizeof(*members));
	int started = 0, err = members ? 0 : ENOMEM;
	double began, ended;

	for (; !err && started < team->threads; started += !err) {
		members[started] = (struct member){ team, &gate, .index = started };
		err = pthread_create(&members[started].thread, NULL, member_main,
				     &members[started]);
	}
	gate_set(&gate, err ? GATE_OFF : GATE_OPEN);
	if (!err && team->meanwhile)
		team->meanwhile(team->arg);
	for (int i = 0; i < started; i++)
		pthread_join(members[i].thread, NULL);
	if (err) {
		free(members);
		return bench_error(BENCH_FAILED, "can't start thread %d of %d: %s: ask for fewer",
				   started + 1, team->threads, strerror(err));
	}
	began = members[0].began;
	ended = members[0].ended;
	for (int i = 1; i < team->threads; i++) {
		began = members[i].began < began ? members[i].began : began;
		ended = members[i].ended > ended ? members[i].ended : ended;
	}
	free(members);
	if (first)
		*first = began;
	*seconds = ended > began ? ended - began : 1e-9;
	return 0;
}
