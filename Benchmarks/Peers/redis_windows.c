// SPDX-License-Identifier: Apache-2.0
// Five exact counters by a Lua script in Redis, one and 32 transactions in flight.
//     cc -O2 redis_windows.c -lhiredis; redis_windows SOCKET SCRIPT EVENTS
#include <hiredis/hiredis.h>
#include <string.h>

#include "trigger_events.h"

static redisContext *redis;
static char digest[64];

static void send_event(size_t index) {
    event *e = &events[index];
    char card[16], number[16], at[16], terminal[16], amount[16];
    snprintf(card, sizeof card, "c:%u", e->card);
    snprintf(number, sizeof number, "%zu", index);
    snprintf(at, sizeof at, "%u", e->milliseconds);
    snprintf(terminal, sizeof terminal, "%u", e->terminal);
    snprintf(amount, sizeof amount, "%u", e->amount);
    const char *words[] = {"EVALSHA", digest, "1", card, at, number, terminal, amount, e->wrong_pin ? "1" : "0"};
    redisAppendCommandArgv(redis, 9, words, NULL);
}

static void receive(int64_t totals[5]) {
    redisReply *reply = NULL;
    require(redisGetReply(redis, (void **)&reply) == REDIS_OK && reply->type == REDIS_REPLY_ARRAY && reply->elements == 5,
            reply && reply->type == REDIS_REPLY_ERROR ? reply->str : "no answer");
    for (int i = 0; i < 5; i++) totals[i] += reply->element[i]->integer;
    freeReplyObject(reply);
}

int main(int count, char **arguments) {
    require(count == 4, "redis_windows SOCKET SCRIPT EVENTS");
    read_events(arguments[3]);
    redis = redisConnectUnix(arguments[1]);
    require(redis && !redis->err, "no connection");
    static char script[1 << 16];
    FILE *file = fopen(arguments[2], "r");
    require(file != NULL, "the script cannot be read");
    script[fread(script, 1, sizeof script - 1, file)] = 0;
    fclose(file);
    redisReply *loaded = redisCommand(redis, "SCRIPT LOAD %s", script);
    require(loaded && loaded->type == REDIS_REPLY_STRING, "the script is refused");
    snprintf(digest, sizeof digest, "%s", loaded->str);
    freeReplyObject(loaded);

    int64_t ignored[5] = {0};
    for (size_t first = 0; first < PRELOAD; first += 64) {
        size_t end = first + 64 < PRELOAD ? first + 64 : PRELOAD;
        for (size_t i = first; i < end; i++) send_event(i);
        for (size_t i = first; i < end; i++) receive(ignored);
    }
    double *latencies = malloc(DECISIONS * sizeof(double));
    size_t depths[] = {1, 32}, next = PRELOAD;
    for (int part = 0; part < 2; part++) {
        int64_t totals[5] = {0};
        double start = seconds();
        for (size_t done = 0; done < DECISIONS;) {
            size_t batch = DECISIONS - done < depths[part] ? DECISIONS - done : depths[part];
            double sent = seconds();
            for (size_t i = 0; i < batch; i++) send_event(next++);
            for (size_t i = 0; i < batch; i++) {
                receive(totals);
                latencies[done++] = seconds() - sent;
            }
        }
        report("Redis, Lua", part ? "five counters, pipeline 32" : "five counters, pipeline 1", DECISIONS,
               seconds() - start, latencies, totals);
    }
    redisReply *memory = redisCommand(redis, "INFO memory");
    const char *used = memory ? strstr(memory->str, "used_memory:") : NULL;
    if (used) {
        printf("{\"peer\":\"Redis, Lua\",\"task\":\"memory\",\"bytesPerCard\":%lld}\n", atoll(used + 12) / 50000);
    }
    return 0;
}
