/* Progress of long work, on standard error. On a terminal one line is drawn over and over: step of how many, elapsed
 * time, a moving figure. Elsewhere plain lines: one when a step begins, one every 30 seconds, one when it ends. */
#pragma once
#include <stdbool.h>

/* What happens, as whoever shows it is told. */
enum progress_kind {
	PROGRESS_BEGIN,  /* a step begins                                                            */
	PROGRESS_TICK,   /* four times a second while one is open                                    */
	PROGRESS_END,    /* it is done; words: what became of it                                     */
	PROGRESS_ABORT,  /* it ends without a word                                                   */
	PROGRESS_SKIP,   /* a step that needs no work                                                */
	PROGRESS_NOTE,   /* words of their own                                                       */
};
struct progress_event {
	enum progress_kind kind;
	int number, total;  /* of the step; 0: it has none                                           */
	const char *step;   /* what is being done, "" none                                           */
	const char *figure; /* how far it is, "" none                                                */
	const char *words;
	double seconds;     /* since the step began                                                  */
};

/* Gives the events to show (never two at once, and from any thread), in the place of what draws them on standard error;
 * NULL: nobody sees them. */
void progress_show(void (*show)(const struct progress_event *));

/* Begins step number of total (number 0: no count is shown). what: "building the kernel". A step that is open is
 * ended silently. */
void progress_begin(int number, int total, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The moving figure: "1432 objects". May be called as often as one likes, from the thread that began the step. */
void progress_update(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ends the step with a line that stays: what became of it. The time it took is added. */
void progress_end(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ends the step without a word: an error message follows. */
void progress_abort(void);

/* Step number of total was done before, and is not begun. */
void progress_skip(int number, int total, const char *what);

/* A line of its own that stays, also within a step. */
void progress_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
