// SPDX-License-Identifier: ISC
#include "engine/turn.h"

#include "engine/state.h"

#include <math.h>

enum {
    FIRST_MS = 300,
    SURELY_MS = 200,  // after the onset: a tally tells of the time since the one before
    ENDS = 2,         // what a detector tells of begins and ends with a loss, however rare they are
    SEEN_MS = 300,
    SOME = 2,        // one loss is no loss
    HEAD_MS = 1200,  // the first two go when detectors speak
};

#define SURE 2.7  // standard errors

// Both families of an upstream are one component: where one has left, the other follows.
static bool has_begun(const struct engine *e, uint32_t upstream)
{
    for (uint32_t path = 0; path < e->path_count; path++)
        if (e->paths[path].upstream == upstream && story_moves(&e->stories[path]) &&
            !e->stories[path].backing)
            return true;
    return false;
}

struct lost {
    uint64_t ok, lost;
};

static void add(struct lost *sum, const struct watch_path *p, struct mono since, struct mono until)
{
    struct window_count count = window_count(&p->window, since, until);
    sum->ok += count.ok;
    sum->lost += count.lost;
}

static bool is_of(const struct engine *e, uint32_t path, uint32_t upstream)
{
    return e->paths[path].upstream == upstream && e->watch.paths[path].state == WATCH_CONFIRMED;
}

// When the loss began, as detectors say: sites differ by less in that than in when they are sure.
static struct mono began_at(const struct engine *e, uint32_t upstream)
{
    struct mono at = e->now;
    for (uint32_t path = 0; path < e->path_count; path++)
        if (is_of(e, path, upstream) && e->watch.paths[path].bad.began_at.ns < at.ns)
            at = e->watch.paths[path].bad.began_at;
    return at;
}

// What the detector saw, who knows which packets were sent after the change, and a moment more.
static void add_confirmed(struct lost *sum, const struct engine *e, const struct watch_path *p)
{
    const struct detect_evidence *evidence = &p->bad.evidence;
    struct mono until = mono_add_ms(p->bad.at, FIRST_MS);
    if (evidence->lost > evidence->samples)
        return;
    sum->ok += evidence->samples - evidence->lost;
    sum->lost += evidence->lost > ENDS ? evidence->lost - ENDS : 0;
    add(sum, p, p->bad.at, until.ns < e->now.ns ? until : e->now);
}

// Before anybody has moved, of both families together: what is measured twice is known better, and
// whichever detector speaks first is the one that by chance saw more lost than there is.
static struct lost lost_at_first(const struct engine *e, uint32_t upstream)
{
    struct lost sum = {0};
    struct mono since = mono_add_ms(began_at(e, upstream), SURELY_MS);
    for (uint32_t path = 0; path < e->path_count; path++) {
        if (is_of(e, path, upstream))
            add_confirmed(&sum, e, &e->watch.paths[path]);
        else if (e->paths[path].upstream == upstream)
            add(&sum, &e->watch.paths[path], since, e->now);
    }
    return sum;
}

// The turns before this one cannot be enough, whoever takes them: even without them it is too
// small. The error is that of a loss for which they were just enough (Wilson's score): that of the
// loss seen is least where by chance nearly all was lost.
static bool is_sure(const struct engine *e, uint32_t upstream)
{
    const struct net_shared *shared = &e->net->upstreams[upstream].shared;
    struct lost first = lost_at_first(e, upstream);
    double all = (double)(first.ok + first.lost);
    double enough = (double)(shared->turn - 1) / shared->sites;
    return (double)first.lost - enough * all > SURE * sqrt(enough * (1 - enough) * all);
}

// What those before have moved was not enough: as much as half a site's share is still lost.
static bool is_due(const struct engine *e, uint32_t path)
{
    uint32_t upstream = e->paths[path].upstream;
    const struct net_shared *shared = &e->net->upstreams[upstream].shared;
    struct mono began = began_at(e, upstream), entered = e->stories[path].entered_at;
    int64_t after_ms = (int64_t)(shared->turn - 1) * STEER_TURN_MS - HEAD_MS;
    struct lost now = {0};
    if (mono_since_ns(e->now, began.ns < entered.ns ? began : entered) < after_ms * NS_PER_MS)
        return false;
    for (uint32_t other = 0; other < e->path_count; other++)
        if (is_of(e, other, upstream))
            add(&now, &e->watch.paths[other], mono_add_ms(e->now, -SEEN_MS), e->now);
    return now.lost >= SOME && now.lost * 2 * shared->sites >= now.ok + now.lost;
}

uint32_t turn_sibling(const struct engine *e, uint32_t path)
{
    uint32_t upstream = e->paths[path].upstream;
    if (upstream == NET_NOBODY || e->net->upstreams[upstream].shared.sites == 0)
        return NET_NOBODY;
    for (uint32_t other = 0; other < e->path_count; other++)
        if (other != path && is_of(e, other, upstream) && story_moves(&e->stories[other]) &&
            !e->stories[other].backing)
            return other;
    return NET_NOBODY;
}

static bool is_other_family_tried(const struct engine *e, uint32_t path)
{
    for (uint32_t other = 0; other < e->path_count; other++)
        if (other != path && e->paths[other].upstream == e->paths[path].upstream &&
            e->stories[other].state == INCIDENT_TRIAL)
            return true;
    return false;
}

bool turn_may_return(const struct engine *e, uint32_t path)
{
    const struct net_shared *shared = &e->net->upstreams[e->paths[path].upstream].shared;
    int64_t stays_ns = shared->turn * STEER_TURN_BACK_S * (int64_t)NS_PER_S;
    return shared->sites == 0 || (mono_since_ns(e->now, e->stories[path].entered_at) >= stays_ns &&
                                  !is_other_family_tried(e, path));
}

bool turn_is_ours(const struct engine *e, uint32_t path)
{
    uint32_t upstream = e->paths[path].upstream;
    const struct net_shared *shared = &e->net->upstreams[upstream].shared;
    if (shared->sites == 0 || has_begun(e, upstream))
        return true;
    return is_sure(e, upstream) || is_due(e, path);
}
