// SPDX-License-Identifier: ISC
#include "engine/repair.h"

#include "engine/state.h"

#include <stdio.h>
#include <string.h>

enum { HEARD_S = 10 };  // again, before a program is run

static const char *const refusal_words[REPAIR_REFUSALS] = {
    [REPAIR_FROZEN] = "Fairlead is frozen",
    [REPAIR_NOT_READY] = "not everything that an act needs is there, or the quiet time is not over",
    [REPAIR_NO_HOOK_ROLE] = "the process that runs programs is not there",
    [REPAIR_OTHER] = "another part is out of use already",
    [REPAIR_LAST] = "no other member of its group is known to be whole",
    [REPAIR_GAIN] = "too little is lost there",
    [REPAIR_BUDGET] = "it was run too often within the hour, or did not help a while ago",
};

static void tell(struct engine *e, uint32_t hook, enum effect_plan_verdict verdict,
                 const char *reason)
{
    struct effect_repair *effect = &engine_tell(e, EFFECT_REPAIR)->repair;
    *effect = (struct effect_repair){hook, e->repairs[hook].number, verdict, ""};
    snprintf(effect->reason, sizeof effect->reason, "%s", reason);
}

static void enter(struct engine *e, uint32_t hook, enum repair_state state)
{
    e->repairs[hook].state = state;
    e->repairs[hook].since = e->now;
}

// ---- which fault is whose

static const struct net_group *group_of(const struct engine *e, uint32_t hook)
{
    const struct net_object *object = &e->net->hooks[hook].object;
    return object->kind == NET_OBJECT_MEMBER ? &e->net->groups[object->index] : NULL;
}

static bool is_of_group(const struct fault *fault, const struct net_group *group)
{
    return strcmp(fault->part.group, group->name) == 0 && fault->part.member[0] != '\0';
}

// A named loss of just the member that the hook takes out of use; NULL: none.
static const struct fault *fault_of(const struct engine *e, uint32_t hook)
{
    const struct net_group *group = group_of(e, hook);
    const struct net_object *object = &e->net->hooks[hook].object;
    for (uint32_t i = 0; group && i < e->faults.count; i++) {
        const struct fault *fault = &e->faults.items[i].fault;
        if (fault->state == FAULT_NAMED && fault->symptom != FAULT_DELAY &&
            is_of_group(fault, group) &&
            strcmp(fault->part.member, group->members[object->member].name) == 0)
            return fault;
    }
    return NULL;
}

static bool is_doubted(const struct engine *e, const struct net_group *group, uint32_t member)
{
    for (uint32_t i = 0; i < e->faults.count; i++) {
        const struct fault *fault = &e->faults.items[i].fault;
        if (is_of_group(fault, group) &&
            strcmp(fault->part.member, group->members[member].name) == 0)
            return true;
    }
    return false;
}

// S13: what the others carry then must be carried by somebody. A member that people took out of use
// by its own hook carries nothing.
static bool is_another_whole(const struct engine *e, uint32_t hook)
{
    const struct net_group *group = group_of(e, hook);
    struct net_object object = e->net->hooks[hook].object;
    uint32_t member = object.member, whole = 0;
    for (uint32_t m = 0; m < group->member_count; m++) {
        object.member = m;
        uint32_t its = hook_find(e->net, object);
        bool is_out = its != NET_NOBODY && hook_state(e, its)->in_force;
        whole += m != member && !is_out && !is_doubted(e, group, m);
    }
    return group->kind == NET_REDUNDANCY && whole > 0;
}

// ---- whether it may be run

static bool is_ready(const struct engine *e)
{
    bool served[FAMILIES] = {false};
    uint32_t subject;
    for (uint32_t path = 0; path < e->path_count; path++)
        served[e->paths[path].family] = true;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (served[family] && presence_refusal(e, family, &subject) != REFUSAL_NONE)
            return false;
    return true;
}

// S8: one part at a time, whoever took the other.
static bool is_another_out(const struct engine *e, uint32_t hook)
{
    for (uint32_t i = 0; i < e->net->hook_count; i++)
        if (i != hook && (hook_state(e, i)->in_force || e->repairs[i].state != REPAIR_NONE))
            return true;
    return false;
}

static bool is_worth_it(const struct fault *fault)
{
    uint64_t lost_ppm = (uint64_t)fault->evidence.loss_ppm * fault->evidence.share_ppm / 1000000;
    return lost_ppm >= ENGINE_GAIN_PPM;
}

static bool is_lately(const struct engine *e, struct mono at)
{
    return at.ns > 0 && mono_since_ns(e->now, at) < HEARD_S * (int64_t)NS_PER_S;
}

// What the prober named before it was stopped, or could vouch for nothing, may be over, and it has
// not had the time to say so.
static bool was_deaf(const struct engine *e, const struct repair *repair)
{
    return is_lately(e, e->watch.lagged_at) || is_lately(e, repair->deaf_at);
}

static enum repair_refusal judge(const struct engine *e, uint32_t hook, const struct fault *fault)
{
    const struct repair *repair = &e->repairs[hook];
    if (e->frozen || e->stopped)
        return REPAIR_FROZEN;
    if (!is_ready(e) || was_deaf(e, repair))
        return REPAIR_NOT_READY;
    if (e->roles[ROLE_HOOK].state != ROLE_ALIVE)
        return REPAIR_NO_HOOK_ROLE;
    if (is_another_out(e, hook) || hook_state(e, hook)->in_force)
        return REPAIR_OTHER;
    if (!is_another_whole(e, hook))
        return REPAIR_LAST;
    if (!is_worth_it(fault))
        return REPAIR_GAIN;
    if (!mono_reached(e->now, repair->retry_at) || !hold_allows(&repair->hold, e->now))
        return REPAIR_BUDGET;
    return REPAIR_MAY;
}

// ---- the life of one

static void act(struct engine *e, uint32_t hook, const struct fault *fault)
{
    struct repair *repair = &e->repairs[hook];
    repair->number = ++e->story_count;
    repair->fault = fault->number;
    repair->is_over = false;
    hold_acted(&repair->hold, e->now);
    tell(e, hook, PLAN_ACT, fault->words);
    (void)hook_ask(e, hook, repair->number, false);  // judge() has seen to it
    enter(e, hook, REPAIR_ACTING);
}

static bool is_said(const struct repair *repair, const struct fault *fault,
                    enum repair_refusal refusal)
{
    return repair->said_fault == fault->number && repair->said_refusal == refusal;
}

static void look_for_fault(struct engine *e, uint32_t hook)
{
    enum net_mode mode = net_lever_mode(e->net, NET_LEVER_HOOK);
    struct repair *repair = &e->repairs[hook];
    const struct fault *fault = fault_of(e, hook);
    if (!fault)
        return;
    if (mono_since_ns(e->now, e->watch.usable_at) > WATCH_FRESH_MS * (int64_t)NS_PER_MS)
        repair->deaf_at = e->now;
    enum repair_refusal refusal = judge(e, hook, fault);
    if (refusal == REPAIR_MAY && mode == NET_ACT) {
        act(e, hook, fault);
        return;
    }
    if (is_said(repair, fault, refusal))
        return;
    repair->said_fault = fault->number;
    repair->said_refusal = refusal;
    // In mode confirm a person approves it by a drain of the part.
    if (refusal == REPAIR_MAY)
        tell(e, hook, decide_verdict(mode == NET_CONFIRM ? NET_ADVISE : mode), fault->words);
    else
        tell(e, hook, PLAN_REFUSED, refusal_words[refusal]);
}

// Half of it may be done when the program failed.
static void undo(struct engine *e, uint32_t hook, const char *reason)
{
    struct repair *repair = &e->repairs[hook];
    hold_failed(&repair->hold, e->now);
    repair->retry_at =
        mono_add_ns(e->now, hold_length_ns(&repair->hold, &e->net->steer, e->now, &e->random));
    tell(e, hook, PLAN_UNDO, reason);
    enter(e, hook, REPAIR_UNDOING);
    switch (hook_ask(e, hook, repair->number, true)) {
    case HOOK_ORDERED:
        return;
    case HOOK_HAS_NO_UNDO:
        tell(e, hook, PLAN_REFUSED, "it has no undo: a person must see to it");
        break;
    case HOOK_IS_ABSENT:
    case HOOK_IS_BUSY:
    case HOOK_NOT_IN_FORCE:
        tell(e, hook, PLAN_REFUSED, "it cannot be taken back now: a person must see to it");
        break;
    }
    enter(e, hook, REPAIR_NONE);
}

static void follow_act(struct engine *e, uint32_t hook)
{
    if (hook_state(e, hook)->life == HOOK_REFUSED)
        undo(e, hook, "the program failed");
    else if (hook_settled(e, hook))
        enter(e, hook, REPAIR_VERIFY);
}

static void verify(struct engine *e, uint32_t hook)
{
    const struct repair *repair = &e->repairs[hook];
    if (repair->is_over)
        enter(e, hook, REPAIR_HELD);
    else if (mono_since_ns(e->now, repair->since) > e->net->steer.verify_max_ns)
        undo(e, hook, "the fault is not over: it did not help");
}

static void follow_undo(struct engine *e, uint32_t hook)
{
    enum hook_life life = hook_state(e, hook)->life;
    if (life == HOOK_REFUSED)
        tell(e, hook, PLAN_REFUSED, "it could not be taken back: a person must see to it");
    if (life == HOOK_REFUSED || life == HOOK_ENDED)
        enter(e, hook, REPAIR_NONE);
}

void repair_advance(struct engine *e)
{
    for (uint32_t hook = 0; hook < e->net->hook_count; hook++) {
        switch (e->repairs[hook].state) {
        case REPAIR_NONE:
            look_for_fault(e, hook);
            break;
        case REPAIR_ACTING:
            follow_act(e, hook);
            break;
        case REPAIR_VERIFY:
            if (!e->frozen)
                verify(e, hook);
            break;
        case REPAIR_HELD:
            if (!hook_state(e, hook)->in_force)
                enter(e, hook, REPAIR_NONE);
            break;
        case REPAIR_UNDOING:
            follow_undo(e, hook);
            break;
        }
    }
}

void repair_fault_over(struct engine *e, const struct fault *fault)
{
    for (uint32_t hook = 0; hook < e->net->hook_count; hook++)
        if (e->repairs[hook].fault == fault->number)
            e->repairs[hook].is_over = true;
}

void repair_blind(struct engine *e)
{
    for (uint32_t hook = 0; hook < e->net->hook_count; hook++) {
        enum repair_state state = e->repairs[hook].state;
        if (state == REPAIR_ACTING || state == REPAIR_VERIFY)
            undo(e, hook, "the prober died: nothing can be verified");
    }
}
