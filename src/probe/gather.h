// SPDX-License-Identifier: ISC
// Answers that wait to be told, for a moment, so that those of one path are told one after the
// other: what a path's detector needs then lies in the processor's nearest cache, which has no room
// for that of all paths. Only answers wait, and in the order in which they came: they raise no
// alarm. Whoever has anything else to tell, tells these first. 32 bytes each. Knows no clock.
#pragma once

#include "base/clock.h"
#include "probe/sample.h"

#include <stdbool.h>
#include <stdint.h>

enum { GATHER_MAX = 2048, GATHER_PATHS_MAX = 256 };

struct gather_entry {
    int64_t sent_ns;
    uint32_t id, known_after_ns, rtt_ns;
    uint16_t flow;
    uint8_t path, target;
    uint8_t lost_forward, lost_reverse;
    bool direction_known;
};

struct gather {
    struct gather_entry *entries;
    uint16_t *order;  // the places of all, by path
    uint32_t count;
};

// False without memory.
bool gather_init(struct gather *gather);
void gather_done(struct gather *gather);

// False: it is to be told at once, or there is no room, and nothing has changed.
bool gather_add(struct gather *gather, const struct sample *sample);
// Of all `gather.count`, then, the n-th in that order: its entry, and the sample that it was.
void gather_sort(struct gather *gather);
static inline const struct gather_entry *gather_entry(const struct gather *gather, uint32_t n)
{
    return &gather->entries[gather->order[n]];
}
struct sample gather_sample(const struct gather_entry *entry);
