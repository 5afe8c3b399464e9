// SPDX-License-Identifier: ISC
#include "steer/health.h"

void health_begin(struct health *health, struct mono now, struct random *random)
{
    int64_t wait_ns = (int64_t)(random_unit(random) * NS_PER_S);
    *health = (struct health){.ask_at = mono_add_ns(now, wait_ns)};
}

bool health_is_due(const struct health *health, struct mono now)
{
    return mono_reached(now, health->ask_at);
}

void health_ask(struct health *health, const struct net_health *how, struct mono now,
                struct random *random)
{
    double wait_ns = (double)how->interval_ns * (0.9 + 0.2 * random_unit(random));
    health->ask_at = mono_add_ns(now, (int64_t)wait_ns);
}

bool health_answer(struct health *health, const struct net_health *how, bool is_well)
{
    bool agrees = health->is_known && health->is_well == is_well;
    health->against = agrees ? 0 : health->against + 1;
    if (agrees || (health->is_known && health->against < (is_well ? how->rise : how->fall)))
        return false;
    health->is_known = true;
    health->is_well = is_well;
    health->against = 0;
    return true;
}
