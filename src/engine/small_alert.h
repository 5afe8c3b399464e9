// SPDX-License-Identifier: ISC
// For tests, beside small_net(): two people who are paged by phone and mail.
#pragma once

#include "engine/small_net.h"

static inline void small_alert(struct net *net)
{
    struct net_alert *alert = &net->alert;
    alert->channel_count = 2;
    strcpy(alert->channels[0].name, "phone");
    strcpy(alert->channels[1].name, "mail");
    alert->channels[0].timeout_ns = alert->channels[1].timeout_ns = 10ll * NS_PER_S;
    alert->channels[1].upstreams = 1 << 0 | 1 << 1;
    alert->person_count = 2;
    strcpy(alert->people[0].name, "anna");
    strcpy(alert->people[1].name, "ben");
    alert->people[0].channels = (struct net_order){2, {1, 0}};
    alert->people[1].channels = (struct net_order){1, {0}};
    alert->team_count = 1;
    strcpy(alert->teams[0].name, "network");
    alert->teams[0].layer_count = 1;
    alert->teams[0].layers[0] = (struct net_layer){.people = {2, {0, 1}}, .weeks = 1};
    for (int g = 0; g < NET_GRAVITIES; g++)
        alert->gravities[g] =
            (struct net_gravity){1, 120ll * NS_PER_S, 300ll * NS_PER_S, 3600ll * NS_PER_S};
    alert->pages_per_hour_max = 30;
}
