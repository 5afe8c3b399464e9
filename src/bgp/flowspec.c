// SPDX-License-Identifier: ISC
#include "bgp/flowspec.h"

#include <string.h>

enum { END_OF_LIST = 0x80, AND = 0x40, LESS = 4, GREATER = 2, EQUAL = 1, NOT = 2, WHOLE = 1 };

static const struct {
    const char *names[FAMILIES];
    enum flow_kind kind;
} types[] = {
    [1] = {{NULL, "destination", "destination"}, FLOW_PREFIX},
    [2] = {{NULL, "source", "source"}, FLOW_PREFIX},
    [3] = {{NULL, "protocol", "next-header"}, FLOW_NUMBERS},
    [4] = {{NULL, "port", "port"}, FLOW_NUMBERS},
    [5] = {{NULL, "destination-port", "destination-port"}, FLOW_NUMBERS},
    [6] = {{NULL, "source-port", "source-port"}, FLOW_NUMBERS},
    [7] = {{NULL, "icmp-type", "icmp-type"}, FLOW_NUMBERS},
    [8] = {{NULL, "icmp-code", "icmp-code"}, FLOW_NUMBERS},
    [9] = {{NULL, "tcp-flags", "tcp-flags"}, FLOW_BITS},
    [10] = {{NULL, "packet-length", "packet-length"}, FLOW_NUMBERS},
    [11] = {{NULL, "dscp", "traffic-class"}, FLOW_NUMBERS},
    [12] = {{NULL, "fragment", "fragment"}, FLOW_BITS},
    [13] = {{NULL, NULL, "flow-label"}, FLOW_NUMBERS},
};

// IPv4: length and prefix as everywhere. IPv6: length, offset, and the bits between the two.
static void read_prefix(struct cursor *c, enum family family, struct flow_component *component)
{
    uint8_t length = cursor_u8(c);
    component->offset = family == FAMILY_IPV6 ? cursor_u8(c) : 0;
    bool empty = length == 0 && component->offset == 0;
    if (length > family_bits(family) || (component->offset >= length && !empty)) {
        c->failed = true;
        return;
    }
    uint8_t shown = (uint8_t)(length - component->offset);
    size_t size = (shown + 7u) / 8;
    const uint8_t *bytes = cursor_bytes(c, size);
    struct address address = {.family = family};
    // Bit `offset` of the address is the first that stands here.
    for (unsigned bit = 0; bytes && bit < shown; bit++) {
        unsigned to = bit + component->offset;
        if (bytes[bit / 8] >> (7 - bit % 8) & 1)
            address.bytes[to / 8] |= (uint8_t)(0x80 >> to % 8);
    }
    component->prefix = (struct prefix){address, length};
}

static size_t value_size(uint8_t sign)
{
    return (size_t)1 << (sign >> 4 & 3);
}

// Up to the operator that says it is the last.
static void read_matches(struct cursor *c, struct flow_component *component)
{
    size_t begun = c->pos;
    uint8_t sign = 0;
    while (cursor_ok(c) && !(sign & END_OF_LIST)) {
        sign = cursor_u8(c);
        cursor_bytes(c, value_size(sign));
    }
    if (cursor_ok(c))
        component->matches = cursor_over(c->bytes + begun, c->pos - begun);
}

bool flow_component_next(struct cursor *c, enum family family, struct flow_component *component)
{
    if (cursor_left(c) == 0)
        return false;
    *component = (struct flow_component){.type = cursor_u8(c)};
    if (component->type < sizeof types / sizeof types[0]) {
        component->name = types[component->type].names[family];
        component->kind = component->name ? types[component->type].kind : FLOW_UNKNOWN;
    }
    if (component->kind == FLOW_UNKNOWN)
        c->failed = true;  // its length cannot be known
    else if (component->kind == FLOW_PREFIX)
        read_prefix(c, family, component);
    else
        read_matches(c, component);
    return cursor_ok(c);
}

bool flow_match_next(struct cursor *c, struct flow_match *match)
{
    if (cursor_left(c) == 0)
        return false;
    uint8_t sign = cursor_u8(c);
    *match = (struct flow_match){
        .joined = sign & AND,
        .less = sign & LESS,
        .greater = sign & GREATER,
        .equal = sign & EQUAL,
        .inverted = sign & NOT,
        .whole = sign & WHOLE,
    };
    struct cursor value = cursor_part(c, value_size(sign));
    while (cursor_left(&value) > 0)
        match->value = match->value << 8 | cursor_u8(&value);
    return cursor_ok(c);
}

bool flow_is_good(struct bgp_bytes components, enum family family)
{
    struct cursor c = cursor_over(components.bytes, components.size);
    struct flow_component component;
    uint8_t before = 0;
    while (flow_component_next(&c, family, &component)) {
        if (component.type <= before)
            return false;
        before = component.type;
    }
    return cursor_ok(&c) && before > 0;
}
