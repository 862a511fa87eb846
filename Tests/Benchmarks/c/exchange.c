#define _GNU_SOURCE
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { read_most = 64 * 1024 };

struct options options;
struct peer *peers;
int readiness;
unsigned ready_count;
struct score score;

static bool contains(const struct frame *frame, const char *text) {
    return memmem(frame->payload, frame->length, text, strlen(text)) != NULL;
}

static int shown(const struct frame *frame) { return frame->length < 300 ? (int)frame->length : 300; }

static _Noreturn void stop_at(const struct peer *peer, const struct frame *frame) {
    stop("socket %u did not expect %.*s", peer->number, shown(frame), (const char *)frame->payload);
}

// MARK: What is sent

static bool publishes(enum mode mode) { return mode == mode_publish || mode == mode_fill || mode == mode_watch; }

// One model that this room has not yet; ids count up from 1 in fill, else from the microsecond of the start.
static void send_publication(struct peer *peer) {
    static char text[payload_most];
    static char notes[65536];
    static uint32_t next_model;
    if (notes[0] == '\0') memset(notes, 'n', options.bytes);
    if (next_model == 0) {
        next_model = options.mode == mode_fill ? 1 : (uint32_t)(nanoseconds_of(CLOCK_REALTIME) / 1000);
    }
    if (options.mode == mode_fill && next_model > options.models) return;
    uint32_t id = next_model++;
    int length = snprintf(text, sizeof text,
        "{\"type\":\"registry_publish\",\"request_id\":\"%llu\",\"model\":{\"id\":\"%08x\",\"name\":\"bench\","
        "\"model_type\":\"centroid\",\"digest\":\"%08x%08x%08x%08x%08x%08x%08x%08x\","
        "\"metrics\":{\"val_loss\":0.02},\"notes\":\"%s\"}}",
        (unsigned long long)peer->sent, id, id, id, id, id, id, id, id, id, notes);
    peer_send_text(peer, text, (size_t)length);
}

void exchange_send(struct peer *peer, uint64_t now) {
    if (peer->sent - peer->answered == options.depth) stop("%zu publications are not yet heard of", options.depth);
    peer->sent_at[peer->sent++ % options.depth] = now;
    if (publishes(options.mode)) {
        send_publication(peer);
    } else {
        peer->owed += peer->frame_size;
    }
}

// One question for each model, so that no answer is that of the last question; each socket begins elsewhere.
static void prepare_lookups(struct peer *peer) {
    char text[160];
    unsigned char *made = malloc(options.models * (sizeof text + frame_header_most));
    if (made == NULL) stop("out of memory");
    for (unsigned index = 0; index < options.models; index++) {
        unsigned model = (index + peer->number * (options.models / options.sockets + 1)) % options.models + 1;
        int length = snprintf(text, sizeof text,
            "{\"type\":\"registry_query\",\"request_id\":\"1\",\"command\":\"get_model_info\",\"model_id\":\"%08x\"}",
            model);
        peer->frame_size = write_masked_frame(made + peer->frames_size, op_text, text, (size_t)length);
        peer->frames_size += peer->frame_size;
    }
    peer->cycle_size = peer->frames_size;
    peer->frames = made;
}

void exchange_prepare(struct peer *peer) {
    static char text[65536];
    if (options.mode == mode_lookup) return prepare_lookups(peer);
    if (options.mode == mode_relay) {
        int head = snprintf(text, sizeof text,
            "{\"type\":\"peer_message\",\"from_peer_id\":\"p%u\",\"to_peer_id\":\"p%u\",\"payload\":{\"n\":\"",
            peer->number, peer->number + 1);
        size_t least = (size_t)head + 4;
        if (options.bytes < least) stop("a peer_message has at least %zu bytes", least);
        memset(text + head, 'x', options.bytes - least + 1);
        memcpy(text + options.bytes - 3, "\"}}", 3);
    } else {
        memset(text, 'x', options.bytes);
    }
    unsigned char *made = malloc(options.depth * (options.bytes + frame_header_most));
    if (made == NULL) stop("out of memory");
    peer->frame_size = write_masked_frame(made, op_text, text, options.bytes);
    peer->cycle_size = peer->frame_size;
    peer->frames_size = peer->frame_size * options.depth;
    for (size_t copy = 1; copy < options.depth; copy++) {
        memcpy(made + copy * peer->frame_size, made, peer->frame_size);
    }
    peer->frames = made;
}

// MARK: What is heard

// One of the source's messages has arrived: the next may go.
static void answered(struct peer *peer, uint64_t now) {
    struct peer *source = peer->source;
    if (source->answered == source->sent) stop("socket %u got more than was sent", peer->number);
    if (score.first == 0) score.first = now - source->sent_at[source->answered % options.depth];
    if (score.is_counting) {
        score.frames++;
        tally_add(&score.latency, now - source->sent_at[source->answered % options.depth]);
    }
    source->answered++;
    if (options.rate == 0) exchange_send(source, now);
}

static void count_error(const struct frame *frame) {
    static bool is_told;
    if (!is_told) {
        fprintf(stderr, "ws_load: first error: %.*s\n", shown(frame), (const char *)frame->payload);
    }
    is_told = true;
    if (score.is_counting) score.errors++;
}

static void hear_answer(struct peer *peer, const struct frame *frame, const char *type, uint64_t now) {
    if (score.is_counting) score.bytes += frame->length;
    if (contains(frame, type)) return answered(peer, now);
    if (!contains(frame, "\"error\"") || options.mode == mode_fill) stop_at(peer, frame);
    count_error(frame);
    peer->answered++;
    exchange_send(peer, now);
}

// The publisher's own answer says nothing of the watcher, unless it is that nothing was published.
static void hear_watched(struct peer *peer, const struct frame *frame, uint64_t now) {
    bool is_publisher = peer->source == peer;
    if (!contains(frame, is_publisher ? "\"registry_published\"" : "\"registry_event\"")) stop_at(peer, frame);
    if (!is_publisher) answered(peer, now);
}

static void hear_while_ready(struct peer *peer, const struct frame *frame, uint64_t now) {
    if (options.mode == mode_idle || options.mode == mode_list) return;
    if (peer->source->sent == 0) stop_at(peer, frame);
    if (options.mode == mode_watch) return hear_watched(peer, frame, now);
    if (options.mode == mode_lookup) return hear_answer(peer, frame, "\"registry_response\"", now);
    if (publishes(options.mode)) return hear_answer(peer, frame, "\"registry_published\"", now);
    if (options.mode == mode_echo && frame->length != options.bytes) stop_at(peer, frame);
    // To the sender of a relayed message nothing is said but what went wrong.
    if (options.mode == mode_relay && (peer->source == peer || !contains(frame, "\"peer_message\""))) {
        stop_at(peer, frame);
    }
    answered(peer, now);
}

void exchange_settle(struct peer *peer) {
    peer->stage = stage_ready;
    ready_count++;
}

// Some have a question before the start: the watcher's subscription, and all there is to list.
static void finish_registration(struct peer *peer, uint64_t now) {
    static const char subscription[] = "{\"type\":\"registry_subscribe\",\"request_id\":\"1\"}";
    static const char listing[] =
        "{\"type\":\"registry_query\",\"request_id\":\"1\",\"command\":\"list_models\",\"limit\":1}";
    bool subscribes = options.mode == mode_watch && peer->source != peer;
    if (!subscribes && options.mode != mode_list) return exchange_settle(peer);
    peer->stage = stage_asking;
    if (peer->sent_at != NULL) peer->sent_at[0] = now;
    peer_send_text(peer, subscribes ? subscription : listing, (subscribes ? sizeof subscription : sizeof listing) - 1);
}

static void hear_listing(struct peer *peer, const struct frame *frame, uint64_t now) {
    char count[32];
    snprintf(count, sizeof count, "\"count\":%u", options.models);
    if (!contains(frame, count)) stop_at(peer, frame);
    score.frames++;
    score.bytes += frame->length;
    tally_add(&score.latency, now - peer->sent_at[0]);
    exchange_settle(peer);
}

static void hear_while_asking(struct peer *peer, const struct frame *frame, uint64_t now) {
    if (contains(frame, "\"type\":\"error\"")) stop_at(peer, frame);
    if (options.mode == mode_list && contains(frame, "\"registry_response\"")) return hear_listing(peer, frame, now);
    if (contains(frame, "\"registry_snapshot\"") && contains(frame, "\"last\":true")) exchange_settle(peer);
}

static void hear(struct peer *peer, const struct frame *frame, uint64_t now) {
    if (frame->opcode == op_ping) return peer_answer_ping(peer, frame, readiness);
    if (frame->opcode == op_pong) return;
    if (frame->opcode == op_close) {
        unsigned code = frame->length < 2 ? 1005 : (unsigned)frame->payload[0] << 8 | frame->payload[1];
        stop("socket %u was closed with %u %.*s", peer->number, code, frame->length < 2 ? 0 : (int)frame->length - 2,
             (const char *)frame->payload + 2);
    }
    if (frame->opcode != op_text) stop("socket %u got opcode %u", peer->number, frame->opcode);
    if (peer->stage == stage_ready) return hear_while_ready(peer, frame, now);
    if (peer->stage == stage_asking) return hear_while_asking(peer, frame, now);
    if (contains(frame, "\"registered_auth\"")) return finish_registration(peer, now);
    if (contains(frame, "\"error\"")) stop_at(peer, frame);
}

static void finish_upgrade(struct peer *peer) {
    if (options.lines == NULL) return exchange_settle(peer);
    peer->stage = stage_registering;
    peer_send_text(peer, options.lines[peer->number], strlen(options.lines[peer->number]));
}

static void count_raw(struct peer *peer, size_t count, uint64_t now) {
    for (peer->raw_bytes += count; peer->raw_bytes >= peer->frame_size; peer->raw_bytes -= peer->frame_size) {
        answered(peer, now);
    }
}

void exchange_read(struct peer *peer) {
    static unsigned char inbox[payload_most + frame_header_most + read_most];
    size_t count = peer_read(peer, inbox, sizeof inbox), at = 0;
    uint64_t now = nanoseconds_of(CLOCK_MONOTONIC);
    if (options.mode == mode_raw) {
        count_raw(peer, count, now);
        at = count;
    }
    while (at < count) {
        struct frame frame;
        size_t size = 0;
        const char *fault = NULL;
        bool is_upgrade = peer->stage == stage_upgrading;
        enum arrival arrival = is_upgrade ? read_upgrade_answer(inbox + at, count - at, &size, &fault)
                                          : read_frame(inbox + at, count - at, &frame, &size, &fault);
        if (arrival == faulty) stop("socket %u: %s", peer->number, fault);
        if (arrival == incomplete) break;
        at += size;
        if (is_upgrade) {
            finish_upgrade(peer);
        } else {
            hear(peer, &frame, now);
        }
    }
    if (at < count) peer_keep(peer, inbox + at, count - at);
    if (peer->source != NULL) peer_flush(peer->source, readiness);
}
