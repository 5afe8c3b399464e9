// SPDX-License-Identifier: ISC
#include "kernel/rule.h"

#include "base/siphash.h"

#include <assert.h>
#include <linux/fib_rules.h>
#include <sys/socket.h>

enum { RULE_HEADER_SIZE = 12, RULE_HEADER_FIXED = 8 };  // behind: flags, some of which come and go

static_assert(sizeof(struct fib_rule_hdr) == RULE_HEADER_SIZE, "as in fib_rules.h");
static_assert((int)KERNEL_RULE_LOOKUP == FR_ACT_TO_TBL &&
                  (int)KERNEL_RULE_BLACKHOLE == FR_ACT_BLACKHOLE &&
                  (int)KERNEL_RULE_PROHIBIT == FR_ACT_PROHIBIT,
              "as in fib_rules.h");

static bool read_prefix(const struct netlink_attribute *a, enum family family, uint8_t length,
                        struct prefix *prefix)
{
    if (a->size != family_bits(family) / 8 || length > family_bits(family))
        return false;
    *prefix = prefix_of(address_from_bytes(family, a->bytes), length);
    return true;
}

static bool read_spared(const struct netlink_attribute *a, enum netlink_order order,
                        struct kernel_rule *rule)
{
    uint32_t length;
    if (!netlink_attribute_u32(a, order, &length))
        return false;
    rule->spares_short = length != UINT32_MAX;
    return true;
}

static bool read_mark(const struct netlink_attribute *a, enum netlink_order order,
                      struct kernel_rule *rule)
{
    if (!netlink_attribute_u32(a, order, &rule->mark))
        return false;
    rule->by_mark = rule->mark != 0;  // no packet bears a mark until someone gives it one
    rule->mask = rule->by_mark ? UINT32_MAX : 0;  // unless it is told, behind
    return true;
}

static const char *read_rule_attribute(const struct netlink_attribute *a, enum netlink_order order,
                                       const uint8_t *header, struct kernel_rule *rule)
{
    switch (a->type) {
    case FRA_DST:
        return read_prefix(a, rule->family, header[1], &rule->destination) ? NULL : "FRA_DST";
    case FRA_SRC:
        return read_prefix(a, rule->family, header[2], &rule->source) ? NULL : "FRA_SRC";
    case FRA_PRIORITY:
        return netlink_attribute_u32(a, order, &rule->priority) ? NULL : "FRA_PRIORITY";
    case FRA_TABLE:
        return netlink_attribute_u32(a, order, &rule->table) ? NULL : "FRA_TABLE";
    case FRA_GOTO:
        return netlink_attribute_u32(a, order, &rule->target) ? NULL : "FRA_GOTO";
    case FRA_FWMARK:
        return read_mark(a, order, rule) ? NULL : "FRA_FWMARK";
    case FRA_FWMASK:
        return netlink_attribute_u32(a, order, &rule->mask) ? NULL : "FRA_FWMASK";
    case FRA_SUPPRESS_PREFIXLEN:
        return read_spared(a, order, rule) ? NULL : "FRA_SUPPRESS_PREFIXLEN";
    case FRA_IIFNAME:
        return kernel_name(a, rule->in_link) ? NULL : "FRA_IIFNAME";
    case FRA_OIFNAME:
        return kernel_name(a, rule->out_link) ? NULL : "FRA_OIFNAME";
    case FRA_PROTOCOL:
        rule->protocol = a->size == 1 ? a->bytes[0] : 0;
        return NULL;
    case FRA_TUN_ID:
    case FRA_L3MDEV:
    case FRA_UID_RANGE:
    case FRA_IP_PROTO:
    case FRA_SPORT_RANGE:
    case FRA_DPORT_RANGE:
        rule->is_narrow = true;
        return NULL;
    default:
        rule->is_narrow |= a->type > FRA_DPORT_RANGE;  // Linux 6.13: DSCP, 6.15: labels, masks
        return NULL;
    }
}

enum kernel_verdict kernel_rule_decode(struct cursor body, enum netlink_order order,
                                       struct kernel_rule *rule, const char **wrong)
{
    const uint8_t *header = cursor_bytes(&body, RULE_HEADER_SIZE);
    if (!header)
        return kernel_malformed(wrong, "a rule shorter than its header");
    if (header[0] != AF_INET && header[0] != AF_INET6)
        return KERNEL_IGNORED;  // rules of multicast routing have families of their own
    uint32_t flags = netlink_u32(header + RULE_HEADER_FIXED, order);
    *rule = (struct kernel_rule){
        .family = header[0] == AF_INET ? FAMILY_IPV4 : FAMILY_IPV6,
        .is_narrow = header[3] != 0,  // type of service
        .is_inverted = flags & FIB_RULE_INVERT,
        .table = header[4],
        .action = header[7],
    };
    struct siphash_key key = {.low = rule->is_inverted};
    key.high = siphash(key, header, RULE_HEADER_FIXED);
    rule->identity = siphash(key, body.bytes + body.pos, cursor_left(&body));
    struct netlink_attribute a;
    while (netlink_attribute_next(&body, order, &a)) {
        const char *bad = read_rule_attribute(&a, order, header, rule);
        if (bad)
            return kernel_malformed(wrong, bad);
    }
    if (!cursor_ok(&body))
        return kernel_malformed(wrong, "an attribute of a rule overruns it");
    bool lacks = (header[1] > 0 && rule->destination.address.family == FAMILY_NONE) ||
                 (header[2] > 0 && rule->source.address.family == FAMILY_NONE);
    return lacks ? kernel_malformed(wrong, "a rule's prefix without its address") : KERNEL_TOLD;
}
