// SPDX-License-Identifier: ISC
#include "engine/state.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// What could be moved from one upstream to another.
struct choice {
    uint32_t count;    // prefixes that may go
    uint32_t targets;  // bit set: who could verify it
};

static bool has_length(struct prefix prefix)
{
    bool v4 = prefix.address.family == FAMILY_IPV4;
    return prefix.length >= (v4 ? STEER_IPV4_LENGTH_MIN : STEER_IPV6_LENGTH_MIN) &&
           prefix.length <= (v4 ? STEER_IPV4_LENGTH_MAX : STEER_IPV6_LENGTH_MAX);
}

static bool is_movable(const struct engine *e, const struct route *route, uint32_t path,
                       uint32_t to)
{
    enum family family = e->paths[path].family;
    return route->prefix.address.family == family && has_length(route->prefix) &&
           mono_reached(e->now, route->refused_until) &&
           route_leaves_by(route, e->paths[path].upstream) &&
           route_may_go(route, to, moves_routers(e->net, family)) &&
           !moves_find(&e->moves, route->prefix);
}

static struct choice choose(const struct engine *e, uint32_t path, uint32_t to)
{
    struct choice choice = {0};
    for (uint32_t i = 0; i < e->routes.count; i++) {
        const struct route *route = &e->routes.items[i];
        if (!is_movable(e, route, path, to))
            continue;
        choice.count++;
        choice.targets |= verdict_targets(e, route->prefix);
    }
    return choice;
}

void decide_carry_out(struct engine *e, uint32_t path, const struct effect_plan *plan)
{
    uint32_t left = plan->prefixes;
    // Those that can be verified come first, in case not all fit.
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < e->routes.count && left > 0; i++) {
            const struct route *route = &e->routes.items[i];
            bool verifiable = verdict_targets(e, route->prefix) != 0;
            if (verifiable != (pass == 0) || !is_movable(e, route, path, plan->to))
                continue;
            moves_add(&e->moves, &(struct move){.prefix = route->prefix,
                                                .path = path,
                                                .from = plan->from,
                                                .to = plan->to});
            left--;
        }
    }
    assert(left == 0);
}

// One way out, judged: how far it comes, and what is pessimistically lost there.
struct candidate {
    enum refusal refusal;
    uint32_t upstream, loss_high_ppm;
    struct choice choice;
};

static enum refusal judge_way(const struct engine *e, uint32_t path, uint32_t low_ppm,
                              struct candidate *c)
{
    enum family family = e->paths[path].family;
    uint32_t to = net_path_find(e->net, c->upstream, family);
    uint16_t routers = moves_routers(e->net, family);
    if (to == NET_NOBODY || !(routers >> e->net->upstreams[c->upstream].router & 1))
        return REFUSAL_NO_WAY;
    if (e->watch.paths[to].state != WATCH_GOOD)
        return REFUSAL_BAD_TOO;
    if (!watch_is_fresh(&e->watch, to, e->now))
        return REFUSAL_UNHEARD;
    if (!mono_reached(e->now, e->memories[path].tainted_until[c->upstream]))
        return REFUSAL_TAINTED;
    if (!watch_is_proven(&e->watch, to, e->now))
        return REFUSAL_UNPROVEN;
    c->loss_high_ppm = watch_loss_good(&e->watch, to, e->now).high_ppm;
    if (story_cause(e, path) != STORY_DRAIN && low_ppm < c->loss_high_ppm + ENGINE_GAIN_PPM)
        return REFUSAL_GAIN;
    c->choice = choose(e, path, c->upstream);
    if (c->choice.count == 0)
        return REFUSAL_NOTHING;
    if (moves_room(&e->moves, family) == 0)
        return REFUSAL_ROOM;
    return c->choice.targets == 0 ? REFUSAL_BLIND : REFUSAL_NONE;
}

static bool is_better(const struct candidate *a, const struct candidate *b)
{
    if (a->refusal == REFUSAL_NONE && b->refusal == REFUSAL_NONE)
        return a->loss_high_ppm < b->loss_high_ppm;
    return a->refusal == REFUSAL_NONE || (b->refusal != REFUSAL_NONE && a->refusal > b->refusal);
}

// The best way out, or the one that came nearest to being one.
static struct candidate best_way(const struct engine *e, uint32_t path, uint32_t low_ppm)
{
    struct candidate best = {.refusal = REFUSAL_NO_WAY, .upstream = NET_NOBODY};
    for (uint32_t u = 0; u < e->net->upstream_count; u++) {
        struct candidate c = {.upstream = u};
        if (u == e->paths[path].upstream)
            continue;
        c.refusal = judge_way(e, path, low_ppm, &c);
        if (is_better(&c, &best))
            best = c;
    }
    return best;
}

static bool is_one_under_way(const struct engine *e, uint32_t path)
{
    for (uint32_t other = 0; other < e->path_count; other++) {
        enum incident_state state = e->stories[other].state;
        if (other != path && e->paths[other].family == e->paths[path].family &&
            (state == INCIDENT_ACTING || state == INCIDENT_VERIFY))
            return true;
    }
    return false;
}

static enum refusal judge_time(const struct engine *e, uint32_t path, uint32_t *subject)
{
    const struct memory *memory = &e->memories[path];
    enum refusal refusal = presence_refusal(e, e->paths[path].family, subject);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (story_cause(e, path) == STORY_LOSS && !watch_is_losing(&e->watch, path, e->now))
        return REFUSAL_OVER;
    if (is_one_under_way(e, path))
        return REFUSAL_OTHER;
    if (memory->tries >= ENGINE_TRIES_MAX && !mono_reached(e->now, memory->retry_at))
        return REFUSAL_TRIES;
    return hold_allows(&memory->hold, e->now) ? REFUSAL_NONE : REFUSAL_BUDGET;
}

// %s is the subject. Numbers would change with every tick: they stand beside, in the plan.
static const char *const reasons[REFUSALS] = {
    [REFUSAL_FROZEN] = "an operator froze all moves",
    [REFUSAL_PROBER] = "the prober is silent: what is not measured now is not acted on",
    [REFUSAL_ROUTE] = "the process that holds the BGP sessions is not well",
    [REFUSAL_SESSION] = "the table of %s is not complete: all routers can be told, or none is (S7)",
    [REFUSAL_QUIET] = "the quiet time after the tables were complete is not over (S7)",
    [REFUSAL_OVER] = "no loss was seen here within the last second: it may be over",
    [REFUSAL_OTHER] = "another move of this family is not verified yet: one at a time",
    [REFUSAL_TRIES] = "two moves did not help: nothing before the hold time is over",
    [REFUSAL_BUDGET] = "moved too often within the hour (S15)",
    [REFUSAL_NO_WAY] = "there is no other way out in this family",
    [REFUSAL_BAD_TOO] = "%s is not well either: moving would mend nothing",
    [REFUSAL_UNHEARD] = "%s is not measured now, so it cannot be trusted",
    [REFUSAL_TAINTED] = "%s did not help the last time: not before the hold time is over",
    [REFUSAL_UNPROVEN] = "%s has not been good for long enough yet (S13)",
    [REFUSAL_GAIN] = "%s is not surely better: pessimistically, nothing would be gained",
    [REFUSAL_RELATIVE] = "not surely worse than its peers: if all are bad, moving mends nothing",
    [REFUSAL_NOTHING] = "no steerable prefix leaves here that all routers could send by %s",
    [REFUSAL_ROOM] = "the limit of overrides is reached (S4)",
    [REFUSAL_BLIND] =
        "no target that answers lies inside what would move to %s: it could not be verified",
};

void decide_explain(const struct engine *e, enum refusal refusal, uint32_t subject, char *text)
{
    const char *form = reasons[refusal], *place = strstr(form, "%s"), *name = "a router";
    int before = (int)(place ? place - form : (ptrdiff_t)strlen(form));
    if (subject != NET_NOBODY)
        name = refusal == REFUSAL_SESSION ? e->net->routers[subject].name
                                          : e->net->upstreams[subject].name;
    snprintf(text, DECIDE_REASON_MAX, "%.*s%s%s", before, form, place ? name : "",
             place ? place + 2 : "");
}

static void explain_move(const struct engine *e, uint32_t path, const struct candidate *way,
                         struct effect_plan *plan)
{
    const struct hold *hold = &e->memories[path].hold;
    snprintf(plan->reason, sizeof plan->reason,
             "%s is proven good and does not share it; limits: %u of %u prefixes that may still "
             "move, act %u of %d within the hour",
             e->net->upstreams[way->upstream].name, plan->prefixes,
             moves_room(&e->moves, plan->family), hold_recent(hold, e->now) + 1,
             STEER_ACTS_PER_HOUR_MAX);
}

struct decision decide(const struct engine *e, uint32_t path)
{
    enum family family = e->paths[path].family;
    struct decision d = {.subject = NET_NOBODY};
    struct candidate way = {.refusal = REFUSAL_NO_WAY, .upstream = NET_NOBODY};
    d.plan = (struct effect_plan){
        .incident = e->stories[path].number,
        .from = e->paths[path].upstream,
        .to = NET_NOBODY,
        .family = family,
        .verdict = PLAN_REFUSED,
        .loss_from_ppm = watch_loss_bad(&e->watch, path, e->now).low_ppm,
        .relative_millinats = relative_millinats(&e->watch.relative, path),
    };
    d.refusal = judge_time(e, path, &d.subject);
    if (d.refusal == REFUSAL_NONE) {
        way = best_way(e, path, d.plan.loss_from_ppm);
        d.refusal = way.refusal;
        d.subject = d.plan.to = way.upstream;
        d.plan.loss_to_ppm = way.loss_high_ppm;
    }
    if (d.refusal == REFUSAL_NONE && story_cause(e, path) == STORY_LOSS &&
        d.plan.relative_millinats < ENGINE_RELATIVE_MILLINATS)
        d.refusal = REFUSAL_RELATIVE;
    if (d.refusal == REFUSAL_NONE) {
        uint32_t room = moves_room(&e->moves, family);
        d.plan.prefixes = way.choice.count < room ? way.choice.count : room;
        d.plan.verdict =
            (enum effect_plan_verdict[]){PLAN_OBSERVED, PLAN_ADVISE, PLAN_ACT}[e->net->mode];
    }
    if (d.refusal == REFUSAL_NONE)
        explain_move(e, path, &way, &d.plan);
    else
        decide_explain(e, d.refusal, d.subject, d.plan.reason);
    return d;
}
