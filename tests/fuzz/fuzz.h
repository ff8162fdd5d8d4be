/* A fuzz target, as libFuzzer and its like know it: reads data, crashes or returns 0. tests/unit/test-fuzz.c runs all of
 * them over a corpus and random mutations of it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
