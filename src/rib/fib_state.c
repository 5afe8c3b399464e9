// SPDX-License-Identifier: ISC
#include "rib/fib_state.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {  // far above what a router has; a hostile agent must not fill our memory
    NEXTHOPS_MAX = 16 * 1024,
    LINKS_MAX = 4096,
    NEIGHBOURS_MAX = 16 * 1024,
    RULES_MAX = 1024,
    ADDRESSES_MAX = 4096,
    SIDES_MAX = 1024,  // each with all its hops
};

void fib_state_init(struct fib_state *s, struct siphash_key key)
{
    *s = (struct fib_state){0};
    keyed_init(&s->nexthops, sizeof(struct fib_nexthop), sizeof(uint32_t), NEXTHOPS_MAX, key);
    keyed_init(&s->links, sizeof(struct fib_link), sizeof(uint32_t), LINKS_MAX, key);
    keyed_init(&s->neighbours, sizeof(struct fib_neighbour), sizeof(struct fib_neighbour_key),
               NEIGHBOURS_MAX, key);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        keyed_init(&s->rules[f], sizeof(struct fib_rule), sizeof(uint64_t), RULES_MAX, key);
        keyed_init(&s->addresses[f], sizeof(struct fib_address), 16, ADDRESSES_MAX, key);
        keyed_init(&s->sides[f], sizeof(struct fib_side), sizeof(struct fib_side_key), SIDES_MAX,
                   key);
    }
}

void fib_state_done(struct fib_state *s)
{
    keyed_done(&s->nexthops);
    keyed_done(&s->links);
    keyed_done(&s->neighbours);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        keyed_done(&s->rules[f]);
        keyed_done(&s->addresses[f]);
        keyed_done(&s->sides[f]);
    }
}

void fib_state_dump_begins(struct fib_state *s, enum kernel_part part)
{
    s->dump[part]++;
    s->is_cut[part] = false;
    s->is_dumping[part] = true;
}

// What the dump did not name is gone. `seen_at`: where its records keep by which they were seen.
static void drop_unseen(struct keyed *keyed, size_t seen_at, uint32_t dump)
{
    for (uint32_t place = keyed->count; place-- > 0;) {
        char *item = keyed_at(keyed, place);
        uint32_t seen;
        memcpy(&seen, item + seen_at, sizeof seen);
        if (seen != dump)
            keyed_drop(keyed, item);
    }
}

static void mark_unseen_nexthops(struct fib_state *s)
{
    for (uint32_t place = 0; place < s->nexthops.count; place++) {
        struct fib_nexthop *nexthop = keyed_at(&s->nexthops, place);
        nexthop->is_gone |= nexthop->seen != s->dump[KERNEL_NEXTHOPS];
    }
}

void fib_state_dump_ends(struct fib_state *s, enum kernel_part part)
{
    uint32_t dump = s->dump[part];
    s->is_dumping[part] = false;
    switch (part) {
    case KERNEL_LINKS:
        drop_unseen(&s->links, offsetof(struct fib_link, seen), dump);
        return;
    case KERNEL_NEXTHOPS:
        mark_unseen_nexthops(s);
        return;
    case KERNEL_NEIGHBOURS:
        drop_unseen(&s->neighbours, offsetof(struct fib_neighbour, seen), dump);
        return;
    case KERNEL_ROUTES_IPV4:
    case KERNEL_ROUTES_IPV6: {
        enum family family = part == KERNEL_ROUTES_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6;
        drop_unseen(&s->sides[family], offsetof(struct fib_side, seen), dump);
        drop_unseen(&s->addresses[family], offsetof(struct fib_address, seen), dump);
        return;
    }
    case KERNEL_RULES_IPV4:
    case KERNEL_RULES_IPV6: {
        enum family family = part == KERNEL_RULES_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6;
        drop_unseen(&s->rules[family], offsetof(struct fib_rule, seen), dump);
        return;
    }
    case KERNEL_PARTS:
        return;
    }
}

// The record of this key, made unless it is to go; NULL: there is none, or no room for it.
static void *record_of(struct fib_state *s, struct keyed *keyed, const void *key,
                       const struct kernel_message *m)
{
    if (m->is_gone)
        return keyed_find(keyed, key);
    void *record = keyed_make(keyed, key);
    if (!record)
        s->is_cut[kernel_part_of(m)] = true;
    return record;
}

static bool hear_nexthop(struct fib_state *s, const struct kernel_message *m)
{
    const struct fib_nexthop *known = keyed_find(&s->nexthops, &m->nexthop.id);
    bool is_new = !known || known->is_gone;
    struct fib_nexthop *nexthop = record_of(s, &s->nexthops, &m->nexthop.id, m);
    if (!nexthop)
        return false;
    nexthop->seen = s->dump[KERNEL_NEXTHOPS];
    if (m->is_gone) {
        nexthop->is_gone = true;
        nexthop->gone_by = m->port;
        return true;
    }
    if (!is_new && memcmp(&nexthop->is, &m->nexthop, sizeof m->nexthop) == 0)
        return false;
    nexthop->generation += is_new;
    nexthop->made_by = m->is_dumped ? 0 : m->port;
    nexthop->is_gone = false;
    nexthop->is = m->nexthop;
    return true;
}

static bool hear_link(struct fib_state *s, const struct kernel_message *m)
{
    struct fib_link *link = record_of(s, &s->links, &m->link.index, m);
    if (!link)
        return false;
    link->seen = s->dump[KERNEL_LINKS];
    if (m->is_gone) {
        keyed_drop(&s->links, link);
        return true;
    }
    bool is_same = link->is.is_up == m->link.is_up && link->is.has_carrier == m->link.has_carrier &&
                   strcmp(link->is.name, m->link.name) == 0;
    link->is = m->link;
    return !is_same;
}

static struct fib_neighbour_key neighbour_key(uint32_t link, struct address address)
{
    struct fib_neighbour_key key = {.link = link, .family = address.family};
    memcpy(key.bytes, address.bytes, sizeof key.bytes);
    return key;
}

// What the first word on a neighbour says of it is taken for right.
static void take_for_right(struct fib_neighbour *neighbour, bool was_dumped)
{
    if (neighbour->is.mac_size == 0 || neighbour->first_mac_size != 0)
        return;
    neighbour->first_mac_size = neighbour->is.mac_size;
    memcpy(neighbour->first_mac, neighbour->is.mac, neighbour->is.mac_size);
    neighbour->was_fixed = was_dumped && neighbour->is.state & KERNEL_NEIGHBOUR_PERMANENT;
}

static bool hear_neighbour(struct fib_state *s, const struct kernel_message *m)
{
    struct fib_neighbour_key key = neighbour_key(m->neighbour.link, m->neighbour.address);
    struct fib_neighbour *neighbour = record_of(s, &s->neighbours, &key, m);
    if (!neighbour)
        return false;
    neighbour->seen = s->dump[KERNEL_NEIGHBOURS];
    neighbour->is = m->neighbour;
    if (m->is_gone)  // what it was stays known, or a wrong one could come by way of nothing
        neighbour->is.state = 0;
    else
        take_for_right(neighbour, s->is_dumping[KERNEL_NEIGHBOURS]);
    return true;
}

static bool hear_rule(struct fib_state *s, const struct kernel_message *m)
{
    struct keyed *rules = &s->rules[m->rule.family];
    uint32_t count = rules->count;
    struct fib_rule *rule = record_of(s, rules, &m->rule.identity, m);
    if (!rule)
        return false;
    rule->seen = s->dump[kernel_part_of(m)];
    rule->is = m->rule;
    if (m->is_gone)
        keyed_drop(rules, rule);
    return count != rules->count;
}

static bool hear_address(struct fib_state *s, const struct kernel_message *m)
{
    struct keyed *addresses = &s->addresses[m->route.prefix.address.family];
    uint32_t count = addresses->count;
    struct fib_address *address = record_of(s, addresses, m->route.prefix.address.bytes, m);
    if (!address)
        return false;
    address->seen = s->dump[kernel_part_of(m)];
    if (m->is_gone)
        keyed_drop(addresses, address);
    return count != addresses->count;
}

static bool hear_side_route(struct fib_state *s, const struct kernel_message *m)
{
    const struct kernel_route *route = &m->route;
    enum family family = route->prefix.address.family;
    if (route->type == KERNEL_LOCAL && route->prefix.length == family_bits(family))
        return hear_address(s, m);
    struct fib_side_key key = {route->table, route->metric, route->prefix.length, {0}};
    memcpy(key.bytes, route->prefix.address.bytes, sizeof key.bytes);
    struct fib_side *side = record_of(s, &s->sides[family], &key, m);
    if (!side)
        return false;
    side->seen = s->dump[kernel_part_of(m)];
    side->is = m->route;
    if (m->is_gone)
        keyed_drop(&s->sides[family], side);
    return true;
}

bool fib_state_hear(struct fib_state *s, const struct kernel_message *m)
{
    switch (m->kind) {
    case KERNEL_ROUTE:
        return hear_side_route(s, m);
    case KERNEL_NEXTHOP:
        return hear_nexthop(s, m);
    case KERNEL_RULE:
        return hear_rule(s, m);
    case KERNEL_NEIGHBOUR:
        return hear_neighbour(s, m);
    case KERNEL_LINK:
        return hear_link(s, m);
    case KERNEL_DONE:
    case KERNEL_ERROR:
    case KERNEL_KINDS:
        break;
    }
    return false;
}

const struct fib_nexthop *fib_nexthop(const struct fib_state *s, uint32_t id)
{
    return keyed_find(&s->nexthops, &id);
}

const struct fib_link *fib_link(const struct fib_state *s, uint32_t index)
{
    return keyed_find(&s->links, &index);
}

const struct fib_neighbour *fib_neighbour(const struct fib_state *s, uint32_t link,
                                          struct address address)
{
    struct fib_neighbour_key key = neighbour_key(link, address);
    return keyed_find(&s->neighbours, &key);
}

bool fib_is_own_address(const struct fib_state *s, struct address address)
{
    return keyed_find(&s->addresses[address.family], address.bytes);
}

bool fib_link_works(const struct fib_state *s, uint32_t index)
{
    const struct fib_link *link = fib_link(s, index);
    return !link || (link->is.is_up && link->is.has_carrier);
}

const char *fib_link_name(const struct fib_state *s, uint32_t index, char *text)
{
    const struct fib_link *link = fib_link(s, index);
    if (link && link->is.name[0])
        snprintf(text, KERNEL_NAME_MAX, "%s", link->is.name);
    else
        snprintf(text, KERNEL_NAME_MAX, "link %u", index);
    return text;
}
