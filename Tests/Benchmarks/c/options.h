// The command line of ws_load.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum mode { mode_raw, mode_echo, mode_relay, mode_publish, mode_idle, mode_fill, mode_lookup, mode_watch, mode_list };

extern const char *const mode_names[];

struct options {
    uint32_t host;
    uint16_t port, watch_port;
    enum mode mode;
    unsigned sockets;
    size_t depth, bytes;
    // Of fill, lookup and list: how many each room has, with the ids 1, 2, 3… as 8 hex digits.
    unsigned models;
    // Publications a second of watch, or 0: the next as soon as the last has arrived.
    unsigned rate;
    double seconds;
    // The register message of each socket, or null.
    char **lines;
    bool has_server_clock;
    clockid_t server_clock;
};

// Ends the program with a sentence when something is wrong.
struct options read_options(int count, char **arguments);
