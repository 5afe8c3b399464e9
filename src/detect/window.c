// SPDX-License-Identifier: ISC
#include "detect/window.h"

#include "stat/beta.h"

#include <stdbool.h>

static int64_t slot_number(struct mono at)
{
    return at.ns / ((int64_t)WINDOW_SLOT_MS * NS_PER_MS);
}

static struct window_sum *before(struct window *w, int64_t number)
{
    return &w->before[number % WINDOW_SLOTS];
}

static void add(struct window_sum *to, struct window_sum sum)
{
    to->ok += sum.ok;
    to->lost += sum.lost;
    to->voided += sum.voided;
}

static bool is_empty(const struct window *w)
{
    return w->newest == 0 && w->all.ok == 0 && w->all.lost == 0 && w->all.voided == 0;
}

// Slots in which nothing came begin with what had come before them. Where nothing ever came they
// are zero as they are.
static void turn_to(struct window *w, int64_t number)
{
    int64_t first = w->newest + 1;
    if (number - first >= WINDOW_SLOTS)
        first = number - WINDOW_SLOTS + 1;
    for (int64_t n = first; n <= number && !is_empty(w); n++)
        *before(w, n) = w->all;
    w->newest = number;
}

void window_add(struct window *w, struct mono at, struct window_sum sum)
{
    int64_t number = slot_number(at);
    if (number > w->newest)
        turn_to(w, number);
    if (w->newest - number >= WINDOW_SLOTS)  // older than the window
        return;
    for (int64_t n = number + 1; n <= w->newest; n++)
        add(before(w, n), sum);
    add(&w->all, sum);
}

static void answer(struct window_sum *sum, uint32_t count)
{
    sum->ok += count;
    sum->lost -= count;
}

void window_answered(struct window *w, struct mono since, uint32_t count)
{
    int64_t first = slot_number(since), oldest = w->newest - WINDOW_SLOTS + 1;
    first = first > oldest ? first : oldest;
    first = first > 0 ? first : 0;
    for (int64_t n = w->newest; n >= first && count > 0; n--) {
        const struct window_sum *until = n < w->newest ? before(w, n + 1) : &w->all;
        uint32_t lost = until->lost - before(w, n)->lost, here = lost < count ? lost : count;
        for (int64_t after = n + 1; after <= w->newest && here > 0; after++)
            answer(before(w, after), here);
        answer(&w->all, here);
        count -= here;
    }
}

struct window_count window_count(const struct window *w, struct mono since, struct mono until)
{
    int64_t first = slot_number(since), last = slot_number(until);
    int64_t oldest = w->newest >= WINDOW_SLOTS ? w->newest - WINDOW_SLOTS + 1 : 0;
    first = first > oldest ? first : oldest;
    if (last < first || first > w->newest)
        return (struct window_count){0};
    struct window_sum from = w->before[first % WINDOW_SLOTS];
    struct window_sum to = last < w->newest ? w->before[(last + 1) % WINDOW_SLOTS] : w->all;
    return (struct window_count){to.ok - from.ok, to.lost - from.lost, to.voided - from.voided};
}

uint32_t window_count_ppm(struct window_count count)
{
    uint64_t all = count.ok + count.lost;
    return all > 0 ? (uint32_t)(count.lost * 1000000 / all) : 0;
}

struct window_loss window_loss(const struct window *w, struct mono since, struct mono until)
{
    struct window_count count = window_count(w, since, until);
    return (struct window_loss){
        .ok = count.ok,
        .lost = count.lost,
        .loss_ppm = window_count_ppm(count),
        .low_ppm = beta_low_ppm(count.ok, count.lost),
        .high_ppm = beta_high_ppm(count.ok, count.lost),
    };
}
