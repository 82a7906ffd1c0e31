/*
 * What a fuzz target defines, for libFuzzer and for tests/fuzz/replay.c.
 * Source of the rule: https://llvm.org/docs/LibFuzzer.html#fuzz-target
 */
#ifndef FUZZ_REPLAY_H
#define FUZZ_REPLAY_H

#include <stddef.h>
#include <stdint.h>

/* Returns 0. The bytes are the caller's and live until it returns. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
