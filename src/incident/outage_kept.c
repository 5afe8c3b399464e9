// SPDX-License-Identifier: ISC
#include "incident/outage_kept.h"

#include "incident/outage_inside.h"

#include <stddef.h>

struct outage_kept outage_keep(const struct outage *outage)
{
    bool is_still = !outage->lost || outage->state == OUTAGE_WELL;
    return (struct outage_kept){
        .number = outage->number,
        .state = outage->state,
        .severity = outage->severity,
        .onset = outage->onset,
        .lost_at = outage->lost_at,
        .bad_at = is_still ? outage->bad_at : (struct mono){0},
        .lost = outage->lost,
        .paths = outage->paths,
        .hit = outage->hit,
        .own = outage->own,
        .foreign = outage->foreign,
        .nodes = outage->nodes,
        .warned_by = outage->warned_by,
        .changed_by = outage->changed_by,
        .rolled_back_by = outage->rolled_back_by,
    };
}

// ---- facts

struct chosen {
    uint32_t count;
    uint32_t *ids;
};

static void choose(struct chosen *chosen, uint32_t id)
{
    uint32_t place = chosen->count;
    while (place > 0 && chosen->ids[place - 1] >= id)
        place--;
    bool is_there = place < chosen->count && chosen->ids[place] == id;
    if (id == 0 || is_there || chosen->count == OUTAGE_KEPT_FACTS)
        return;
    for (uint32_t i = chosen->count++; i > place; i--)
        chosen->ids[i] = chosen->ids[i - 1];
    chosen->ids[place] = id;
}

uint32_t outage_kept_facts(const struct outage *outage, uint32_t ids[OUTAGE_KEPT_FACTS])
{
    struct chosen chosen = {0, ids};
    choose(&chosen, outage->warned_by);
    choose(&chosen, outage->changed_by);
    choose(&chosen, outage->rolled_back_by);
    for (uint32_t i = 0; i < outage->causes.count; i++) {
        choose(&chosen, outage->causes.items[i].fact);
        choose(&chosen, outage->causes.items[i].via);
    }
    return chosen.count;
}

// ---- taking up

static bool is_of_same(const struct outage *outage, const struct outage_kept *kept)
{
    return outage->number && outage->state != OUTAGE_OVER && !outage->part_of &&
           ((outage->paths & kept->paths) || (outage->own & kept->own) ||
            (outage->foreign & kept->foreign));
}

struct outage *outages_take_up(struct outages *outages, struct mono now,
                               const struct outage_kept *kept)
{
    struct outage *outage = outage_free_place(outages);
    if (!outage || kept->number <= outages->count || kept->state == OUTAGE_OVER)
        return NULL;
    bool was_losing = kept->lost && kept->state != OUTAGE_WELL && kept->state != OUTAGE_WARNED;
    *outage = (struct outage){
        .number = kept->number,
        .state = kept->state,
        .severity = kept->severity,
        .onset = kept->onset,
        .lost = kept->lost,
        .lost_at = kept->lost_at,
        .entered_at = now,
        .bad_at = was_losing ? now : kept->bad_at,
        .joined_at = kept->lost ? kept->lost_at : kept->onset,
        .partly_since = {kept->state == OUTAGE_PARTLY_WELL},  // since long
        .settles_until = was_losing ? mono_add_ms(now, OUTAGE_SETTLE_S * 1000) : (struct mono){0},
        .settling = kept->hit,
        .paths = kept->paths,
        .hit = kept->hit,
        .own = kept->own,
        .foreign = kept->foreign,
        .nodes = kept->nodes,
        .warned_by = kept->warned_by,
        .changed_by = kept->changed_by,
        .rolled_back_by = kept->rolled_back_by,
    };
    outages->count = kept->number;
    for (uint32_t i = 0; i < OUTAGES_MAX; i++)
        if (&outages->items[i] != outage && is_of_same(&outages->items[i], kept))
            outage_absorb(outage, &outages->items[i]);
    return outage;
}
