#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <string.h>
#include <zlib.h>

/* deflateInit2 and inflateInit2 are macros, which Swift does not import; 16 more window bits mean gzip (zlib.h). */

static inline size_t czlib_gzip_bound(size_t count) { return compressBound(count) + 32; }

/* Bytes written, or 0. The header carries no moment, so equal bytes give equal bytes. */
static inline size_t czlib_gzip(const unsigned char *bytes, size_t count, unsigned char *output, size_t room) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (unsigned char *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = output;
    stream.avail_out = (uInt)room;
    int code = deflate(&stream, Z_FINISH);
    size_t written = stream.total_out;
    deflateEnd(&stream);
    return code == Z_STREAM_END ? written : 0;
}

/* 1 when all of the input was one whole gzip member, its checksum right, that fills the output to the last byte. */
static inline int czlib_gunzip(const unsigned char *bytes, size_t count, unsigned char *output, size_t room) {
    z_stream stream;
    unsigned char none;
    memset(&stream, 0, sizeof stream);
    if (inflateInit2(&stream, 15 + 16) != Z_OK) return 0;
    stream.next_in = (unsigned char *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = room > 0 ? output : &none;
    stream.avail_out = (uInt)room;
    int code = inflate(&stream, Z_FINISH);
    int whole = code == Z_STREAM_END && stream.total_out == room && stream.avail_in == 0;
    inflateEnd(&stream);
    return whole;
}

#endif
