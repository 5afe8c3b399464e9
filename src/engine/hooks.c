// SPDX-License-Identifier: ISC
#include "engine/hooks.h"

#include "engine/state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

// Beyond the program's own time: others may run before it, and ending one takes a moment.
enum { ANSWER_MS = 10 * 1000 };

uint32_t hook_find(const struct net *net, struct net_object object)
{
    for (uint32_t hook = 0; hook < net->hook_count; hook++)
        if (net_object_equal(net->hooks[hook].object, object))
            return hook;
    return NET_NOBODY;
}

const struct hook_state *hook_state(const struct engine *e, uint32_t hook)
{
    return &e->hooks[hook];
}

static enum hook_answer may_ask(const struct engine *e, uint32_t hook, uint32_t number, bool undo)
{
    const struct hook_state *state = &e->hooks[hook];
    bool is_for_other = state->life == HOOK_ASKED || state->in_force;
    if (e->roles[ROLE_HOOK].state != ROLE_ALIVE)
        return HOOK_IS_ABSENT;
    if (undo && e->net->hooks[hook].undo_arguments.count == 0)
        return HOOK_HAS_NO_UNDO;
    if (undo && !state->in_force)
        return HOOK_NOT_IN_FORCE;
    return is_for_other && state->number != number ? HOOK_IS_BUSY : HOOK_ORDERED;
}

enum hook_answer hook_ask(struct engine *e, uint32_t hook, uint32_t number, bool undo)
{
    struct hook_state *state = &e->hooks[hook];
    enum hook_answer answer = may_ask(e, hook, number, undo);
    if (answer != HOOK_ORDERED || (state->life == HOOK_ASKED && state->undo == undo))
        return answer;
    *state = (struct hook_state){HOOK_ASKED, number, undo, true, e->now, ""};
    engine_tell(e, EFFECT_HOOK)->hook = (struct effect_hook){hook, number, undo};
    return HOOK_ORDERED;
}

bool hook_settled(const struct engine *e, uint32_t hook)
{
    const struct hook_state *state = &e->hooks[hook];
    return state->life == HOOK_ENDED &&
           mono_since_ns(e->now, state->since) >= e->net->hooks[hook].settle_ns;
}

static void tell(struct engine *e, const struct event_hook *told)
{
    struct effect_hooked hooked = {told->hook, told->number, told->undo, told->state, ""};
    static_assert(sizeof hooked.reason == sizeof told->reason, "the same text");
    memcpy(hooked.reason, told->reason, sizeof hooked.reason);
    engine_tell(e, EFFECT_HOOKED)->hooked = hooked;
}

// What the log says is older than all that was heard since.
static void found(struct engine *e, const struct event_hook *told)
{
    struct hook_state *state = &e->hooks[told->hook];
    if (state->life != HOOK_AT_REST)
        return;
    *state = (struct hook_state){HOOK_ENDED, told->number, false, true, e->now, ""};
    memcpy(state->reason, told->reason, sizeof state->reason);
}

// Of a run that is not waited for (any more) only people are told.
void hooks_told(struct engine *e, const struct event_hook *told)
{
    struct hook_state *state = &e->hooks[told->hook];
    tell(e, told);
    if (told->state == HOOK_STANDS) {
        found(e, told);
        return;
    }
    if (state->life != HOOK_ASKED || told->number != state->number || told->undo != state->undo ||
        told->state == HOOK_STARTED)
        return;
    state->life = told->state == HOOK_DONE ? HOOK_ENDED : HOOK_REFUSED;
    state->in_force = !(told->undo && told->state == HOOK_DONE);
    state->since = e->now;
    memcpy(state->reason, told->reason, sizeof state->reason);
}

static void give_up(struct engine *e, uint32_t hook, enum event_hook_state how, const char *reason)
{
    const struct hook_state *state = &e->hooks[hook];
    struct event_hook told = {hook, state->number, state->undo, how, ""};
    strncpy(told.reason, reason, sizeof told.reason - 1);
    hooks_told(e, &told);
}

void hooks_advance(struct engine *e)
{
    for (uint32_t hook = 0; hook < e->net->hook_count; hook++) {
        int64_t limit_ns = e->net->hooks[hook].timeout_ns + (int64_t)ANSWER_MS * NS_PER_MS;
        if (e->hooks[hook].life == HOOK_ASKED &&
            mono_since_ns(e->now, e->hooks[hook].since) > limit_ns)
            give_up(e, hook, HOOK_TIMED_OUT, "nothing was heard of it");
    }
}

void hooks_lost(struct engine *e, const char *reason)
{
    for (uint32_t hook = 0; hook < e->net->hook_count; hook++)
        if (e->hooks[hook].life == HOOK_ASKED)
            give_up(e, hook, HOOK_FAILED, reason);
}

static void is_back_by_hand(struct engine *e, uint32_t hook)
{
    struct event_hook told = {hook, e->hooks[hook].number, true, HOOK_DONE, "by hand"};
    tell(e, &told);
    e->hooks[hook] = (struct hook_state){.since = e->now};
}

bool hook_bring_back(struct engine *e, uint32_t hook, char *text)
{
    const char *name = e->net->hooks[hook].name, *form = "hook %s is busy: ask again in a while";
    enum repair_state repair = e->repairs[hook].state;
    enum hook_answer answer = HOOK_IS_BUSY;
    if (repair == REPAIR_NONE || repair == REPAIR_HELD)
        answer = hook_ask(e, hook, e->hooks[hook].number, true);
    if (answer == HOOK_ORDERED) {
        form = "hook %s takes back what it did";
    } else if (answer == HOOK_HAS_NO_UNDO) {
        form = "hook %s has no undo_arguments: taken as brought back by hand";
        is_back_by_hand(e, hook);
    } else if (answer == HOOK_IS_ABSENT) {
        form = "the process that runs hook %s is not there: ask again in a while";
    }
    snprintf(text, HOOK_TEXT_MAX, form, name);
    return answer == HOOK_ORDERED || answer == HOOK_HAS_NO_UNDO;
}

static json_t *hook_json(const struct engine *e, uint32_t hook)
{
    static const char *const lives[] = {"at_rest", "asked", "ended", "refused"};
    static const char *const repairs[] = {"none", "acting", "verify", "held", "undoing"};
    const struct hook_state *state = &e->hooks[hook];
    char object[NET_OBJECT_TEXT_MAX];
    return json_pack("{s:s, s:s, s:s, s:b, s:b, s:I, s:s, s:s}", "hook", e->net->hooks[hook].name,
                     "object", net_object_format(e->net, e->net->hooks[hook].object, object),
                     "state", lives[state->life], "undo", (int)state->undo, "in_force",
                     (int)state->in_force, "number", (json_int_t)state->number, "repair",
                     repairs[e->repairs[hook].state], "reason", state->reason);
}

json_t *hooks_json(const struct engine *e)
{
    json_t *hooks = json_array();
    for (uint32_t hook = 0; hook < e->net->hook_count; hook++)
        json_array_append_new(hooks, hook_json(e, hook));
    return hooks;
}
