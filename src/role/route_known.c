// SPDX-License-Identifier: ISC
#include "role/route_known.h"

#include "role/route.h"

#include <stdio.h>
#include <string.h>

enum { SETTLED_MS = 1000 };  // a table comes in pieces

static uint32_t count_of(const struct route_known *known, enum family family)
{
    return prefix_count(known->items, known->count, sizeof known->items[0], family);
}

static void insert_at(struct route_known *known, uint32_t place, struct prefix prefix)
{
    struct prefix *item = &known->items[place];
    memmove(item + 1, item, (known->count++ - place) * sizeof *item);
    *item = prefix;
}

static void remove_at(struct route_known *known, uint32_t place)
{
    struct prefix *item = &known->items[place];
    memmove(item, item + 1, (--known->count - place) * sizeof *item);
}

enum route_known_news route_known_change(struct route_known *known, struct prefix prefix, bool had,
                                         bool has)
{
    enum family family = prefix.address.family;
    uint32_t place = prefix_place(known->items, known->count, sizeof known->items[0], prefix);
    if (place < known->count && prefix_equal(known->items[place], prefix)) {
        if (!has)
            remove_at(known, place);
        return KNOWN_BEFORE;
    }
    known->untold[family] -= had;
    if (has && count_of(known, family) < ROUTES_PER_FAMILY_MAX) {
        insert_at(known, place, prefix);
        return KNOWN_NEWLY;
    }
    known->untold[family] += has;
    return KNOWN_NOT;
}

bool route_known_exchange(struct route_known *known, struct prefix prefix, struct prefix instead)
{
    uint32_t place = prefix_place(known->items, known->count, sizeof known->items[0], prefix);
    uint32_t out = prefix_place(known->items, known->count, sizeof known->items[0], instead);
    if (prefix.address.family != instead.address.family || out == known->count ||
        !prefix_equal(known->items[out], instead) ||
        (place < known->count && prefix_equal(known->items[place], prefix)))
        return false;
    remove_at(known, out);
    insert_at(known, place > out ? place - 1 : place, prefix);
    return true;
}

static bool is_any(const uint32_t untold[FAMILIES])
{
    return untold[FAMILY_IPV4] + untold[FAMILY_IPV6] > 0;
}

// A table that breathes is not told of with every breath: a tenth more or fewer is no news.
static bool is_news(const struct route_known *known)
{
    if (is_any(known->untold) != is_any(known->said))
        return true;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        uint32_t is = known->untold[family], was = known->said[family];
        if ((is > was ? is - was : was - is) > was / 10)
            return true;
    }
    return false;
}

static void tell(struct route_role *r)
{
    const struct route_known *known = &r->known;
    uint32_t v4 = count_of(known, FAMILY_IPV4), v6 = count_of(known, FAMILY_IPV6);
    uint32_t untold = known->untold[FAMILY_IPV4] + known->untold[FAMILY_IPV6];
    struct notice notice = {
        .kind = NOTICE_STEERABLE_MAX,
        .raised = untold > 0,
        .router = NET_NOBODY,
        .count = untold,
        .total = known->count + untold,
    };
    snprintf(notice.text, sizeof notice.text, "ipv4: %u of %u can be moved, ipv6: %u of %u%s", v4,
             v4 + known->untold[FAMILY_IPV4], v6, v6 + known->untold[FAMILY_IPV6],
             untold > 0 ? "; the rest stays where it is in an outage: narrow steer.prefixes" : "");
    route_log("steerable_max", "does=\"%s\"", notice.text);
    route_notice(r, &notice);
}

void route_known_tick(struct route_role *r)
{
    struct route_known *known = &r->known;
    if (memcmp(known->seen, known->untold, sizeof known->seen) != 0) {
        memcpy(known->seen, known->untold, sizeof known->seen);
        known->seen_at = r->now;
    }
    if (!is_news(known) || mono_since_ns(r->now, known->seen_at) < SETTLED_MS * (int64_t)NS_PER_MS)
        return;
    memcpy(known->said, known->untold, sizeof known->said);
    tell(r);
}
