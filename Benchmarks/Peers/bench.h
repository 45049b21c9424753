// SPDX-License-Identifier: Apache-2.0
// One measurement: process CPU time of seven rounds, the best of them, as one line of JSON.
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 7
#define KSNS 4096

static const char *bench_peer = "?";

static double bench_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// Runs STATEMENT, which sees `i`, CALLS times a round.
#define BENCH(NAME, CALLS, STATEMENT)                                                                        \
    do {                                                                                                     \
        double bench_best = 1e9;                                                                             \
        for (int bench_round = 0; bench_round < ROUNDS; bench_round++) {                                     \
            double bench_start = bench_now();                                                                \
            for (unsigned i = 0; i < (CALLS); i++) { STATEMENT; }                                            \
            double bench_time = bench_now() - bench_start;                                                   \
            if (bench_time < bench_best) bench_best = bench_time;                                            \
        }                                                                                                    \
        printf("{\"peer\":\"%s\",\"operation\":\"%s\",\"perSecond\":%.0f}\n", bench_peer, NAME, (CALLS) / bench_best); \
        fflush(stdout);                                                                                      \
    } while (0)

static inline void bench_require(int condition, const char *what) {
    if (condition) return;
    fprintf(stderr, "%s: %s\n", bench_peer, what);
    exit(1);
}

static inline size_t bench_hex(const char *text, uint8_t *output) {
    size_t count = strlen(text) / 2;
    for (size_t index = 0; index < count; index++) {
        unsigned byte;
        sscanf(text + 2 * index, "%2x", &byte);
        output[index] = (uint8_t)byte;
    }
    return count;
}

#endif
