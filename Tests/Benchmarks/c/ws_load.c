// A WebSocket load generator for servers on this machine: one thread, epoll. Prints one line of JSON.
//
//     ws_load HOST PORT --mode MODE [--sockets 64] [--depth 1] [--bytes 200] [--seconds 2] [--register FILE]
//                       [--cpu-of PID] [--models N] [--watch-port PORT] [--rate N]
//
// raw      sends a masked frame's very bytes to a plain echo and counts them as they come back
// echo     upgrades, sends text messages of BYTES, counts those that come back
// relay    socket 2i sends peer_message of BYTES to socket 2i + 1 and counts what arrives there; peers are p0, p1, …
// publish  each socket publishes models with notes of BYTES, counts registry_published and errors
// idle     upgrades, prints "holding", answers pings, and leaves when stdin closes (or after 600 s)
// fill     publishes --models models in all, with the ids 1, 2, 3… as 8 hex digits, and leaves
// lookup   asks for one model after the other of those, and counts the answers
// watch    socket 2i publishes, socket 2i + 1, on --watch-port of perhaps another server, hears of it; the next goes
//          when the last was heard of, or --rate times a second
// list     lists one of the --models of each socket's room, and leaves; the clock starts with the program
//
// Each socket that sends keeps `depth` messages unanswered; at a --rate, that many at most. With --register (all but
// raw, echo and idle need it) each socket first sends its line of FILE and waits for "registered_auth". Half a second
// after all are there the clock starts; with --cpu-of the server's CPU time over just that window is in the result.

#define _GNU_SOURCE
#include "exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { opening_most = 64, setup_seconds = 120, hold_seconds = 600 };
static const uint64_t second = 1000000000;
static bool stdin_is_open = true;

static void read_stdin(void) {
    char bytes[256];
    if (read(STDIN_FILENO, bytes, sizeof bytes) <= 0) stdin_is_open = false;
}

static void turn(int milliseconds) {
    struct epoll_event events[256];
    int count = epoll_wait(readiness, events, 256, milliseconds);
    if (count < 0 && errno != EINTR) stop("epoll_wait: %s", strerror(errno));
    for (int index = 0; index < count; index++) {
        struct peer *peer = events[index].data.ptr;
        if (peer == NULL) {
            read_stdin();
            continue;
        }
        if (events[index].events & EPOLLOUT) peer_flush(peer, readiness);
        if (events[index].events & ~(unsigned)EPOLLOUT) exchange_read(peer);
    }
}

static void open_peer(unsigned number) {
    struct peer *peer = &peers[number];
    bool has_pairs = options.mode == mode_relay || options.mode == mode_watch;
    bool sends = options.mode != mode_idle && (!has_pairs || number % 2 == 0);
    peer->number = number;
    if (options.mode != mode_idle) peer->source = has_pairs ? &peers[number & ~1u] : peer;
    if (sends) {
        peer->sent_at = calloc(options.depth, sizeof *peer->sent_at);
        if (peer->sent_at == NULL) stop("out of memory");
        bool repeats = options.mode <= mode_relay || options.mode == mode_lookup;
        if (repeats) exchange_prepare(peer);
    }
    bool watches = options.mode == mode_watch && number % 2 == 1;
    peer_connect(peer, readiness, options.host, watches ? options.watch_port : options.port);
    if (options.mode == mode_raw) return exchange_settle(peer);
    peer_send(peer, upgrade_request, strlen(upgrade_request));
}

static void set_up(void) {
    uint64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) + setup_seconds * second;
    unsigned opened = 0;
    while (ready_count < options.sockets) {
        while (opened < options.sockets && opened - ready_count < opening_most) open_peer(opened++);
        turn(ready_count < opened ? 100 : 0);
        if (nanoseconds_of(CLOCK_MONOTONIC) > deadline) {
            stop("only %u of %u sockets were ready within %d s", ready_count, options.sockets, setup_seconds);
        }
    }
}

static void hold(void) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(readiness, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0) stop("idle wants a pipe or terminal as stdin");
    printf("holding\n");
    fflush(stdout);
    uint64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) + hold_seconds * second;
    while (stdin_is_open && nanoseconds_of(CLOCK_MONOTONIC) < deadline) turn(1000);
}

static void turn_until(uint64_t moment) {
    for (uint64_t now; (now = nanoseconds_of(CLOCK_MONOTONIC)) < moment;) {
        uint64_t left = (moment - now) / 1000000 + 1;
        turn(left < 100 ? (int)left : 100);
    }
}

static void print_result(double seconds, double load_cpu, double server_cpu) {
    printf("{\"mode\":\"%s\",\"sockets\":%u,\"depth\":%zu,\"bytes\":%zu,\"frames\":%llu,\"errors\":%llu,"
           "\"seconds\":%.6f,\"frames_per_s\":%.1f,\"latency_us\":{\"p50\":%.1f,\"p99\":%.1f},\"load_cpu_s\":%.6f,"
           "\"answer_bytes\":%llu,\"first_us\":%.1f",
           mode_names[options.mode], options.sockets, options.depth, options.bytes, (unsigned long long)score.frames,
           (unsigned long long)score.errors, seconds, (double)score.frames / seconds,
           tally_quantile(&score.latency, 0.5), tally_quantile(&score.latency, 0.99), load_cpu,
           (unsigned long long)score.bytes, (double)score.first / 1000);
    if (options.has_server_clock) printf(",\"server_cpu_s\":%.6f", server_cpu);
    printf("}\n");
}

static void send_first(uint64_t now) {
    for (unsigned number = 0; number < options.sockets; number++) {
        struct peer *peer = &peers[number];
        if (peer->source != peer) continue;
        for (size_t index = 0; index < options.depth; index++) exchange_send(peer, now);
        peer_flush(peer, readiness);
    }
}

// At a rate, every source sends one at its moments; else what is answered sends the next.
static void load_until(uint64_t moment) {
    static uint64_t next;
    if (options.rate == 0) return turn_until(moment);
    if (next == 0) next = nanoseconds_of(CLOCK_MONOTONIC);
    for (; next < moment; next += second / options.rate) {
        turn_until(next);
        uint64_t now = nanoseconds_of(CLOCK_MONOTONIC);
        for (unsigned number = 0; number < options.sockets; number++) {
            if (peers[number].source == &peers[number]) exchange_send(&peers[number], now);
        }
    }
    turn_until(moment);
}

static void run(void) {
    uint64_t now = nanoseconds_of(CLOCK_MONOTONIC);
    if (options.rate == 0) send_first(now);
    load_until(now + second / 2);
    score.is_counting = true;
    uint64_t started = nanoseconds_of(CLOCK_MONOTONIC), load = nanoseconds_of(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t server = options.has_server_clock ? nanoseconds_of(options.server_clock) : 0;
    load_until(started + (uint64_t)(options.seconds * 1e9));
    uint64_t ended = nanoseconds_of(CLOCK_MONOTONIC);
    if (options.has_server_clock) server = nanoseconds_of(options.server_clock) - server;
    load = nanoseconds_of(CLOCK_PROCESS_CPUTIME_ID) - load;
    print_result((double)(ended - started) / 1e9, (double)load / 1e9, (double)server / 1e9);
}

static void fill(void) {
    uint64_t started = nanoseconds_of(CLOCK_MONOTONIC);
    score.is_counting = true;
    send_first(started);
    while (score.frames < options.models) turn(100);
    print_result((double)(nanoseconds_of(CLOCK_MONOTONIC) - started) / 1e9, 0, 0);
}

int main(int count, char **arguments) {
    options = read_options(count, arguments);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    readiness = epoll_create1(EPOLL_CLOEXEC);
    peers = calloc(options.sockets, sizeof *peers);
    if (readiness < 0 || peers == NULL) stop("no memory or no epoll");
    uint64_t started = nanoseconds_of(CLOCK_MONOTONIC);
    set_up();
    switch (options.mode) {
    case mode_idle: hold(); break;
    case mode_fill: fill(); break;
    case mode_list: print_result((double)(nanoseconds_of(CLOCK_MONOTONIC) - started) / 1e9, 0, 0); break;
    default: run();
    }
    return 0;
}
