// SPDX-License-Identifier: ISC
// "Does any of a few prefixes contain this one?", answered "no" in a few nanoseconds for nearly
// every prefix of a full table: a bit for each value of its first bits. A "perhaps" is then looked
// up in the list itself.
#pragma once

#include "base/prefix.h"

enum { SIEVE_BITS = 16 };

struct sieve {
    uint64_t words[2][(1u << SIEVE_BITS) / 64];  // IPv4, IPv6
};

// A zeroed sieve lets nothing pass.
void sieve_add(struct sieve *sieve, struct prefix prefix);

// IPv4: the first 16 bits. IPv6: the first 32, folded.
static inline uint32_t sieve_place(const struct address *address)
{
    const uint8_t *b = address->bytes;
    uint32_t first = (uint32_t)b[0] << 8 | b[1], second = (uint32_t)b[2] << 8 | b[3];
    return address->family == FAMILY_IPV4 ? first : first ^ second;
}

static inline bool sieve_may_hold(const struct sieve *sieve, const struct prefix *prefix)
{
    uint32_t place = sieve_place(&prefix->address);
    return sieve->words[prefix->address.family == FAMILY_IPV6][place / 64] >> place % 64 & 1;
}
