// SPDX-License-Identifier: ISC
#include "bgp/attributes.h"

#include "bgp/attr_rules.h"

#include <string.h>

static uint64_t bit(uint8_t type)
{
    return UINT64_C(1) << type % 64;
}

struct bgp_others bgp_others(const struct bgp_attributes *a)
{
    struct bgp_others others = {.bytes = cursor_over(a->others.bytes, a->others.size)};
    memcpy(others.left, a->present, sizeof others.left);
    return others;
}

static bool next_attribute(struct cursor *bytes, struct bgp_other *other)
{
    if (cursor_left(bytes) == 0)
        return false;
    other->flags = cursor_u8(bytes);
    other->type = cursor_u8(bytes);
    size_t size = other->flags & ATTR_EXTENDED ? cursor_be16(bytes) : cursor_u8(bytes);
    other->value = (struct bgp_bytes){cursor_bytes(bytes, size), size};
    return cursor_ok(bytes);
}

bool bgp_others_next(struct bgp_others *others, struct bgp_other *other)
{
    while (next_attribute(&others->bytes, other)) {
        uint64_t *left = &others->left[other->type / 64];
        bool wanted = attr_is_carried(other->type) && *left & bit(other->type);
        *left &= ~bit(other->type);  // of two alike the first: RFC 7606 §3 g
        if (wanted)
            return true;
    }
    return false;
}

void bgp_others_set(struct bgp_attributes *a, struct bgp_bytes bytes)
{
    struct cursor c = cursor_over(bytes.bytes, bytes.size);
    struct bgp_other other;
    a->others = bytes;
    while (next_attribute(&c, &other))
        bgp_attribute_add(a, other.type);
}
