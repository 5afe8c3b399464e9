// SPDX-License-Identifier: ISC
#include "kernel/netlink.h"

enum netlink_order netlink_order_here(void)
{
    const union {
        uint16_t value;
        uint8_t first;
    } probe = {.value = 1};
    return probe.first == 1 ? NETLINK_LITTLE : NETLINK_BIG;
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
    netlink_skip_padding(datagram, size);
    message->type = netlink_u16(header + 4, order);
    message->flags = netlink_u16(header + 6, order);
    message->sequence = netlink_u32(header + 8, order);
    message->port = netlink_u32(header + 12, order);
    return true;
}

bool netlink_is_dumped(const uint8_t *datagram, size_t size, enum netlink_order order)
{
    struct cursor c = cursor_over(datagram, size);
    struct netlink_message first;
    return netlink_message_next(&c, order, &first) && first.flags & NETLINK_DUMPED;
}
