/* Threads beside the main one. */
#pragma once
#include <pthread.h>

/* Starts fn(arg) in a thread that takes no signals: they are meant for the main one. 0, or an errno. */
int thread_start(pthread_t *thread, void *(*fn)(void *arg), void *arg);
