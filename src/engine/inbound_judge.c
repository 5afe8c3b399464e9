// SPDX-License-Identifier: ISC
#include "engine/inbound_inside.h"

#include "base/amount.h"
#include "engine/state.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const int64_t apart_ns = STEER_VISIBLE_MS * (int64_t)NS_PER_MS;

enum net_stance inbound_stance(const struct engine *e, uint32_t path)
{
    return own_sayable(&e->net->upstreams[e->paths[path].upstream], NET_STANCE_GRACEFUL);
}

bool inbound_is_lossy(const struct engine *e, uint32_t path)
{
    uint8_t causes = e->stories[path].causes;
    return e->watch.paths[path].state == WATCH_CONFIRMED || causes >> STORY_FAULT & 1;
}

// What leaves by it has found its way, or a reason keeps it that says nothing against the evidence.
static bool is_egress_done(const struct story *story)
{
    bool refused = story->refused == REFUSAL_NONE || story->refused == REFUSAL_REVERSE ||
                   (story->refused > REFUSAL_OTHER && story->refused < REFUSALS);
    return story->state == INCIDENT_HELD || (story->state == INCIDENT_CONFIRMED && refused);
}

// What people drain is offered otherwise by their word.
bool inbound_is_due(const struct engine *e, uint32_t path)
{
    const struct inbound *in = &e->inbound[path];
    return in->lossy_since.ns > 0 &&
           mono_since_ns(e->now, in->lossy_since) >= INBOUND_AGE_MS * (int64_t)NS_PER_MS &&
           watch_is_losing(&e->watch, path, e->now) && is_egress_done(&e->stories[path]) &&
           !(drains_upstreams(e) >> e->paths[path].upstream & 1);
}

// Of our own prefixes of the family those that are offered to the path's upstream as usual;
// `takers` gets to whom else any of them is. NET_NOBODY: one of them is offered to none of `good`.
static uint32_t count_offered(const struct engine *e, uint32_t path, uint32_t good,
                              uint32_t *takers)
{
    uint32_t count = 0, own_bit = UINT32_C(1) << e->paths[path].upstream;
    *takers = 0;
    for (uint32_t own = 0; own < e->net->announce_count; own++) {
        uint32_t usual = own_usual(e, own);
        if (e->net->announce[own].prefix.address.family != e->paths[path].family ||
            !(usual & own_bit))
            continue;
        count++;
        *takers |= usual & ~own_bit;
        if (!(usual & good & ~own_bit))
            return NET_NOBODY;
    }
    return count;
}

static void no(struct inbound_answer *answer, enum inbound_refusal why, uint32_t subject)
{
    answer->no = why;
    answer->subject = subject;
}

static void no_as_decided(struct inbound_answer *answer, enum refusal why, uint32_t subject)
{
    no(answer, INBOUND_DECIDED, subject);
    answer->decided = why;
}

// The world turns to whom it likes of the others: one must be good, and none known to be bad.
static void judge_others(const struct engine *e, uint32_t path, struct inbound_answer *answer)
{
    uint32_t good = 0, best_high = UINT32_MAX, takers;
    enum refusal furthest = REFUSAL_NO_WAY;
    for (uint32_t u = 0; u < e->net->upstream_count; u++) {
        struct decide_way way = {.upstream = u, .inbound = true};
        if (!(answer->takers >> u & 1))
            continue;
        enum refusal refusal = decide_way(e, path, answer->loss_low_ppm, &way);
        good |= (uint32_t)(refusal == REFUSAL_NONE) << u;
        if (refusal == REFUSAL_BAD_TOO) {
            no_as_decided(answer, refusal, u);
            return;
        }
        if (refusal == REFUSAL_NONE && way.loss_high_ppm < best_high) {
            best_high = answer->loss_high_ppm = way.loss_high_ppm;
            answer->to = u;
        } else if (refusal > furthest) {
            furthest = refusal;
            answer->subject = u;
        }
    }
    if (good == 0 && furthest != REFUSAL_NO_WAY)
        no_as_decided(answer, furthest, answer->subject);
    else if (count_offered(e, path, good, &takers) == NET_NOBODY)
        no(answer, INBOUND_ALONE, NET_NOBODY);
}

// Nobody knows whom the world turns to: each must have room for all of it. Of the second family of
// an upstream the first has left, or does so now.
static void judge_room(const struct engine *e, uint32_t path, struct inbound_answer *answer)
{
    uint32_t from = e->paths[path].upstream;
    struct use_seen here = use_of(&e->use, from, e->now);
    bool second = inbound_upstreams(e) >> from & 1;
    int64_t comes_bps = second ? here.in_bps : amount_higher(here.in_bps, here.in_p95_bps);
    if (e->net->steer.capacity == NET_CAPACITY_IGNORE)
        return;
    if (!here.known)
        no(answer, INBOUND_CAPACITY, from);
    for (uint32_t u = 0; u < e->net->upstream_count && answer->no == INBOUND_MAY; u++) {
        struct use_seen there = use_of(&e->use, u, e->now);
        if (!(answer->takers >> u & 1))
            continue;
        int64_t may_bps = room_inbound_bps(e, u);
        if (may_bps < 0 || !there.known)
            no(answer, INBOUND_CAPACITY, u);
        else if (amount_higher(there.in_bps, there.in_p95_bps) + comes_bps > may_bps)
            no(answer, INBOUND_HEADROOM, u);
    }
}

static bool is_too_often(const struct engine *e, const struct inbound *in)
{
    return !mono_reached(e->now, in->retry_at) ||
           (in->changed_at.ns > 0 && mono_since_ns(e->now, in->changed_at) < apart_ns) ||
           hold_recent(&in->hold, e->now) >= INBOUND_ACTS_PER_HOUR_MAX;
}

// At most one upstream at a time, whoever took the other.
static bool is_another_left(const struct engine *e, uint32_t path)
{
    uint32_t left = inbound_upstreams(e) | drains_upstreams(e);
    return left & ~(UINT32_C(1) << e->paths[path].upstream);
}

static void judge_evidence(const struct engine *e, uint32_t path, struct inbound_answer *answer)
{
    enum refusal refusal = presence_refusal(e, e->paths[path].family, &answer->subject);
    if (refusal == REFUSAL_NONE)
        refusal = budget_refusal(e, path);
    if (refusal == REFUSAL_NONE && story_cause(e, path) == STORY_LOSS &&
        relative_millinats(&e->watch.relative, path) < ENGINE_RELATIVE_MILLINATS)
        refusal = REFUSAL_RELATIVE;
    if (refusal != REFUSAL_NONE)
        no_as_decided(answer, refusal, answer->subject);
    else if (watch_loses_forward(&e->watch, path, e->now))
        no(answer, INBOUND_FORWARD, NET_NOBODY);
}

static void judge_limits(const struct engine *e, uint32_t path, struct inbound_answer *answer)
{
    if (inbound_stance(e, path) == NET_STANCE_NORMAL)
        no(answer, INBOUND_WORDLESS, e->paths[path].upstream);
    else if (is_another_left(e, path))
        no(answer, INBOUND_OTHER, NET_NOBODY);
    else if (!budget_may_drain(e, path))
        no_as_decided(answer, REFUSAL_DRAINED, NET_NOBODY);
    else if (is_too_often(e, &e->inbound[path]))
        no(answer, INBOUND_OFTEN, NET_NOBODY);
}

struct inbound_answer inbound_judge(const struct engine *e, uint32_t path)
{
    static void (*const parts[])(const struct engine *, uint32_t, struct inbound_answer *) = {
        judge_evidence, judge_limits, judge_others, judge_room};
    struct inbound_answer answer = {.subject = NET_NOBODY, .to = NET_NOBODY};
    if (!inbound_is_due(e, path) || count_offered(e, path, UINT32_MAX, &answer.takers) == 0)
        answer.no = INBOUND_LATER;
    answer.loss_low_ppm = decide_loss_low_ppm(e, path);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && answer.no == INBOUND_MAY; i++)
        parts[i](e, path, &answer);
    return answer;
}

static const char *const refusal_words[INBOUND_REFUSALS] = {
    [INBOUND_FORWARD] = "what is lost is lost on the way out: what comes in is not",
    [INBOUND_WORDLESS] =
        "%s has no community that says graceful or prepend (key inbound): a person "
        "must see to what comes in",
    [INBOUND_OTHER] = "own prefixes are offered otherwise to another upstream already, or people "
                      "drain one: one at a time",
    [INBOUND_ALONE] = "some own prefix is offered as usual to no other upstream that is good (S13)",
    [INBOUND_CAPACITY] =
        "what comes in by %s, or how much may, is not known: unknown is not moved (S10)",
    [INBOUND_HEADROOM] = "%s has no room for all that comes in here, should the world choose it "
                         "(S10)",
    [INBOUND_OFTEN] =
        "the world saw a change lately: at most one in 30 min, and after one that did "
        "not help longer (I3)",
};

void inbound_explain(const struct engine *e, const struct inbound_answer *answer, char *text)
{
    const char *name = "an upstream";
    if (answer->no == INBOUND_DECIDED) {
        decide_explain(e, answer->decided, answer->subject, text);
        return;
    }
    if (answer->subject != NET_NOBODY)
        name = e->net->upstreams[answer->subject].name;
    decide_fill(refusal_words[answer->no], name, text);
}
