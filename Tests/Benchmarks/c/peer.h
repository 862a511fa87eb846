// One socket of the load generator.
#pragma once

#include "wire.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum stage { stage_upgrading, stage_registering, stage_asking, stage_ready };

struct peer {
    unsigned number;
    int descriptor;
    enum stage stage;

    // The beginning of a frame whose end has not come yet.
    unsigned char *rest;
    size_t rest_count, rest_space;

    // What this peer sends again and again: frames of one size in a row so that one call sends many, the size after
    // which they repeat; how many bytes are owed, and how far into the repetition the socket stands.
    const unsigned char *frames;
    size_t frames_size, frame_size, cycle_size, owed, sent_of_cycle;
    bool awaits_space;

    // An answer to a ping waits for the end of the frame that is half sent.
    unsigned char pong[125 + frame_header_most];
    size_t pong_size;

    // When each unanswered frame was sent, `depth` of them in a ring; the peer whose frames this one receives.
    uint64_t *sent_at;
    uint64_t sent, answered;
    struct peer *source;
    size_t raw_bytes;
};

// Ends the program with a sentence.
_Noreturn void stop(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Connects and registers the peer for reading with `readiness`, an epoll descriptor.
void peer_connect(struct peer *peer, int readiness, uint32_t host, uint16_t port);

// Sends all of something short. Only between frames.
void peer_send(struct peer *peer, const void *bytes, size_t count);

// Sends a masked text message, only between frames.
void peer_send_text(struct peer *peer, const char *text, size_t length);

// Sends what is owed as far as the socket takes it, and the rest when it has space again.
void peer_flush(struct peer *peer, int readiness);

// Answers a ping as soon as the frame at work is sent.
void peer_answer_ping(struct peer *peer, const struct frame *ping, int readiness);

// Reads once into `inbox`, behind the incomplete frame that was kept, and returns how many bytes are there; 0 when
// there was nothing to read.
size_t peer_read(struct peer *peer, unsigned char *inbox, size_t space);

// Keeps the beginning of a frame for the next read.
void peer_keep(struct peer *peer, const unsigned char *bytes, size_t count);
