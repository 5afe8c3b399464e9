// SPDX-License-Identifier: ISC
#include "engine/state.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { PPM = 1000 * 1000 };

static void add_moves(struct engine *e, uint32_t path)
{
    const struct room *room = &e->room;
    for (uint32_t m = 0; m < room->answer.count; m++) {
        const struct allocate_group *group = &room->groups[room->moves[m].group];
        moves_add(&e->moves,
                  &(struct move){
                      .prefix = e->routes.items[room->routes[room->moves[m].group]].prefix,
                      .path = path,
                      .from = group->from,
                      .to = room->moves[m].to,
                      .demand_kbps = group->demand_kbps,
                      .at = e->now,
                  });
        room_taken(e, room->moves[m].to);
    }
    budget_acted(e, room->answer.count, room->answer.moved_kbps);
}

void decide_carry_out(struct engine *e, uint32_t path)
{
    if (e->decision.exit_to == NET_NOBODY) {
        add_moves(e, path);
        return;
    }
    struct move exit = exits_move(e, path, e->decision.exit_to);
    moves_add(&e->moves, &exit);
    room_taken(e, exit.to);
    budget_acted(e, 1, exit.demand_kbps);
}

static uint32_t higher(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

uint32_t decide_loss_ppm(const struct engine *e, uint32_t path)
{
    uint32_t ppm = watch_loss_bad(&e->watch, path, e->now).loss_ppm,
             sibling = turn_sibling(e, path);
    return sibling == NET_NOBODY ? ppm
                                 : higher(ppm, watch_loss_bad(&e->watch, sibling, e->now).loss_ppm);
}

static uint32_t worse_millinats(const struct engine *e, uint32_t path)
{
    uint32_t sibling = turn_sibling(e, path), own = relative_millinats(&e->watch.relative, path);
    return sibling == NET_NOBODY ? own
                                 : higher(own, relative_millinats(&e->watch.relative, sibling));
}

uint32_t decide_loss_low_ppm(const struct engine *e, uint32_t path)
{
    uint32_t ppm = watch_loss_bad(&e->watch, path, e->now).low_ppm, sibling = turn_sibling(e, path);
    if (sibling != NET_NOBODY)
        ppm = higher(ppm, watch_loss_bad(&e->watch, sibling, e->now).low_ppm);
    uint32_t named = story_cause(e, path) == STORY_FAULT ? blame_loss_low_ppm(e, path) : 0;
    return named > ppm ? named : ppm;
}

struct candidate {  // how far a way comes
    enum refusal refusal;
    uint32_t upstream, loss_high_ppm;
};

enum refusal decide_way(const struct engine *e, uint32_t path, uint32_t low_ppm,
                        struct decide_way *way)
{
    enum family family = e->paths[path].family;
    uint32_t to = net_path_find(e->net, way->upstream, family);
    uint16_t routers = moves_routers(e->net, family);
    if (to == NET_NOBODY || !(routers >> e->net->upstreams[way->upstream].router & 1))
        return REFUSAL_NO_WAY;
    if (drains_upstreams(e) >> way->upstream & 1)
        return REFUSAL_LEAVING;
    if (e->watch.paths[to].state != WATCH_GOOD)
        return REFUSAL_BAD_TOO;
    if (!watch_is_fresh(&e->watch, to, e->now))
        return REFUSAL_UNHEARD;
    if (!way->inbound && !mono_reached(e->now, e->memories[path].tainted_until[way->upstream]))
        return REFUSAL_TAINTED;
    if (!watch_is_proven(&e->watch, to, e->now))
        return REFUSAL_UNPROVEN;
    if (!way->inbound && !room_is_settled(e, way->upstream))
        return REFUSAL_UNSETTLED;
    way->loss_high_ppm = watch_high_ppm_good(&e->watch, to, e->now);
    if (story_cause(e, path) != STORY_DRAIN && low_ppm < way->loss_high_ppm + ENGINE_GAIN_PPM)
        return REFUSAL_GAIN;
    if (story_cause(e, path) != STORY_DRAIN &&
        !watch_is_known(&e->watch, to, path, low_ppm, e->now))
        return REFUSAL_DOUBTFUL;
    // Of a greater loss the detector of that way would have doubts by now.
    if (story_cause(e, path) == STORY_LOSS && low_ppm < WATCH_GREAT_PPM &&
        !watch_is_spared(&e->watch, to, path, e->now))
        return REFUSAL_RELATIVE;
    return REFUSAL_NONE;
}

static bool is_better(const struct candidate *a, const struct candidate *b)
{
    if (a->refusal == REFUSAL_NONE && b->refusal == REFUSAL_NONE)
        return a->loss_high_ppm < b->loss_high_ppm;
    return a->refusal == REFUSAL_NONE || (b->refusal != REFUSAL_NONE && a->refusal > b->refusal);
}

// Opens all ways that are good enough, and gives the best, or the one that came nearest to being
// one.
static struct candidate judge_ways(struct engine *e, uint32_t path, uint32_t low_ppm)
{
    struct candidate best = {.refusal = REFUSAL_NO_WAY, .upstream = NET_NOBODY};
    for (uint32_t u = 0; u < e->net->upstream_count; u++) {
        struct decide_way way = {.upstream = u};
        if (u == e->paths[path].upstream)
            continue;
        enum refusal refusal = decide_way(e, path, low_ppm, &way);
        struct candidate c = {refusal, u, way.loss_high_ppm};
        if (c.refusal == REFUSAL_NONE)
            room_open(e, &(struct room_way){u, c.loss_high_ppm});
        if (is_better(&c, &best))
            best = c;
    }
    return best;
}

static enum refusal judge_time(const struct engine *e, uint32_t path, uint32_t *subject)
{
    const struct memory *memory = &e->memories[path];
    enum refusal refusal = presence_refusal(e, e->paths[path].family, subject);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (story_cause(e, path) == STORY_LOSS && !watch_is_losing(&e->watch, path, e->now))
        return REFUSAL_OVER;
    if (story_cause(e, path) == STORY_LOSS && watch_loses_in_reverse(&e->watch, path, e->now))
        return REFUSAL_REVERSE;
    if (story_cause(e, path) == STORY_LOSS && !turn_is_ours(e, path))
        return REFUSAL_TURN;
    refusal = budget_refusal(e, path);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (memory->tries >= ENGINE_TRIES_MAX && !mono_reached(e->now, memory->retry_at))
        return REFUSAL_TRIES;
    return hold_allows(&memory->hold, e->now) ? REFUSAL_NONE : REFUSAL_BUDGET;
}

static bool may_any_go(const struct room *room, uint32_t upstream_count)
{
    uint32_t may = 0, open = 0;
    for (uint32_t g = 0; g < room->group_count; g++)
        may |= room->groups[g].may;
    for (uint32_t u = 0; u < upstream_count && u < NET_UPSTREAMS_MAX; u++)
        open |= (uint32_t)room->upstreams[u].open << u;
    return may & open;
}

// One route for all: it must be possible to tell whether that helped, too.
static enum refusal judge_exit(const struct engine *e, uint32_t path)
{
    struct move exit = exits_move(e, path, e->decision.exit_to);
    return exits_targets(e, exit.prefix) == 0 ? REFUSAL_BLIND : REFUSAL_NONE;
}

// Fills what may go where; `best` is the best way.
static enum refusal fill(struct engine *e, uint32_t path, uint32_t low_ppm, uint32_t best)
{
    static const enum refusal whys[ALLOCATE_LEFTS] = {
        [ALLOCATE_ALL] = REFUSAL_NOTHING,       [ALLOCATE_NO_WAY] = REFUSAL_NOTHING,
        [ALLOCATE_UNPROVEN] = REFUSAL_CAPACITY, [ALLOCATE_NO_ROOM] = REFUSAL_HEADROOM,
        [ALLOCATE_MOVES] = REFUSAL_RATE,        [ALLOCATE_RATE] = REFUSAL_RATE,
    };
    const struct allocate_limits limits = budget_limits(e, path, low_ppm);
    bool asked = story_cause(e, path) == STORY_DRAIN;
    struct room *room = &e->room;
    if (!budget_may_drain(e, path))
        return REFUSAL_DRAINED;
    if (!may_any_go(room, e->net->upstream_count))
        return room->unweighed > 0 ? REFUSAL_CAPACITY : REFUSAL_NOTHING;
    if (moves_room(&e->moves, e->paths[path].family) == 0)
        return REFUSAL_ROOM;
    e->decision.exit_to = asked ? exits_for_drain(e, path, best, &limits) : NET_NOBODY;
    if (e->decision.exit_to == NET_NOBODY)
        room_ask(e, path, asked ? PPM : low_ppm, &limits);
    if (!asked)
        e->decision.exit_to = exits_for_all(e, path, &limits);
    if (e->decision.exit_to != NET_NOBODY)
        return judge_exit(e, path);
    if (room->answer.count == 0)
        return whys[room->answer.why];
    if (asked && room->answer.left + room->unweighed > 0)
        return room->answer.why == ALLOCATE_UNPROVEN ? REFUSAL_CAPACITY : REFUSAL_WHOLE;
    // What joins others is verified with them.
    bool joins = e->stories[path].state == INCIDENT_HELD;
    return !joins && room_targets(e) == 0 ? REFUSAL_BLIND : REFUSAL_NONE;
}

// %s is the subject. Numbers would change with every tick: they stand beside, in the plan.
static const char *const reasons[REFUSALS] = {
    [REFUSAL_FROZEN] = "an operator froze all moves",
    [REFUSAL_PROBER] = "the prober is silent: what is not measured now is not acted on",
    [REFUSAL_ROUTE] = "the process that holds the BGP sessions is not well",
    [REFUSAL_AUDIT] = "the audit log cannot be written: nothing is done without a record (S22)",
    [REFUSAL_SESSION] = "the table of %s is not complete: all routers can be told, or none is (S7)",
    [REFUSAL_QUIET] = "the quiet time after the tables were complete is not over (S7)",
    [REFUSAL_OVER] = "no loss was seen here within the last second: it may be over",
    [REFUSAL_REVERSE] = "what is lost is lost on the way back: no route of ours changes that",
    [REFUSAL_TURN] = "other sites share this backbone: what they move may be enough, their turn is "
                     "before ours",
    [REFUSAL_OBSERVER] = "many targets turned bad at once on every way: it is ourselves (S12)",
    [REFUSAL_VOID] = "too many samples tell nothing: what is left is no evidence (I7)",
    [REFUSAL_OTHER] = "another upstream's move is not verified yet: one at a time (S8)",
    [REFUSAL_DRAINED] =
        "traffic is moved away from as many upstreams as may be (S9): a person must "
        "look",
    [REFUSAL_TRIES] = "two moves did not help: nothing before the hold time is over",
    [REFUSAL_BUDGET] = "moved too often within the hour (S15)",
    [REFUSAL_NO_WAY] = "there is no other way out in this family",
    [REFUSAL_LEAVING] = "%s is being drained, and there is no other",
    [REFUSAL_BAD_TOO] = "%s is not well either: moving would mend nothing",
    [REFUSAL_UNHEARD] = "%s is not measured now, so it cannot be trusted",
    [REFUSAL_TAINTED] = "%s did not help the last time: not before the hold time is over",
    [REFUSAL_UNPROVEN] = "%s has not been good for long enough yet (S13)",
    [REFUSAL_UNSETTLED] =
        "routers are just turning to %s: what it will carry is not known yet (S10)",
    [REFUSAL_GAIN] = "%s is not surely better: pessimistically, nothing would be gained",
    [REFUSAL_DOUBTFUL] =
        "whether %s was spared is not known yet: answers take longer, or too many samples tell "
        "nothing (I7)",
    [REFUSAL_RELATIVE] = "not surely worse than its peers: if all are bad, moving mends nothing",
    [REFUSAL_NOTHING] = "no steerable prefix leaves here that all routers could send by %s",
    [REFUSAL_ROOM] = "the limit of overrides is reached (S4)",
    [REFUSAL_CAPACITY] =
        "what %s carries or can carry is not known, or what would move: unknown is "
        "not moved (S10)",
    [REFUSAL_HEADROOM] = "%s has no room for anything that would move (S10)",
    [REFUSAL_RATE] = "as much was moved within the minute, or is away, as may be (S8, S9, I3)",
    [REFUSAL_WHOLE] = "not all of it finds room elsewhere: a drain moves all or nothing (S10)",
    [REFUSAL_BLIND] =
        "no target that answers lies inside what would move to %s: it could not be verified",
};

void decide_fill(const char *form, const char *name, char *text)
{
    const char *place = strstr(form, "%s");
    int before = (int)(place ? place - form : (ptrdiff_t)strlen(form));
    snprintf(text, DECIDE_REASON_MAX, "%.*s%s%s", before, form, place ? name : "",
             place ? place + 2 : "");
}

void decide_explain(const struct engine *e, enum refusal refusal, uint32_t subject, char *text)
{
    const char *name = "a router";
    if (subject != NET_NOBODY)
        name = refusal == REFUSAL_SESSION ? e->net->routers[subject].name
                                          : e->net->upstreams[subject].name;
    decide_fill(reasons[refusal], name, text);
}

static void explain_move(const struct engine *e, uint32_t path, struct effect_plan *plan)
{
    const struct hold *hold = &e->memories[path].hold;
    const struct allocate_answer *answer = &e->room.answer;
    char rest[64] = "";
    if (answer->left + e->room.unweighed > 0)
        snprintf(rest, sizeof rest, "; %u stay%s, %llu Mbit/s: no room",
                 answer->left + e->room.unweighed, answer->left + e->room.unweighed == 1 ? "s" : "",
                 (unsigned long long)(answer->left_kbps / 1000));
    snprintf(plan->reason, sizeof plan->reason,
             "%s is proven good and does not share it; limits: %u of %u prefixes that may still "
             "move, act %u of %d within the hour%s",
             e->net->upstreams[plan->to].name, plan->prefixes, moves_room(&e->moves, plan->family),
             hold_recent(hold, e->now) + 1, STEER_ACTS_PER_HOUR_MAX, rest);
}

enum effect_plan_verdict decide_verdict(enum net_mode mode)
{
    static const enum effect_plan_verdict verdicts[NET_MODES] = {
        [NET_OBSERVE] = PLAN_OBSERVED,
        [NET_ADVISE] = PLAN_ADVISE,
        [NET_CONFIRM] = PLAN_CONFIRM,
        [NET_ACT] = PLAN_ACT,
    };
    return verdicts[mode];
}

// A drain is approved by who asks for it.
static enum effect_plan_verdict verdict_of(const struct engine *e, uint32_t path)
{
    enum effect_plan_verdict verdict = decide_verdict(net_lever_mode(e->net, NET_LEVER_OVERRIDE));
    bool approved = e->stories[path].approved || story_cause(e, path) == STORY_DRAIN;
    return verdict == PLAN_CONFIRM && approved ? PLAN_ACT : verdict;
}

static void plan_exit(const struct engine *e, uint32_t path, const struct effect_plan *like,
                      struct decision *d)
{
    struct effect_plan *plan = &d->plans[d->plan_count++];
    *plan = *like;
    plan->to = d->exit_to;
    plan->loss_to_ppm = e->room.upstreams[d->exit_to].loss_high_ppm;
    plan->prefixes = e->room.group_count;
    plan->verdict = verdict_of(e, path);
    snprintf(
        plan->reason, sizeof plan->reason,
        "%s is proven good and does not share it: one route moves all (exit); limits: act %u of "
        "%d within the hour",
        e->net->upstreams[plan->to].name, hold_recent(&e->memories[path].hold, e->now) + 1,
        STEER_ACTS_PER_HOUR_MAX);
}

static void plan_moves(struct engine *e, uint32_t path, const struct effect_plan *like,
                       struct decision *d)
{
    const struct allocate_answer *answer = &e->room.answer;
    for (uint32_t u = 0; u < e->net->upstream_count; u++) {
        if (answer->moves_to[u] == 0)
            continue;
        struct effect_plan *plan = &d->plans[d->plan_count++];
        *plan = *like;
        plan->to = u;
        plan->loss_to_ppm = e->room.upstreams[u].loss_high_ppm;
        plan->prefixes = answer->moves_to[u];
        plan->verdict = verdict_of(e, path);
        explain_move(e, path, plan);
    }
    d->rests = answer->left + e->room.unweighed > 0 || budget_wants_canary(e);
}

void decide(struct engine *e, uint32_t path, struct decision *d)
{
    struct candidate way = {.refusal = REFUSAL_NO_WAY, .upstream = NET_NOBODY};
    struct effect_plan plan = {
        .incident = e->stories[path].number,
        .from = e->paths[path].upstream,
        .to = NET_NOBODY,
        .family = e->paths[path].family,
        .verdict = PLAN_REFUSED,
        .loss_from_ppm = decide_loss_low_ppm(e, path),
        .relative_millinats = worse_millinats(e, path),
    };
    d->plan_count = 0;
    d->exit_to = NET_NOBODY;
    d->rests = false;
    d->subject = NET_NOBODY;
    d->refusal = judge_time(e, path, &d->subject);
    if (d->refusal == REFUSAL_NONE) {
        room_measure(e, path, budget_wants_canary(e));
        way = judge_ways(e, path, plan.loss_from_ppm);
        d->refusal = way.refusal != REFUSAL_NONE ? way.refusal
                                                 : fill(e, path, plan.loss_from_ppm, way.upstream);
        d->subject = plan.to = way.upstream;
        plan.loss_to_ppm = way.loss_high_ppm;
    }
    if (d->refusal == REFUSAL_NONE && story_cause(e, path) == STORY_LOSS &&
        plan.relative_millinats < ENGINE_RELATIVE_MILLINATS)
        d->refusal = REFUSAL_RELATIVE;
    if (d->refusal == REFUSAL_NONE) {
        if (d->exit_to != NET_NOBODY)
            plan_exit(e, path, &plan, d);
        else
            plan_moves(e, path, &plan, d);
        return;
    }
    decide_explain(e, d->refusal, d->subject, plan.reason);
    d->plans[d->plan_count++] = plan;
}
