// SPDX-License-Identifier: ISC
#include "engine/state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

bool story_moves(const struct story *story)
{
    return story->state >= INCIDENT_ACTING && story->state != INCIDENT_CLOSED;
}

// What was refused or proposed in a state is of that state.
static void forget_plan(struct story *story)
{
    story->approval = 0;
    story->refused = REFUSALS;
    story->refused_said = false;
}

void story_enter(struct engine *e, uint32_t path, enum incident_event event, const char *reason)
{
    struct story *story = &e->stories[path];
    enum incident_state before = story->state, next = incident_next(before, event);
    assert(next != INCIDENT_NONE);
    if (before == INCIDENT_NONE)
        *story = (struct story){.number = ++e->story_count, .opened_at = e->now};
    story->state = next;
    story->entered_at = e->now;
    snprintf(story->reason, sizeof story->reason, "%s", reason);
    struct effect *effect = engine_tell(e, EFFECT_INCIDENT);
    effect->incident = (struct effect_incident){story->number, path, next, before, ""};
    memcpy(effect->incident.reason, story->reason, sizeof story->reason);
    forget_plan(story);
    if (next == INCIDENT_CLOSED)
        story->state = INCIDENT_NONE;
    uint64_t bit = UINT64_C(1) << path;
    bool judging = next == INCIDENT_VERIFY || next == INCIDENT_TRIAL;
    e->judging = judging ? e->judging | bit : e->judging & ~bit;
    e->open = next == INCIDENT_CLOSED ? e->open & ~bit : e->open | bit;
}

static void tell_plan(struct engine *e, uint32_t path, const struct effect_plan *plan)
{
    e->stories[path].last_plan = *plan;
    engine_tell(e, EFFECT_PLAN)->plan = *plan;
}

void story_signal(struct engine *e, const struct signal *signal)
{
    struct story *story = &e->stories[signal->path];
    bool is_new = story->state == INCIDENT_NONE;
    if (e->paths[signal->path].upstream == NET_NOBODY)
        return;  // as routed is what we move, not what is moved away from
    if (signal->kind == SIGNAL_SUSPECT && is_new)
        story_enter(e, signal->path, INCIDENT_SUSPECTED, "loss rose: looking closer");
    if (signal->kind == SIGNAL_CONFIRMED && (is_new || story->state == INCIDENT_SUSPECT))
        story_enter(e, signal->path, INCIDENT_PROVEN, "harmless bursts do not explain the loss");
}

static bool has_cause(const struct engine *e, uint32_t path)
{
    return e->stories[path].causes || e->watch.paths[path].state != WATCH_GOOD;
}

enum story_cause story_cause(const struct engine *e, uint32_t path)
{
    uint8_t causes = e->stories[path].causes;
    return causes >> STORY_DRAIN & 1   ? STORY_DRAIN
           : causes >> STORY_FAULT & 1 ? STORY_FAULT
                                       : STORY_LOSS;
}

void story_ask(struct engine *e, uint32_t path, enum story_cause cause, const char *reason)
{
    struct story *story = &e->stories[path];
    assert(cause != STORY_LOSS && e->paths[path].upstream != NET_NOBODY);
    if (story->state == INCIDENT_NONE || story->state == INCIDENT_SUSPECT)
        story_enter(e, path, INCIDENT_PROVEN, reason);
    story->causes |= (uint8_t)(1u << cause);
    if (story->state == INCIDENT_TRIAL)
        stay_relapse(e, path, reason);
}

void story_over(struct engine *e, uint32_t path, enum story_cause cause)
{
    e->stories[path].causes &= (uint8_t) ~(1u << cause);
}

void story_bare(struct engine *e, uint32_t path, const char *reason)
{
    struct story *story = &e->stories[path];
    moves_tidy(&e->moves, path);
    story->backing = false;
    if (story->state != INCIDENT_ACTING)
        story_enter(e, path, INCIDENT_UNDO, reason);
    story_enter(e, path, has_cause(e, path) ? INCIDENT_UNDONE : INCIDENT_QUIET, reason);
}

static bool goes_as(const struct move *move, const struct move *like)
{
    return move->path == like->path && move->to == like->to && move->wanted;
}

static uint32_t moved_to(const struct engine *e, uint32_t path, uint32_t way)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        count += move->path == path && move->wanted && move->to == way;
    }
    return count;
}

static struct effect_plan plan_back(const struct engine *e, uint32_t path, uint32_t way,
                                    enum effect_plan_verdict verdict, const char *reason)
{
    enum family family = e->paths[path].family;
    struct effect_plan plan = {
        .incident = e->stories[path].number,
        .from = way,
        .to = e->paths[path].upstream,
        .family = family,
        .verdict = verdict,
        .prefixes = moved_to(e, path, way),
        .loss_from_ppm =
            watch_loss_recent(&e->watch, net_path_find(e->net, way, family), e->now).low_ppm,
        .loss_to_ppm = watch_loss_recent(&e->watch, path, e->now).high_ppm,
    };
    snprintf(plan.reason, sizeof plan.reason, "%s", reason);
    return plan;
}

static void tell_back(struct engine *e, uint32_t path, uint32_t way,
                      enum effect_plan_verdict verdict, const char *reason)
{
    struct effect_plan plan = plan_back(e, path, way, verdict, reason);
    tell_plan(e, path, &plan);
}

void story_tell_back(struct engine *e, uint32_t path, uint32_t ways,
                     enum effect_plan_verdict verdict, const char *reason)
{
    for (uint32_t way = 0; way < e->net->upstream_count; way++)
        if (ways >> way & 1)
            tell_back(e, path, way, verdict, reason);
}

void story_undo(struct engine *e, uint32_t path, enum effect_plan_verdict verdict,
                const char *reason)
{
    struct story *story = &e->stories[path];
    story_tell_back(e, path, story->ways, verdict, reason);
    moves_want(&e->moves, path, false);
    story->backing = true;
    story->approved = false;
    if (story->state != INCIDENT_ACTING)
        story_enter(e, path, INCIDENT_UNDO, reason);
}

static void taint(struct engine *e, uint32_t path, uint32_t ways, struct mono until)
{
    for (uint32_t way = 0; way < e->net->upstream_count; way++)
        if (ways >> way & 1)
            e->memories[path].tainted_until[way] = until;
}

// Takes back all as a failure of the ways chosen: they are left alone for a while, and tries are
// counted.
static void fail_all(struct engine *e, uint32_t path, enum effect_plan_verdict verdict,
                     const char *reason)
{
    struct memory *memory = &e->memories[path];
    memory->retry_at = mono_add_ns(e->now, stay_penalty_ns(e, path));
    memory->tries = memory->tries < ENGINE_TRIES_MAX ? memory->tries + 1 : 1;
    taint(e, path, e->stories[path].ways, memory->retry_at);
    story_undo(e, path, verdict, reason);
}

// For what went back. Nobody was asked where it should go then.
static void look_again(struct story *story)
{
    story->rests = true;
    story->approved = false;
}

void story_fail_way(struct engine *e, uint32_t path, uint32_t way, enum effect_plan_verdict verdict,
                    const char *reason)
{
    struct story *story = &e->stories[path];
    if (story->ways == 1u << way) {
        fail_all(e, path, verdict, reason);
        return;
    }
    taint(e, path, 1u << way, mono_add_ns(e->now, stay_penalty_ns(e, path)));
    tell_back(e, path, way, verdict, reason);
    moves_want_to(&e->moves, path, way, false);
    story->ways &= ~(1u << way);
    story->good &= ~(1u << way);
    look_again(story);
}

bool story_fail_part(struct engine *e, const struct move *like, const bool *part, const char *why)
{
    struct story *story = &e->stories[like->path];
    struct effect_plan plan = plan_back(e, like->path, like->to, PLAN_UNDO, why);
    uint32_t all = plan.prefixes;
    plan.prefixes = 0;
    for (uint32_t i = 0; i < e->moves.count; i++)
        plan.prefixes += part[i] && goes_as(&e->moves.items[i], like);
    if (plan.prefixes == all) {
        story_fail_way(e, like->path, like->to, PLAN_UNDO, why);
        return false;
    }
    tell_plan(e, like->path, &plan);
    for (uint32_t i = 0; i < e->moves.count; i++)
        e->moves.items[i].wanted &= !part[i] || !goes_as(&e->moves.items[i], like);
    look_again(story);
    if (story->state == INCIDENT_VERIFY) {
        story->good = 0;
        story->entered_at = e->now;  // a smaller move, and as much time to prove it
        verdict_begin(e, like->path);
    }
    return true;
}

void story_session_lost(struct engine *e, uint32_t router)
{
    for (uint32_t path = 0; path < e->path_count; path++) {
        struct story *story = &e->stories[path];
        uint16_t routers = moves_routers(e->net, e->paths[path].family);
        moves_router_lost(&e->moves, e->now, router, path);
        if (!story_moves(story) || story->backing || !(routers >> router & 1))
            continue;
        char reason[128];
        snprintf(reason, sizeof reason, "the session with %s is gone: all routers, or none",
                 e->net->routers[router].name);
        story_undo(e, path, PLAN_UNDO, reason);
    }
}

// One prefix was refused: where others still move the same way, they do without it.
static bool leave_out(struct engine *e, uint32_t path, struct prefix prefix)
{
    struct story *story = &e->stories[path];
    struct move move = *moves_find(&e->moves, prefix);
    if (move_is_gone(&move))
        budget_give_back(e, &move);
    if (story->backing || moved_to(e, path, move.to) < 2)
        return false;
    moves_want_one(&e->moves, prefix, false);
    story->rests = true;
    return true;
}

void story_override(struct engine *e, const struct event_override *outcome)
{
    uint32_t path;
    char prefix[PREFIX_TEXT_MAX], reason[192];
    static const enum move_outcome outcomes[OVERRIDE_STATES] = {
        [OVERRIDE_ANNOUNCED] = MOVE_ANNOUNCED,
        [OVERRIDE_WITHDRAWN] = MOVE_WITHDRAWN,
        [OVERRIDE_REFUSED] = MOVE_REFUSED,
    };
    const struct move_answer answer = {outcome->router, outcome->upstream, outcome->prefix,
                                       outcomes[outcome->state]};
    enum move_news news = moves_told(&e->moves, e->now, &answer, &path);
    if (outcome->state == OVERRIDE_REFUSED)
        routes_refuse(&e->routes, outcome->prefix, mono_add_ns(e->now, e->net->steer.hold_min_ns));
    if (news == MOVE_STRAY)
        engine_tell(e, EFFECT_WITHDRAW)->override =
            (struct effect_override){outcome->router, outcome->upstream, outcome->prefix, 0};
    if (news == MOVE_AS_ORDERED || news == MOVE_STRAY)
        return;
    exits_refused(e, path, outcome->prefix);
    struct story *story = &e->stories[path];
    if (story->state != INCIDENT_ACTING && story->state != INCIDENT_VERIFY) {
        moves_want_one(&e->moves, outcome->prefix, false);  // on all routers, or on none
        return;
    }
    if (news == MOVE_NOT_DONE && leave_out(e, path, outcome->prefix))
        return;
    snprintf(reason, sizeof reason, "%s %s %s: %s", e->net->routers[outcome->router].name,
             news == MOVE_NOT_DONE ? "was refused" : "lost", prefix_format(outcome->prefix, prefix),
             outcome->reason);
    for (char *c = reason; *c; c++)  // others' text, and cut anywhere
        *c = *c & 0x80 ? '?' : *c;
    // No fault of the way: the next plan leaves this prefix out.
    e->memories[path].tries++;
    e->memories[path].retry_at = mono_add_ns(e->now, e->net->steer.hold_min_ns);
    story_undo(e, path, news == MOVE_NOT_DONE ? PLAN_REFUSED : PLAN_UNDO, reason);
}

static void act(struct engine *e, uint32_t path, const struct decision *d)
{
    struct story *story = &e->stories[path];
    char reason[96];
    snprintf(reason, sizeof reason, "moving to %s%s", e->net->upstreams[d->plans[0].to].name,
             d->plan_count > 1 ? " and others" : "");
    story->loss_before_ppm =
        story_cause(e, path) == STORY_LOSS ? decide_loss_ppm(e, path) : ENGINE_NO_LOSS_PPM;
    if (story->state == INCIDENT_CONFIRMED)
        story->ways = 0;
    for (uint32_t i = 0; i < d->plan_count; i++)
        story->ways |= 1u << d->plans[i].to;
    story->good = 0;
    story->backing = story->verified = false;
    story->rests = d->rests;
    story->looked_at = e->now;
    decide_carry_out(e, path);
    hold_acted(&e->memories[path].hold, e->now);
    story_enter(e, path, INCIDENT_ACT, reason);
}

static uint32_t ways_of(const struct decision *d)
{
    uint32_t ways = 0;
    for (uint32_t i = 0; i < d->plan_count; i++)
        ways |= d->plans[i].to < NET_UPSTREAMS_MAX ? UINT32_C(1) << d->plans[i].to : 0;
    return ways;
}

// A plan that leads elsewhere, or that nobody approved for long, is another one: what a person
// approves is what they were told lately.
static void propose(struct engine *e, struct story *story, struct decision *d)
{
    bool waits = d->refusal == REFUSAL_NONE && d->plans[0].verdict == PLAN_CONFIRM;
    uint32_t ways = ways_of(d);
    if (!waits) {
        story->approval = 0;
        return;
    }
    if (story->approval == 0 || ways != story->approval_ways ||
        mono_since_ns(e->now, story->proposed_at) >= (int64_t)STEER_APPROVAL_S * NS_PER_S) {
        story->approval = ++e->story_count;
        story->approval_ways = ways;
        story->proposed_at = e->now;
        story->refused_said = false;
    }
    for (uint32_t i = 0; i < d->plan_count; i++)
        d->plans[i].approval = story->approval;
}

static struct story *story_proposed(struct engine *e, uint32_t approval, uint32_t *path)
{
    for (*path = 0; *path < e->path_count; (*path)++) {
        struct story *story = &e->stories[*path];
        bool looks = story->state == INCIDENT_CONFIRMED || story->state == INCIDENT_HELD;
        if (looks && approval > 0 && story->approval == approval &&
            mono_since_ns(e->now, story->proposed_at) < STEER_APPROVAL_S * (int64_t)NS_PER_S)
            return story;
    }
    return NULL;
}

bool story_approve(struct engine *e, uint32_t approval, char *text)
{
    uint32_t path;
    char name[NET_NAME_MAX + 8];
    struct story *story = story_proposed(e, approval, &path);
    if (!story) {
        snprintf(text, ENGINE_WHY_MAX,
                 "no plan %u waits: it was never, is over, or is replaced by another; see fairlead "
                 "plans",
                 approval);
        return false;
    }
    decide(e, path, &e->decision);
    if (e->decision.refusal != REFUSAL_NONE || ways_of(&e->decision) != story->approval_ways) {
        bool refused = e->decision.refusal != REFUSAL_NONE;
        snprintf(text, ENGINE_WHY_MAX, "plan %u no longer holds: %.110s", approval,
                 refused ? e->decision.plans[0].reason : "it would lead elsewhere by now");
        return false;
    }
    story->approved = true;  // the next look at it, in this step, acts
    story->refused_said = false;
    snprintf(text, ENGINE_WHY_MAX, "plan %u, %s: it is being done", approval,
             net_path_name(e->net, path, name));
    return true;
}

// Says once what is decided, and a refusal only when it stands for a while: some pass at once.
static void tell_decision(struct engine *e, uint32_t path)
{
    struct story *story = &e->stories[path];
    const struct decision *d = &e->decision;
    if (d->refusal != story->refused || d->subject != story->refused_subject) {
        story->refused = d->refusal;
        story->refused_subject = d->subject;
        story->refused_since = e->now;
        story->refused_said = false;
    }
    bool stands = mono_reached(e->now, mono_add_ms(story->refused_since, ENGINE_SAY_AFTER_MS));
    if (story->refused_said || (d->refusal != REFUSAL_NONE && !stands))
        return;
    story->refused_said = true;
    for (uint32_t i = 0; i < d->plan_count; i++)
        tell_plan(e, path, &d->plans[i]);
}

static void look_for_plan(struct engine *e, uint32_t path)
{
    struct decision *d = &e->decision;
    decide(e, path, d);
    propose(e, &e->stories[path], d);
    e->stories[path].last_plan = d->plans[0];
    tell_decision(e, path);
    if (d->plans[0].verdict == PLAN_ACT)
        act(e, path, d);
}

// A person, a part or packets want it left, still.
static bool is_to_leave(const struct engine *e, uint32_t path)
{
    return e->stories[path].causes || e->watch.paths[path].state == WATCH_CONFIRMED;
}

void story_look_for_more(struct engine *e)
{
    for (uint64_t left = e->open; left; left &= left - 1) {
        uint32_t path = (uint32_t)__builtin_ctzll(left);
        struct story *story = &e->stories[path];
        if (story->state != INCIDENT_HELD || story->rests || !is_to_leave(e, path))
            continue;
        story->rests = room_has_more(e, path);
        story->approved &= !story->rests;  // nobody was asked about these
    }
}

void story_look_for_rest(struct engine *e, uint32_t path)
{
    struct story *story = &e->stories[path];
    int64_t canary_ns = e->net->steer.budget.canary_ns;
    int64_t after_ns = STEER_MORE_AFTER_S * (int64_t)NS_PER_S;
    bool is_asked_for = story->approved && story->approval > 0;
    if (!story->rests || !is_to_leave(e, path) ||
        (!is_asked_for &&
         mono_since_ns(e->now, story->looked_at) < (canary_ns > after_ns ? canary_ns : after_ns)))
        return;
    story->looked_at = e->now;
    decide(e, path, &e->decision);
    propose(e, story, &e->decision);
    if (e->decision.refusal != REFUSAL_NOTHING)  // what it rests for is refused itself, or has gone
        tell_decision(e, path);
    if (e->decision.plans[0].verdict == PLAN_ACT)
        act(e, path, &e->decision);
}

static void advance_acting(struct engine *e, uint32_t path)
{
    struct story *story = &e->stories[path];
    if (!story->backing)
        moves_tidy(&e->moves, path);  // what was refused
    struct moves_state moves = moves_state(&e->moves, path, e->now);
    if (moves.stuck && story->backing)
        presence_release(e, "withdrawals were not confirmed within 2 s");
    else if (moves.stuck)
        fail_all(e, path, PLAN_REFUSED, "announcements were not confirmed within 2 s");
    else if (story->backing && moves.gone == moves.all)
        story_bare(e, path, "nothing of ours stands any more");
    else if (!story->backing && moves.up == moves.all) {
        verdict_begin(e, path);
        story_enter(e, path, INCIDENT_STANDS,
                    "all routers confirmed: packets must prove that it helps");
    }
}

enum { EVIDENCE_MAX = 160 };

// What packets met, and what routers say.
static const char *evidence(const struct engine *e, uint32_t path, const struct verdict *v,
                            char *text)
{
    char taken[TAKEN_TEXT_MAX];
    snprintf(text, EVIDENCE_MAX,
             "%llu of %llu probes lost on the way that customers' packets now go%s%s",
             (unsigned long long)v->lost, (unsigned long long)(v->ok + v->lost),
             v->is_aside ? " (answers by the old way aside)" : "", taken_text(e, path, taken));
    return text;
}

static void judge_way(struct engine *e, uint32_t path, uint32_t way)
{
    struct story *story = &e->stories[path];
    const struct verdict *v = &story->verdicts[way];
    char text[EVIDENCE_MAX];
    enum sprt_answer answer = sprt_answer(&v->sprt);
    if (answer == SPRT_GOOD) {
        story->good |= 1u << way;
        if (story->good != story->ways || taken_is_open(e, path))
            return;
        story->verified = e->budget.proven = true;
        e->memories[path].tries = 0;
        stay_hold(e, path, INCIDENT_HELPED, evidence(e, path, v, text));
    } else if (answer == SPRT_BAD && !verdict_set_answers_aside(e, path, way)) {
        story_fail_way(e, path, way, PLAN_UNDO, evidence(e, path, v, text));
    } else if (mono_since_ns(e->now, story->entered_at) >= e->net->steer.verify_max_ns) {
        story_fail_way(e, path, way, PLAN_UNDO, "not proven better in time");
    }
}

// Each way by itself: what did not help on one is taken back there, and stays on the others.
static void advance_verify(struct engine *e, uint32_t path)
{
    const struct story *story = &e->stories[path];
    taken_look(e, path);
    for (uint32_t way = 0; way < e->net->upstream_count; way++)
        if (story->state == INCIDENT_VERIFY && (story->ways >> way & 1))
            judge_way(e, path, way);
}

// A thaw takes up where things stand, not where they stood.
void story_thaw(struct engine *e, uint32_t path)
{
    struct story *story = &e->stories[path];
    const enum watch_state seen = e->watch.paths[path].state;
    bool proven = seen == WATCH_CONFIRMED || story->causes;
    struct moves_state moves = moves_state(&e->moves, path, e->now);
    if (moves.all == 0 || moves.gone == moves.all)
        moves_tidy(&e->moves, path);
    if (moves.wanted > 0 && story->verified) {
        stay_want_back(e, path);
        stay_hold(e, path, INCIDENT_THAW, "thawed: what stands is held");
    } else if (moves.wanted > 0) {
        story_enter(e, path, INCIDENT_ACT, "thawed: what was begun is finished");
    } else if (moves.gone < moves.all) {
        story->backing = true;
        story_enter(e, path, INCIDENT_UNDO, "thawed: what was begun is finished");
    } else {
        story_enter(e, path,
                    proven               ? INCIDENT_PROVEN
                    : seen == WATCH_GOOD ? INCIDENT_QUIET
                                         : INCIDENT_SUSPECTED,
                    "thawed: nothing of ours stands");
    }
}

void story_advance(struct engine *e, uint32_t path)
{
    struct story *story = &e->stories[path];
    bool looking = story->state == INCIDENT_SUSPECT || story->state == INCIDENT_CONFIRMED;
    if (looking && !has_cause(e, path))
        story_enter(e, path, INCIDENT_QUIET, "the reason to move is over");
    if (story->state == INCIDENT_SUSPECT && turn_sibling(e, path) != NET_NOBODY)
        story_enter(e, path, INCIDENT_PROVEN, "the other family has left: they lose alike");
    if (story->state == INCIDENT_CONFIRMED)
        look_for_plan(e, path);
    if (story->state == INCIDENT_ACTING)
        advance_acting(e, path);
    if (story->state == INCIDENT_VERIFY)
        advance_verify(e, path);
    if (story->state == INCIDENT_HELD || story->state == INCIDENT_TRIAL)
        stay_advance(e, path);
}
