// SPDX-License-Identifier: ISC
#include "engine/state.h"

#include <assert.h>

static_assert(NET_TARGETS_MAX <= 32, "a bit set of 32");

enum {
    VERDICT_GOOD_PPM_MAX = 10 * 1000,
    VERDICT_BAD_PPM_MIN = 1000,  // less can hardly be told from normal
};

uint32_t verdict_targets(const struct engine *e, struct prefix prefix)
{
    enum family family = prefix.address.family;
    uint32_t targets = 0, path = net_path_find(e->net, NET_NOBODY, family);
    for (uint32_t t = 0; path != NET_NOBODY && t < e->net->target_count; t++)
        if (prefix_contains_address(prefix, e->net->targets[t].address[family]) &&
            watch_hears(&e->watch, path, t, e->now))
            targets |= 1u << t;
    return targets;
}

static uint32_t moved_targets(const struct engine *e, uint32_t path)
{
    uint32_t targets = 0;
    for (uint32_t i = 0; i < e->moves.count; i++)
        if (e->moves.items[i].path == path && e->moves.items[i].wanted)
            targets |= verdict_targets(e, e->moves.items[i].prefix);
    return targets;
}

void verdict_begin(struct engine *e, uint32_t path, const struct prefix *slice)
{
    struct verdict *v = &e->stories[path].verdict;
    *v = (struct verdict){
        .path = net_path_find(e->net, NET_NOBODY, e->paths[path].family),
        .targets = slice ? verdict_targets(e, *slice) : moved_targets(e, path),
    };
    // Where no target can tell of the slice, the pinned probes at least tell of its way.
    if (slice && v->targets == 0)
        *v = (struct verdict){.path = path, .targets = UINT32_MAX};
    // Clean, against half of what was lost before (detection.md 4.3).
    uint32_t bad = e->stories[path].loss_before_ppm / 2;
    bad = bad > VERDICT_BAD_PPM_MIN ? bad : VERDICT_BAD_PPM_MIN;
    sprt_init(&v->sprt, bad / 4 < VERDICT_GOOD_PPM_MAX ? bad / 4 : VERDICT_GOOD_PPM_MAX, bad);
    v->from =
        mono_add_ns(e->now, e->net->steer.fib_settle_ns + watch_timeout_ns(&e->watch, v->path));
}

void verdict_tally(struct engine *e, const struct event_tally *tally, struct mono before)
{
    for (uint32_t path = 0; path < e->path_count; path++) {
        struct story *story = &e->stories[path];
        struct verdict *v = &story->verdict;
        bool judging = story->state == INCIDENT_VERIFY ||
                       (story->state == INCIDENT_TRIAL && story->phase == TRIAL_SLICE_VERIFY);
        // A tally counts what came since the one before it: that one must be late enough.
        if (!judging || v->path != tally->path || !(v->targets >> tally->target & 1) ||
            before.ns < v->from.ns)
            continue;
        v->ok += tally->ok;
        v->lost += tally->lost;
        sprt_add(&v->sprt, tally->ok, tally->lost);
    }
}
