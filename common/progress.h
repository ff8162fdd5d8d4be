/* Progress of long work, on standard error. On a terminal one line is drawn over and over: step of how many, elapsed
 * time, a moving figure. Elsewhere plain lines: one when a step begins, one every 30 seconds, one when it ends. */
#pragma once
#include <stdbool.h>

/* Says nothing at all from here on but errors. */
void progress_quiet(void);

/* Begins step number of total (number 0: no count is shown). what: "building the kernel". A step that is open is
 * ended silently. */
void progress_begin(int number, int total, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The moving figure: "1432 objects". May be called as often as one likes, from the thread that began the step. */
void progress_update(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ends the step with a line that stays: what became of it. The time it took is added. */
void progress_end(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ends the step without a word: an error message follows. */
void progress_abort(void);

/* A line of its own that stays, also within a step. */
void progress_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
