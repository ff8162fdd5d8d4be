#include "progress.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"
#include "thread.h"
#include "units.h"

#define TICK_MS 250
#define HEARTBEAT_S 30

/* ---- drawing ---- */

static int columns(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 20 ? w.ws_col : 80;
}

/* "[2/6] kernel", the caller's to free. */
static char *head(const struct progress_event *e)
{
	return e->number ? strf("[%d/%d] %s", e->number, e->total, e->step) : xstrdup(e->step);
}

/* The one line of a terminal, drawn over and over. */
static void draw_line(const struct progress_event *e)
{
	auto_free char *what = head(e), *line = NULL;
	unsigned long t = (unsigned long)e->seconds;

	line = strf("%s  %lu:%02lu%s%s", what, t / 60, t % 60, *e->figure ? "  " : "", e->figure);
	fprintf(stderr, "\r\033[K%.*s", columns() - 1, line);
	fflush(stderr);
}

/* Without a terminal: a line now and then. */
static void heartbeat(const struct progress_event *e)
{
	static double last;
	auto_free char *what = head(e);
	unsigned long t = (unsigned long)e->seconds;

	if (e->seconds < last) /* another step */
		last = 0;
	if (e->seconds - last < HEARTBEAT_S)
		return;
	last = e->seconds;
	fprintf(stderr, "%s: %lu:%02lu%s%s\n", what, t / 60, t % 60, *e->figure ? ", " : "", e->figure);
}

static void draw(const struct progress_event *e)
{
	static int tty = -1;
	static bool drawn;
	auto_free char *what = head(e);
	char time[SIZE_TEXT];

	if (tty < 0)
		tty = isatty(STDERR_FILENO);
	if (drawn && e->kind != PROGRESS_TICK)
		fputs("\r\033[K", stderr);
	drawn = tty && (e->kind == PROGRESS_BEGIN || e->kind == PROGRESS_TICK);
	if (drawn)
		draw_line(e);
	else if (e->kind == PROGRESS_BEGIN)
		fprintf(stderr, "%s\n", what);
	else if (e->kind == PROGRESS_TICK)
		heartbeat(e);
	else if (e->kind == PROGRESS_END && e->number)
		fprintf(stderr, "[%d/%d] %s (%s)\n", e->number, e->total, e->words, seconds_human(e->seconds, time));
	else if (e->kind == PROGRESS_END)
		fprintf(stderr, "%s (%s)\n", e->words, seconds_human(e->seconds, time));
	else if (e->kind == PROGRESS_NOTE)
		fprintf(stderr, "%s\n", e->words);
}

/* ---- what happens ---- */

static struct {
	pthread_mutex_t lock;
	pthread_t ticker;
	void (*show)(const struct progress_event *);
	bool started, open;
	int number, total;
	char step[160], figure[160];
	double begin;
} pr = { .lock = PTHREAD_MUTEX_INITIALIZER, .show = draw };

void progress_show(void (*show)(const struct progress_event *))
{
	pr.show = show;
}

/* With the lock held. */
static void tell(enum progress_kind kind, const char *words)
{
	const struct progress_event e = {
		.kind = kind, .number = pr.number, .total = pr.total, .step = pr.step, .figure = pr.figure, .words = words,
		.seconds = pr.open ? now_s() - pr.begin : 0,
	};

	if (pr.show)
		pr.show(&e);
}

static void *tick(void *arg)
{
	(void)arg;
	for (;;) {
		usleep(TICK_MS * 1000);
		pthread_mutex_lock(&pr.lock);
		if (pr.open)
			tell(PROGRESS_TICK, "");
		pthread_mutex_unlock(&pr.lock);
	}
	return NULL;
}

static void start_ticker(void)
{
	if (pr.started)
		return;
	pr.started = true;
	if (thread_start(&pr.ticker, tick, NULL) == 0)
		pthread_detach(pr.ticker);
}

/* With the lock held. */
static void close_step(enum progress_kind kind, const char *words)
{
	if (pr.open)
		tell(kind, words);
	pr.open = false;
	pr.number = pr.total = 0;
	*pr.step = *pr.figure = '\0';
}

void progress_begin(int number, int total, const char *fmt, ...)
{
	va_list ap;

	start_ticker();
	pthread_mutex_lock(&pr.lock);
	close_step(PROGRESS_ABORT, "");
	va_start(ap, fmt);
	vsnprintf(pr.step, sizeof(pr.step), fmt, ap);
	va_end(ap);
	pr.number = number;
	pr.total = total;
	pr.begin = now_s();
	pr.open = true;
	tell(PROGRESS_BEGIN, "");
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
	char words[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&pr.lock);
	close_step(PROGRESS_END, words);
	pthread_mutex_unlock(&pr.lock);
}

void progress_abort(void)
{
	pthread_mutex_lock(&pr.lock);
	close_step(PROGRESS_ABORT, "");
	pthread_mutex_unlock(&pr.lock);
}

void progress_skip(int number, int total, const char *what)
{
	pthread_mutex_lock(&pr.lock);
	close_step(PROGRESS_ABORT, "");
	pr.number = number;
	pr.total = total;
	snprintf(pr.step, sizeof(pr.step), "%s", what);
	tell(PROGRESS_SKIP, "");
	close_step(PROGRESS_ABORT, "");
	pthread_mutex_unlock(&pr.lock);
}

void progress_note(const char *fmt, ...)
{
	char words[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&pr.lock);
	tell(PROGRESS_NOTE, words);
	pthread_mutex_unlock(&pr.lock);
}
