// What is said in each mode, and the counting of it.
#pragma once

#include "options.h"
#include "peer.h"
#include "tally.h"

struct score {
    bool is_counting;
    uint64_t frames, errors, bytes;
    // How long the very first took, counted or not.
    uint64_t first;
    struct tally latency;
};

// One program, one load: its state is global.
extern struct options options;
extern struct peer *peers;
extern int readiness;
extern unsigned ready_count;
extern struct score score;

// Makes the message that this peer sends again and again, `depth` times in a row.
void exchange_prepare(struct peer *peer);

// Sends a publication (in fill: while there is one), or owes one message more: peer_flush sends what is owed.
void exchange_send(struct peer *peer, uint64_t now);

// Notes that a peer has nothing to wait for any more before the start.
void exchange_settle(struct peer *peer);

// Reads what came, and answers it.
void exchange_read(struct peer *peer);
