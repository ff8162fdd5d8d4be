/* A program to be run in the guest, whichever way leads there. */
#pragma once
#include <stdbool.h>

struct call {
	const char *const *argv; /* as the program is to get them: nothing is quoted */
	int in, out, err;        /* what it reads and writes; in -1: nothing         */
	bool attached;           /* they are the user's own, and so is Ctrl-C        */
	void (*tick)(void *arg); /* called now and then; NULL: nobody                */
	void *arg;
	unsigned timeout_s;      /* ended after so many seconds; 0: never            */
};
