// SPDX-License-Identifier: ISC
#include "alert/zone.h"

#include <string.h>

void zone_add(struct zone *zone, struct zone_change change)
{
    while (zone->count > 0 && zone->changes[zone->count - 1].at_s >= change.at_s)
        zone->count--;
    if (zone->count == ZONE_CHANGES_MAX)
        memmove(zone->changes, zone->changes + 1, --zone->count * sizeof zone->changes[0]);
    zone->changes[zone->count++] = change;
}

int64_t zone_local_s(const struct zone *zone, int64_t utc_s)
{
    int32_t offset_s = zone->count > 0 ? zone->changes[0].offset_s : 0;
    for (uint32_t i = 1; i < zone->count && zone->changes[i].at_s <= utc_s; i++)
        offset_s = zone->changes[i].offset_s;
    return utc_s + offset_s;
}

int64_t zone_utc_s(const struct zone *zone, int64_t local_s)
{
    if (zone->count == 0)
        return local_s;
    for (uint32_t i = 0;; i++) {
        const struct zone_change *change = &zone->changes[i];
        int64_t utc_s = local_s - change->offset_s;
        if (i + 1 < zone->count && utc_s >= change[1].at_s)
            continue;
        return i > 0 && utc_s < change->at_s ? change->at_s : utc_s;
    }
}
