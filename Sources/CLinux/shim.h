// What Linux offers to an event loop and Swift's Glibc module leaves out: epoll, eventfd, accept4.
//
// `accept4` hides behind _GNU_SOURCE, which would break Swift's import of `bind`; hence it is bound by its symbol.
// `struct epoll_event` is packed on x86-64; its fields are read and written here so that Swift need not know.

#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/uio.h>

// The bits of an event; constants of one unsigned type, for Swift imports the kernel's enum as signed and its casts not at all.
_Static_assert(EPOLLIN == 0x001 && EPOLLOUT == 0x004 && EPOLLERR == 0x008 && EPOLLHUP == 0x010, "epoll bits");
_Static_assert(EPOLLRDHUP == 0x2000, "epoll bits");
static const uint32_t clinux_readable = 0x001;
static const uint32_t clinux_writable = 0x004;
static const uint32_t clinux_error = 0x008;
static const uint32_t clinux_hangup = 0x010;
static const uint32_t clinux_peer_shut = 0x2000;
static const uint32_t clinux_edge = 1u << 31;
static const uint32_t clinux_exclusive = 1u << 28;

extern int clinux_accept4_symbol(int, void *, socklen_t *, int) __asm__("accept4");

static inline int clinux_accept(int descriptor, void *address, socklen_t *length) {
    return clinux_accept4_symbol(descriptor, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static inline int clinux_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static inline int clinux_set_flag(int descriptor, int level, int name, int value) {
    return setsockopt(descriptor, level, name, &value, sizeof value);
}

static inline int clinux_set_no_delay(int descriptor) {
    return clinux_set_flag(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
}

// Makes the coming close() send a reset and drop what the kernel still holds.
static inline void clinux_reset_on_close(int descriptor) {
    struct linger linger = {1, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static inline int clinux_take_error(int descriptor) {
    int code = 0;
    socklen_t length = sizeof code;
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : 0;
}

static inline int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int clinux_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

static inline int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static inline int clinux_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event);
}

static inline int clinux_epoll_remove(int epoll, int descriptor) {
    struct epoll_event event = {0};
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event);
}

static inline uint64_t clinux_event_token(const struct epoll_event *event) { return event->data.u64; }

static inline uint32_t clinux_event_bits(const struct epoll_event *event) { return event->events; }

static inline ssize_t clinux_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL);
}

static inline ssize_t clinux_send_pieces(int descriptor, struct iovec *pieces, size_t count) {
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    return sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

#endif
