/*
 * What gups is measured by: the same updates in a loop with nothing else in it, no flag to look at,
 * no counter to publish. plain-loop MIB THREADS UPDATES prints updates a second.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static uint64_t *table, words, count;
static pthread_barrier_t ready;

struct thread {
	pthread_t id;
	uint64_t state;
	double began, ended;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static void *work(void *arg)
{
	struct thread *t = arg;
	uint64_t state = t->state, n = count, random;

	pthread_barrier_wait(&ready);
	t->began = now();
	while (n--) {
		random = mix(state += 0x9e3779b97f4a7c15ull);
		table[(uint64_t)(((unsigned __int128)random * words) >> 64)] ^= random;
	}
	t->ended = now();
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t bytes = argc == 4 ? strtoull(argv[1], NULL, 10) << 20 : 0;
	int threads = argc == 4 ? atoi(argv[2]) : 0;
	struct thread *t = calloc((size_t)(threads > 0 ? threads : 1), sizeof(*t));
	double began, ended;

	if (!bytes || threads < 1 || !t) {
		fprintf(stderr, "usage: plain-loop MIB THREADS UPDATES\n");
		return 2;
	}
	words = bytes / sizeof(*table);
	count = strtoull(argv[3], NULL, 10) / (uint64_t)threads;
	table = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED) {
		perror("plain-loop: mmap");
		return 1;
	}
	/* As gups has it, whatever this machine does by itself. */
	madvise(table, bytes, MADV_NOHUGEPAGE);
	for (uint64_t i = 0; i < words; i++)
		table[i] = i;
	pthread_barrier_init(&ready, NULL, (unsigned int)threads);
	for (int i = 0; i < threads; i++) {
		t[i].state = mix(mix(1) + (uint64_t)i);
		if (pthread_create(&t[i].id, NULL, work, &t[i])) {
			fprintf(stderr, "plain-loop: can't start a thread\n");
			return 1;
		}
	}
	for (int i = 0; i < threads; i++)
		pthread_join(t[i].id, NULL);
	began = t[0].began;
	ended = t[0].ended;
	for (int i = 1; i < threads; i++) {
		began = t[i].began < began ? t[i].began : began;
		ended = t[i].ended > ended ? t[i].ended : ended;
	}
	printf("%.0f\n", (double)(count * (uint64_t)threads) / (ended - began));
	return 0;
}
