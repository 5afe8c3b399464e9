// SPDX-License-Identifier: ISC
#include "probe/gather.h"

#include <stdlib.h>

bool gather_init(struct gather *g)
{
    *g = (struct gather){
        .entries = malloc(GATHER_MAX * sizeof g->entries[0]),
        .order = malloc(GATHER_MAX * sizeof g->order[0]),
    };
    if (g->entries && g->order)
        return true;
    gather_done(g);
    return false;
}

void gather_done(struct gather *g)
{
    free(g->entries);
    free(g->order);
    *g = (struct gather){0};
}

static bool fits(int64_t ns)
{
    return ns >= 0 && ns <= UINT32_MAX;
}

static bool may_wait(const struct sample *sample)
{
    return sample->verdict == SAMPLE_OK && !sample->late && sample->use == FLOW_SENTINEL &&
           sample->path < GATHER_PATHS_MAX && sample->target <= UINT8_MAX &&
           sample->flow <= UINT16_MAX && sample->lost_forward <= UINT8_MAX &&
           sample->lost_reverse <= UINT8_MAX && fits(sample->rtt_ns) &&
           fits(mono_since_ns(sample->known_at, sample->sent_at));
}

bool gather_add(struct gather *g, const struct sample *sample)
{
    if (g->count == GATHER_MAX || !may_wait(sample))
        return false;
    g->entries[g->count++] = (struct gather_entry){
        .sent_ns = sample->sent_at.ns,
        .id = sample->id,
        .known_after_ns = (uint32_t)mono_since_ns(sample->known_at, sample->sent_at),
        .rtt_ns = (uint32_t)sample->rtt_ns,
        .flow = (uint16_t)sample->flow,
        .path = (uint8_t)sample->path,
        .target = (uint8_t)sample->target,
        .lost_forward = (uint8_t)sample->lost_forward,
        .lost_reverse = (uint8_t)sample->lost_reverse,
        .direction_known = sample->direction_known,
    };
    return true;
}

void gather_sort(struct gather *g)
{
    uint32_t next[GATHER_PATHS_MAX] = {0}, before = 0;
    for (uint32_t i = 0; i < g->count; i++)
        next[g->entries[i].path]++;
    for (uint32_t path = 0; path < GATHER_PATHS_MAX; path++) {
        uint32_t count = next[path];
        next[path] = before;
        before += count;
    }
    for (uint32_t i = 0; i < g->count; i++)
        g->order[next[g->entries[i].path]++] = (uint16_t)i;
}

struct sample gather_sample(const struct gather_entry *entry)
{
    return (struct sample){
        .id = entry->id,
        .use = FLOW_SENTINEL,
        .path = entry->path,
        .target = entry->target,
        .flow = entry->flow,
        .verdict = SAMPLE_OK,
        .sent_at = {entry->sent_ns},
        .known_at = {entry->sent_ns + entry->known_after_ns},
        .rtt_ns = entry->rtt_ns,
        .lost_forward = entry->lost_forward,
        .lost_reverse = entry->lost_reverse,
        .direction_known = entry->direction_known,
    };
}
