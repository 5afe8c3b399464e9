// SPDX-License-Identifier: ISC
// Values that name channels, people and teams: those that stand before them in the file's order of
// keys were read already.
#include "net/values_inside.h"

#include "net/rights.h"

#include <string.h>

const char *const net_channel_kind_names[NET_CHANNEL_KINDS] = {
    "webhook", "email", "slack", "teams", "pagerduty", "opsgenie", "alertmanager", "program"};
static_assert(sizeof(enum net_channel_kind) == sizeof(unsigned),
              "values_word() writes an unsigned");

bool values_channel(const struct reading *r, void *place)
{
    return values_word(r, net_channel_kind_names, NET_CHANNEL_KINDS, place);
}

static struct names channel_names(const struct reading *r)
{
    const struct net_alert *alert = &r->values->net->alert;
    struct names names = {.count = alert->channel_count,
                          .wrong = "is no channel",
                          .remedy = "write names from alert.channels"};
    for (uint32_t i = 0; i < names.count; i++)
        names.items[i] = alert->channels[i].name;
    return names;
}

static struct names people_names(const struct reading *r)
{
    const struct net_alert *alert = &r->values->net->alert;
    struct names names = {.count = alert->person_count,
                          .wrong = "is nobody",
                          .remedy = "write names from alert.people"};
    for (uint32_t i = 0; i < names.count; i++)
        names.items[i] = alert->people[i].name;
    return names;
}

static bool add_to_order(const struct reading *r, struct names names, struct net_order *order)
{
    int found = values_find_name(r, &names);
    if (found < 0)
        return names.count == 0;
    if (order->count == NET_ORDER_MAX)
        return values_refuse(r, "is one too many", "write at most 12 names");
    order->items[order->count++] = (uint8_t)found;
    return true;
}

bool values_channels(const struct reading *r, void *place)
{
    return add_to_order(r, channel_names(r), place);
}

bool values_people(const struct reading *r, void *place)
{
    return add_to_order(r, people_names(r), place);
}

bool values_person(const struct reading *r, void *place)
{
    struct names names = people_names(r);
    int found = values_find_name(r, &names);
    if (found >= 0)
        memcpy(place, &(uint32_t){(uint32_t)found}, sizeof(uint32_t));
    return found >= 0 || names.count == 0;
}

bool values_teams(const struct reading *r, void *place)
{
    const struct net_alert *alert = &r->values->net->alert;
    struct names names = {.count = alert->team_count,
                          .wrong = "is no team",
                          .remedy = "write names from alert.teams"};
    for (uint32_t i = 0; i < names.count; i++)
        names.items[i] = alert->teams[i].name;
    return values_add_to_set(values_find_name(r, &names), &names, place);
}

bool values_rights(const struct reading *r, void *place)
{
    struct names names = {.count = RIGHT_COUNT,
                          .wrong = "is no right",
                          .remedy = "write some of read, ack, act and admin"};
    for (uint32_t i = 0; i < names.count; i++)
        names.items[i] = right_names[i];
    return values_add_to_set(values_find_name(r, &names), &names, place);
}
