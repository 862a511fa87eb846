#define _GNU_SOURCE
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void stop(const char *format, ...) {
    va_list values;
    va_start(values, format);
    fputs("ws_load: ", stderr);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    exit(1);
}

static void watch(struct peer *peer, int readiness, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.ptr = peer};
    if (epoll_ctl(readiness, operation, peer->descriptor, &event) != 0) stop("epoll_ctl: %s", strerror(errno));
}

void peer_connect(struct peer *peer, int readiness, uint32_t host, uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};
    peer->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer->descriptor < 0) stop("socket %u: %s", peer->number, strerror(errno));
    int on = 1;
    setsockopt(peer->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Blocking: loopback connects at once while the backlog has space, and few are opened at a time.
    if (connect(peer->descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        stop("socket %u does not connect: %s", peer->number, strerror(errno));
    }
    if (fcntl(peer->descriptor, F_SETFL, O_NONBLOCK) != 0) stop("fcntl: %s", strerror(errno));
    watch(peer, readiness, EPOLL_CTL_ADD, EPOLLIN);
}

// How much the socket took: 0 when it is full.
static size_t offer(struct peer *peer, const void *bytes, size_t count) {
    ssize_t taken = send(peer->descriptor, bytes, count, MSG_NOSIGNAL);
    if (taken >= 0) return (size_t)taken;
    if (errno != EAGAIN && errno != EINTR) stop("socket %u cannot be written: %s", peer->number, strerror(errno));
    return 0;
}

void peer_send(struct peer *peer, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    while (count > 0) {
        size_t taken = offer(peer, next, count);
        next += taken;
        count -= taken;
        if (count == 0) return;
        struct pollfd space = {.fd = peer->descriptor, .events = POLLOUT};
        if (poll(&space, 1, 10000) == 0) stop("socket %u took nothing for 10 s", peer->number);
    }
}

void peer_send_text(struct peer *peer, const char *text, size_t length) {
    static unsigned char frame[payload_most + frame_header_most];
    if (length > payload_most) stop("a message of %zu bytes is over 1 MiB", length);
    peer_send(peer, frame, write_masked_frame(frame, op_text, text, length));
}

void peer_flush(struct peer *peer, int readiness) {
    while (peer->owed > 0 || peer->pong_size > 0) {
        size_t sent_of_frame = peer->owed > 0 ? peer->sent_of_cycle % peer->frame_size : 0;
        if (peer->pong_size > 0 && sent_of_frame == 0) {
            peer_send(peer, peer->pong, peer->pong_size);
            peer->pong_size = 0;
            continue;
        }
        size_t count = peer->pong_size > 0 ? peer->frame_size - sent_of_frame : peer->owed;
        size_t contiguous = peer->frames_size - peer->sent_of_cycle;
        size_t taken = offer(peer, peer->frames + peer->sent_of_cycle, count < contiguous ? count : contiguous);
        if (taken == 0) {
            if (!peer->awaits_space) watch(peer, readiness, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            peer->awaits_space = true;
            return;
        }
        peer->owed -= taken;
        peer->sent_of_cycle = (peer->sent_of_cycle + taken) % peer->cycle_size;
    }
    if (peer->awaits_space) watch(peer, readiness, EPOLL_CTL_MOD, EPOLLIN);
    peer->awaits_space = false;
}

void peer_answer_ping(struct peer *peer, const struct frame *ping, int readiness) {
    if (ping->length > 125) stop("socket %u got a ping of %zu bytes", peer->number, ping->length);
    peer->pong_size = write_masked_frame(peer->pong, op_pong, ping->payload, ping->length);
    peer_flush(peer, readiness);
}

size_t peer_read(struct peer *peer, unsigned char *inbox, size_t space) {
    if (peer->rest_count > 0) memcpy(inbox, peer->rest, peer->rest_count);
    ssize_t count = read(peer->descriptor, inbox + peer->rest_count, space - peer->rest_count);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (count < 0) stop("socket %u broke: %s", peer->number, strerror(errno));
    if (count == 0) stop("socket %u was closed by the server", peer->number);
    size_t total = peer->rest_count + (size_t)count;
    peer->rest_count = 0;
    return total;
}

void peer_keep(struct peer *peer, const unsigned char *bytes, size_t count) {
    if (count > peer->rest_space) {
        peer->rest = realloc(peer->rest, count);
        if (peer->rest == NULL) stop("out of memory");
        peer->rest_space = count;
    }
    memcpy(peer->rest, bytes, count);
    peer->rest_count = count;
}
