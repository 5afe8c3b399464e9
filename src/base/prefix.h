// SPDX-License-Identifier: ISC
// IP addresses and prefixes of both families, as values. IPv4 occupies the first four bytes.
// Text forms: RFC 4291 §2.2 and RFC 5952.
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum family { FAMILY_NONE, FAMILY_IPV4, FAMILY_IPV6, FAMILIES };

struct address {
    enum family family;  // FAMILY_NONE: no address
    uint8_t bytes[16];   // network order; those past the family's size are 0
};

struct prefix {
    struct address address;  // bits past `length` are 0
    uint8_t length;          // bits: 0 to 32 or 128
};

enum { ADDRESS_TEXT_MAX = 46, PREFIX_TEXT_MAX = 50 };  // bytes, with the final zero

static inline uint8_t family_bits(enum family family)
{
    return family == FAMILY_IPV4 ? 32 : family == FAMILY_IPV6 ? 128 : 0;
}
const char *family_name(enum family family);  // "ipv4", "ipv6" or "none"

// "192.0.2.1:179" or "[2001:db8::1]:179", a port from 1 to 65535; false when it is neither.
bool address_port_parse(const char *text, struct address *address, uint16_t *port);
// From 4 or 16 bytes in network order.
static inline struct address address_from_bytes(enum family family, const void *bytes)
{
    struct address address = {.family = family};
    if (family == FAMILY_IPV4)
        memcpy(address.bytes, bytes, 4);
    else if (family == FAMILY_IPV6)
        memcpy(address.bytes, bytes, 16);
    return address;
}

// By two words, as memcmp() would be a call.
static inline bool address_equal(struct address a, struct address b)
{
    uint64_t one[2], other[2];
    memcpy(one, a.bytes, sizeof one);
    memcpy(other, b.bytes, sizeof other);
    return a.family == b.family && ((one[0] ^ other[0]) | (one[1] ^ other[1])) == 0;
}

// "192.0.2.1" or "2001:db8::1", nothing around it; false when it is neither.
bool address_parse(const char *text, struct address *address);
// Writes into `text` (ADDRESS_TEXT_MAX bytes) and gives it back. FAMILY_NONE is "-".
const char *address_format(struct address address, char *text);

// Of the first bits of an address's eight octets, in network order.
static inline uint64_t prefix_word_mask(uint32_t bits)
{
    return htobe64(bits == 0 ? 0 : bits >= 64 ? UINT64_MAX : UINT64_MAX << (64 - bits));
}

// From the octets of an address; bits past the length are cleared. In registers: memory that was
// just written piece by piece is slow to read as a whole, and a full table is a million of these.
static inline void prefix_from_bytes(enum family family, const void *bytes, uint8_t length,
                                     struct prefix *prefix)
{
    uint32_t first;
    uint64_t words[2] = {0};
    memcpy(&first, bytes, sizeof first);
    if (family == FAMILY_IPV4)
        words[0] = htobe64((uint64_t)be32toh(first) << 32);
    else
        memcpy(words, bytes, sizeof words);
    words[0] &= prefix_word_mask(length);
    words[1] &= prefix_word_mask(length < 64 ? 0 : length - 64u);
    prefix->address.family = family;
    memcpy(prefix->address.bytes, words, sizeof words);
    prefix->length = length;
}

// Clears the bits past `length`, which must not exceed the family's.
struct prefix prefix_of(struct address address, uint8_t length);
// "192.0.2.0/24"; false also when bits past the length are set.
bool prefix_parse(const char *text, struct prefix *prefix);
// Writes into `text` (PREFIX_TEXT_MAX bytes) and gives it back.
const char *prefix_format(struct prefix prefix, char *text);
static inline bool prefix_equal(struct prefix a, struct prefix b)
{
    return a.length == b.length && address_equal(a.address, b.address);
}

// Families never contain each other. By two words: the gate asks this of a dozen addresses for each
// override.
static inline bool prefix_contains_address(struct prefix outer, struct address address)
{
    uint64_t one[2], other[2];
    uint32_t length = outer.length;
    if (outer.address.family != address.family || address.family == FAMILY_NONE)
        return false;
    memcpy(one, outer.address.bytes, sizeof one);
    memcpy(other, address.bytes, sizeof other);
    uint64_t differ = (one[0] ^ other[0]) & prefix_word_mask(length);
    differ |= (one[1] ^ other[1]) & prefix_word_mask(length < 64 ? 0 : length - 64);
    return differ == 0;
}

// Whether `inner` is `outer` or a more-specific of it.
static inline bool prefix_contains(struct prefix outer, struct prefix inner)
{
    return inner.length >= outer.length && prefix_contains_address(outer, inner.address);
}
// Order for sorting: family, bytes, length.
int prefix_compare(struct prefix a, struct prefix b);
// Where the prefix stands, or would, among `count` items in that order, `item_bytes` each, which
// begin with their prefix; and how many of them are of a family.
uint32_t prefix_place(const void *items, uint32_t count, size_t item_bytes, struct prefix prefix);
uint32_t prefix_count(const void *items, uint32_t count, size_t item_bytes, enum family family);
