// SPDX-License-Identifier: Apache-2.0
// Five exact counters by one prepared statement in PostgreSQL: read only and with the insert, one and 32 in flight.
//     cc -O2 -I$(pg_config --includedir) postgres_windows.c -lpq; postgres_windows CONNECTION EVENTS
#include <libpq-fe.h>
#include <string.h>

#include "trigger_events.h"

static PGconn *connection;

#define COUNTERS                                                                                              \
    "select count(*) filter (where at > $2 - 600000), sum(amount)::bigint,"                                   \
    " count(distinct terminal) filter (where at > $2 - 3600000),"                                             \
    " count(*) filter (where wrong_pin and at > $2 - 900000),"                                                \
    " count(distinct terminal) filter (where amount >= 50000) from"                                           \
    " (select at, terminal, amount, wrong_pin from payment where card = $1 and at > $2 - 86400000 and at <= $2" \
    "  union all select $2, $3, $4, $5) as seen"

static const char *read_only = COUNTERS;
static const char *with_insert = "with added as (insert into payment values ($1, $2, $3, $4, $5)) " COUNTERS;

static void run(const char *statement) {
    PGresult *result = PQexec(connection, statement);
    ExecStatusType status = PQresultStatus(result);
    require(status == PGRES_COMMAND_OK || status == PGRES_COPY_IN, PQerrorMessage(connection));
    PQclear(result);
}

// Text in, COPY into a table in the order of time, an index, statistics.
static void load(void) {
    run("copy payment from stdin");
    char line[96];
    for (size_t i = 0; i < PRELOAD; i++) {
        event *e = &events[i];
        int length = snprintf(line, sizeof line, "%u\t%u\t%u\t%u\t%c\n", e->card, e->milliseconds, e->terminal,
                              e->amount, e->wrong_pin ? 't' : 'f');
        require(PQputCopyData(connection, line, length) == 1, PQerrorMessage(connection));
    }
    require(PQputCopyEnd(connection, NULL) == 1, PQerrorMessage(connection));
    PQclear(PQgetResult(connection));
    PQclear(PQgetResult(connection));
    run("create index on payment (card, at)");
    run("vacuum analyze payment");
}

static void prepare(const char *name, const char *statement) {
    PGresult *result = PQprepare(connection, name, statement, 0, NULL);
    require(PQresultStatus(result) == PGRES_COMMAND_OK, PQerrorMessage(connection));
    PQclear(result);
}

static void send_event(const char *name, size_t index) {
    event *e = &events[index];
    char card[16], at[16], terminal[16], amount[16];
    snprintf(card, sizeof card, "%u", e->card);
    snprintf(at, sizeof at, "%u", e->milliseconds);
    snprintf(terminal, sizeof terminal, "%u", e->terminal);
    snprintf(amount, sizeof amount, "%u", e->amount);
    const char *values[] = {card, at, terminal, amount, e->wrong_pin ? "t" : "f"};
    require(PQsendQueryPrepared(connection, name, 5, values, NULL, NULL, 0) == 1, PQerrorMessage(connection));
}

static void receive(int64_t totals[5]) {
    PGresult *result = PQgetResult(connection);
    require(result && PQresultStatus(result) == PGRES_TUPLES_OK, PQresultErrorMessage(result));
    for (int i = 0; i < 5; i++) totals[i] += atoll(PQgetvalue(result, 0, i));
    PQclear(result);
    // The end of this query's results.
    result = PQgetResult(connection);
    require(result == NULL, "more than one result");
}

// Each batch is a transaction of its own.
static void measure(const char *name, const char *task, size_t first, size_t count, size_t depth, int shows) {
    double *latencies = malloc(count * sizeof(double));
    int64_t totals[5] = {0};
    size_t next = first;
    require(PQenterPipelineMode(connection) == 1, "no pipeline");
    double start = seconds();
    for (size_t done = 0; done < count;) {
        size_t batch = count - done < depth ? count - done : depth;
        double sent = seconds();
        for (size_t i = 0; i < batch; i++) send_event(name, next++);
        require(PQpipelineSync(connection) == 1, PQerrorMessage(connection));
        for (size_t i = 0; i < batch; i++) receive(totals);
        PGresult *end = PQgetResult(connection);
        require(end && PQresultStatus(end) == PGRES_PIPELINE_SYNC, PQerrorMessage(connection));
        PQclear(end);
        // An answer counts once its commit is through.
        for (size_t i = 0; i < batch; i++) latencies[done++] = seconds() - sent;
    }
    double elapsed = seconds() - start;
    require(PQexitPipelineMode(connection) == 1, "the pipeline is not empty");
    report("PostgreSQL", task, count, elapsed, latencies, shows ? totals : NULL);
    free(latencies);
}

int main(int count, char **arguments) {
    require(count == 3, "postgres_windows CONNECTION EVENTS");
    read_events(arguments[2]);
    connection = PQconnectdb(arguments[1]);
    require(PQstatus(connection) == CONNECTION_OK, PQerrorMessage(connection));
    run("create table payment (card int not null, at int not null, terminal int not null, amount int not null,"
        " wrong_pin boolean not null)");
    load();
    prepare("read", read_only);
    prepare("insert", with_insert);
    measure("read", "read only, pipeline 1", PRELOAD, DECISIONS / 4, 1, 0);
    measure("read", "read only, pipeline 32", PRELOAD, DECISIONS / 4, 32, 0);
    // A commit each takes a disk's time: fewer of them, the rest without waiting so that all have been in.
    measure("insert", "insert and read, a commit each", PRELOAD, DECISIONS / 25, 1, 0);
    measure("insert", "insert and read, 32 a commit", PRELOAD + DECISIONS / 25, DECISIONS - DECISIONS / 25, 32, 0);
    run("set synchronous_commit to off");
    measure("insert", "five counters, pipeline 32, commits not waited for", PRELOAD + DECISIONS, DECISIONS, 32, 1);
    PGresult *size = PQexec(connection, "select pg_total_relation_size('payment') / 50000");
    printf("{\"peer\":\"PostgreSQL\",\"task\":\"memory\",\"bytesPerCard\":%s}\n", PQgetvalue(size, 0, 0));
    PQclear(size);
    return 0;
}
