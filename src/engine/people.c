// SPDX-License-Identifier: ISC
#include "engine/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void answer(struct engine *e, const struct event_asked *asked, bool done, const char *form,
                   ...) __attribute__((format(printf, 4, 5)));

static void answer(struct engine *e, const struct event_asked *asked, bool done, const char *form,
                   ...)
{
    struct effect_answered *answered = &engine_tell(e, EFFECT_ANSWERED)->answered;
    *answered = (struct effect_answered){.what = asked->what, .done = done, .uid = asked->uid};
    memcpy(answered->who, asked->who, sizeof answered->who);
    va_list arguments;
    va_start(arguments, form);
    vsnprintf(answered->text, sizeof answered->text, form, arguments);
    va_end(arguments);
}

static void freeze(struct engine *e, const struct event_asked *asked)
{
    if (e->frozen) {
        answer(e, asked, false, "frozen already%s%s", e->frozen_why[0] ? ": " : "", e->frozen_why);
        return;
    }
    presence_command(e, COMMAND_FREEZE);
    snprintf(e->frozen_why, sizeof e->frozen_why, "%s%s%s", asked->who,
             asked->reason[0] ? ": " : "", asked->reason);
    answer(e, asked, true, "nothing moves until a thaw, what stands stays%s%s",
           asked->reason[0] ? ": " : "", asked->reason);
}

static void thaw(struct engine *e, const struct event_asked *asked)
{
    if (!e->frozen) {
        answer(e, asked, false, "nothing is frozen");
        return;
    }
    presence_command(e, COMMAND_THAW);
    answer(e, asked, true, "thawed: what was begun is finished%s%s", asked->reason[0] ? ": " : "",
           asked->reason);
}

static void withdraw_all(struct engine *e, const struct event_asked *asked)
{
    presence_command(e, COMMAND_WITHDRAW);
    snprintf(e->frozen_why, sizeof e->frozen_why, "%s%s%s", asked->who,
             asked->reason[0] ? ": " : "", asked->reason);
    answer(e, asked, true, "all is withdrawn, and nothing moves until a thaw%s%s",
           asked->reason[0] ? ": " : "", asked->reason);
}

static void drain(struct engine *e, const struct event_asked *asked)
{
    char text[DRAINS_TEXT_MAX];
    uint32_t number = drains_ask(e, asked, text);
    answer(e, asked, number > 0, "%s", text);
    e->effects[e->effect_count - 1].answered.number = number;
}

static void undrain(struct engine *e, const struct event_asked *asked)
{
    char text[DRAINS_TEXT_MAX];
    bool done = drains_end(e, asked, text);
    answer(e, asked, done, "%s", text);
}

// A plan, of what leaves or what comes in, or a lift that waits for its second person.
static void approve(struct engine *e, const struct event_asked *asked)
{
    char text[ENGINE_WHY_MAX];
    static_assert((int)LIFTS_TEXT_MAX <= (int)ENGINE_WHY_MAX, "room for either answer");
    bool done = lifts_wait(e, asked->number)      ? lifts_consent(e, asked, text)
                : inbound_waits(e, asked->number) ? inbound_approve(e, asked->number, text)
                                                  : story_approve(e, asked->number, text);
    answer(e, asked, done, "%s", text);
}

static void lift(struct engine *e, const struct event_asked *asked)
{
    char text[LIFTS_TEXT_MAX];
    uint32_t number = lifts_ask(e, asked, text);
    answer(e, asked, number > 0, "%s", text);
    e->effects[e->effect_count - 1].answered.number = number;
}

static void unlift(struct engine *e, const struct event_asked *asked)
{
    char text[LIFTS_TEXT_MAX];
    bool done = lifts_end(e, asked, text);
    answer(e, asked, done, "%s", text);
}

// The parent ends as by a signal: what is to be done then comes from there.
static void stop(struct engine *e, const struct event_asked *asked)
{
    answer(e, asked, true, "everything is withdrawn, and the daemon ends%s%s",
           asked->reason[0] ? ": " : "", asked->reason);
}

static void acknowledge(struct engine *e, const struct event_asked *asked)
{
    char text[ENGINE_WHY_MAX];
    bool done = pages_acknowledge(e, asked, text);
    answer(e, asked, done, "%s", text);
    e->effects[e->effect_count - 1].answered.number = asked->number;
}

// What was drafted is with the store, also of one that is over: who asks for what is not is refused
// before.
static void publish(struct engine *e, const struct event_asked *asked)
{
    const struct outages *outages = &e->outages.outages;
    if (!e->net->status_page.directory[0]) {
        answer(e, asked, false, "there is no status page: see the key 'status_page.directory'");
        return;
    }
    if (asked->run == 0 && (asked->number == 0 || asked->number > outages->count)) {
        answer(e, asked, false, "there was no outage %u since Fairlead was started", asked->number);
        return;
    }
    struct effect_publish *told = &engine_tell(e, EFFECT_PUBLISH)->publish;
    told->run = asked->run;
    told->number = asked->number;
    memcpy(told->who, asked->who, sizeof told->who);
    static_assert(sizeof told->note == sizeof asked->reason, "the same text");
    memcpy(told->note, asked->reason, sizeof told->note);
    if (asked->run)
        answer(e, asked, true, "the status of outage %u.%u goes out as it is drafted", asked->run,
               asked->number);
    else
        answer(e, asked, true, "the status of outage %u goes out as it is drafted", asked->number);
    e->effects[e->effect_count - 1].answered.number = asked->number;
}

void people_asked(struct engine *e, const struct event_asked *asked)
{
    static void (*const kinds[ASKED_KINDS])(struct engine *, const struct event_asked *) = {
        [ASKED_FREEZE] = freeze,   [ASKED_THAW] = thaw,       [ASKED_DRAIN] = drain,
        [ASKED_UNDRAIN] = undrain, [ASKED_APPROVE] = approve, [ASKED_WITHDRAW_ALL] = withdraw_all,
        [ASKED_LIFT] = lift,       [ASKED_UNLIFT] = unlift,   [ASKED_STOP] = stop,
        [ASKED_ACK] = acknowledge, [ASKED_PUBLISH] = publish,
    };
    kinds[asked->what](e, asked);
}

void people_announced(struct engine *e, const struct event_maintenance *m)
{
    struct event_asked asked = {.what = ASKED_MAINTENANCE, .uid = m->uid};
    struct drain_answer told;
    char object[NET_OBJECT_TEXT_MAX] = "all";
    memcpy(asked.who, m->who, sizeof asked.who);
    calendar_take(e, m, &told);
    if (net_object_exists(e->net, m->object))
        net_object_format(e->net, m->object, object);
    answer(e, &asked, told.done, "%s: %s", object, told.text);
    e->effects[e->effect_count - 1].answered.number = told.number;
}
