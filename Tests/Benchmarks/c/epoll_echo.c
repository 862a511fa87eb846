// The limit: what moving bytes costs when nothing is read into them.
//
//     epoll_echo PORT        (0: a free one)      prints "ready PORT", serves 127.0.0.1 until it is killed
//
// One thread, level-triggered epoll, one 64 KiB buffer: what was read is written back. No WebSocket, no handshake.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    int descriptor;
    // Bytes the socket would not take yet; while there are any, nothing more is read from it.
    unsigned char *rest;
    size_t rest_begin, rest_end;
};

static unsigned char buffer[64 * 1024];
static int readiness;

static void stop(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct connection *connection, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(readiness, operation, connection->descriptor, &event) != 0) stop("epoll_ctl");
}

static void end(struct connection *connection) {
    close(connection->descriptor);
    free(connection->rest);
    free(connection);
}

// How much the socket took, or -1 when it is broken.
static ssize_t offer(struct connection *connection, const unsigned char *bytes, size_t count) {
    ssize_t taken = send(connection->descriptor, bytes, count, MSG_NOSIGNAL);
    if (taken < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    return taken;
}

static void keep(struct connection *connection, const unsigned char *bytes, size_t count) {
    connection->rest = malloc(count);
    if (connection->rest == NULL) stop("malloc");
    memcpy(connection->rest, bytes, count);
    connection->rest_begin = 0;
    connection->rest_end = count;
    watch(connection, EPOLL_CTL_MOD, EPOLLOUT);
}

static void echo(struct connection *connection) {
    ssize_t count = read(connection->descriptor, buffer, sizeof buffer);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return end(connection);
    ssize_t taken = offer(connection, buffer, (size_t)count);
    if (taken < 0) return end(connection);
    if (taken < count) keep(connection, buffer + taken, (size_t)(count - taken));
}

static void flush(struct connection *connection) {
    size_t left = connection->rest_end - connection->rest_begin;
    ssize_t taken = offer(connection, connection->rest + connection->rest_begin, left);
    if (taken < 0) return end(connection);
    connection->rest_begin += (size_t)taken;
    if (connection->rest_begin < connection->rest_end) return;
    free(connection->rest);
    connection->rest = NULL;
    watch(connection, EPOLL_CTL_MOD, EPOLLIN);
}

static void accept_all(int listener) {
    for (;;) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)) return;
        if (descriptor < 0) stop("accept4");
        int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *connection = calloc(1, sizeof *connection);
        if (connection == NULL) stop("calloc");
        connection->descriptor = descriptor;
        watch(connection, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static int listen_on(unsigned short port, struct sockaddr_in *address) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) stop("socket");
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    *address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)address, sizeof *address) != 0) stop("bind");
    if (listen(listener, SOMAXCONN) != 0) stop("listen");
    socklen_t size = sizeof *address;
    if (getsockname(listener, (struct sockaddr *)address, &size) != 0) stop("getsockname");
    return listener;
}

int main(int count, char **arguments) {
    char *after = NULL;
    unsigned long port = count == 2 ? strtoul(arguments[1], &after, 10) : 65536;
    if (port > 65535 || after == arguments[1] || *after != '\0') {
        fprintf(stderr, "usage: epoll_echo PORT\n");
        return 64;
    }
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    readiness = epoll_create1(EPOLL_CLOEXEC);
    if (readiness < 0) stop("epoll_create1");
    struct sockaddr_in address;
    struct connection listener = {.descriptor = listen_on((unsigned short)port, &address)};
    watch(&listener, EPOLL_CTL_ADD, EPOLLIN);
    printf("ready %d\n", ntohs(address.sin_port));
    fflush(stdout);

    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(readiness, events, 256, -1);
        if (ready < 0 && errno != EINTR) stop("epoll_wait");
        for (int index = 0; index < ready; index++) {
            struct connection *connection = events[index].data.ptr;
            if (connection == &listener) {
                accept_all(listener.descriptor);
            } else if (connection->rest != NULL) {
                flush(connection);
            } else {
                echo(connection);
            }
        }
    }
}
