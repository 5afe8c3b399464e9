// SPDX-License-Identifier: ISC
// The framing of netlink (RFC 3549 §2.2, linux/netlink.h): messages in a datagram, attributes in a
// message. Numbers stand in the byte order of the kernel that wrote them, which need not be ours:
// it is passed in. Nothing is believed: every length is checked, and no octet is read in place.
#pragma once

#include "base/cursor.h"

enum netlink_order { NETLINK_LITTLE, NETLINK_BIG, NETLINK_ORDERS };

enum netlink_order netlink_order_here(void);

enum { NETLINK_HEADER_SIZE = 16 };

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

// The next message; false when there is none. The datagram fails on a length that cannot be.
bool netlink_message_next(struct cursor *datagram, enum netlink_order order,
                          struct netlink_message *message);

struct netlink_attribute {
    uint16_t type;  // without the flag bits
    size_t size;
    const uint8_t *bytes;  // lent; never NULL
};

// The same for attributes.
bool netlink_attribute_next(struct cursor *attributes, enum netlink_order order,
                            struct netlink_attribute *attribute);

static inline uint16_t netlink_u16(const uint8_t *at, enum netlink_order order)
{
    uint16_t low = at[order == NETLINK_BIG], high = at[order == NETLINK_LITTLE];
    return (uint16_t)(high << 8 | low);
}

static inline uint32_t netlink_u32(const uint8_t *at, enum netlink_order order)
{
    uint32_t first = netlink_u16(at, order), second = netlink_u16(at + 2, order);
    return order == NETLINK_BIG ? first << 16 | second : second << 16 | first;
}

// The attribute as a number of 4 octets; false when it has another size.
bool netlink_attribute_u32(const struct netlink_attribute *attribute, enum netlink_order order,
                           uint32_t *value);
