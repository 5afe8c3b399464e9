// SPDX-License-Identifier: ISC
// What people may have done, not only told: each becomes an event like any other, is recorded, and
// is judged by the engine.
#include "role/acts.h"

#include "net/object.h"
#include "role/now.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

// Makes the event of an ask; false: it cannot be, and `why` (ACT_WHY_MAX bytes) says so.
typedef bool (*act_maker)(const struct daemon *d, const struct ask *ask, struct event *event,
                          char *why);

static bool make_plain(const struct daemon *d, const struct ask *ask, struct event *event,
                       char *why)
{
    (void)d, (void)why;
    event->asked.what = ask->kind == ASK_FREEZE ? ASKED_FREEZE
                        : ask->kind == ASK_STOP ? ASKED_STOP
                                                : ASKED_THAW;
    return true;
}

static bool make_of_object(const struct daemon *d, const struct ask *ask, struct event *event,
                           char *why)
{
    static_assert((int)ACT_WHY_MAX >= (int)NET_OBJECT_WHY_MAX, "room for what there is instead");
    event->asked.what = ask->kind == ASK_DRAIN ? ASKED_DRAIN : ASKED_UNDRAIN;
    if (ask->act.for_s > 0)
        event->asked.until = mono_add_ns(d->now.mono, (int64_t)ask->act.for_s * NS_PER_S);
    return net_object_parse(d->net, ask->act.object, &event->asked.object, why);
}

static bool make_of_number(const struct daemon *d, const struct ask *ask, struct event *event,
                           char *why)
{
    (void)d, (void)why;
    event->asked.what = ask->kind == ASK_APPROVE   ? ASKED_APPROVE
                        : ask->kind == ASK_UNLIFT  ? ASKED_UNLIFT
                        : ask->kind == ASK_PUBLISH ? ASKED_PUBLISH
                                                   : ASKED_ACK;
    event->asked.number = ask->act.number;
    event->asked.run = ask->act.run;
    return true;
}

// Only the store knows of drafts: it says which there are.
static bool make_publish(const struct daemon *d, const struct ask *ask, struct event *event,
                         char *why)
{
    if (d->net->status_page.directory[0] != '\0' &&
        !stored_has_draft(d, ask->act.run, ask->act.number)) {
        char run[16] = "";
        if (ask->act.run > 0)
            snprintf(run, sizeof run, "%u.", ask->act.run);
        snprintf(why, ACT_WHY_MAX,
                 "there is no draft of outage %s%u: nothing was lost in it, or it is none of the "
                 "last %d, or the store does not work",
                 run, ask->act.number, SAID_STATUSES_MAX);
        return false;
    }
    return make_of_number(d, ask, event, why);
}

static bool make_lift(const struct daemon *d, const struct ask *ask, struct event *event, char *why)
{
    event->asked.what = ASKED_LIFT;
    event->asked.number = ask->act.number;
    event->asked.until = mono_add_ns(d->now.mono, (int64_t)ask->act.for_s * NS_PER_S);
    return net_object_parse(d->net, ask->act.object, &event->asked.object, why);
}

static bool make_withdraw_all(const struct daemon *d, const struct ask *ask, struct event *event,
                              char *why)
{
    (void)d, (void)ask, (void)why;
    event->asked.what = ASKED_WITHDRAW_ALL;
    return true;
}

// From 1970 on, and so long that no sum of it overflows: whatever a calendar says.
static struct mono moment_of(const struct daemon *d, int64_t s)
{
    const int64_t most_s = INT64_C(8000000000);
    int64_t bounded_s = s < 0 ? 0 : s > most_s ? most_s : s;
    return mono_add_ns(d->now.mono, bounded_s * NS_PER_S - d->now.wall.ns);
}

static bool find_circuit(const struct net *net, const char *id, struct net_object *object,
                         char *why)
{
    const struct net_maintenance *known = &net->maintenance;
    for (uint32_t i = 0; i < known->circuit_count; i++)
        if (strcmp(known->circuits[i].id, id) == 0) {
            *object = known->circuits[i].object;
            return true;
        }
    snprintf(why, ACT_WHY_MAX,
             "circuit '%s' is none of 'maintenance.objects': nothing is planned for it", id);
    return false;
}

static bool make_maintenance(const struct daemon *d, const struct ask *ask, struct event *event,
                             char *why)
{
    const struct ask_maintenance *told = &ask->maintenance;
    struct event_maintenance m = {
        .sequence = told->sequence,
        .object.kind = NET_OBJECT_KINDS,
        .from = moment_of(d, told->from_s),
        .until = moment_of(d, told->until_s),
        .over = told->over,
        .hurts = told->hurts,
        .uid = event->asked.uid,
    };
    snprintf(m.id, sizeof m.id, "%s", told->id);
    snprintf(m.who, sizeof m.who, "%s", event->asked.who);
    snprintf(m.text, sizeof m.text, "%s", told->text);
    event->kind = EVENT_MAINTENANCE;
    event->maintenance = m;
    return !told->circuit[0] ||
           find_circuit(d->net, told->circuit, &event->maintenance.object, why);
}

static const act_maker makers[ASK_KINDS] = {
    [ASK_FREEZE] = make_plain,
    [ASK_THAW] = make_plain,
    [ASK_DRAIN] = make_of_object,
    [ASK_UNDRAIN] = make_of_object,
    [ASK_APPROVE] = make_of_number,
    [ASK_WITHDRAW_ALL] = make_withdraw_all,
    [ASK_MAINTENANCE] = make_maintenance,
    [ASK_LIFT] = make_lift,
    [ASK_UNLIFT] = make_of_number,
    [ASK_STOP] = make_plain,
    [ASK_ACK] = make_of_number,
    [ASK_PUBLISH] = make_publish,
};

// RIGHT_*; to ask is RIGHT_READ. To take everything back, and to hold everything, is what one does
// at night with half a picture: whoever may act may.
static const uint32_t rights[ASK_KINDS] = {
    [ASK_ACK] = RIGHT_ACK,          [ASK_FREEZE] = RIGHT_ACT, [ASK_THAW] = RIGHT_ACT,
    [ASK_WITHDRAW_ALL] = RIGHT_ACT, [ASK_DRAIN] = RIGHT_ACT,  [ASK_UNDRAIN] = RIGHT_ACT,
    [ASK_APPROVE] = RIGHT_ACT,      [ASK_UNLIFT] = RIGHT_ACT, [ASK_MAINTENANCE] = RIGHT_ACT,
    [ASK_LIFT] = RIGHT_ADMIN,       [ASK_STOP] = RIGHT_ADMIN, [ASK_PUBLISH] = RIGHT_ACT,
};

bool daemon_is_act(const struct ask *ask)
{
    return makers[ask->kind] != NULL;
}

static json_t *refusal(const char *why, int status)
{
    return json_pack("{s:s, s:i}", "error", why, "exit", status);
}

static bool may(const struct person *person, const struct ask *ask, char *why)
{
    uint32_t wanted = rights[ask->kind];
    if ((wanted & ~person->rights) == 0)
        return true;
    if (person->uid == ASKED_UID_WEB || person->uid == ASKED_UID_TOKEN)
        snprintf(why, ACT_WHY_MAX, "%s may not: that takes the right '%s'", person->name,
                 right_names[wanted == RIGHT_ADMIN ? 3
                             : wanted == RIGHT_ACT ? 2
                                                   : 1]);
    else
        snprintf(why, ACT_WHY_MAX,
                 "%s (uid %u) may ask but not act: only root, whoever runs the daemon, and the "
                 "members of 'control_act_group' may",
                 person->name, (unsigned)person->uid);
    return false;
}

static json_t *do_it(struct daemon *d, const struct ask *ask, const struct person *person)
{
    struct event event = {.kind = EVENT_ASKED};
    char why[ACT_WHY_MAX];
    event.asked.uid = person->uid;
    snprintf(event.asked.who, sizeof event.asked.who, "%s", person->name);
    if (ask->kind != ASK_MAINTENANCE)
        snprintf(event.asked.reason, sizeof event.asked.reason, "%s", ask->act.reason);
    event.asked.object.kind = NET_OBJECT_KINDS;
    d->now = (struct teller_now){now_mono(), now_wall()};
    if (!makers[ask->kind](d, ask, &event, why))
        return refusal(why, ask->kind == ASK_MAINTENANCE || ask->kind == ASK_PUBLISH ? 1 : 2);
    event.at = d->now.mono;
    d->answered = (struct effect_answered){.text = "the engine gave no answer"};
    daemon_feed(d, &event);
    if (ask->kind == ASK_STOP)
        daemon_stop(d, 0);
    return json_pack("{s:b, s:b, s:I, s:s%}", "done", 1, "accepted", d->answered.done, "number",
                     (json_int_t)d->answered.number, "text", d->answered.text,
                     strlen(d->answered.text));
}

json_t *daemon_act(struct daemon *d, const struct ask *ask, const struct person *person)
{
    char why[ACT_WHY_MAX];
    if (!may(person, ask, why))
        return refusal(why, 1);
    const struct act_done *before = acts_done_find(&d->acts_done, person);
    if (before)
        return acts_done_again(before, ask);
    json_t *answer = do_it(d, ask, person);
    acts_done_add(&d->acts_done, person, ask, answer);
    return answer;
}
