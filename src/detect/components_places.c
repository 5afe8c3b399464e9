// SPDX-License-Identifier: ISC
// A place is numbered by the first target, and level, that has its name: a region may be called as
// a country is.
#include "detect/components_inside.h"

#include <assert.h>
#include <string.h>

static_assert(NET_TARGETS_MAX * PLACE_LEVELS < NOBODY16, "places are numbered");

const char *components_place_name(const struct components *c, uint16_t place)
{
    const struct net_target *target = &c->net->targets[place / PLACE_LEVELS];
    return place % PLACE_LEVELS == PLACE_COUNTRY ? target->country : net_target_region(target);
}

static bool is_at(const struct components *c, uint32_t target, const char *name)
{
    for (uint32_t level = 0; level < PLACE_LEVELS; level++)
        if (strcmp(components_place_name(c, (uint16_t)(target * PLACE_LEVELS + level)), name) == 0)
            return true;
    return false;
}

// A place of one target is that target.
static uint16_t number_of(const struct components *c, const char *name)
{
    uint16_t place = 0;
    uint32_t targets = 0;
    for (uint32_t t = 0; t < c->net->target_count; t++)
        targets += is_at(c, t, name);
    if (!name[0] || targets < 2)
        return NOBODY16;
    while (strcmp(components_place_name(c, place), name))
        place++;
    return place;
}

void components_find_places(struct components *c)
{
    for (uint32_t t = 0; t < c->net->target_count; t++) {
        uint16_t *places = c->places[t];
        for (uint32_t level = 0; level < PLACE_LEVELS; level++)
            places[level] =
                number_of(c, components_place_name(c, (uint16_t)(t * PLACE_LEVELS + level)));
        if (places[PLACE_REGION] == places[PLACE_COUNTRY])
            places[PLACE_REGION] = NOBODY16;
    }
}
