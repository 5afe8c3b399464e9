// SPDX-License-Identifier: ISC
#include "engine/outages.h"

#include "engine/state.h"
#include "incident/words.h"

#include <string.h>

static bool is_hit(const struct engine *e, uint32_t path)
{
    enum incident_state state = e->stories[path].state;
    bool by_person = e->stories[path].causes >> STORY_DRAIN & 1 && !e->watch.paths[path].state;
    return state >= INCIDENT_CONFIRMED && !by_person;
}

static uint64_t paths_hit(const struct engine *e)
{
    uint64_t hit = 0;
    for (uint64_t left = e->open; left; left &= left - 1) {
        uint32_t path = (uint32_t)__builtin_ctzll(left);
        hit |= is_hit(e, path) ? UINT64_C(1) << path : 0;
    }
    return hit;
}

static const struct fault *fault_named(const struct engine *e)
{
    const struct fault *best = NULL;
    for (uint32_t i = 0; i < e->faults.count; i++) {
        const struct fault *fault = &e->faults.items[i].fault;
        if (fault->state == FAULT_NAMED &&
            (!best || fault->evidence.odds_millinats > best->evidence.odds_millinats))
            best = fault;
    }
    return best;
}

// What a path carries, or 1 each where that is not known of all.
static double weight(const struct engine *e, uint32_t upstream, bool known)
{
    return known ? (double)use_of(&e->use, upstream, e->now).out_bps : 1;
}

// Of all packets that leave, those that are lost on paths nothing was moved away from.
static uint32_t share_lost_ppm(const struct engine *e, uint64_t hit)
{
    double lost = 0, all = 0;
    bool known = true;
    for (uint32_t u = 0; u < e->net->upstream_count; u++)
        known &= use_of(&e->use, u, e->now).known;
    for (uint32_t path = 0; path < e->path_count; path++) {
        uint32_t upstream = e->paths[path].upstream;
        if (upstream == NET_NOBODY)
            continue;
        double w = weight(e, upstream, known);
        all += w;
        if (hit >> path & 1 && e->stories[path].state < INCIDENT_HELD)
            lost += w * watch_loss_recent(&e->watch, path, e->now).loss_ppm;
    }
    return all > 0 ? (uint32_t)(lost / all) : 0;
}

static enum outage_state state_of(const struct engine *e, uint64_t hit, const struct fault *fault)
{
    if (!hit)
        return fault ? OUTAGE_OPEN : OUTAGE_OVER;
    for (uint64_t left = hit; left; left &= left - 1) {
        enum incident_state state = e->stories[__builtin_ctzll(left)].state;
        if (state != INCIDENT_HELD && state != INCIDENT_TRIAL)
            return OUTAGE_OPEN;
    }
    return OUTAGE_MITIGATED;
}

static void title_of(const struct engine *e, uint64_t paths, char *title)
{
    char name[NET_NAME_MAX + 8];
    struct words words = words_in(title, OUTAGE_TITLE_MAX);
    words_add(&words, "%s", paths ? "loss on " : "a part fails");
    for (uint64_t left = paths; left; left &= left - 1)
        words_add(&words, "%s%s", left == paths ? "" : ", ",
                  net_path_name(e->net, (uint32_t)__builtin_ctzll(left), name));
}

static void cause_of(const struct fault *fault, char *cause)
{
    struct words words = words_in(cause, OUTAGE_CAUSE_MAX);
    if (fault)
        words_add(&words, "fault %u: %s", fault->number, fault->words);
    else
        words_add(&words, "unknown");
}

// Of the path of which the state is the newest.
static void action_of(const struct engine *e, uint64_t hit, char *action)
{
    struct words words = words_in(action, OUTAGE_ACTION_MAX);
    const struct story *newest = NULL;
    for (uint64_t left = hit; left; left &= left - 1) {
        const struct story *story = &e->stories[__builtin_ctzll(left)];
        if (!newest || story->entered_at.ns > newest->entered_at.ns)
            newest = story;
    }
    if (newest)
        words_add(&words, "incident %u: %s: %s", newest->number,
                  incident_state_names[newest->state], newest->reason);
    else
        words_add(&words, "nothing is moved");
}

static void look(struct engine *e, uint64_t hit, const struct fault *fault)
{
    struct effect_outage *now = &e->outages.now;
    e->outages.paths |= hit;
    now->state = state_of(e, hit, fault);
    now->share_ppm = share_lost_ppm(e, hit);
    enum outage_severity severity = outage_severity(now->share_ppm);
    now->severity = severity > now->severity ? severity : now->severity;
    title_of(e, e->outages.paths, now->title);
    if (now->state == OUTAGE_OVER)
        return;
    cause_of(fault, now->cause);
    action_of(e, hit, now->action);
}

// The numbers go up and down; only what would make people do something else is news.
static bool is_news(const struct outages *o)
{
    return o->now.state != o->told.state || o->now.severity != o->told.severity ||
           o->now.number != o->told.number;
}

static bool is_said_otherwise(const struct outages *o)
{
    return strcmp(o->now.title, o->told.title) != 0 || strcmp(o->now.cause, o->told.cause) != 0 ||
           strcmp(o->now.action, o->told.action) != 0;
}

static void tell(struct engine *e)
{
    struct outages *o = &e->outages;
    bool waited = mono_since_ns(e->now, o->told_at) >= (int64_t)OUTAGES_AGAIN_MS * NS_PER_MS;
    if (!is_news(o) && !(is_said_otherwise(o) && waited))
        return;
    engine_tell(e, EFFECT_OUTAGE)->outage = o->now;
    o->told = o->now;
    o->told_at = e->now;
}

void outages_advance(struct engine *e)
{
    struct outages *o = &e->outages;
    const struct fault *fault = fault_named(e);
    uint64_t hit = paths_hit(e);
    if (!hit && !fault && o->now.number == 0)
        return;
    if (o->now.number == 0)
        o->now = (struct effect_outage){.number = ++o->count, .onset = e->now};
    look(e, hit, fault);
    tell(e);
    if (o->now.state == OUTAGE_OVER) {
        o->now = (struct effect_outage){0};
        o->paths = 0;
    }
}
