// SPDX-License-Identifier: ISC
// Policy rules that send packets past the table that is compared. Asked in order, as a kernel asks
// for a packet that is forwarded and that nobody has marked; rules for marked packets, single
// services or the router's own packets are left out: they are somebody's purpose.
#include "rib/fib_inside.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asking {
    struct fib *fib;
    struct mono now;
    enum family family;
};

// A prefix that BGP chose a path for, and whose packets go another way by a rule.
struct victim {
    struct fib *fib;
    struct fib_hops there;  // where the other table sends them
    bool is_found;
    struct prefix prefix;
};

static bool is_for_some(const struct kernel_rule *rule)
{
    return rule->by_mark || rule->is_narrow || rule->out_link[0] != '\0' ||
           strcmp(rule->in_link, "lo") == 0;
}

static bool is_for_all(const struct kernel_rule *rule)
{
    return !is_for_some(rule) && !rule->is_inverted && rule->in_link[0] == '\0' &&
           rule->source.address.family == FAMILY_NONE &&
           rule->destination.address.family == FAMILY_NONE;
}

static bool is_chosen(const struct fib *fib, struct prefix prefix)
{
    struct fib_choice choice;
    fib_choose(fib, prefix, &choice);
    return choice.is == FIB_CHOICE_MADE && !choice.is_own;
}

static bool goes_the_same_way(const struct fib *fib, const struct fib_hops *there,
                              struct prefix prefix)
{
    const struct fib_table *table = &fib->tables[prefix.address.family];
    struct rib_path path;
    struct fib_route route;
    struct fib_hops here;
    if (there->lead != FIB_LEADS || !fib_route_first(fib->rib, table, prefix, &path))
        return false;
    fib_route_read(fib->rib, table, &path, &route);
    fib_follow_route(fib, &route, &here);
    bool is_same = here.lead == FIB_LEADS && here.count == there->count;
    for (uint8_t i = 0; is_same && i < here.count; i++)
        is_same = fib_is_same_hop(fib, &here.hops[i], &there->hops[i]);
    return is_same;
}

static void look_at(void *context, struct prefix prefix)
{
    struct victim *victim = context;
    if (victim->is_found || !is_chosen(victim->fib, prefix) ||
        goes_the_same_way(victim->fib, &victim->there, prefix))
        return;
    victim->is_found = true;
    victim->prefix = prefix;
}

// Among the chosen prefixes: the one around the area, else one inside it.
static void find_victim(struct victim *victim, struct prefix area)
{
    for (uint8_t length = area.length; length > 0; length--)
        look_at(victim, prefix_of(area.address, length));
    if (!victim->is_found)
        rib_each_inside(victim->fib->rib, area, look_at, victim);
}

static bool meet(struct prefix a, struct prefix b, struct prefix *both)
{
    *both = a.length > b.length ? a : b;
    return prefix_contains(a, b) || prefix_contains(b, a);
}

static void suspect_rule(const struct asking *asking, uint32_t priority, const char *text)
{
    struct address family = {.family = asking->family};
    struct fib_key key = fib_key_of(FIB_POLICY, priority, family);
    fib_suspect_thing(asking->fib, asking->now, &key, FIB_RULE, text);
}

// A route of another table, as far as the rule sends packets there.
static bool diverts(const struct asking *asking, const struct kernel_rule *rule,
                    const struct kernel_route *side)
{
    struct prefix area = side->prefix;
    bool is_asked = rule->destination.address.family == FAMILY_NONE || rule->is_inverted ||
                    meet(side->prefix, rule->destination, &area);
    if (!is_asked || side->type == KERNEL_THROW || side->protocol == RTPROT_KERNEL ||
        (rule->spares_short && side->prefix.length == 0))
        return false;
    struct victim victim = {.fib = asking->fib};
    struct fib_route route = fib_route_of(side, &asking->fib->state);
    fib_follow_route(asking->fib, &route, &victim.there);
    find_victim(&victim, area);
    if (!victim.is_found)
        return false;
    char text[FIB_TEXT_MAX], prefix[PREFIX_TEXT_MAX], chosen[PREFIX_TEXT_MAX], hops[64];
    snprintf(text, sizeof text,
             "rule %u asks table %u first: %s there is %s %s; BGP chose a way for %s",
             rule->priority, side->table, prefix_format(side->prefix, prefix),
             kernel_route_type_name(side->type),
             fib_say_hops(asking->fib, victim.there.hops, victim.there.count, hops, sizeof hops),
             prefix_format(victim.prefix, chosen));
    suspect_rule(asking, rule->priority, text);
    return true;
}

static void check_table(const struct asking *asking, const struct kernel_rule *rule)
{
    const struct keyed *sides = &asking->fib->state.sides[asking->family];
    for (uint32_t place = 0; place < sides->count; place++) {
        const struct fib_side *side = keyed_at(sides, place);
        if (side->key.table == rule->table && diverts(asking, rule, &side->is))
            return;
    }
}

static void check_discard(const struct asking *asking, const struct kernel_rule *rule)
{
    struct victim victim = {.fib = asking->fib, .there = {.lead = FIB_DISCARDED}};
    struct prefix area = {.address = {.family = asking->family}};
    if (rule->destination.address.family != FAMILY_NONE && !rule->is_inverted)
        area = rule->destination;
    find_victim(&victim, area);
    if (!victim.is_found)
        return;
    char text[FIB_TEXT_MAX], prefix[PREFIX_TEXT_MAX];
    snprintf(text, sizeof text, "rule %u is %s; BGP chose a way for %s", rule->priority,
             kernel_route_type_name(rule->action), prefix_format(victim.prefix, prefix));
    suspect_rule(asking, rule->priority, text);
}

static int by_priority(const void *a, const void *b)
{
    uint32_t first = (*(const struct kernel_rule *const *)a)->priority;
    uint32_t second = (*(const struct kernel_rule *const *)b)->priority;
    return first < second ? -1 : first > second;
}

// The rules in the order in which they are asked. NULL: no memory.
static const struct kernel_rule **in_order(const struct keyed *rules)
{
    const struct kernel_rule **order = malloc((rules->count + 1) * sizeof *order);
    for (uint32_t place = 0; order && place < rules->count; place++) {
        const struct fib_rule *rule = keyed_at(rules, place);
        order[place] = &rule->is;
    }
    if (order)
        qsort(order, rules->count, sizeof *order, by_priority);
    return order;
}

// True when every packet that comes so far is answered by the table that is compared.
static bool ask(const struct asking *asking, const struct kernel_rule *rule)
{
    switch ((enum kernel_rule_action)rule->action) {
    case KERNEL_RULE_LOOKUP:
        if (rule->table == asking->fib->options.table)
            return is_for_all(rule);
        check_table(asking, rule);
        break;
    case KERNEL_RULE_BLACKHOLE:
    case KERNEL_RULE_UNREACHABLE:
    case KERNEL_RULE_PROHIBIT:
        check_discard(asking, rule);
        break;
    case KERNEL_RULE_GOTO:
    case KERNEL_RULE_NOTHING:
        break;
    }
    return false;
}

static void check_family(const struct asking *asking)
{
    const struct keyed *rules = &asking->fib->state.rules[asking->family];
    const struct kernel_rule **order = in_order(rules);
    uint32_t from = 0;
    bool is_reached = !order;
    for (uint32_t i = 0; i < rules->count && !is_reached; i++) {
        const struct kernel_rule *rule = order[i];
        if (is_for_some(rule) || rule->priority < from)
            continue;
        if (rule->action == KERNEL_RULE_GOTO && is_for_all(rule))
            from = rule->target;
        is_reached = ask(asking, rule);
    }
    free(order);
    if (!is_reached) {
        char text[FIB_TEXT_MAX];
        snprintf(text, sizeof text, "no rule asks table %u for every packet",
                 asking->fib->options.table);
        suspect_rule(asking, 0, text);
    }
}

void fib_check_rules(struct fib *fib, struct mono now)
{
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        enum kernel_part part = family == FAMILY_IPV4 ? KERNEL_RULES_IPV4 : KERNEL_RULES_IPV6;
        struct asking asking = {fib, now, family};
        if (!fib->state.is_cut[part])
            check_family(&asking);
        fib_clear_unseen(fib, FIB_POLICY, family);
    }
}
