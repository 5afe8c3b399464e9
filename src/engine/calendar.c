// SPDX-License-Identifier: ISC
// Maintenance that was announced: planned drains. Whoever announces says when, people say of which
// object of ours (net.maintenance); what may be moved then is judged then, and asked again for as
// long as the window lasts.
#include "engine/drains_inside.h"
#include "engine/state.h"

#include <stdio.h>
#include <string.h>

// A clock that is disciplined moves a window by less than this from one telling to the next.
enum { SAME_MS = 2000, TRY_AGAIN_S = 60 };

static bool is_planned_or_active(const struct drain *drain)
{
    return drain->state == DRAIN_PLANNED || drain_is_active(drain->state);
}

// The one that is to come or under way, or else the last that was.
static struct drain *find(struct engine *e, const struct event_maintenance *m)
{
    struct drain *last = NULL;
    for (uint32_t i = 0; i < DRAINS_MAX; i++) {
        struct drain *drain = &e->drains.items[i];
        if (drain->state == DRAIN_NONE || strcmp(drain->id, m->id) != 0 ||
            !net_object_equal(drain->object, m->object))
            continue;
        if (is_planned_or_active(drain))
            return drain;
        if (!last || drain->entered_at.ns > last->entered_at.ns)
            last = drain;
    }
    return last;
}

static struct mono leaves_at(const struct engine *e, const struct event_maintenance *m)
{
    return mono_add_ns(m->from, -e->net->maintenance.lead_ns);
}

static bool is_close(struct mono a, struct mono b)
{
    int64_t apart_ns = a.ns > b.ns ? a.ns - b.ns : b.ns - a.ns;
    return apart_ns < (int64_t)SAME_MS * NS_PER_MS;
}

static bool is_same_window(const struct engine *e, const struct drain *drain,
                           const struct event_maintenance *m)
{
    return is_close(drain->from, leaves_at(e, m)) && is_close(drain->until, m->until);
}

// "3 d 4 h", "25 min": as exact as a plan is.
static const char *length(int64_t ns, char text[24])
{
    long long minutes = ns > 0 ? (ns / NS_PER_S + 30) / 60 : 0;
    if (minutes >= 24 * 60)
        snprintf(text, 24, "%lld d %lld h", minutes / (24 * 60), minutes / 60 % 24);
    else if (minutes >= 60)
        snprintf(text, 24, "%lld h %lld min", minutes / 60, minutes % 60);
    else
        snprintf(text, 24, "%lld min", minutes);
    return text;
}

static void describe(const struct engine *e, const struct drain *drain, char *text)
{
    char until_then[24], for_so_long[24];
    snprintf(text, DRAINS_TEXT_MAX, "begins in %s, for %s: %.63s: %.40s",
             length(mono_since_ns(drain->from, e->now), until_then),
             length(mono_since_ns(drain->until, drain->from), for_so_long), drain->id,
             drain->reason);
}

// What was told goes with it from here on.
static void take_words(const struct engine *e, struct drain *drain,
                       const struct event_maintenance *m)
{
    drain->from = leaves_at(e, m);
    drain->until = m->until;
    drain->sequence = m->sequence;
    drain->uid = m->uid;
    static_assert(sizeof drain->reason == sizeof m->text, "the same text");
    memcpy(drain->who, m->who, sizeof drain->who);
    memcpy(drain->reason, m->text, sizeof drain->reason);
}

static void plan(struct engine *e, const struct event_maintenance *m, struct drain_answer *answer)
{
    struct drain *drain = drains_place(e);
    char text[DRAINS_TEXT_MAX];
    if (!drain) {
        snprintf(answer->text, sizeof answer->text, "%d drains stand or are planned already",
                 DRAINS_MAX);
        return;
    }
    *drain = (struct drain){.number = ++e->story_count, .object = m->object};
    static_assert(sizeof drain->id == sizeof m->id, "the same text");
    memcpy(drain->id, m->id, sizeof drain->id);
    take_words(e, drain, m);
    describe(e, drain, text);
    drains_enter(e, drain, DRAIN_PLAN, "%s", text);
    *answer = (struct drain_answer){.done = true, .number = drain->number};
    memcpy(answer->text, text, sizeof text);
}

// Put off, it is another plan: what has left returns meanwhile.
static void change(struct engine *e, struct drain *drain, const struct event_maintenance *m,
                   struct drain_answer *answer)
{
    char text[DRAINS_TEXT_MAX];
    if (drain->state != DRAIN_PLANNED && !mono_reached(e->now, leaves_at(e, m))) {
        drains_finish(e, drain, DRAIN_END, "its window was put off");
        plan(e, m, answer);
        return;
    }
    bool news = !is_same_window(e, drain, m);
    take_words(e, drain, m);
    answer->done = true;
    answer->number = drain->number;
    snprintf(answer->text, sizeof answer->text, "known already");
    if (!news)
        return;
    describe(e, drain, text);
    if (drain->state == DRAIN_PLANNED)
        drains_say(e, drain, text);
    drain->tried_at = (struct mono){0};
    snprintf(answer->text, sizeof answer->text, "its window has changed");
}

static void call_off(struct engine *e, struct drain *drain, const struct event_maintenance *m,
                     struct drain_answer *answer)
{
    answer->done = true;
    if (drain && is_planned_or_active(drain)) {
        answer->number = drain->number;
        drain->sequence = m->sequence;
        drains_finish(e, drain, DRAIN_END,
                      m->over ? "called off, or done" : "it does no longer hurt, or is past");
    }
    snprintf(answer->text, sizeof answer->text, "%s",
             answer->number > 0 ? "its drain ends"
             : m->over          ? "called off, or done: nothing is planned for it"
             : m->hurts         ? "its window is past: nothing is planned for it"
                                : "it hurts nothing: nothing is planned for it");
}

static void end_unnamed(struct engine *e, const struct event_maintenance *m,
                        struct drain_answer *answer)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < DRAINS_MAX; i++) {
        struct drain *drain = &e->drains.items[i];
        if (!is_planned_or_active(drain) || drain->id[0] == '\0' || strcmp(drain->id, m->id) != 0 ||
            drain->sequence >= m->sequence)
            continue;
        drains_finish(e, drain, DRAIN_END, "its announcement no longer names it");
        count++;
    }
    answer->done = true;
    snprintf(answer->text, sizeof answer->text, "%u of it are no longer planned", count);
}

void calendar_take(struct engine *e, const struct event_maintenance *m, struct drain_answer *answer)
{
    *answer = (struct drain_answer){.text = "it is not said of what"};
    if (m->object.kind == NET_OBJECT_KINDS && m->id[0]) {
        end_unnamed(e, m, answer);
        return;
    }
    if (!net_object_exists(e->net, m->object) || !m->id[0])
        return;
    struct drain *known = find(e, m);
    bool past = known && !is_planned_or_active(known);
    if (known && m->sequence < known->sequence)
        snprintf(answer->text, sizeof answer->text,
                 "number %u of this announcement is older than number %u, which is known",
                 m->sequence, known->sequence);
    else if (m->over || !m->hurts || mono_reached(e->now, m->until) || m->until.ns <= m->from.ns)
        call_off(e, known, m, answer);
    else if (past && m->sequence == known->sequence && is_same_window(e, known, m))
        snprintf(answer->text, sizeof answer->text, "drain %u for it is over already",
                 known->number);
    else if (known && !past)
        change(e, known, m, answer);
    else
        plan(e, m, answer);
}

void calendar_advance(struct engine *e, struct drain *drain)
{
    char why[DRAINS_TEXT_MAX], text[DRAINS_TEXT_MAX];
    int64_t again_ns = TRY_AGAIN_S * (int64_t)NS_PER_S;
    if (!mono_reached(e->now, drain->from) ||
        (drain->tried_at.ns > 0 && mono_since_ns(e->now, drain->tried_at) < again_ns))
        return;
    if (drains_may(e, drain->object, why)) {
        drains_begin(e, drain);
        return;
    }
    drain->tried_at = e->now;
    snprintf(text, sizeof text, "due, but cannot begin: %.130s", why);
    drains_say(e, drain, text);
}
