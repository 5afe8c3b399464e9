// SPDX-License-Identifier: ISC
#include "detect/history.h"

#include <assert.h>

_Static_assert((HISTORY_SAMPLES & (HISTORY_SAMPLES - 1)) == 0, "a ring indexed by a mask");

void history_init(struct history *h)
{
    h->oldest = h->next = HISTORY_NOWHERE + 1;
}

static const struct history_entry *entry_at(const struct history *h, uint64_t position)
{
    assert(position >= h->oldest && position < h->next);
    return &h->entries[position & (HISTORY_SAMPLES - 1)];
}

struct history_entry *history_at(struct history *h, uint64_t position)
{
    assert(position >= h->oldest && position < h->next);
    return &h->entries[position & (HISTORY_SAMPLES - 1)];
}

// The first position, `from` at the earliest, of a sample sent after `sent_ns`. Nearly always the
// end or a few before it, so it is looked for from there.
static uint64_t position_after(const struct history *h, int64_t sent_ns, uint64_t from)
{
    uint64_t position = h->next;
    while (position > from && entry_at(h, position - 1)->sent_ns > sent_ns)
        position--;
    return position;
}

static uint8_t at_most_255(uint32_t count)
{
    return (uint8_t)(count < UINT8_MAX ? count : UINT8_MAX);
}

uint64_t history_insert(struct history *h, const struct sample *sample, bool aside, uint64_t floor)
{
    assert(floor >= h->oldest && floor <= h->next);
    uint64_t position = position_after(h, sample->sent_at.ns, floor);
    if (position == floor && floor > h->oldest &&
        entry_at(h, floor - 1)->sent_ns > sample->sent_at.ns)
        return HISTORY_NOWHERE;
    if (h->next - h->oldest == HISTORY_SAMPLES)
        h->oldest++;
    h->next++;
    for (uint64_t i = h->next - 1; i > position; i--)
        *history_at(h, i) = *history_at(h, i - 1);
    *history_at(h, position) = (struct history_entry){
        .sent_ns = sample->sent_at.ns,
        .target = sample->target & 0x7f,
        .flow = sample->flow & 0x3f,
        .verdict = sample->verdict & 3,
        .aside = aside,
        .lost_forward = at_most_255(sample->direction_known ? sample->lost_forward : 0),
        .lost_reverse = at_most_255(sample->direction_known ? sample->lost_reverse : 0),
    };
    return position;
}

uint64_t history_find(const struct history *h, const struct sample *sample)
{
    for (uint64_t i = position_after(h, sample->sent_at.ns, h->oldest); i > h->oldest; i--) {
        const struct history_entry *entry = entry_at(h, i - 1);
        if (entry->sent_ns != sample->sent_at.ns)
            break;
        if (entry->target == sample->target && entry->flow == sample->flow)
            return i - 1;
    }
    return HISTORY_NOWHERE;
}

static void count_entry(struct history_count *count, const struct history_entry *entry)
{
    struct history_target *target = &count->targets[entry->target];
    bool lost = entry->verdict == SAMPLE_LOST;
    target->ok += !lost;
    target->lost += lost;
    target->aside = entry->aside;
    if (entry->aside)
        return;
    count->ok += !lost;
    count->lost_forward += entry->lost_forward;
    count->lost_reverse += entry->lost_reverse;
    if (!lost)
        return;
    if (count->lost++ == 0)
        count->first_lost_ns = entry->sent_ns;
    count->last_lost_ns = entry->sent_ns;
}

static uint32_t bits(uint64_t set)
{
    return (uint32_t)__builtin_popcountll(set);
}

void history_count(const struct history *h, struct mono since, struct history_count *count)
{
    uint64_t flows[NET_TARGETS_MAX] = {0}, flows_lossy[NET_TARGETS_MAX] = {0};
    *count = (struct history_count){0};
    uint64_t first = position_after(h, since.ns - 1, h->oldest);
    for (uint64_t i = first; i < h->next; i++) {
        const struct history_entry *entry = entry_at(h, i);
        if (entry->verdict == SAMPLE_VOID) {
            count->voided++;
            continue;
        }
        flows[entry->target] |= UINT64_C(1) << entry->flow;
        flows_lossy[entry->target] |= (uint64_t)(entry->verdict == SAMPLE_LOST) << entry->flow;
        count_entry(count, entry);
    }
    for (uint32_t t = 0; t < NET_TARGETS_MAX; t++) {
        count->flows += bits(flows[t]);
        count->flows_lossy += bits(flows_lossy[t]);
    }
    // The reflector may tell of losses whose time-out is still to come.
    if (count->lost_forward > count->lost)
        count->lost_forward = count->lost;
    if (count->lost_reverse > count->lost - count->lost_forward)
        count->lost_reverse = count->lost - count->lost_forward;
}
