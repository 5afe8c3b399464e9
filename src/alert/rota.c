// SPDX-License-Identifier: ISC
#include "alert/rota.h"

#include "base/civil.h"

// 1970-01-01 was a Thursday.
enum { MONDAY_S = 3 * CIVIL_DAY_S };

static bool is_among(const struct net_order *order, uint32_t person)
{
    for (uint32_t i = 0; i < order->count; i++)
        if (order->items[i] == person)
            return true;
    return false;
}

// The hand-over at or before the layer's begin, in local time.
static int64_t first_hand_over_s(const struct net_layer *layer)
{
    int64_t week = civil_floor(layer->from_s + MONDAY_S, CIVIL_WEEK_S);
    int64_t at_s = week * CIVIL_WEEK_S - MONDAY_S + (int64_t)layer->hand_over_min * 60;
    return at_s > layer->from_s ? at_s - CIVIL_WEEK_S : at_s;
}

// The number of the present turn. When clocks go back a local time comes twice: hand-overs are
// compared as moments, so that none is undone.
static int64_t turn_at(const struct net_layer *layer, const struct zone *zone, int64_t utc_s)
{
    int64_t first_s = first_hand_over_s(layer), turn_s = (int64_t)layer->weeks * CIVIL_WEEK_S;
    int64_t turn = civil_floor(zone_local_s(zone, utc_s) - first_s, turn_s);
    if (utc_s >= zone_utc_s(zone, first_s + (turn + 1) * turn_s))
        return turn + 1;
    return utc_s < zone_utc_s(zone, first_s + turn * turn_s) ? turn - 1 : turn;
}

static bool is_within_hours(const struct net_layer *layer, int64_t local_s)
{
    int64_t day = civil_floor(local_s, CIVIL_DAY_S);
    uint32_t minute = (uint32_t)((local_s - day * CIVIL_DAY_S) / 60);
    uint32_t days = layer->days ? layer->days : 0x7f;
    bool today = days >> civil_weekday(day) & 1;
    bool since_yesterday = days >> civil_weekday(day - 1) & 1;
    if (layer->begin_min == layer->end_min)
        return today;
    if (layer->begin_min < layer->end_min)
        return today && minute >= layer->begin_min && minute < layer->end_min;
    return (today && minute >= layer->begin_min) || (since_yesterday && minute < layer->end_min);
}

static bool has_duty(const struct net_layer *layer, const struct zone *zone, int64_t utc_s)
{
    return layer->people.count > 0 && utc_s >= zone_utc_s(zone, layer->from_s) &&
           is_within_hours(layer, zone_local_s(zone, utc_s));
}

static const struct net_layer *layer_at(const struct net_layer *layers, uint32_t count,
                                        const struct zone *zone, int64_t utc_s)
{
    while (count > 0)
        if (has_duty(&layers[--count], zone, utc_s))
            return &layers[count];
    return NULL;
}

static uint32_t person_of_turn(const struct net_layer *layer, int64_t turn)
{
    int64_t count = layer->people.count;
    return layer->people.items[(turn % count + count) % count];
}

// Who stands in for this person; a substitute for whoever it is stands in for primaries only.
static uint32_t substituted(const struct net_team *team, const struct zone *zone, int64_t utc_s,
                            uint32_t person, enum rota_rank rank)
{
    for (uint32_t i = team->substitute_count; i > 0; i--) {
        const struct net_substitute *s = &team->substitutes[i - 1];
        bool fits =
            s->instead_of.count > 0 ? is_among(&s->instead_of, person) : rank == ROTA_PRIMARY;
        if (fits && utc_s >= zone_utc_s(zone, s->from_s) && utc_s < zone_utc_s(zone, s->until_s))
            return s->person;
    }
    return person;
}

// Without a rota of its own the secondary is whoever comes next and is somebody else.
static uint32_t secondary(const struct net_team *team, const struct zone *zone, int64_t utc_s,
                          uint32_t primary)
{
    bool is_own = team->second_count > 0;
    const struct net_layer *layer = is_own
                                        ? layer_at(team->seconds, team->second_count, zone, utc_s)
                                        : layer_at(team->layers, team->layer_count, zone, utc_s);
    for (uint32_t n = is_own ? 0 : 1; layer && n < layer->people.count; n++) {
        int64_t turn = turn_at(layer, zone, utc_s) + n;
        uint32_t person =
            substituted(team, zone, utc_s, person_of_turn(layer, turn), ROTA_SECONDARY);
        if (person != primary)
            return person;
    }
    return NET_NOBODY;
}

uint32_t rota_on_call(const struct net_team *team, const struct zone *zone, int64_t utc_s,
                      enum rota_rank rank)
{
    const struct net_layer *layer = layer_at(team->layers, team->layer_count, zone, utc_s);
    uint32_t primary = NET_NOBODY;
    if (layer)
        primary = substituted(team, zone, utc_s, person_of_turn(layer, turn_at(layer, zone, utc_s)),
                              ROTA_PRIMARY);
    return rank == ROTA_PRIMARY ? primary : secondary(team, zone, utc_s, primary);
}

uint32_t rota_members(const struct net_team *team)
{
    uint32_t members = 0;
    for (uint32_t l = 0; l < team->layer_count; l++)
        for (uint32_t i = 0; i < team->layers[l].people.count; i++)
            members |= UINT32_C(1) << team->layers[l].people.items[i];
    for (uint32_t l = 0; l < team->second_count; l++)
        for (uint32_t i = 0; i < team->seconds[l].people.count; i++)
            members |= UINT32_C(1) << team->seconds[l].people.items[i];
    return members;
}
