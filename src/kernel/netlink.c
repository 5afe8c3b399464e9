// SPDX-License-Identifier: ISC
#include "kernel/netlink.h"

enum { ATTRIBUTE_HEADER_SIZE = 4, ALIGNMENT = 4 };
enum { ATTRIBUTE_TYPE = 0x3fff };  // above: NLA_F_NESTED and NLA_F_NET_BYTEORDER

enum netlink_order netlink_order_here(void)
{
    const union {
        uint16_t value;
        uint8_t first;
    } probe = {.value = 1};
    return probe.first == 1 ? NETLINK_LITTLE : NETLINK_BIG;
}

// The last of a row may lack its padding.
static void skip_padding(struct cursor *c, size_t size)
{
    size_t padding = (ALIGNMENT - size % ALIGNMENT) % ALIGNMENT;
    cursor_bytes(c, padding < cursor_left(c) ? padding : cursor_left(c));
}

bool netlink_message_next(struct cursor *datagram, enum netlink_order order,
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
    skip_padding(datagram, size);
    message->type = netlink_u16(header + 4, order);
    message->flags = netlink_u16(header + 6, order);
    message->sequence = netlink_u32(header + 8, order);
    message->port = netlink_u32(header + 12, order);
    return true;
}

bool netlink_attribute_next(struct cursor *attributes, enum netlink_order order,
                            struct netlink_attribute *attribute)
{
    if (cursor_left(attributes) == 0)
        return false;
    const uint8_t *header = cursor_bytes(attributes, ATTRIBUTE_HEADER_SIZE);
    if (!header)
        return false;
    uint16_t size = netlink_u16(header, order);
    attribute->size = (size_t)size - ATTRIBUTE_HEADER_SIZE;  // below: as above
    attribute->bytes = cursor_bytes(attributes, attribute->size);
    if (!attribute->bytes)
        return false;
    skip_padding(attributes, size);
    attribute->type = netlink_u16(header + 2, order) & ATTRIBUTE_TYPE;
    return true;
}

bool netlink_attribute_u32(const struct netlink_attribute *attribute, enum netlink_order order,
                           uint32_t *value)
{
    if (attribute->size != 4)
        return false;
    *value = netlink_u32(attribute->bytes, order);
    return true;
}

bool netlink_is_dumped(const uint8_t *datagram, size_t size, enum netlink_order order)
{
    struct cursor c = cursor_over(datagram, size);
    struct netlink_message first;
    return netlink_message_next(&c, order, &first) && first.flags & NETLINK_DUMPED;
}
