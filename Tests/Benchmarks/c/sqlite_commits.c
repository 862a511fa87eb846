// The limit of durable writes: raw SQLite commits of rows like those of the server's record.
//
//     sqlite_commits FILE BATCH SECONDS [BODY_BYTES]
//
// FILE must not exist. Each transaction inserts BATCH rows with one prepared statement, over 16 rooms in turn, with
// the settings the server gives its writing connection. Prints one line of JSON.

#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { rooms = 16 };

// `changes` of the first migration and its indexes; without the table of rooms, so without the reference to it.
static const char *schema =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
    "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384;"
    "CREATE TABLE changes (room_id TEXT NOT NULL, revision INTEGER NOT NULL CHECK (revision > 0),"
    " at INTEGER NOT NULL, kind TEXT NOT NULL, model_id TEXT NOT NULL, other_model_id TEXT, alias TEXT,"
    " body BLOB NOT NULL, PRIMARY KEY (room_id, revision)) STRICT;"
    "CREATE INDEX changes_by_model ON changes (room_id, model_id, revision);"
    "CREATE INDEX changes_by_other_model ON changes (room_id, other_model_id, revision)"
    " WHERE other_model_id IS NOT NULL;"
    "CREATE INDEX changes_by_alias ON changes (room_id, alias, revision) WHERE alias IS NOT NULL;";

static const char *insertion =
    "INSERT INTO changes (room_id, revision, at, kind, model_id, other_model_id, alias, body)"
    " VALUES (?, ?, ?, ?, ?, NULL, NULL, ?)";

static void check(int code, sqlite3 *database) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static double seconds_of(clockid_t clock) {
    struct timespec moment;
    clock_gettime(clock, &moment);
    return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

static long number(const char *text, long least, long most) {
    char *after = NULL;
    long value = strtol(text, &after, 10);
    if (after == text || *after != '\0' || value < least || value > most) {
        fprintf(stderr, "%s is not a whole number from %ld to %ld\n", text, least, most);
        exit(64);
    }
    return value;
}

static void insert(sqlite3 *database, sqlite3_stmt *statement, long row, const char *body, int body_bytes) {
    char room[16], model[16];
    snprintf(room, sizeof room, "%08lx", 0xbe9c0000UL + (unsigned long)(row % rooms));
    snprintf(model, sizeof model, "%08lx", (unsigned long)row & 0xffffffffUL);
    sqlite3_bind_text(statement, 1, room, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 2, row / rooms + 1);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)(seconds_of(CLOCK_REALTIME) * 1e6));
    sqlite3_bind_text(statement, 4, "published", -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 5, model, -1, SQLITE_TRANSIENT);
    sqlite3_bind_blob(statement, 6, body, body_bytes, SQLITE_STATIC);
    check(sqlite3_step(statement), database);
    check(sqlite3_reset(statement), database);
}

int main(int count, char **arguments) {
    if (count != 4 && count != 5) {
        fprintf(stderr, "usage: sqlite_commits FILE BATCH SECONDS [BODY_BYTES]\n");
        return 64;
    }
    long batch = number(arguments[2], 1, 100000);
    double duration = strtod(arguments[3], NULL);
    int body_bytes = count == 5 ? (int)number(arguments[4], 1, 1 << 20) : 1500;
    if (!(duration > 0 && duration <= 600)) {
        fprintf(stderr, "SECONDS is over 0 and at most 600\n");
        return 64;
    }
    if (access(arguments[1], F_OK) == 0) {
        fprintf(stderr, "%s is there already\n", arguments[1]);
        return 64;
    }
    char *body = malloc((size_t)body_bytes);
    if (body == NULL) return 1;
    memset(body, 'x', (size_t)body_bytes);

    sqlite3 *database = NULL;
    check(sqlite3_open_v2(arguments[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          NULL), database);
    check(sqlite3_exec(database, schema, NULL, NULL, NULL), database);
    sqlite3_stmt *statement = NULL, *begin = NULL, *commit = NULL;
    check(sqlite3_prepare_v2(database, insertion, -1, &statement, NULL), database);
    check(sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &begin, NULL), database);
    check(sqlite3_prepare_v2(database, "COMMIT", -1, &commit, NULL), database);

    long rows = 0, commits = 0;
    double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), started = seconds_of(CLOCK_MONOTONIC), elapsed;
    do {
        check(sqlite3_step(begin), database);
        check(sqlite3_reset(begin), database);
        for (long index = 0; index < batch; index++) insert(database, statement, rows++, body, body_bytes);
        check(sqlite3_step(commit), database);
        check(sqlite3_reset(commit), database);
        commits++;
        elapsed = seconds_of(CLOCK_MONOTONIC) - started;
    } while (elapsed < duration);
    cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;

    printf("{\"rows\":%ld,\"commits\":%ld,\"batch\":%ld,\"body_bytes\":%d,\"seconds\":%.6f,\"rows_per_s\":%.1f,"
           "\"cpu_s\":%.6f}\n", rows, commits, batch, body_bytes, elapsed, (double)rows / elapsed, cpu);
    sqlite3_finalize(statement);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_close(database);
    free(body);
    return 0;
}
