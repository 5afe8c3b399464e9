// SPDX-License-Identifier: ISC
#include "engine/lifts.h"

#include "engine/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const lift_rule_names[LIFT_RULES] = {"S8", "S9", "S10"};
const char *const lift_state_names[LIFT_STATES] = {"none", "waits", "in_force", "over"};

static bool refuse(char *text, const char *form, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(char *text, const char *form, ...)
{
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(text, LIFTS_TEXT_MAX, form, arguments);
    va_end(arguments);
    return false;
}

static void enter(struct engine *e, struct lift *lift, enum lift_state state, const char *text)
{
    lift->state = state;
    struct effect_lift *told = &engine_tell(e, EFFECT_LIFT)->lift;
    *told = (struct effect_lift){
        .number = lift->number, .rule = lift->rule, .object = lift->object, .state = state};
    memcpy(told->first, lift->first, sizeof told->first);
    memcpy(told->second, lift->second, sizeof told->second);
    snprintf(told->text, sizeof told->text, "%s", text);
}

static struct lift *find(struct engine *e, uint32_t number)
{
    for (uint32_t i = 0; i < LIFTS_MAX; i++) {
        struct lift *lift = &e->lifts.items[i];
        if (number > 0 && lift->number == number &&
            (lift->state == LIFT_WAITS || lift->state == LIFT_IN_FORCE))
            return lift;
    }
    return NULL;
}

bool lifts_wait(const struct engine *e, uint32_t number)
{
    const struct lift *lift = find((struct engine *)e, number);
    return lift && lift->state == LIFT_WAITS;
}

static struct lift *place(struct engine *e)
{
    for (uint32_t i = 0; i < LIFTS_MAX; i++)
        if (e->lifts.items[i].state == LIFT_NONE || e->lifts.items[i].state == LIFT_OVER)
            return &e->lifts.items[i];
    return NULL;
}

static const struct lift *same(const struct engine *e, uint32_t rule, struct net_object object)
{
    for (uint32_t i = 0; i < LIFTS_MAX; i++) {
        const struct lift *lift = &e->lifts.items[i];
        if ((lift->state == LIFT_WAITS || lift->state == LIFT_IN_FORCE) && lift->rule == rule &&
            net_object_equal(lift->object, object))
            return lift;
    }
    return NULL;
}

// Whoever holds root may be anybody, also the one who asked.
static bool is_person(const struct event_asked *asked, char *text)
{
    if (asked->uid == ASKED_UID_TOKEN)
        return refuse(text, "a token is nobody: people lift limits (S18)");
    return asked->uid != 0 ||
           refuse(text,
                  "root is nobody in particular: ask as yourself, a member of 'control_act_group' "
                  "(S18)");
}

static bool may_ask(const struct engine *e, const struct event_asked *asked, int64_t length_ns,
                    char *text)
{
    bool narrow =
        asked->object.kind == NET_OBJECT_UPSTREAM || asked->object.kind == NET_OBJECT_ROUTER;
    if (!is_person(asked, text))
        return false;
    if (asked->number >= LIFT_RULES)
        return refuse(text, "only S8, S9 and S10 may be lifted (S18)");
    if (!net_object_exists(e->net, asked->object) || !narrow ||
        net_object_upstreams(e->net, asked->object) == 0)
        return refuse(text, "a limit is lifted for one upstream, or a router that has some");
    if (!asked->reason[0])
        return refuse(text, "a reason is missing (S18)");
    if (length_ns <= 0 || length_ns > STEER_LIFT_S_MAX * (int64_t)NS_PER_S)
        return refuse(text, "write how long, at most %d hours (S18)", STEER_LIFT_S_MAX / 3600);
    const struct lift *there = same(e, asked->number, asked->object);
    return !there || refuse(text, "lift %u of it stands already, by %s: %s", there->number,
                            there->first, lift_state_names[there->state]);
}

uint32_t lifts_ask(struct engine *e, const struct event_asked *asked, char *text)
{
    int64_t length_ns = asked->until.ns > e->now.ns ? mono_since_ns(asked->until, e->now) : 0;
    struct lift *lift = place(e);
    char object[NET_OBJECT_TEXT_MAX];
    if (!may_ask(e, asked, length_ns, text))
        return 0;
    if (!lift)
        return refuse(text, "%d lifts stand already: end one", LIFTS_MAX);
    *lift = (struct lift){.number = ++e->story_count,
                          .rule = asked->number,
                          .object = asked->object,
                          .asked_at = e->now,
                          .length_ns = length_ns,
                          .uid = asked->uid};
    memcpy(lift->first, asked->who, sizeof lift->first);
    memcpy(lift->reason, asked->reason, sizeof lift->reason);
    enter(e, lift, LIFT_WAITS, lift->reason);
    snprintf(text, LIFTS_TEXT_MAX,
             "%s of %s is lifted when another person says so within %d min: fairlead approve %u",
             lift_rule_names[lift->rule], net_object_format(e->net, lift->object, object),
             STEER_APPROVAL_S / 60, lift->number);
    return lift->number;
}

// One person may come by two ways: whoever has the first one's name is that one, too.
static bool is_first(const struct lift *lift, const struct event_asked *asked)
{
    bool same_name = strcmp(asked->who, lift->first) == 0;
    if (asked->uid == lift->uid)
        return asked->uid != ASKED_UID_WEB || same_name;
    return same_name && asked->who[0];
}

bool lifts_consent(struct engine *e, const struct event_asked *asked, char *text)
{
    struct lift *lift = find(e, asked->number);
    char object[NET_OBJECT_TEXT_MAX], said[LIFTS_TEXT_MAX];
    if (!lift || lift->state != LIFT_WAITS)
        return refuse(text, "no lift %u waits", asked->number);
    if (!is_person(asked, text))
        return false;
    if (is_first(lift, asked))
        return refuse(text, "you asked for it yourself: another person must say so (S18)");
    memcpy(lift->second, asked->who, sizeof lift->second);
    lift->until = mono_add_ns(e->now, lift->length_ns);
    snprintf(said, sizeof said, "for %lld min: %s",
             (long long)(lift->length_ns / NS_PER_S + 59) / 60, lift->reason);
    enter(e, lift, LIFT_IN_FORCE, said);
    snprintf(text, LIFTS_TEXT_MAX, "%s of %s is lifted for %lld min: fairlead unlift %u ends it",
             lift_rule_names[lift->rule], net_object_format(e->net, lift->object, object),
             (long long)(lift->length_ns / NS_PER_S + 59) / 60, lift->number);
    return true;
}

bool lifts_end(struct engine *e, const struct event_asked *asked, char *text)
{
    struct lift *lift = find(e, asked->number);
    char said[LIFTS_TEXT_MAX];
    if (!lift)
        return refuse(text, "there is no lift %u that stands or waits: see fairlead plans",
                      asked->number);
    snprintf(said, sizeof said, "ended by %.31s%s%.95s", asked->who, asked->reason[0] ? ": " : "",
             asked->reason);
    enter(e, lift, LIFT_OVER, said);
    snprintf(text, LIFTS_TEXT_MAX, "lift %u is over: what was moved by it stays", lift->number);
    return true;
}

void lifts_advance(struct engine *e)
{
    int64_t patience_ns = STEER_APPROVAL_S * (int64_t)NS_PER_S;
    for (uint32_t i = 0; i < LIFTS_MAX; i++) {
        struct lift *lift = &e->lifts.items[i];
        if (lift->state == LIFT_WAITS && mono_since_ns(e->now, lift->asked_at) >= patience_ns)
            enter(e, lift, LIFT_OVER, "nobody else said so in time");
        else if (lift->state == LIFT_IN_FORCE && mono_reached(e->now, lift->until))
            enter(e, lift, LIFT_OVER, "its time is over");
    }
}

bool lifts_hold(const struct engine *e, enum lift_rule rule, uint32_t upstream)
{
    for (uint32_t i = 0; i < LIFTS_MAX; i++) {
        const struct lift *lift = &e->lifts.items[i];
        if (lift->state == LIFT_IN_FORCE && lift->rule == rule &&
            !mono_reached(e->now, lift->until) &&
            net_object_upstreams(e->net, lift->object) >> upstream & 1)
            return true;
    }
    return false;
}

json_t *engine_lifts_json(const struct engine *engine, struct mono now)
{
    json_t *lifts = json_array();
    char object[NET_OBJECT_TEXT_MAX];
    for (uint32_t i = 0; i < LIFTS_MAX; i++) {
        const struct lift *lift = &engine->lifts.items[i];
        struct mono end = lift->state == LIFT_IN_FORCE
                              ? lift->until
                              : mono_add_ms(lift->asked_at, STEER_APPROVAL_S * INT64_C(1000));
        if (lift->state != LIFT_WAITS && lift->state != LIFT_IN_FORCE)
            continue;
        json_array_append_new(
            lifts,
            json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "number",
                      (json_int_t)lift->number, "rule", lift_rule_names[lift->rule], "object",
                      net_object_format(engine->net, lift->object, object), "state",
                      lift_state_names[lift->state], "first", lift->first, "second", lift->second,
                      "reason", lift->reason, "left_ns", (json_int_t)mono_since_ns(end, now)));
    }
    return lifts;
}
