// SPDX-License-Identifier: ISC
// What goes out, by which channel, and when the next one is taken.
#include "alert/inside.h"

#include <assert.h>
#include <string.h>

enum {
    HOUR_S = 3600,
    ANSWER_MS = 1000,            // beyond a channel's own time, to hear what became of it
    AGAIN_FIRST_MS = 30 * 1000,  // every channel was taken in vain: from the first on again,
    AGAIN_LAST_MS = 600 * 1000,  // each time twice as late, up to this
};

// ---- how much a person gets

static uint32_t spent_lately(const struct alert_spent *spent, struct mono now, uint32_t max)
{
    uint32_t lately = 0, kept = spent->count < max ? spent->count : max;
    for (uint32_t i = 0; i < kept; i++)
        lately += mono_since_ns(now, spent->at[i]) < (int64_t)HOUR_S * NS_PER_S;
    return lately;
}

static void spend(struct alert_spent *spent, struct mono now, uint32_t max)
{
    spent->at[spent->count++ % max] = now;
    if (spent->count == 2 * max)  // it only ever counts how many places hold something
        spent->count = max;
}

static uint32_t hourly_max(const struct alert *alert)
{
    uint32_t max = alert->net->alert.pages_per_hour_max;
    return max < ALERT_HOURLY_MAX ? max : ALERT_HOURLY_MAX;
}

// ---- by which channel

// A channel that has a way out besides those that fail.
static bool has_way(const struct net_channel *channel, uint32_t failing)
{
    return channel->upstreams == 0 || (channel->upstreams & ~failing) != 0;
}

// The n-th of the person's channels: first those with a good way, in their order.
static uint32_t channel_at(const struct alert *alert, uint32_t person, uint32_t n, uint32_t failing)
{
    const struct net_order *order = &alert->net->alert.people[person].channels;
    for (int good = 1; good >= 0; good--)
        for (uint32_t i = 0; i < order->count; i++)
            if (has_way(&alert->net->alert.channels[order->items[i]], failing) == good && n-- == 0)
                return order->items[i];
    assert(false);
    return 0;
}

static uint32_t way_of(const struct net_channel *channel, uint32_t failing)
{
    uint32_t good = channel->upstreams & ~failing;
    uint32_t ways = good ? good : channel->upstreams;
    return ways ? (uint32_t)__builtin_ctz(ways) : NET_NOBODY;
}

// ---- one page

static struct mono next_due(const struct alert *alert, struct mono now,
                            const struct alert_slot *slot, uint32_t channel_count)
{
    const struct net_channel *channel = &alert->net->alert.channels[slot->channel];
    int64_t answer_ns = channel->timeout_ns + (int64_t)ANSWER_MS * NS_PER_MS;
    uint32_t turns = slot->tries / channel_count;
    int64_t again_ms = AGAIN_FIRST_MS;
    for (uint32_t i = 1; i < turns && again_ms < AGAIN_LAST_MS; i++)
        again_ms *= 2;
    if (slot->tries % channel_count == 0)
        answer_ns += (again_ms < AGAIN_LAST_MS ? again_ms : AGAIN_LAST_MS) * NS_PER_MS;
    return mono_add_ns(now, answer_ns);
}

// Nobody could be reached so: the next round begins now, with further people.
static void hurry(struct mono now, struct alert_case *c)
{
    if (c->life == ALERT_OPEN && !mono_reached(now, c->round_at))
        c->round_at = now;
}

static void write_text(const struct alert *alert, const struct alert_case *c, enum page_kind kind,
                       uint32_t others, char text[PAGE_TEXT_MAX])
{
    const struct alert_outage *outage = &c->outage;
    if (outage->number == ALERT_NO_OUTAGE) {
        memcpy(text, alert->found, PAGE_TEXT_MAX);
        return;
    }
    const struct page_about about = {.kind = kind,
                                     .site = alert->net->site,
                                     .outage = outage->number,
                                     .state = outage->state,
                                     .severity = outage->severity,
                                     .share_ppm = outage->share_ppm,
                                     .onset_s = outage->onset_s,
                                     .title = outage->title,
                                     .cause = outage->cause,
                                     .action = outage->action,
                                     .has_it = c->has_it,
                                     .had_it = c->had_it,
                                     .others = others};
    page_write(&about, text);
}

// One page for all that this person is to be called for, once half of what an hour allows is spent.
static uint32_t gather(struct alert *alert, const struct alert_case *first, uint32_t person,
                       const struct alert_slot *slot)
{
    uint32_t others = 0;
    for (int i = 0; i < ALERT_CASES_MAX; i++) {
        struct alert_case *c = &alert->cases[i];
        if (c == first || c->life == ALERT_FREE || !c->people[person].wanted ||
            c->outage.number == ALERT_NO_OUTAGE)
            continue;
        c->people[person] = *slot;
        others++;
    }
    return others;
}

static void go_out(struct alert *alert, struct alert_now now, uint32_t failing,
                   struct alert_case *c, struct alert_page *page)
{
    uint32_t person = page->person, max = hourly_max(alert), others = 0;
    struct alert_slot *slot = &c->people[person];
    const struct net_order *order = &alert->net->alert.people[person].channels;
    if (slot->wanted) {
        slot->page = ++alert->last_page;
        slot->kind = slot->wanted;
        slot->tries = 0;
    }
    slot->channel = channel_at(alert, person, slot->tries++ % order->count, failing);
    slot->due = next_due(alert, now.mono, slot, order->count);
    slot->waits = slot->is_told = true;
    slot->wanted = PAGE_NONE;
    if (2 * spent_lately(&alert->spent[person], now.mono, max) >= max &&
        c->outage.number != ALERT_NO_OUTAGE)
        others = gather(alert, c, person, slot);
    spend(&alert->spent[person], now.mono, max);
    const struct net_channel *channel = &alert->net->alert.channels[slot->channel];
    page->number = slot->page;
    page->kind = slot->kind;
    page->outage = c->outage.number;
    page->channel = slot->channel;
    page->way = way_of(channel, failing);
    page->severity = c->outage.severity;
    write_text(alert, c, slot->kind, others, page->text);
}

static enum page_kind kind_of(const struct alert_slot *slot)
{
    return slot->wanted ? slot->wanted : slot->kind;
}

// The last quarter of an hour's pages is kept for what is new, or worse than was known.
static bool is_due(const struct alert_slot *slot, struct mono now, uint32_t spent, uint32_t max)
{
    bool is_waited_for = slot->wanted || (slot->waits && mono_reached(now, slot->due));
    bool is_new = kind_of(slot) == PAGE_NEW || kind_of(slot) == PAGE_GRAVER;
    return is_waited_for && (is_new ? spent < max : spent < max - max / 4);
}

// The gravest that this person is to hear of; calls before all else.
static struct alert_case *gravest(struct alert *alert, struct mono now, uint32_t person)
{
    struct alert_case *best = NULL;
    int best_rank = -1;
    uint32_t max = hourly_max(alert), spent = spent_lately(&alert->spent[person], now, max);
    for (int i = 0; i < ALERT_CASES_MAX; i++) {
        struct alert_case *c = &alert->cases[i];
        const struct alert_slot *slot = &c->people[person];
        if (c->life == ALERT_FREE || !is_due(slot, now, spent, max))
            continue;
        enum page_kind kind = kind_of(slot);
        int rank = (int)c->outage.severity + (alert_is_call(kind) ? OUTAGE_SEVERITIES : 0);
        if (rank > best_rank)
            best = c;
        best_rank = rank > best_rank ? rank : best_rank;
    }
    return best;
}

bool alert_next(struct alert *alert, struct alert_now now, uint32_t failing,
                struct alert_page *page)
{
    if (!alert_advance(alert, now))
        return false;
    for (uint32_t person = 0; person < alert->net->alert.person_count; person++) {
        struct alert_case *c = gravest(alert, now.mono, person);
        if (!c)
            continue;
        page->person = person;
        go_out(alert, now, failing, c, page);
        return true;
    }
    return false;
}

// ---- what becomes of it

void alert_delivered(struct alert *alert, int64_t page)
{
    for (int i = 0; i < ALERT_CASES_MAX; i++)
        for (uint32_t person = 0; person < NET_PEOPLE_MAX; person++)
            if (alert->cases[i].people[person].page == page)
                alert->cases[i].people[person].waits = false;
}

void alert_failed(struct alert *alert, struct alert_now now, int64_t page, uint32_t channel)
{
    for (int i = 0; i < ALERT_CASES_MAX; i++)
        for (uint32_t person = 0; person < NET_PEOPLE_MAX; person++) {
            struct alert_case *c = &alert->cases[i];
            struct alert_slot *slot = &c->people[person];
            if (c->life == ALERT_FREE || !slot->waits || slot->page != page ||
                slot->channel != channel)
                continue;
            uint32_t channels = alert->net->alert.people[person].channels.count;
            if (slot->tries % channels != 0)
                slot->due = now.mono;
            else if (slot->tries == channels)
                hurry(now.mono, c);
        }
}

void alert_sender_began(struct alert *alert, struct alert_now now)
{
    for (int i = 0; i < ALERT_CASES_MAX; i++)
        for (uint32_t person = 0; person < NET_PEOPLE_MAX; person++)
            if (alert->cases[i].people[person].waits)
                alert->cases[i].people[person].due = now.mono;
}
