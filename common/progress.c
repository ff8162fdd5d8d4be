#include "progress.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"
#include "units.h"

#define REDRAW_MS 250
#define HEARTBEAT_S 30

static struct {
	pthread_mutex_t lock;
	pthread_t ticker;
	bool started, open, quiet, tty;
	char head[160], figure[160];
	double begin, last_line;
} pr = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void elapsed(char *buf, size_t n)
{
	unsigned long t = (unsigned long)(now_s() - pr.begin);

	snprintf(buf, n, "%lu:%02lu", t / 60, t % 60);
}

static int columns(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 20 ? w.ws_col : 80;
}

/* With the lock held. */
static void draw(void)
{
	char time[32], line[400];

	elapsed(time, sizeof(time));
	if (pr.tty) {
		snprintf(line, sizeof(line), "%s  %s%s%s", pr.head, time, *pr.figure ? "  " : "", pr.figure);
		fprintf(stderr, "\r\033[K%.*s", columns() - 1, line);
		fflush(stderr);
	} else if (now_s() - pr.last_line >= HEARTBEAT_S) {
		fprintf(stderr, "%s: %s%s%s\n", pr.head, time, *pr.figure ? ", " : "", pr.figure);
		pr.last_line = now_s();
	}
}

static void wipe(void)
{
	if (pr.tty && pr.open)
		fputs("\r\033[K", stderr);
}

static void *tick(void *arg)
{
	(void)arg;
	for (;;) {
		usleep(REDRAW_MS * 1000);
		pthread_mutex_lock(&pr.lock);
		if (pr.open && !pr.quiet)
			draw();
		pthread_mutex_unlock(&pr.lock);
	}
	return NULL;
}

/* The ticker must not take the signals meant for the main thread. */
static void start_ticker(void)
{
	sigset_t all, old;

	if (pr.started)
		return;
	pr.started = true;
	pr.tty = isatty(STDERR_FILENO);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&pr.ticker, NULL, tick, NULL) == 0)
		pthread_detach(pr.ticker);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void progress_quiet(void)
{
	pr.quiet = true;
}

void progress_begin(int number, int total, const char *fmt, ...)
{
	char what[120];
	va_list ap;

	start_ticker();
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&pr.lock);
	if (!pr.quiet)
		wipe();
	if (number)
		snprintf(pr.head, sizeof(pr.head), "[%d/%d] %s", number, total, what);
	else
		snprintf(pr.head, sizeof(pr.head), "%s", what);
	*pr.figure = '\0';
	pr.open = true;
	pr.begin = pr.last_line = now_s();
	if (!pr.quiet && pr.tty)
		draw();
	else if (!pr.quiet)
		fprintf(stderr, "%s\n", pr.head);
	pthread_mutex_unlock(&pr.lock);
}

void progress_update(const char *fmt, ...)
{
	va_list ap;

	pthread_mutex_lock(&pr.lock);
	va_start(ap, fmt);
	vsnprintf(pr.figure, sizeof(pr.figure), fmt, ap);
	va_end(ap);
	pthread_mutex_unlock(&pr.lock);
}

void progress_end(const char *fmt, ...)
{
	char what[400], time[SIZE_TEXT], number[32] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&pr.lock);
	if (!pr.quiet && pr.open) {
		wipe();
		if (*pr.head == '[')
			snprintf(number, sizeof(number), "%.*s ", (int)(strchr(pr.head, ']') - pr.head + 1), pr.head);
		fprintf(stderr, "%s%s (%s)\n", number, what, seconds_human(now_s() - pr.begin, time));
	}
	pr.open = false;
	pthread_mutex_unlock(&pr.lock);
}

void progress_abort(void)
{
	pthread_mutex_lock(&pr.lock);
	if (!pr.quiet)
		wipe();
	pr.open = false;
	pthread_mutex_unlock(&pr.lock);
}

void progress_note(const char *fmt, ...)
{
	va_list ap;

	pthread_mutex_lock(&pr.lock);
	if (!pr.quiet) {
		wipe();
		va_start(ap, fmt);
		vfprintf(stderr, fmt, ap);
		va_end(ap);
		fputc('\n', stderr);
	}
	pthread_mutex_unlock(&pr.lock);
}
