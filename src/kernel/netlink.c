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

bool netlink_is_dumped(const uint8_t *datagram, size_t size, enum netlink_order order)
{
    struct cursor c = cursor_over(datagram, size);
    struct netlink_message first;
    return netlink_message_next(&c, order, &first) && first.flags & NETLINK_DUMPED;
}
