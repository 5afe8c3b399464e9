// SPDX-License-Identifier: ISC
#include "engine/turn.h"

#include "engine/state.h"

#include <math.h>

enum { PPM = 1000 * 1000, SEEN_MS = 400 };

// Both families of an upstream are one component: where one has left, the other follows.
static bool has_begun(const struct engine *e, uint32_t upstream)
{
    for (uint32_t path = 0; path < e->path_count; path++)
        if (e->paths[path].upstream == upstream && story_moves(&e->stories[path]) &&
            !e->stories[path].backing)
            return true;
    return false;
}

// What is lost there now. A detector's word is the best there is when it is new, as it knows which
// packets were sent after the change; then what came since; then the last second.
static struct window_loss lost_now(const struct engine *e, uint32_t path)
{
    const struct watch_path *p = &e->watch.paths[path];
    const struct detect_evidence *evidence = &p->bad.evidence;
    struct mono since = mono_add_ms(e->now, -SEEN_MS);
    bool is_new = since.ns < p->bad.at.ns;
    struct window_loss loss = window_loss(&p->window, is_new ? p->bad.at : since, e->now);
    if (is_new && evidence->lost <= evidence->samples) {
        loss.ok += evidence->samples - evidence->lost;
        loss.lost += evidence->lost;
    }
    return loss;
}

// Of both families together: what is measured twice is known better. Less a standard error: who is
// not sure waits a moment, and sees what the others did.
static uint64_t lost_ppm(const struct engine *e, uint32_t upstream)
{
    uint64_t ok = 0, lost = 0;
    for (uint32_t path = 0; path < e->path_count; path++) {
        if (e->paths[path].upstream != upstream || e->watch.paths[path].state != WATCH_CONFIRMED)
            continue;
        struct window_loss loss = lost_now(e, path);
        ok += loss.ok;
        lost += loss.lost;
    }
    double all = (double)(ok + lost), share = all > 0 ? (double)lost / all : 0;
    double sure = share - (all > 0 ? 0.5 * sqrt(share * (1 - share) / all) : 0);
    return sure > 0 ? (uint64_t)(sure * PPM) : 0;
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
    uint64_t waited_ms = (uint64_t)mono_since_ns(e->now, e->stories[path].entered_at) / NS_PER_MS;
    uint64_t turns_ppm = shared->sites * lost_ppm(e, upstream) + waited_ms * PPM / STEER_TURN_MS;
    return turns_ppm >= (uint64_t)shared->turn * PPM;
}
