// SPDX-License-Identifier: ISC
// Routes and nexthop objects of a kernel as values (linux/rtnetlink.h, linux/nexthop.h).
#pragma once

#include "kernel/verdict.h"

enum kernel_route_type {  // linux/rtnetlink.h RTN_*
    KERNEL_UNICAST = 1,
    KERNEL_LOCAL,
    KERNEL_BROADCAST,
    KERNEL_ANYCAST,
    KERNEL_MULTICAST,
    KERNEL_BLACKHOLE,
    KERNEL_UNREACHABLE,
    KERNEL_PROHIBIT,
    KERNEL_THROW,  // this table has no answer: the next rule
    KERNEL_ROUTE_TYPES
};

enum {  // tables with a meaning of their own, RT_TABLE_*
    KERNEL_TABLE_DEFAULT = 253,
    KERNEL_TABLE_MAIN = 254,
    KERNEL_TABLE_LOCAL = 255,
};

struct kernel_hop {          // where packets leave
    struct address gateway;  // FAMILY_NONE: straight to the destination
    uint32_t link;           // interface index; 0: none
    bool is_dead;            // its link is down or without carrier: not used, or into the void
    bool is_wrapped;         // in a tunnel or behind labels: RTA_ENCAP
};

struct kernel_route {
    struct prefix prefix;
    uint32_t table, metric;
    uint32_t nexthop;  // id of the object it uses; 0: none, the hops stand here
    uint8_t type;      // enum kernel_route_type
    uint8_t protocol;  // who made it: RTPROT_*
    bool is_narrow;    // for some packets only: by source or type of service
    bool is_cut;       // it has more hops than fit here
    uint8_t hop_count;
    struct kernel_hop hops[KERNEL_HOPS_MAX];
};

struct kernel_nexthop {
    uint32_t id;
    bool is_discard;  // what comes here is thrown away
    bool is_cut;
    uint8_t protocol;
    uint8_t member_count;  // 0: no group, and `hop` holds
    struct kernel_hop hop;
    uint32_t members[KERNEL_HOPS_MAX];
};

// The bodies of RTM_NEWROUTE and RTM_NEWNEXTHOP, and of their deletion.
enum kernel_verdict kernel_route_decode(struct cursor body, enum netlink_order order,
                                        struct kernel_route *route, const char **wrong);
// The same of an answer to RTM_GETROUTE for one destination, which for IPv4 is always, and for IPv6
// may be, a copy of a route (RTM_F_CLONED): among the routes of a table a copy says nothing.
enum kernel_verdict kernel_way_decode(struct cursor body, enum netlink_order order,
                                      struct kernel_route *route, const char **wrong);
enum kernel_verdict kernel_nexthop_decode(struct cursor body, enum netlink_order order,
                                          struct kernel_nexthop *nexthop, const char **wrong);

const char *kernel_route_type_name(uint8_t type);
// "bgp", "bird", "static"; as a number into `text` (4 bytes) where it has no name.
const char *kernel_protocol_name(uint8_t protocol, char *text);
