// SPDX-License-Identifier: ISC
#include "detect/churn.h"

enum {
    TICK_MS = 100,
    LEARNED_HOUR = 360,  // spans of 10 s
    LEARNED_DAY = 8640,
};

enum ring { FINE, SECONDS, FIVES, MINUTES };

static const struct {
    int64_t ticks;  // of one slot
    uint32_t slots;
} shapes[CHURN_RINGS] = {
    [FINE] = {1, 10}, [SECONDS] = {10, 10}, [FIVES] = {50, 12}, [MINUTES] = {600, 60}};

static const struct {
    enum ring ring;
    uint32_t slots;
} spans[CHURN_SPANS] = {[CHURN_1S] = {FINE, 10},
                        [CHURN_10S] = {SECONDS, 10},
                        [CHURN_1MIN] = {FIVES, 12},
                        [CHURN_10MIN] = {MINUTES, 10},
                        [CHURN_1H] = {MINUTES, 60}};

// Makes `slot` the ring's last one; those skipped are empty.
static void advance(struct churn_ring *ring, int64_t slot, uint32_t slots)
{
    int64_t skipped = slot - ring->slot;
    if (skipped > slots)
        skipped = slots;
    for (int64_t i = 0; i < skipped; i++)
        ring->slots[(slot - i) % slots] = (struct churn_counts){0};
    if (skipped > 0)
        ring->slot = slot;
}

static void roll(struct churn *churn, struct mono now)
{
    int64_t tick = now.ns / ((int64_t)TICK_MS * NS_PER_MS);
    if (tick <= churn->tick)
        return;
    for (int i = 0; i < CHURN_RINGS; i++) {
        struct churn_ring *ring = &churn->rings[i];
        advance(ring, churn->tick / shapes[i].ticks, shapes[i].slots);
        struct churn_counts *slot = &ring->slots[ring->slot % shapes[i].slots];
        for (int what = 0; what < CHURN_WHATS; what++)
            slot->of[what] += churn->open.of[what];
        advance(ring, tick / shapes[i].ticks, shapes[i].slots);
    }
    churn->open = (struct churn_counts){0};
    churn->tick = tick;
}

void churn_add(struct churn *churn, struct mono now, enum churn_what what, uint32_t count)
{
    roll(churn, now);
    churn->open.of[what] += count;
}

void churn_complete(struct churn *churn, struct mono now)
{
    churn->complete = true;
    churn->complete_at = now;
}

void churn_lost(struct churn *churn, struct mono now)
{
    churn_add(churn, now, CHURN_LOST, 1);
    churn->complete = false;
}

uint32_t churn_count(struct churn *churn, struct mono now, enum churn_span span,
                     enum churn_what what)
{
    roll(churn, now);
    const struct churn_ring *ring = &churn->rings[spans[span].ring];
    uint32_t slots = shapes[spans[span].ring].slots, count = churn->open.of[what];
    for (uint32_t i = 0; i < spans[span].slots && i <= ring->slot; i++)
        count += ring->slots[(ring->slot - i) % slots].of[what];
    return count;
}

uint32_t churn_threshold(const struct churn *churn, uint32_t routes)
{
    uint32_t learned = churn->learned;
    uint32_t share = learned < LEARNED_HOUR ? 10 : 100;
    uint64_t threshold = learned < LEARNED_DAY ? routes / share : 0;
    for (int hour = 0; hour < CHURN_HOURS; hour++) {
        uint64_t unusual = (uint64_t)churn->usual[hour] * CHURN_TIMES;
        threshold = unusual > threshold ? unusual : threshold;
    }
    if (threshold < CHURN_FLOOR)
        threshold = CHURN_FLOOR;
    return threshold < UINT32_MAX ? (uint32_t)threshold : UINT32_MAX;
}

static uint32_t changes(struct churn *churn, struct mono now, enum churn_span span)
{
    return churn_count(churn, now, span, CHURN_ANNOUNCED) +
           churn_count(churn, now, span, CHURN_WITHDRAWN);
}

// And for so long that the last ten seconds hold nothing of its start.
static bool is_settled(const struct churn *churn, struct mono now)
{
    return churn->complete &&
           mono_since_ns(now, churn->complete_at) >= (int64_t)(CHURN_SETTLE_S + 10) * NS_PER_S;
}

static void keep(struct churn *churn, int64_t hour, uint32_t count)
{
    int64_t skipped = hour - churn->learned_hour;
    for (int64_t i = 0; i < skipped && i < CHURN_HOURS; i++)
        churn->usual[(hour - i) % CHURN_HOURS] = 0;
    churn->learned_hour = hour;
    if (churn->usual[hour % CHURN_HOURS] < count)
        churn->usual[hour % CHURN_HOURS] = count;
}

// Each span of ten seconds once, and one span late: the beginning of what is unusual must not teach
// that it is usual. But what stays becomes so.
static void learn(struct churn *churn, struct mono now, uint32_t count)
{
    int64_t slot = now.ns / (10 * (int64_t)NS_PER_S);
    bool stays = mono_since_ns(now, churn->unusual_at) >= (int64_t)CHURN_GIVE_UP_S * NS_PER_S;
    if (slot == churn->learned_slot || (churn->unusual && !stays))
        return;
    churn->learned_slot = slot;
    keep(churn, slot / 360, churn->held);
    churn->held = count;
    if (churn->learned < UINT32_MAX)
        churn->learned++;
}

static bool judge_changes(struct churn *churn, struct mono now, uint32_t routes)
{
    uint32_t count = changes(churn, now, CHURN_10S), threshold = churn_threshold(churn, routes);
    bool was = churn->unusual;
    if (!was && count >= threshold) {
        churn->unusual = true;
        churn->unusual_at = now;
        churn->held = 0;
    } else if (was && changes(churn, now, CHURN_1MIN) < UINT64_C(3) * threshold) {  // half of it
        churn->unusual = false;
    }
    learn(churn, now, count);
    return churn->unusual != was;
}

struct churn_news churn_look(struct churn *churn, struct mono now, uint32_t routes)
{
    struct churn_news news = {0};
    if (is_settled(churn, now))
        news.unusual_changed = judge_changes(churn, now, routes);
    else if (churn->unusual && !churn->complete)
        news.unusual_changed = !(churn->unusual = false);
    uint32_t lost = churn_count(churn, now, CHURN_10MIN, CHURN_LOST);
    bool flapping = lost >= CHURN_LOST_MAX || (churn->flapping && lost > 0);
    news.flapping_changed = flapping != churn->flapping;
    churn->flapping = flapping;
    return news;
}
