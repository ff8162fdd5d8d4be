/* Sizes and durations with their units, as people write them in recipes and machine files. */
#pragma once
#include <stdint.h>

#include "err.h"

#define KiB (1ULL << 10)
#define MiB (1ULL << 20)
#define GiB (1ULL << 30)
#define TiB (1ULL << 40)

/* "8GiB", "512MiB", "256B" to bytes. Units: B KiB MiB GiB TiB (IEC 80000-13). A number without its unit, a
 * fraction, a sign and an overflow are errors. */
int size_parse(const char *s, uint64_t *bytes, struct err *e);

/* "30s", "500ms", "5m", "2h" to milliseconds. The same rules. */
int duration_parse(const char *s, uint64_t *ms, struct err *e);

/* "237ns", "3us" to nanoseconds. The same rules. */
int latency_parse(const char *s, uint64_t *ns, struct err *e);

/* Bytes as the largest unit that shows them exactly ("1536MiB"), for files and messages. */
#define SIZE_TEXT 32
const char *size_text(uint64_t bytes, char buf[SIZE_TEXT]);

/* Bytes rounded for people ("1.5 GiB"). */
const char *size_human(uint64_t bytes, char buf[SIZE_TEXT]);

/* Seconds as "7.3 s", "2:05" or "1:02:05". */
const char *seconds_human(double s, char buf[SIZE_TEXT]);

/* Seconds of the monotonic clock. */
double now_s(void);
