// SPDX-License-Identifier: ISC
// A prefix as numbers, which compare and hash faster than its bytes.
#pragma once

#include "base/prefix.h"

#include <endian.h>
#include <string.h>

struct prefix_key {  // ordered as prefix_compare() orders, within a family
    uint64_t high, low;
    uint32_t length;
};

static inline struct prefix_key prefix_key(const struct prefix *prefix)
{
    uint64_t high, low;
    memcpy(&high, prefix->address.bytes, sizeof high);
    memcpy(&low, prefix->address.bytes + sizeof high, sizeof low);
    return (struct prefix_key){be64toh(high), be64toh(low), prefix->length};
}

struct prefix prefix_of_key(enum family family, struct prefix_key key);

static inline int prefix_key_compare(const struct prefix_key *a, const struct prefix_key *b)
{
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    return (a->length > b->length) - (a->length < b->length);
}

// The prefixes inside one, as a test of keys of its family.
struct prefix_bounds {
    struct prefix_key outer;
    uint64_t mask_high, mask_low;
};

static inline uint64_t prefix_mask(uint32_t bits)
{
    return bits == 0 ? 0 : bits >= 64 ? UINT64_MAX : UINT64_MAX << (64 - bits);
}

static inline struct prefix_bounds prefix_bounds(const struct prefix *outer)
{
    uint32_t length = outer->length;
    return (struct prefix_bounds){prefix_key(outer), prefix_mask(length),
                                  prefix_mask(length < 64 ? 0 : length - 64)};
}

static inline bool prefix_is_inside(const struct prefix_bounds *b, const struct prefix_key *key)
{
    return key->length >= b->outer.length && (key->high & b->mask_high) == b->outer.high &&
           (key->low & b->mask_low) == b->outer.low;
}
