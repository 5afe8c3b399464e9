// SPDX-License-Identifier: ISC
#include "probe/cover.h"

enum { WORDS = COVER_BUCKETS_MAX / 64 };

struct choice {
    uint64_t covered[WORDS];
    uint32_t times[COVER_BUCKETS_MAX];  // that a bucket is covered
    uint32_t *flows;
    uint32_t count;
};

static uint32_t count_new(const struct cover_flow *flow, const uint64_t covered[WORDS])
{
    uint32_t count = 0;
    for (int i = 0; i < WORDS; i++)
        count += (uint32_t)__builtin_popcountll(flow->bits[i] & ~covered[i]);
    return count;
}

// How often its buckets are chosen already: the mean, in thousandths. A flow through no bucket that
// is known may well be through one that is not: it comes after as many of each.
static uint32_t load_of(const struct cover_flow *flow, const uint32_t *times)
{
    uint32_t sum = 0, buckets = 0;
    for (uint32_t b = 0; b < COVER_BUCKETS_MAX; b++)
        if (cover_has(flow, b)) {
            sum += times[b];
            buckets++;
        }
    return buckets > 0 ? sum * 1000 / buckets : 0;
}

static bool is_chosen(const struct choice *choice, uint32_t flow)
{
    for (uint32_t i = 0; i < choice->count; i++)
        if (choice->flows[i] == flow)
            return true;
    return false;
}

static void take(struct choice *choice, const struct cover_flow *flow, uint32_t number)
{
    for (int i = 0; i < WORDS; i++)
        choice->covered[i] |= flow->bits[i];
    for (uint32_t b = 0; b < COVER_BUCKETS_MAX; b++)
        choice->times[b] += cover_has(flow, b);
    choice->flows[choice->count++] = number;
}

// The best flow for what is not covered; when everything is, the one for what is covered least.
static uint32_t best(const struct choice *choice, const struct cover_flow *flows, uint32_t count)
{
    uint32_t found = count, most = 0, least = UINT32_MAX;
    for (uint32_t f = 0; f < count; f++) {
        if (is_chosen(choice, f))
            continue;
        uint32_t gain = count_new(&flows[f], choice->covered);
        uint32_t load = gain > 0 ? 0 : load_of(&flows[f], choice->times);
        if (gain > most || (gain == most && gain == 0 && load < least)) {
            found = f;
            most = gain;
            least = load;
        }
    }
    return found;
}

uint32_t cover_choose(const struct cover_flow *flows, uint32_t count, uint32_t want,
                      uint32_t *chosen, uint32_t *missed)
{
    struct choice choice = {.flows = chosen};
    while (choice.count < want && choice.count < count) {
        uint32_t flow = best(&choice, flows, count);
        take(&choice, &flows[flow], flow);
    }
    struct cover_flow all = {0};
    for (uint32_t f = 0; f < count; f++)
        for (int i = 0; i < WORDS; i++)
            all.bits[i] |= flows[f].bits[i];
    *missed = count_new(&all, choice.covered);
    return choice.count;
}
