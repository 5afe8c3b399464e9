// SPDX-License-Identifier: ISC
#include "detect/window.h"

#include "stat/beta.h"

static int64_t slot_number(struct mono at)
{
    return at.ns / ((int64_t)WINDOW_SLOT_MS * NS_PER_MS);
}

void window_add(struct window *w, struct mono at, uint32_t ok, uint32_t lost)
{
    int64_t number = slot_number(at);
    struct window_slot *slot = &w->slots[number % WINDOW_SLOTS];
    if (slot->number > number)  // older than the window: its place is taken
        return;
    if (slot->number < number)
        *slot = (struct window_slot){.number = number};
    slot->ok += ok;
    slot->lost += lost;
}

struct window_loss window_loss(const struct window *w, struct mono since, struct mono until)
{
    struct window_loss loss = {0};
    int64_t first = slot_number(since), last = slot_number(until);
    first = first > 0 ? first : 0;
    for (int64_t i = 0; i < WINDOW_SLOTS && first + i <= last; i++) {
        const struct window_slot *slot = &w->slots[(first + i) % WINDOW_SLOTS];
        if (slot->number < first || slot->number > last)
            continue;
        loss.ok += slot->ok;
        loss.lost += slot->lost;
    }
    struct beta_bounds bounds = beta_bounds(loss.ok, loss.lost);
    loss.low_ppm = bounds.low_ppm;
    loss.high_ppm = bounds.high_ppm;
    if (loss.lost > 0)
        loss.loss_ppm = (uint32_t)(loss.lost * 1000000 / (loss.ok + loss.lost));
    return loss;
}
