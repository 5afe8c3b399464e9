// SPDX-License-Identifier: ISC
#include "kernel/route.h"

#include <assert.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { ROUTE_HEADER_SIZE = 12, NEXTHOP_HEADER_SIZE = 8, HOP_HEADER_SIZE = 8, MEMBER_SIZE = 8 };
enum { VIA_HEADER_SIZE = 2 };  // struct rtvia: its family

static_assert((int)KERNEL_UNICAST == RTN_UNICAST && (int)KERNEL_THROW == RTN_THROW,
              "as in rtnetlink.h");
static_assert(sizeof(struct rtmsg) == ROUTE_HEADER_SIZE, "as in rtnetlink.h");
static_assert(sizeof(struct nhmsg) == NEXTHOP_HEADER_SIZE, "as in nexthop.h");
static_assert(sizeof(struct nexthop_grp) == MEMBER_SIZE, "as in nexthop.h");

static enum family family_of(uint16_t kernels)
{
    return kernels == AF_INET ? FAMILY_IPV4 : kernels == AF_INET6 ? FAMILY_IPV6 : FAMILY_NONE;
}

static inline bool read_address(const uint8_t *bytes, size_t size, enum family family,
                                struct address *address)
{
    if (family == FAMILY_NONE || size != family_bits(family) / 8)
        return false;
    address->family = family;
    memset(address->bytes, 0, sizeof address->bytes);
    memcpy(address->bytes, bytes, family == FAMILY_IPV4 ? 4 : 16);
    return true;
}

static bool read_via(const struct netlink_attribute *a, enum netlink_order order,
                     struct address *address)
{
    if (a->size < VIA_HEADER_SIZE)
        return false;
    return read_address(a->bytes + VIA_HEADER_SIZE, a->size - VIA_HEADER_SIZE,
                        family_of(netlink_u16(a->bytes, order)), address);
}

// What several attributes say of one hop; false: malformed.
static bool read_hop_attribute(const struct netlink_attribute *a, enum netlink_order order,
                               enum family family, struct kernel_hop *hop)
{
    switch (a->type) {
    case RTA_GATEWAY:
        return read_address(a->bytes, a->size, family, &hop->gateway);
    case RTA_VIA:
        return read_via(a, order, &hop->gateway);
    case RTA_ENCAP:
        hop->is_wrapped = true;
        return true;
    default:
        return true;
    }
}

static bool is_dead(uint32_t flags)
{
    return flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN);
}

static bool read_hops(const struct netlink_attribute *multipath, enum netlink_order order,
                      struct kernel_route *route)
{
    struct cursor c = cursor_over(multipath->bytes, multipath->size);
    route->hop_count = 0;
    while (cursor_left(&c) > 0) {
        const uint8_t *header = cursor_bytes(&c, HOP_HEADER_SIZE);
        if (!header)
            return false;
        struct kernel_hop hop = {.is_dead = is_dead(header[2])};
        hop.link = netlink_u32(header + 4, order);
        size_t size = netlink_u16(header, order);
        struct cursor attributes = cursor_part(&c, size - HOP_HEADER_SIZE);
        struct netlink_attribute a;
        while (netlink_attribute_next(&attributes, order, &a)) {
            if (!read_hop_attribute(&a, order, route->prefix.address.family, &hop))
                return false;
        }
        if (!cursor_ok(&attributes) || !cursor_ok(&c))
            return false;
        if (route->hop_count < KERNEL_HOPS_MAX)
            route->hops[route->hop_count++] = hop;
        else
            route->is_cut = true;
    }
    return true;
}

// Everything is read straight into its place: a full table is a million of these.
struct route_reading {
    enum netlink_order order;
    struct kernel_route *route;
    struct kernel_hop *hop;  // the route's first; beside RTA_MULTIPATH, which goes first, `aside`
    struct kernel_hop aside;
    const uint8_t *destination;  // NULL: not told
    uint8_t length;
    bool has_hop;
};

static const char *read_route_attribute(struct route_reading *r, const struct netlink_attribute *a)
{
    enum family family = r->route->prefix.address.family;
    switch (a->type) {
    case RTA_DST:
        r->destination = a->bytes;
        return a->size == family_bits(family) / 8 ? NULL : "RTA_DST";
    case RTA_OIF:
        r->has_hop = true;
        return netlink_attribute_u32(a, r->order, &r->hop->link) ? NULL : "RTA_OIF";
    case RTA_GATEWAY:
    case RTA_VIA:
        r->has_hop = true;
        return read_hop_attribute(a, r->order, family, r->hop) ? NULL : "RTA_GATEWAY or RTA_VIA";
    case RTA_ENCAP:
        r->hop->is_wrapped = true;
        return NULL;
    case RTA_PRIORITY:
        return netlink_attribute_u32(a, r->order, &r->route->metric) ? NULL : "RTA_PRIORITY";
    case RTA_TABLE:
        return netlink_attribute_u32(a, r->order, &r->route->table) ? NULL : "RTA_TABLE";
    case RTA_NH_ID:
        return netlink_attribute_u32(a, r->order, &r->route->nexthop) ? NULL : "RTA_NH_ID";
    case RTA_MULTIPATH:
        if (!read_hops(a, r->order, r->route))
            return "RTA_MULTIPATH";
        r->hop = r->route->hop_count > 0 ? &r->aside : r->hop;
        return NULL;
    default:
        return NULL;
    }
}

static bool is_discard(uint8_t type)
{
    return type == KERNEL_BLACKHOLE || type == KERNEL_UNREACHABLE || type == KERNEL_PROHIBIT;
}

// Routes that no packet from outside is forwarded by.
static bool is_beside_the_point(uint8_t type)
{
    return type == 0 || type >= KERNEL_ROUTE_TYPES || type == KERNEL_BROADCAST ||
           type == KERNEL_ANYCAST || type == KERNEL_MULTICAST;
}

static const uint8_t everywhere[16];  // what default routes go to

static enum kernel_verdict finish_route(struct route_reading *r, const char **wrong)
{
    struct kernel_route *route = r->route;
    enum family family = route->prefix.address.family;
    if (r->length > family_bits(family))
        return kernel_malformed(wrong, "a prefix longer than its family's addresses");
    if (r->length > 0 && !r->destination)
        return kernel_malformed(wrong, "a prefix without RTA_DST");
    prefix_from_bytes(family, r->destination ? r->destination : everywhere, r->length,
                      &route->prefix);
    if (is_discard(route->type))
        route->hop_count = 0;
    else if (route->hop_count == 0 && r->has_hop)
        route->hop_count = 1;
    return KERNEL_TOLD;
}

enum kernel_verdict kernel_way_decode(struct cursor body, enum netlink_order order,
                                      struct kernel_route *route, const char **wrong)
{
    const uint8_t *header = cursor_bytes(&body, ROUTE_HEADER_SIZE);
    if (!header)
        return kernel_malformed(wrong, "a route shorter than its header");
    struct route_reading r;
    r.order = order;
    r.route = route;
    r.hop = &route->hops[0];
    r.length = header[1];
    r.destination = NULL;
    r.has_hop = false;
    uint32_t flags = netlink_u32(header + 8, order);
    route->prefix.address = (struct address){.family = family_of(header[0])};
    if (route->prefix.address.family == FAMILY_NONE || is_beside_the_point(header[7]))
        return KERNEL_IGNORED;
    route->is_narrow = header[2] > 0 || header[3] > 0;  // source prefix, type of service
    route->table = header[4];
    route->protocol = header[5];
    route->type = header[7];
    route->metric = route->nexthop = 0;
    route->is_cut = false;
    route->hop_count = 0;
    *r.hop = (struct kernel_hop){.is_dead = is_dead(flags)};
    struct netlink_attribute a;
    while (netlink_attribute_next(&body, order, &a)) {
        const char *bad = read_route_attribute(&r, &a);
        if (bad)
            return kernel_malformed(wrong, bad);
    }
    if (!cursor_ok(&body))
        return kernel_malformed(wrong, "an attribute of a route overruns it");
    return finish_route(&r, wrong);
}

static bool is_copy(struct cursor body, enum netlink_order order)
{
    const uint8_t *header = cursor_bytes(&body, ROUTE_HEADER_SIZE);
    return header && netlink_u32(header + 8, order) & RTM_F_CLONED;
}

enum kernel_verdict kernel_route_decode(struct cursor body, enum netlink_order order,
                                        struct kernel_route *route, const char **wrong)
{
    return is_copy(body, order) ? KERNEL_IGNORED : kernel_way_decode(body, order, route, wrong);
}

static bool read_members(const struct netlink_attribute *a, enum netlink_order order,
                         struct kernel_nexthop *nexthop)
{
    if (a->size == 0 || a->size % MEMBER_SIZE != 0)
        return false;
    size_t count = a->size / MEMBER_SIZE;
    nexthop->is_cut = count > KERNEL_HOPS_MAX;
    nexthop->member_count = (uint8_t)(nexthop->is_cut ? KERNEL_HOPS_MAX : count);
    for (size_t i = 0; i < nexthop->member_count; i++)
        nexthop->members[i] = netlink_u32(a->bytes + i * MEMBER_SIZE, order);
    return true;
}

static const char *read_nexthop_attribute(const struct netlink_attribute *a,
                                          enum netlink_order order, enum family family,
                                          struct kernel_nexthop *nexthop)
{
    switch (a->type) {
    case NHA_ID:
        return netlink_attribute_u32(a, order, &nexthop->id) ? NULL : "NHA_ID";
    case NHA_GROUP:
        return read_members(a, order, nexthop) ? NULL : "NHA_GROUP";
    case NHA_BLACKHOLE:
        nexthop->is_discard = true;
        return NULL;
    case NHA_OIF:
        return netlink_attribute_u32(a, order, &nexthop->hop.link) ? NULL : "NHA_OIF";
    case NHA_GATEWAY:
        return read_address(a->bytes, a->size, family, &nexthop->hop.gateway) ? NULL
                                                                              : "NHA_GATEWAY";
    case NHA_ENCAP:
        nexthop->hop.is_wrapped = true;
        return NULL;
    default:
        return NULL;
    }
}

enum kernel_verdict kernel_nexthop_decode(struct cursor body, enum netlink_order order,
                                          struct kernel_nexthop *nexthop, const char **wrong)
{
    const uint8_t *header = cursor_bytes(&body, NEXTHOP_HEADER_SIZE);
    if (!header)
        return kernel_malformed(wrong, "a nexthop shorter than its header");
    enum family family = family_of(header[0]);
    *nexthop = (struct kernel_nexthop){.protocol = header[2]};
    nexthop->hop.is_dead = is_dead(netlink_u32(header + 4, order));
    struct netlink_attribute a;
    while (netlink_attribute_next(&body, order, &a)) {
        if (a.type == NHA_FDB)
            return KERNEL_IGNORED;  // of a bridge's, not of a route's
        const char *bad = read_nexthop_attribute(&a, order, family, nexthop);
        if (bad)
            return kernel_malformed(wrong, bad);
    }
    if (!cursor_ok(&body))
        return kernel_malformed(wrong, "an attribute of a nexthop overruns it");
    return nexthop->id == 0 ? kernel_malformed(wrong, "a nexthop without NHA_ID") : KERNEL_TOLD;
}

const char *kernel_route_type_name(uint8_t type)
{
    static const char *const names[KERNEL_ROUTE_TYPES] = {
        "unspecified", "unicast",   "local",       "broadcast", "anycast",
        "multicast",   "blackhole", "unreachable", "prohibit",  "throw",
    };
    return type < KERNEL_ROUTE_TYPES ? names[type] : "unknown";
}

const char *kernel_protocol_name(uint8_t protocol, char *text)
{
    static const char *const names[UINT8_MAX + 1] = {
        [RTPROT_REDIRECT] = "redirect",
        [RTPROT_KERNEL] = "kernel",
        [RTPROT_BOOT] = "boot",
        [RTPROT_STATIC] = "static",
        [RTPROT_RA] = "ra",
        [RTPROT_ZEBRA] = "zebra",
        [RTPROT_BIRD] = "bird",
        [RTPROT_DHCP] = "dhcp",
        [RTPROT_BABEL] = "babel",
        [RTPROT_BGP] = "bgp",
        [RTPROT_ISIS] = "isis",
        [RTPROT_OSPF] = "ospf",
        [RTPROT_RIP] = "rip",
        [RTPROT_EIGRP] = "eigrp",
        [196] = "zstatic",  // FRR's own number for its static routes
    };
    if (names[protocol])
        return names[protocol];
    snprintf(text, 4, "%u", protocol);
    return text;
}
