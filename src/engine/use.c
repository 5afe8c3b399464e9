// SPDX-License-Identifier: ISC
#include "engine/use.h"

#include "base/amount.h"

#define BPS_MAX (USE_TBPS_MAX * 1000000000000ll)

static int64_t slot_number(struct mono at)
{
    return at.ns / (USE_SLOT_S * (int64_t)NS_PER_S) + 1;
}

static bool is_possible(int64_t bps)
{
    return bps >= 0 && bps <= BPS_MAX;
}

bool use_take(struct use *use, struct mono at, const struct event_use *told)
{
    if (told->upstream >= NET_UPSTREAMS_MAX || at.ns < 0 || !is_possible(told->out_bps) ||
        !is_possible(told->in_bps))
        return false;
    struct use_upstream *u = &use->upstreams[told->upstream];
    struct use_slot *slot = &u->slots[slot_number(at) % USE_SLOTS];
    if (slot->number > slot_number(at))
        return false;  // it was on its way for more than five minutes
    if (slot->number != slot_number(at))
        *slot = (struct use_slot){.number = slot_number(at), .out_last_bps = told->out_bps};
    slot->out_bps = amount_higher(slot->out_bps, told->out_bps);
    slot->in_bps = amount_higher(slot->in_bps, told->in_bps);
    if (u->heard && at.ns < u->at.ns)
        return true;
    slot->out_last_bps = told->out_bps;
    u->heard = true;
    u->at = at;
    u->out_bps = told->out_bps;
    u->in_bps = told->in_bps;
    return true;
}

// The smallest of them that at least 95 of 100 do not exceed. Sorts.
static int64_t p95(int64_t *values, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t j = i; j > 0 && values[j - 1] > values[j]; j--) {
            int64_t value = values[j];
            values[j] = values[j - 1];
            values[j - 1] = value;
        }
    return count > 0 ? values[(95 * count + 99) / 100 - 1] : 0;
}

struct use_seen use_now(const struct use *use, uint32_t upstream, struct mono now)
{
    if (upstream >= NET_UPSTREAMS_MAX || !use->upstreams[upstream].heard)
        return (struct use_seen){0};
    const struct use_upstream *u = &use->upstreams[upstream];
    int64_t age_ns = mono_since_ns(now, u->at);
    return (struct use_seen){.known = age_ns <= USE_AGE_MAX_S * (int64_t)NS_PER_S,
                             .age_ns = age_ns,
                             .out_bps = u->out_bps,
                             .in_bps = u->in_bps};
}

struct use_seen use_of(const struct use *use, uint32_t upstream, struct mono now)
{
    struct use_seen seen = use_now(use, upstream, now);
    if (upstream >= NET_UPSTREAMS_MAX || !use->upstreams[upstream].heard)
        return seen;
    const struct use_upstream *u = &use->upstreams[upstream];
    int64_t out[USE_SLOTS], in[USE_SLOTS];
    for (uint32_t i = 0; i < USE_SLOTS; i++) {
        if (u->slots[i].number == 0 || u->slots[i].number <= slot_number(now) - USE_SLOTS)
            continue;
        out[seen.slots] = u->slots[i].out_bps;
        in[seen.slots++] = u->slots[i].in_bps;
    }
    seen.out_p95_bps = p95(out, seen.slots);
    seen.in_p95_bps = p95(in, seen.slots);
    return seen;
}

// -1: not of all something was told in this slot.
static int64_t slot_all_bps(const struct use *use, uint32_t upstreams, int64_t number)
{
    int64_t all = 0;
    for (uint32_t u = 0; u < upstreams; u++) {
        const struct use_slot *slot = &use->upstreams[u].slots[number % USE_SLOTS];
        if (slot->number != number)
            return -1;
        all += slot->out_last_bps;
    }
    return all;
}

int64_t use_all_bps(const struct use *use, uint32_t upstreams, struct mono now)
{
    int64_t all[USE_SLOTS], sum = 0, last = slot_number(now);
    uint32_t count = 0;
    for (uint32_t u = 0; u < upstreams; u++) {
        struct use_seen seen = use_of(use, u, now);
        if (!seen.known)
            return -1;
        sum += seen.out_bps;
    }
    for (int64_t number = last; number > 0 && number > last - USE_SLOTS; number--) {
        all[count] = slot_all_bps(use, upstreams, number);
        count += all[count] >= 0;
    }
    return amount_higher(sum, p95(all, count));
}

static bool is_another(int64_t bps, int64_t told_bps)
{
    int64_t by = bps > told_bps ? bps - told_bps : told_bps - bps;
    return by > told_bps / 100 * USE_TELL_PERCENT;
}

bool use_is_news(struct use *use, struct mono at, const struct event_use *taken)
{
    struct use_told *told = &use->told[taken->upstream];
    bool changed =
        is_another(taken->out_bps, told->out_bps) || is_another(taken->in_bps, told->in_bps);
    int64_t least_s = changed ? USE_TELL_S : USE_TELL_S_MAX;
    if (told->at.ns != 0 && mono_since_ns(at, told->at) < least_s * NS_PER_S)
        return false;
    *told = (struct use_told){at, taken->out_bps, taken->in_bps};
    return true;
}
