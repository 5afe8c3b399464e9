// SPDX-License-Identifier: ISC
#include "sim/scenario.h"

#include <stddef.h>
#include <string.h>

static const struct sim_scenario scenarios[] = {
    {NULL, NULL, NULL, NULL},
};

const struct sim_scenario *sim_scenario_at(uint32_t n)
{
    return n + 1 < sizeof scenarios / sizeof scenarios[0] ? &scenarios[n] : NULL;
}

const struct sim_scenario *sim_scenario_find(const char *name)
{
    const struct sim_scenario *found = scenarios;
    while (found->name && strcmp(found->name, name) != 0)
        found++;
    return found->name ? found : NULL;
}
