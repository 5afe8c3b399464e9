// SPDX-License-Identifier: ISC
// Policy rules: which table is asked for which packet (linux/fib_rules.h).
#pragma once

#include "kernel/verdict.h"

#include <stdint.h>

enum kernel_rule_action {  // linux/fib_rules.h FR_ACT_*
    KERNEL_RULE_LOOKUP = 1,
    KERNEL_RULE_GOTO,
    KERNEL_RULE_NOTHING,
    KERNEL_RULE_BLACKHOLE = 6,
    KERNEL_RULE_UNREACHABLE,
    KERNEL_RULE_PROHIBIT,
};

struct kernel_rule {
    enum family family;
    uint32_t priority;  // the smallest is asked first
    uint32_t table;     // of KERNEL_RULE_LOOKUP
    uint32_t target;    // of KERNEL_RULE_GOTO: the priority to go on with
    uint8_t action;
    uint8_t protocol;
    bool by_mark;                       // only packets that someone has marked
    uint32_t mark, mask;                // only those whose mark has these bits of those
    bool is_narrow;                     // only some, by what stands in no field here
    bool is_inverted;                   // all but those
    bool spares_short;                  // answers of short prefixes do not count
    struct prefix source, destination;  // FAMILY_NONE: any
    char in_link[KERNEL_NAME_MAX], out_link[KERNEL_NAME_MAX];
    uint64_t identity;  // equal for the rule that came and the one that goes
};

// The body of RTM_NEWRULE and RTM_DELRULE.
enum kernel_verdict kernel_rule_decode(struct cursor body, enum netlink_order order,
                                       struct kernel_rule *rule, const char **wrong);
