/* Why a boot came to nothing: what console and QEMU said, sorted into one cause with one remedy. Pure: texts in, a text out. */
#pragma once
#include <stdbool.h>

/* What of it is known. */
enum certainty {
	FATAL,  /* only what nothing comes after: worth to give up at once  */
	ANY,    /* also what may have been the reason, when nothing came on */
};

struct diagnosis {
	char *text;  /* "CAUSE (what it said): REMEDY", the caller's to free; NULL: nothing of it is known */
	int status;  /* of exits.h                                                                          */
};

/* From the end of the guest's console, without what steers a terminal. */
struct diagnosis diagnose_console(const char *text, enum certainty certainty);

/* From what QEMU said, where it ended or stopped. */
struct diagnosis diagnose_qemu(const char *text);

/* What QEMU itself said, in a log of libvirt's that begins each time with who starts it and its command line. The caller's to
 * free. */
char *qemu_words(const char *log);

/* From the end of the console of a machine that does not run any more: why it does not, as far as that is no fault. NULL: it does
 * not say. Not to be freed. */
const char *diagnose_end(const char *tail);

/* From why the guest's set-up failed: the remedy, or NULL. Not to be freed. */
const char *diagnose_setup(const char *status);

/* What libvirt says of a QEMU that did not start, without the lines that only warn, if others are left. The caller's to free. */
char *without_warnings(const char *words);
