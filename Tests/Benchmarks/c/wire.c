#define _GNU_SOURCE
#include "wire.h"

#include <stdint.h>
#include <string.h>

const char upgrade_request[] =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const char upgrade_proof[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

// A real client's masks are unpredictable, to protect caches between (RFC 6455 10.3); on loopback there are none, and
// the server unmasks one key as slowly as another.
static const unsigned char mask[4] = {0x5a, 0xc3, 0x17, 0xe8};

size_t write_masked_frame(unsigned char *out, unsigned opcode, const void *payload, size_t length) {
    const unsigned char *bytes = payload;
    size_t at = 0;
    out[at++] = (unsigned char)(0x80 | opcode);
    if (length < 126) {
        out[at++] = (unsigned char)(0x80 | length);
    } else if (length < 65536) {
        out[at++] = 0x80 | 126;
        for (int shift = 8; shift >= 0; shift -= 8) out[at++] = (unsigned char)(length >> shift);
    } else {
        out[at++] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8) out[at++] = (unsigned char)((uint64_t)length >> shift);
    }
    memcpy(out + at, mask, sizeof mask);
    at += sizeof mask;
    for (size_t index = 0; index < length; index++) out[at + index] = bytes[index] ^ mask[index % 4];
    return at + length;
}

static enum arrival refuse(const char **fault, const char *why) {
    *fault = why;
    return faulty;
}

enum arrival read_frame(const unsigned char *bytes, size_t count, struct frame *frame, size_t *size,
                        const char **fault) {
    if (count < 2) return incomplete;
    if (bytes[0] & 0x70) return refuse(fault, "a frame has reserved bits set, though no extension was agreed");
    if (bytes[1] & 0x80) return refuse(fault, "a server's frame is masked");
    frame->opcode = bytes[0] & 0x0f;
    if (!(bytes[0] & 0x80) || frame->opcode == 0) return refuse(fault, "a message is split into several frames");

    size_t extended = bytes[1] == 127 ? 8 : bytes[1] == 126 ? 2 : 0;
    if (count < 2 + extended) return incomplete;
    uint64_t length = extended == 0 ? bytes[1] : 0;
    for (size_t index = 0; index < extended; index++) length = length << 8 | bytes[2 + index];
    if (length > payload_most) return refuse(fault, "a frame is over 1 MiB");
    if (count - 2 - extended < length) return incomplete;
    frame->payload = bytes + 2 + extended;
    frame->length = (size_t)length;
    *size = 2 + extended + frame->length;
    return whole;
}

enum arrival read_upgrade_answer(const unsigned char *bytes, size_t count, size_t *size, const char **fault) {
    static const char status[] = "HTTP/1.1 101 ";
    const unsigned char *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (end == NULL) return count < 8192 ? incomplete : refuse(fault, "the answer to the upgrade has no end");
    *size = (size_t)(end - bytes) + 4;
    if (*size < sizeof status || memcmp(bytes, status, sizeof status - 1) != 0) {
        return refuse(fault, "the upgrade was refused");
    }
    if (memmem(bytes, *size, upgrade_proof, sizeof upgrade_proof - 1) == NULL) {
        return refuse(fault, "the answer to the upgrade has not the right Sec-WebSocket-Accept");
    }
    return whole;
}
