// SPDX-License-Identifier: ISC
#include "engine/state.h"

#include <stdio.h>

int64_t stay_penalty_ns(struct engine *e, uint32_t path)
{
    struct hold *hold = &e->memories[path].hold;
    int64_t length = hold_length_ns(hold, &e->net->steer, e->now, &e->random);
    hold_failed(hold, e->now);
    return length;
}

static void doubt(struct engine *e, struct story *story)
{
    story->well_since = e->now;
    story->well_proven = false;
    sprt_restart(&story->well);
}

void stay_hold(struct engine *e, uint32_t path, enum incident_event event, const char *reason)
{
    struct story *story = &e->stories[path];
    bool fails = story_cause(e, path) != STORY_DRAIN;
    // The old path proves itself by normal loss, against five times as much (detection.md 4.3).
    uint32_t normal = e->net->detect.loss_normal_ppm, bad = 5 * normal;
    sprt_init(&story->well, 2 * normal, bad > ENGINE_WELL_BAD_PPM ? bad : ENGINE_WELL_BAD_PPM);
    doubt(e, story);
    // What a person asked for is no failure, and ends when it is told to end.
    story->hold_ns = fails ? stay_penalty_ns(e, path) : e->net->steer.healthy_min_ns;
    story->worse_said = story->full_said = false;
    story_enter(e, path, event, reason);
}

// NULL: an exit, or one that routers have no more.
static const struct route *route_of(const struct engine *e, const struct move *move)
{
    uint32_t place = routes_find(&e->routes, move->prefix);
    return place != NET_NOBODY ? &e->routes.items[place] : NULL;
}

// What routers came to send by another way meanwhile is not this incident's any more (I13). An exit
// is of the old way whatever leaves by it.
static bool leaves_by_old_way(const struct engine *e, const struct move *move)
{
    const struct route *route = route_of(e, move);
    return net_exit_of(e->net, move->prefix) != NET_NOBODY ||
           (route && route_leaves_by(route, move->from));
}

// What did worse there than on the old way, while that was tried, has no way to go back to.
static bool has_failed_away(const struct engine *e, const struct move *move)
{
    const struct route *route = route_of(e, move);
    return !mono_reached(e->now, e->memories[move->path].tainted_until[move->to]) ||
           (route && !mono_reached(e->now, route->refused_until));
}

// Returned, or about to, and better away.
static bool is_to_go_back(const struct engine *e, uint32_t path, const struct move *move)
{
    return move->path == path && !move->wanted && leaves_by_old_way(e, move) &&
           !has_failed_away(e, move);
}

static uint64_t to_go_back_kbps(const struct engine *e, uint32_t path, uint32_t *prefixes)
{
    uint64_t kbps = 0;
    *prefixes = 0;
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        bool goes = is_to_go_back(e, path, move);
        kbps += goes ? move->demand_kbps : 0;
        *prefixes += goes;
    }
    return kbps;
}

void stay_want_back(struct engine *e, uint32_t path)
{
    for (uint32_t i = 0; i < e->moves.count; i++)
        if (is_to_go_back(e, path, &e->moves.items[i]))
            e->moves.items[i].wanted = true;
}

// It leaves by another way, or where it was is worse. What is still away is held.
static void let_stay(struct engine *e, uint32_t path)
{
    static const char why[] = "what returned has no better way by now: it stays there";
    struct story *story = &e->stories[path];
    if (moves_state(&e->moves, path, e->now).wanted > 0) {
        stay_hold(e, path, INCIDENT_RELAPSE, why);
        return;
    }
    story->backing = true;
    story->approved = false;
    story_enter(e, path, INCIDENT_UNDO, why);
}

// Moved a second time, it counts a second time (I3): until there is room for it, it waits.
void stay_relapse(struct engine *e, uint32_t path, const char *reason)
{
    uint32_t prefixes;
    uint64_t kbps = to_go_back_kbps(e, path, &prefixes);
    if (prefixes == 0) {
        let_stay(e, path);
        return;
    }
    if (!budget_has_room(e, path, kbps))
        return;
    budget_acted(e, prefixes, kbps);
    stay_want_back(e, path);
    hold_acted(&e->memories[path].hold, e->now);
    stay_hold(e, path, INCIDENT_RELAPSE, reason);
}

void stay_tally(struct engine *e, uint32_t path, uint64_t ok, uint64_t lost)
{
    struct story *story = &e->stories[path];
    if (story->state != INCIDENT_HELD)
        return;
    enum sprt_answer answer = sprt_add(&story->well, ok, lost);
    // A fault that goes and comes is one that comes back after a return: each time the hold grows,
    // without a return to show it.
    if (answer == SPRT_BAD && story->well_proven && story_cause(e, path) == STORY_LOSS)
        story->hold_ns = stay_penalty_ns(e, path);
    if (answer == SPRT_BAD)
        doubt(e, story);
    story->well_proven |= answer == SPRT_GOOD;
    if (answer == SPRT_GOOD)
        sprt_restart(&story->well);
}

// Some other way, or the old one, is surely better than one where the traffic was moved to. Of the
// old one detectors may not be sure yet that it is over: what it loses now is enough to go back.
static bool has_better(const struct engine *e, uint32_t path, uint32_t way, uint32_t low_ppm)
{
    for (uint32_t other = 0; other < e->path_count; other++) {
        struct net_path p = e->paths[other];
        if (p.upstream == NET_NOBODY || p.upstream == way || p.family != e->paths[path].family ||
            !(other == path ? watch_is_fresh(&e->watch, other, e->now)
                            : watch_is_good(&e->watch, other, e->now)))
            continue;
        struct window_loss loss = watch_loss_recent(&e->watch, other, e->now);
        if (low_ppm >= loss.high_ppm + ENGINE_GAIN_PPM)
            return true;
    }
    return false;
}

// A way chosen has become bad: its own incident moves what natively leaves by it, not this.
static bool is_let_down_by(struct engine *e, uint32_t path, uint32_t way)
{
    struct story *story = &e->stories[path];
    uint32_t to = net_path_find(e->net, way, e->paths[path].family);
    if (e->watch.paths[to].state != WATCH_CONFIRMED ||
        relative_millinats(&e->watch.relative, to) < ENGINE_RELATIVE_MILLINATS)
        return false;
    if (has_better(e, path, way, watch_loss_bad(&e->watch, to, e->now).low_ppm)) {
        story_fail_way(e, path, way, PLAN_UNDO,
                       "the way chosen has become bad, and another is better");
        return true;
    }
    if (!story->worse_said)
        story_tell_back(e, path, 1u << way, PLAN_REFUSED,
                        "the way chosen has become bad, but none is better");
    story->worse_said = true;
    return false;
}

static bool is_let_down(struct engine *e, uint32_t path)
{
    for (uint32_t way = 0; way < e->net->upstream_count && !e->frozen; way++)
        if ((e->stories[path].ways >> way & 1) && is_let_down_by(e, path, way))
            return true;
    return false;
}

// One that tells of the old way, if there is one; of these one that targets can tell of.
static uint32_t worth_as_slice(const struct engine *e, const struct move *move)
{
    uint32_t worth = leaves_by_old_way(e, move) ? 2 : 0;
    return verdict_targets(e, move->prefix) != 0 ? worth + 1 : worth;
}

static struct prefix choose_slice(const struct engine *e, uint32_t path)
{
    const struct move *slice = NULL;
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (move->path != path || !move->wanted)
            continue;
        if (!slice || worth_as_slice(e, slice) < worth_as_slice(e, move))
            slice = move;
    }
    return slice->prefix;
}

// What the first to return would move, should it have to go back.
static uint64_t slice_kbps(const struct engine *e, uint32_t path)
{
    return moves_find(&e->moves, choose_slice(e, path))->demand_kbps;
}

// S10 holds for the way back too: until there is room for all of it, it stays where it is well.
static bool finds_room(struct engine *e, uint32_t path)
{
    struct story *story = &e->stories[path];
    if (room_takes_back(e, path))
        return true;
    if (!story->full_said)
        story_tell_back(e, path, story->ways, PLAN_REFUSED,
                        "the old way is good, but has no room for all that would return (S10)");
    story->full_said = true;
    return false;
}

static bool is_due_for_trial(const struct engine *e, uint32_t path, struct moves_state moves)
{
    const struct story *story = &e->stories[path];
    uint32_t subject;
    return !story->causes && moves.up == moves.all && story->well_proven &&
           watch_is_good(&e->watch, path, e->now) &&
           mono_since_ns(e->now, story->well_since) >= story->hold_ns && turn_may_return(e, path) &&
           presence_refusal(e, e->paths[path].family, &subject) == REFUSAL_NONE &&
           room_is_settled(e, e->paths[path].upstream) &&
           // Else a relapse could not be mended.
           hold_allows(&e->memories[path].hold, e->now) &&
           budget_has_room(e, path, slice_kbps(e, path));
}

static void advance_held(struct engine *e, uint32_t path, struct moves_state moves)
{
    struct story *story = &e->stories[path];
    if (moves.wanted == 0) {
        story_undo(e, path, PLAN_UNDO, "the routers let go of all that was moved");
        return;
    }
    // Detectors may still call it bad while its probes begin to prove it good: both must agree in
    // the end, see is_due_for_trial(). Without samples nothing is proven.
    if (!watch_is_heard(&e->watch, path, e->now))
        doubt(e, story);
    if (is_let_down(e, path) || taken_look(e, path) || harm_look(e, path))
        return;
    story_look_for_rest(e, path);
    if (story->state != INCIDENT_HELD || !is_due_for_trial(e, path, moves) || !finds_room(e, path))
        return;
    story_tell_back(e, path, story->ways, PLAN_RETURN,
                    "the old way has been good for the hold time");
    story->phase = TRIAL_SLICE_DOWN;
    story->slice = choose_slice(e, path);
    moves_want_one(&e->moves, story->slice, false);
    story_enter(e, path, INCIDENT_WELL, "one prefix returns first");
}

static bool is_gone(const struct engine *e, struct prefix prefix)
{
    const struct move *move = moves_find(&e->moves, prefix);
    return !move || move_is_gone(move);
}

static void advance_slice_verify(struct engine *e, uint32_t path)
{
    struct story *story = &e->stories[path];
    enum sprt_answer answer = sprt_answer(&story->slice_verdict.sprt);
    if (answer == SPRT_BAD) {
        stay_relapse(e, path, "what returned loses again: it moves back");
    } else if (answer == SPRT_GOOD && watch_is_good(&e->watch, path, e->now)) {
        e->memories[path].returned_kbps = room_moved_kbps(e, path);
        e->memories[path].returned_at = e->now;
        moves_want(&e->moves, path, false);
        story->phase = TRIAL_REST_DOWN;
    } else if (mono_reached(e->now, story->slice_verdict.until)) {
        stay_relapse(e, path, "what returned could not be proven good in time: it moves back");
    }
}

static void advance_trial(struct engine *e, uint32_t path, struct moves_state moves)
{
    struct story *story = &e->stories[path];
    if (e->watch.paths[path].state == WATCH_CONFIRMED)
        stay_relapse(e, path, "bad again under trial: what returned moves back");
    else if (story->causes)
        stay_relapse(e, path, "to be left again: what returned moves back");
    else if (story->phase != TRIAL_REST_DOWN &&
             (is_let_down(e, path) || taken_look(e, path) || harm_look(e, path)))
        return;  // the old way is better, proven or not
    else if (story->phase == TRIAL_SLICE_DOWN && is_gone(e, story->slice)) {
        verdict_begin_slice(e, path, story->slice);
        story->phase = TRIAL_SLICE_VERIFY;
    } else if (story->phase == TRIAL_SLICE_VERIFY)
        advance_slice_verify(e, path);
    else if (story->phase == TRIAL_REST_DOWN && moves.gone == moves.all) {
        moves_tidy(&e->moves, path);
        story_enter(e, path, INCIDENT_QUIET, "all has returned to its old way");
    }
}

void stay_advance(struct engine *e, uint32_t path)
{
    if (e->stories[path].state == INCIDENT_HELD)
        moves_tidy(&e->moves, path);  // what was lost is lost
    struct moves_state moves = moves_state(&e->moves, path, e->now);
    if (moves.stuck)
        presence_release(e, "orders were not answered within 2 s");
    else if (e->stories[path].state == INCIDENT_HELD)
        advance_held(e, path, moves);
    else
        advance_trial(e, path, moves);
}
