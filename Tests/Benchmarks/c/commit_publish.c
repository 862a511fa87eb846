// The limit of telling another server of a durable write: one INSERT is committed over libpq, then published over
// Redis, and over when a subscriber in this same process has the message.
//
//     commit_publish DATABASE_URL TABLE REDIS_PORT BODY_FILE SECONDS RATE
//
// TABLE has the columns of the record's `changes`. The next begins when the last was heard, or (RATE over 0) at the
// next of RATE moments a second that is not over yet; its time counts from its own beginning. Prints a line of JSON.

#define _GNU_SOURCE
#include "tally.h"

#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { body_most = 1 << 20, rooms = 16 };
static const uint64_t second = 1000000000;
static const char *const channel = "benchmark";

struct route {
    PGconn *database;
    redisContext *publisher, *subscriber;
    char *body;
    size_t body_size;
};

static _Noreturn void stop(const char *format, ...) {
    va_list values;
    va_start(values, format);
    fputs("commit_publish: ", stderr);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    exit(1);
}

static void read_body(struct route *route, const char *path) {
    FILE *file = fopen(path, "rb");
    route->body = malloc(body_most);
    if (file == NULL || route->body == NULL) stop("%s cannot be read", path);
    route->body_size = fread(route->body, 1, body_most, file);
    fclose(file);
    if (route->body_size == 0) stop("%s is empty", path);
}

static void connect_database(struct route *route, const char *url, const char *table) {
    route->database = PQconnectdb(url);
    if (PQstatus(route->database) != CONNECTION_OK) stop("%s", PQerrorMessage(route->database));
    char *name = PQescapeIdentifier(route->database, table, strlen(table)), *insertion = NULL;
    if (name == NULL || asprintf(&insertion,
            "INSERT INTO %s (room_id, revision, at, append_id, kind, model_id, other_model_id, alias, body)"
            " VALUES ($1, $2, $3, 0, 'published', $4, NULL, NULL, $5)", name) < 0) {
        stop("out of memory");
    }
    PGresult *result = PQprepare(route->database, "insert", insertion, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) stop("%s", PQresultErrorMessage(result));
    PQclear(result);
    PQfreemem(name);
    free(insertion);
}

static redisContext *connect_redis(int port) {
    redisContext *context = redisConnect("127.0.0.1", port);
    if (context == NULL || context->err != 0) stop("no Redis on port %d", port);
    redisEnableKeepAlive(context);
    return context;
}

// The next thing Redis says on this connection, which is never an error.
static redisReply *heard(redisContext *context) {
    void *reply = NULL;
    if (redisGetReply(context, &reply) != REDIS_OK) stop("Redis: %s", context->errstr);
    if (((redisReply *)reply)->type == REDIS_REPLY_ERROR) stop("Redis: %s", ((redisReply *)reply)->str);
    return reply;
}

static void commit(struct route *route, uint64_t row) {
    char room[16], revision[24], at[24], model[16];
    snprintf(room, sizeof room, "%08x", 0xbe9c0000u + (unsigned)(row % rooms));
    snprintf(revision, sizeof revision, "%llu", (unsigned long long)row);
    snprintf(at, sizeof at, "%llu", (unsigned long long)(nanoseconds_of(CLOCK_REALTIME) / 1000));
    snprintf(model, sizeof model, "%08x", (unsigned)row);
    const char *values[] = {room, revision, at, model, route->body};
    int lengths[] = {0, 0, 0, 0, (int)route->body_size}, formats[] = {0, 0, 0, 0, 1};
    PGresult *result = PQexecPrepared(route->database, "insert", 5, values, lengths, formats, 0);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) stop("%s", PQresultErrorMessage(result));
    PQclear(result);
}

// Publishes without waiting for the answer: that is read when the subscriber has heard.
static uint64_t publish(struct route *route) {
    redisAppendCommand(route->publisher, "PUBLISH %s %b", channel, route->body, route->body_size);
    for (int is_sent = 0; !is_sent;) {
        if (redisBufferWrite(route->publisher, &is_sent) != REDIS_OK) stop("Redis: %s", route->publisher->errstr);
    }
    redisReply *message = heard(route->subscriber);
    uint64_t arrived = nanoseconds_of(CLOCK_MONOTONIC);
    if (message->elements != 3 || (size_t)message->element[2]->len != route->body_size) stop("an odd message");
    freeReplyObject(message);
    freeReplyObject(heard(route->publisher));
    return arrived;
}

static void wait_until(uint64_t moment) {
    struct timespec until = {.tv_sec = (time_t)(moment / second), .tv_nsec = (long)(moment % second)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0) continue;
}

static void run(struct route *route, double seconds, unsigned rate) {
    static struct tally latency;
    uint64_t row = nanoseconds_of(CLOCK_REALTIME) / 1000;
    uint64_t now = nanoseconds_of(CLOCK_MONOTONIC), counting = now + second / 2, next = now;
    uint64_t ended = counting + (uint64_t)(seconds * 1e9);
    while (now < ended) {
        if (rate > 0) {
            while (next <= now) next += second / rate;
            wait_until(next);
        }
        uint64_t began = nanoseconds_of(CLOCK_MONOTONIC);
        commit(route, row++);
        now = publish(route);
        if (began >= counting) tally_add(&latency, now - began);
    }
    printf("{\"frames\":%llu,\"seconds\":%.6f,\"frames_per_s\":%.1f,\"body_bytes\":%zu,"
           "\"latency_us\":{\"p50\":%.1f,\"p99\":%.1f}}\n", (unsigned long long)latency.count, seconds,
           (double)latency.count / seconds, route->body_size, tally_quantile(&latency, 0.5),
           tally_quantile(&latency, 0.99));
}

int main(int count, char **arguments) {
    if (count != 7) stop("usage: commit_publish DATABASE_URL TABLE REDIS_PORT BODY_FILE SECONDS RATE");
    struct route route = {0};
    double seconds = strtod(arguments[5], NULL);
    if (!(seconds > 0 && seconds <= 600)) stop("SECONDS is over 0 and at most 600");
    read_body(&route, arguments[4]);
    connect_database(&route, arguments[1], arguments[2]);
    route.publisher = connect_redis(atoi(arguments[3]));
    route.subscriber = connect_redis(atoi(arguments[3]));
    redisAppendCommand(route.subscriber, "SUBSCRIBE %s", channel);
    freeReplyObject(heard(route.subscriber));
    run(&route, seconds, (unsigned)strtoul(arguments[6], NULL, 10));
    redisFree(route.publisher);
    redisFree(route.subscriber);
    PQfinish(route.database);
    free(route.body);
    return 0;
}
