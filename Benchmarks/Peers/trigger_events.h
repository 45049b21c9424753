// SPDX-License-Identifier: Apache-2.0
// The events of `TriggerBenchmarks export`, and the line of JSON of one stretch of decisions over them.
#ifndef TRIGGER_EVENTS_H
#define TRIGGER_EVENTS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PRELOAD 1000000u
#define DECISIONS 100000u

typedef struct {
    uint32_t milliseconds, card, terminal, amount, wrong_pin;
} event;

static event *events;
static size_t event_count;

static inline void require(int condition, const char *what) {
    if (condition) return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static inline void read_events(const char *path) {
    FILE *file = fopen(path, "rb");
    require(file != NULL, "the events cannot be read");
    events = malloc((PRELOAD + 2 * DECISIONS) * sizeof(event));
    event_count = fread(events, sizeof(event), PRELOAD + 2 * DECISIONS, file);
    require(event_count == PRELOAD + 2 * DECISIONS, "the file holds another number of events");
    fclose(file);
}

static inline double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline int by_value(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

// Latencies are in seconds, from handing a batch over to the decision's answer; they are sorted.
static inline void report(const char *peer, const char *task, size_t count, double elapsed, double *latencies,
                          const int64_t totals[5]) {
    qsort(latencies, count, sizeof(double), by_value);
    printf("{\"peer\":\"%s\",\"task\":\"%s\",\"decisions\":%zu,\"perSecond\":%.0f,\"p50\":%.0f,\"p99\":%.0f,\"p999\":%.0f",
           peer, task, count, (double)count / elapsed, latencies[count / 2] * 1e9, latencies[count * 99 / 100] * 1e9,
           latencies[count * 999 / 1000] * 1e9);
    if (totals) {
        printf(",\"totals\":[");
        for (int i = 0; i < 5; i++) printf("%s%lld", i ? "," : "", (long long)totals[i]);
        printf("]");
    }
    printf("}\n");
    fflush(stdout);
}

#endif
