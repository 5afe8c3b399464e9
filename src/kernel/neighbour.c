// SPDX-License-Identifier: ISC
#include "kernel/neighbour.h"

#include <assert.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

enum { NEIGHBOUR_HEADER_SIZE = 12, LINK_HEADER_SIZE = 16 };

static_assert(sizeof(struct ndmsg) == NEIGHBOUR_HEADER_SIZE, "as in neighbour.h");
static_assert(sizeof(struct ifinfomsg) == LINK_HEADER_SIZE, "as in rtnetlink.h");
static_assert(KERNEL_NEIGHBOUR_PERMANENT == NUD_PERMANENT &&
                  KERNEL_NEIGHBOUR_FAILED == NUD_FAILED &&
                  KERNEL_NEIGHBOUR_INCOMPLETE == NUD_INCOMPLETE &&
                  KERNEL_NEIGHBOUR_NOARP == NUD_NOARP,
              "as in neighbour.h");
static_assert(KERNEL_NAME_MAX == IFNAMSIZ, "as in if.h");

bool kernel_name(const struct netlink_attribute *attribute, char *name)
{
    size_t size = attribute->size;
    if (size == 0 || size > KERNEL_NAME_MAX || attribute->bytes[size - 1] != 0)
        return false;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = attribute->bytes[i];
        name[i] = (char)(c == 0 || (c > 0x20 && c < 0x7f && c != '"') ? c : '?');
    }
    return true;
}

static const char *read_neighbour_attribute(const struct netlink_attribute *a, enum family family,
                                            struct kernel_neighbour *neighbour)
{
    if (a->type == NDA_DST) {
        if (a->size != family_bits(family) / 8)
            return "NDA_DST";
        neighbour->address = address_from_bytes(family, a->bytes);
    } else if (a->type == NDA_LLADDR) {
        if (a->size > KERNEL_MAC_MAX)
            return "NDA_LLADDR";
        neighbour->mac_size = (uint8_t)a->size;
        memcpy(neighbour->mac, a->bytes, a->size);
    }
    return NULL;
}

enum kernel_verdict kernel_neighbour_decode(struct cursor body, enum netlink_order order,
                                            struct kernel_neighbour *neighbour, const char **wrong)
{
    const uint8_t *header = cursor_bytes(&body, NEIGHBOUR_HEADER_SIZE);
    if (!header)
        return kernel_malformed(wrong, "a neighbour shorter than its header");
    bool is_ours = header[0] == AF_INET || header[0] == AF_INET6;
    if (!is_ours || header[10] & NTF_PROXY)
        return KERNEL_IGNORED;  // of a bridge, or whom we answer for
    enum family family = header[0] == AF_INET ? FAMILY_IPV4 : FAMILY_IPV6;
    *neighbour = (struct kernel_neighbour){
        .link = netlink_u32(header + 4, order),
        .state = netlink_u16(header + 8, order),
    };
    struct netlink_attribute a;
    while (netlink_attribute_next(&body, order, &a)) {
        const char *bad = read_neighbour_attribute(&a, family, neighbour);
        if (bad)
            return kernel_malformed(wrong, bad);
    }
    if (!cursor_ok(&body))
        return kernel_malformed(wrong, "an attribute of a neighbour overruns it");
    if (neighbour->address.family == FAMILY_NONE)
        return kernel_malformed(wrong, "a neighbour without NDA_DST");
    return KERNEL_TOLD;
}

// IFLA_INFO_DATA of a VRF.
static bool read_vrf(const struct netlink_attribute *data, enum netlink_order order,
                     struct kernel_link *link)
{
    struct cursor within = cursor_over(data->bytes, data->size);
    struct netlink_attribute a;
    while (netlink_attribute_next(&within, order, &a))
        if (a.type == IFLA_VRF_TABLE && !netlink_attribute_u32(&a, order, &link->vrf_table))
            return false;
    return cursor_ok(&within);
}

// IFLA_LINKINFO: of what sort it is, then what only that sort has.
static bool read_sort(const struct netlink_attribute *info, enum netlink_order order,
                      struct kernel_link *link)
{
    static const char vrf[] = "vrf";
    struct cursor within = cursor_over(info->bytes, info->size);
    struct netlink_attribute a;
    bool is_vrf = false;
    while (netlink_attribute_next(&within, order, &a)) {
        if (a.type == IFLA_INFO_KIND)
            is_vrf = a.size == sizeof vrf && memcmp(a.bytes, vrf, sizeof vrf) == 0;
        if (a.type == IFLA_INFO_DATA && is_vrf && !read_vrf(&a, order, link))
            return false;
    }
    return cursor_ok(&within);
}

enum kernel_verdict kernel_link_decode(struct cursor body, enum netlink_order order,
                                       struct kernel_link *link, const char **wrong)
{
    const uint8_t *header = cursor_bytes(&body, LINK_HEADER_SIZE);
    if (!header)
        return kernel_malformed(wrong, "a link shorter than its header");
    if (header[0] != AF_UNSPEC)
        return KERNEL_IGNORED;  // a bridge's view of its port
    uint32_t flags = netlink_u32(header + 8, order);
    *link = (struct kernel_link){
        .index = netlink_u32(header + 4, order),
        .is_up = flags & IFF_UP,
        .has_carrier = flags & IFF_LOWER_UP,
    };
    struct netlink_attribute a;
    while (netlink_attribute_next(&body, order, &a)) {
        if (a.type == IFLA_IFNAME && !kernel_name(&a, link->name))
            return kernel_malformed(wrong, "IFLA_IFNAME");
        if (a.type == IFLA_LINKINFO && !read_sort(&a, order, link))
            return kernel_malformed(wrong, "IFLA_LINKINFO");
    }
    if (!cursor_ok(&body))
        return kernel_malformed(wrong, "an attribute of a link overruns it");
    return link->index == 0 ? kernel_malformed(wrong, "a link without a number") : KERNEL_TOLD;
}
