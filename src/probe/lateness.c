// SPDX-License-Identifier: ISC
#include "probe/lateness.h"

static int64_t slot_of(struct mono now)
{
    return now.ns / (LATENESS_SLOT_MS * (int64_t)NS_PER_MS);
}

void lateness_note(struct lateness *l, int64_t late_ns, struct mono now)
{
    int64_t number = slot_of(now);
    uint32_t at = (uint32_t)((uint64_t)number % LATENESS_SLOTS);
    if (late_ns <= LATENESS_NS_MIN)
        return;
    if (l->slots[at].number != number || l->slots[at].worst_ns < late_ns)
        l->slots[at].worst_ns = late_ns;
    l->slots[at].number = number;
}

int64_t lateness_worst_ns(const struct lateness *l, struct mono now)
{
    int64_t worst_ns = 0, first = slot_of(now) - LATENESS_SLOTS;
    for (uint32_t i = 0; i < LATENESS_SLOTS; i++)
        if (l->slots[i].number > first && l->slots[i].worst_ns > worst_ns)
            worst_ns = l->slots[i].worst_ns;
    return worst_ns;
}
