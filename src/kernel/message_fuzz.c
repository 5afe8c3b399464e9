// SPDX-License-Identifier: ISC
// Any octets as a datagram of a kernel's: what is told of it keeps the promises of its structs.
#include "kernel/message.h"

#include <stdlib.h>
#include <string.h>

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : abort())

static void check_prefix(struct prefix prefix, bool may_be_none)
{
    enum family family = prefix.address.family;
    FUZZ_CHECK(may_be_none || family != FAMILY_NONE);
    FUZZ_CHECK(prefix.length <= family_bits(family));
    FUZZ_CHECK(family == FAMILY_NONE ||
               prefix_equal(prefix, prefix_of(prefix.address, prefix.length)));
}

static void check_name(const char *name)
{
    FUZZ_CHECK(memchr(name, 0, KERNEL_NAME_MAX));
    for (; *name; name++)
        FUZZ_CHECK(*name > ' ' && *name < 0x7f && *name != '"');
}

static void check_route(const struct kernel_route *route)
{
    check_prefix(route->prefix, false);
    FUZZ_CHECK(route->hop_count <= KERNEL_HOPS_MAX);
    FUZZ_CHECK(route->type > 0 && route->type < KERNEL_ROUTE_TYPES);
    bool is_discard = route->type >= KERNEL_BLACKHOLE && route->type <= KERNEL_PROHIBIT;
    FUZZ_CHECK(!is_discard || route->hop_count == 0);
}

static void check_rule(const struct kernel_rule *rule)
{
    FUZZ_CHECK(rule->family != FAMILY_NONE);
    check_prefix(rule->source, true);
    check_prefix(rule->destination, true);
    check_name(rule->in_link);
    check_name(rule->out_link);
}

static void check_told(const struct kernel_message *m)
{
    switch (m->kind) {
    case KERNEL_ROUTE:
        check_route(&m->route);
        break;
    case KERNEL_NEXTHOP:
        FUZZ_CHECK(m->nexthop.id != 0 && m->nexthop.member_count <= KERNEL_HOPS_MAX);
        break;
    case KERNEL_RULE:
        check_rule(&m->rule);
        break;
    case KERNEL_NEIGHBOUR:
        FUZZ_CHECK(m->neighbour.address.family != FAMILY_NONE);
        FUZZ_CHECK(m->neighbour.mac_size <= KERNEL_MAC_MAX);
        break;
    case KERNEL_LINK:
        FUZZ_CHECK(m->link.index != 0);
        check_name(m->link.name);
        break;
    case KERNEL_DONE:
    case KERNEL_ERROR:
        break;
    case KERNEL_KINDS:
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    enum netlink_order order = bytes[0] & 1 ? NETLINK_BIG : NETLINK_LITTLE;
    struct cursor datagram = cursor_over(bytes + 1, size - 1);
    struct netlink_message message;
    struct kernel_message out;
    for (size_t from = 0; netlink_message_next(&datagram, order, &message); from = datagram.pos) {
        const char *wrong = NULL;
        FUZZ_CHECK(datagram.pos >= from + NETLINK_HEADER_SIZE);
        enum kernel_verdict verdict = kernel_decode(&message, order, &out, &wrong);
        FUZZ_CHECK((verdict == KERNEL_MALFORMED) == (wrong != NULL));
        if (verdict == KERNEL_TOLD)
            check_told(&out);
    }
    return 0;
}
