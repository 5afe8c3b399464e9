// SPDX-License-Identifier: ISC
#include "engine/demand.h"

#include "engine/use.h"

#include <string.h>

static bool is_old(const struct demand_item *item, struct mono now)
{
    return mono_since_ns(now, item->at) > DEMAND_AGE_MAX_S * (int64_t)NS_PER_S;
}

// Where the prefix stands, or would.
static uint32_t place_of(const struct demand *demand, struct prefix prefix)
{
    return prefix_place(demand->items, demand->count, sizeof demand->items[0], prefix);
}

static bool is_at(const struct demand *demand, uint32_t place, struct prefix prefix)
{
    return place < demand->count && prefix_equal(demand->items[place].prefix, prefix);
}

static void drop_old(struct demand *demand, struct mono now)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < demand->count; i++)
        if (!is_old(&demand->items[i], now))
            demand->items[kept++] = demand->items[i];
    demand->count = kept;
}

static bool is_full(const struct demand *demand, enum family family)
{
    return prefix_count(demand->items, demand->count, sizeof demand->items[0], family) ==
           DEMAND_PER_FAMILY_MAX;
}

static void forget(struct demand *demand, uint32_t place)
{
    struct demand_item *item = &demand->items[place];
    memmove(item, item + 1, (--demand->count - place) * sizeof *item);
}

// What is lighter than this gives way to it.
static void drop_lightest(struct demand *demand, const struct demand_item *than)
{
    uint32_t lightest = demand->count;
    int64_t bps = than->bps;
    for (uint32_t i = 0; i < demand->count; i++)
        if (demand->items[i].prefix.address.family == than->prefix.address.family &&
            demand->items[i].bps < bps) {
            lightest = i;
            bps = demand->items[i].bps;
        }
    if (lightest < demand->count)
        forget(demand, lightest);
}

static bool insert(struct demand *demand, struct mono now, const struct demand_item *item)
{
    if (is_full(demand, item->prefix.address.family))
        drop_old(demand, now);
    if (is_full(demand, item->prefix.address.family))
        drop_lightest(demand, item);
    if (is_full(demand, item->prefix.address.family)) {
        demand->refused++;
        return false;
    }
    struct demand_item *place = &demand->items[place_of(demand, item->prefix)];
    memmove(place + 1, place, (size_t)(demand->items + demand->count++ - place) * sizeof *place);
    *place = *item;
    return true;
}

bool demand_take(struct demand *demand, struct mono at, struct mono now,
                 const struct event_demand *told)
{
    struct demand_item item = {.prefix = told->prefix, .bps = told->bps, .at = at};
    uint32_t place = place_of(demand, told->prefix);
    bool known = is_at(demand, place, told->prefix);
    if (told->bps < 0 || told->bps > USE_TBPS_MAX * 1000000000000ll || is_old(&item, now)) {
        demand->refused++;
        return false;
    }
    if (known && at.ns < demand->items[place].at.ns)
        return true;  // overtaken on its way
    if (known)
        item.asked_at = demand->items[place].asked_at;
    if (told->bps == 0 && known)
        forget(demand, place);
    else if (known)
        demand->items[place] = item;
    return known || told->bps == 0 || insert(demand, now, &item);
}

int64_t demand_bps(const struct demand *demand, struct prefix prefix, struct mono now)
{
    uint32_t place = place_of(demand, prefix);
    bool known = is_at(demand, place, prefix) && !is_old(&demand->items[place], now);
    return known ? demand->items[place].bps : -1;
}

struct demand_item *demand_find(struct demand *demand, struct prefix prefix)
{
    uint32_t place = place_of(demand, prefix);
    return is_at(demand, place, prefix) ? &demand->items[place] : NULL;
}
