// SPDX-License-Identifier: ISC
// Who is at the other end of a link, and the links (linux/neighbour.h, linux/if_link.h).
#pragma once

#include "kernel/verdict.h"

enum {  // linux/neighbour.h NUD_*
    KERNEL_NEIGHBOUR_INCOMPLETE = 0x01,
    KERNEL_NEIGHBOUR_FAILED = 0x20,
    KERNEL_NEIGHBOUR_NOARP = 0x40,
    KERNEL_NEIGHBOUR_PERMANENT = 0x80,
};

struct kernel_neighbour {
    struct address address;
    uint32_t link;
    uint16_t state;
    uint8_t mac_size;  // 0: not known
    uint8_t mac[KERNEL_MAC_MAX];
};

struct kernel_link {
    uint32_t index;
    bool is_up;  // by its administrator
    bool has_carrier;
    uint32_t vrf_table;  // that what leaves by it is routed by; 0: it is no VRF
    char name[KERNEL_NAME_MAX];
};

// The bodies of RTM_NEWNEIGH and RTM_NEWLINK, and of their deletion.
enum kernel_verdict kernel_neighbour_decode(struct cursor body, enum netlink_order order,
                                            struct kernel_neighbour *neighbour, const char **wrong);
enum kernel_verdict kernel_link_decode(struct cursor body, enum netlink_order order,
                                       struct kernel_link *link, const char **wrong);
