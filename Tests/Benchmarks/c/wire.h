// The little of RFC 6455 that a load generator needs: masked frames out, unmasked frames in, one handshake.
#pragma once

#include <stddef.h>

enum { op_text = 0x1, op_binary = 0x2, op_close = 0x8, op_ping = 0x9, op_pong = 0xa };

// Two bytes, the longest length and the mask (RFC 6455 5.2); the longest message either side may send.
enum { frame_header_most = 14, payload_most = 1 << 20 };

struct frame {
    unsigned opcode;
    const unsigned char *payload;
    size_t length;
};

enum arrival { incomplete, whole, faulty };

// Writes a final, masked frame to `out` (payload and frame_header_most bytes of space) and returns its size.
size_t write_masked_frame(unsigned char *out, unsigned opcode, const void *payload, size_t length);

// Reads the frame that `bytes` begin with. `size` is set when it is whole, `fault` when no server may send it.
enum arrival read_frame(const unsigned char *bytes, size_t count, struct frame *frame, size_t *size,
                        const char **fault);

// The one upgrade request; its nonce is the RFC's own example, whose answer is known without SHA-1 (RFC 6455 1.3).
extern const char upgrade_request[];

// Reads the answer to it, likewise.
enum arrival read_upgrade_answer(const unsigned char *bytes, size_t count, size_t *size, const char **fault);
