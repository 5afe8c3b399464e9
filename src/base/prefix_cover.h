// SPDX-License-Identifier: ISC
// What prefixes and addresses have in common, for who asks it of many: by words and masks that are
// made once. Families have nothing in common.
#pragma once

#include "base/prefix.h"

// A prefix as the addresses in it.
struct prefix_cover {
    enum family family;
    uint64_t words[2], masks[2];
};

static inline struct prefix_cover prefix_cover(const struct prefix *prefix)
{
    uint32_t length = prefix->length;
    struct prefix_cover cover = {
        .family = prefix->address.family,
        .masks = {prefix_word_mask(length), prefix_word_mask(length < 64 ? 0 : length - 64)},
    };
    memcpy(cover.words, prefix->address.bytes, sizeof cover.words);
    return cover;
}

static inline bool prefix_cover_has(const struct prefix_cover *cover, const struct address *address)
{
    uint64_t words[2];
    if (cover->family != address->family || address->family == FAMILY_NONE)
        return false;
    memcpy(words, address->bytes, sizeof words);
    uint64_t differ = (cover->words[0] ^ words[0]) & cover->masks[0];
    return (differ | ((cover->words[1] ^ words[1]) & cover->masks[1])) == 0;
}

// Whether one is inside the other, or they are equal.
static inline bool prefix_touches(const struct prefix *a, const struct prefix *b)
{
    uint64_t one[2], other[2];
    uint32_t length = a->length < b->length ? a->length : b->length;
    if (a->address.family != b->address.family || a->address.family == FAMILY_NONE)
        return false;
    memcpy(one, a->address.bytes, sizeof one);
    memcpy(other, b->address.bytes, sizeof other);
    uint64_t differ = (one[0] ^ other[0]) & prefix_word_mask(length);
    if (length > 64)
        differ |= (one[1] ^ other[1]) & prefix_word_mask(length - 64);
    return differ == 0;
}
