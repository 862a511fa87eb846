// Clocks, and a histogram of times that is exact to 1.6 %.
#pragma once

#include <stdint.h>
#include <time.h>

// 64 buckets to each power of two of nanoseconds.
enum { tally_buckets = 59 * 64 };

struct tally {
    uint64_t count;
    uint64_t buckets[tally_buckets];
};

static inline uint64_t nanoseconds_of(clockid_t clock) {
    struct timespec moment;
    clock_gettime(clock, &moment);
    return (uint64_t)moment.tv_sec * 1000000000u + (uint64_t)moment.tv_nsec;
}

static inline void tally_add(struct tally *tally, uint64_t nanoseconds) {
    unsigned shift = nanoseconds < 128 ? 0 : 57 - (unsigned)__builtin_clzll(nanoseconds);
    tally->buckets[shift * 64 + (nanoseconds >> shift)]++;
    tally->count++;
}

// The time that `share` of all were within, in microseconds.
static inline double tally_quantile(const struct tally *tally, double share) {
    uint64_t below = 0;
    for (unsigned index = 0; index < tally_buckets; index++) {
        below += tally->buckets[index];
        if (below == 0 || (double)below < share * (double)tally->count) continue;
        unsigned shift = index < 128 ? 0 : index / 64 - 1;
        return (double)((uint64_t)(index - shift * 64) << shift) / 1000.0;
    }
    return 0;
}
