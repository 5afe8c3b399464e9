// SPDX-License-Identifier: ISC
// The framing of netlink (RFC 3549 §2.2, linux/netlink.h): messages in a datagram, attributes in a
// message. Numbers stand in the byte order of the kernel that wrote them, which need not be ours:
// it is passed in. Nothing is believed: every length is checked, and no octet is read in place.
#pragma once

#include "base/cursor.h"

enum netlink_order { NETLINK_LITTLE, NETLINK_BIG, NETLINK_ORDERS };

enum netlink_order netlink_order_here(void);

enum {
    NETLINK_HEADER_SIZE = 16,
    NETLINK_ATTRIBUTE_HEADER_SIZE = 4,
    NETLINK_ALIGNMENT = 4,
    NETLINK_ATTRIBUTE_TYPE = 0x3fff,  // above: NLA_F_NESTED and NLA_F_NET_BYTEORDER
};

enum netlink_flag {         // linux/netlink.h NLM_F_*
    NETLINK_DUMPED = 0x02,  // NLM_F_MULTI
    NETLINK_DUMP_INTERRUPTED = 0x10,
    NETLINK_APPEND = 0x800,
};

struct netlink_message {
    uint16_t type, flags;
    uint32_t sequence;
    uint32_t port;       // of who asked for the change: a process's socket; 0: the kernel itself
    struct cursor body;  // lent
};

// Whether the datagram is a piece of a dump.
bool netlink_is_dumped(const uint8_t *datagram, size_t size, enum netlink_order order);

struct netlink_attribute {
    uint16_t type;  // without the flag bits
    size_t size;
    const uint8_t *bytes;  // lent; never NULL
};

// All is inline: a kernel's table is a million messages of a dozen numbers each.
static inline uint16_t netlink_u16(const uint8_t *at, enum netlink_order order)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return order == NETLINK_BIG ? be16toh(value) : le16toh(value);
}

static inline uint32_t netlink_u32(const uint8_t *at, enum netlink_order order)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return order == NETLINK_BIG ? be32toh(value) : le32toh(value);
}

// The last of a row may lack its padding.
static inline void netlink_skip_padding(struct cursor *c, size_t size)
{
    size_t padding = -size % NETLINK_ALIGNMENT;
    cursor_bytes(c, padding < cursor_left(c) ? padding : cursor_left(c));
}

// The next message; false when there is none. The datagram fails on a length that cannot be.
static inline bool netlink_message_next(struct cursor *datagram, enum netlink_order order,
                                        struct netlink_message *message)
{
    if (cursor_left(datagram) == 0)
        return false;
    const uint8_t *header = cursor_bytes(datagram, NETLINK_HEADER_SIZE);
    if (!header)
        return false;
    uint32_t size = netlink_u32(header, order);
    // A size below the header's becomes one that no datagram has.
    message->body = cursor_part(datagram, (size_t)size - NETLINK_HEADER_SIZE);
    if (!cursor_ok(datagram))
        return false;
    netlink_skip_padding(datagram, size);
    message->type = netlink_u16(header + 4, order);
    message->flags = netlink_u16(header + 6, order);
    message->sequence = netlink_u32(header + 8, order);
    message->port = netlink_u32(header + 12, order);
    return true;
}

// The next attribute; false when there is none. The row fails on a length that cannot be.
static inline bool netlink_attribute_next(struct cursor *attributes, enum netlink_order order,
                                          struct netlink_attribute *attribute)
{
    size_t left = cursor_left(attributes);
    if (left == 0)
        return false;
    const uint8_t *header = attributes->bytes + attributes->pos;
    bool is_whole = left >= NETLINK_ATTRIBUTE_HEADER_SIZE;
    size_t size = is_whole ? netlink_u16(header, order) : 0;
    if (size < NETLINK_ATTRIBUTE_HEADER_SIZE || size > left) {
        attributes->failed = true;
        return false;
    }
    attribute->type = netlink_u16(header + 2, order) & NETLINK_ATTRIBUTE_TYPE;
    attribute->size = size - NETLINK_ATTRIBUTE_HEADER_SIZE;
    attribute->bytes = header + NETLINK_ATTRIBUTE_HEADER_SIZE;
    size_t padded = size + -size % NETLINK_ALIGNMENT;
    attributes->pos += padded < left ? padded : left;  // the last of a row may lack its padding
    return true;
}

// The attribute as a number of 4 octets; false when it has another size.
static inline bool netlink_attribute_u32(const struct netlink_attribute *attribute,
                                         enum netlink_order order, uint32_t *value)
{
    if (attribute->size != 4)
        return false;
    *value = netlink_u32(attribute->bytes, order);
    return true;
}
