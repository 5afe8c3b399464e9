// SPDX-License-Identifier: ISC
#include "engine/proof.h"
#include "engine/state.h"

uint32_t verdict_targets(const struct engine *e, struct prefix prefix)
{
    enum family family = prefix.address.family;
    if (net_exit_of(e->net, prefix) != NET_NOBODY)
        return exits_targets(e, prefix);
    uint32_t targets = 0, path = net_path_find(e->net, NET_NOBODY, family);
    for (uint32_t t = 0; path != NET_NOBODY && t < e->net->target_count; t++)
        if (prefix_contains_address(prefix, e->net->targets[t].address[family]) &&
            watch_hears(&e->watch, path, t, e->now))
            targets |= 1u << t;
    return targets;
}

static uint32_t moved_targets(const struct engine *e, uint32_t path, uint32_t way)
{
    uint32_t targets = 0;
    for (uint32_t i = 0; i < e->moves.count; i++) {
        const struct move *move = &e->moves.items[i];
        if (move->path == path && move->wanted && move->to == way)
            targets |= verdict_targets(e, move->prefix);
    }
    return targets;
}

static void begin(const struct engine *e, uint32_t before_ppm, struct verdict *v)
{
    v->sprt = proof_test(before_ppm);
    v->from = mono_add_ns(e->now, proof_after_ns(e->net, watch_timeout_ns(&e->watch, v->path)));
}

static uint64_t rate_mpps(const struct engine *e, const struct verdict *v)
{
    uint32_t heard = 0;
    for (uint32_t t = 0; t < e->net->target_count; t++)
        if (watch_hears(&e->watch, v->path, t, e->now))
            heard |= UINT32_C(1) << t;
    return proof_rate_mpps(e->net, v->targets & heard);
}

// A slice has few targets, and they may be asked seldom: in the time for a move their answers could
// prove nothing, however well it is.
static int64_t patience_ns(const struct engine *e, const struct verdict *v)
{
    uint64_t mpps = rate_mpps(e, v);
    int64_t most = e->net->steer.verify_max_ns;
    int64_t needed = mpps > 0 ? proof_patience_ns(&v->sprt, mpps) : 0;
    return needed > most ? needed : most;
}

void verdict_begin(struct engine *e, uint32_t path)
{
    struct story *story = &e->stories[path];
    for (uint32_t way = 0; way < e->net->upstream_count; way++) {
        if (!(story->ways >> way & 1))
            continue;
        story->verdicts[way] = (struct verdict){
            .path = net_path_find(e->net, NET_NOBODY, e->paths[path].family),
            .targets = moved_targets(e, path, way),
        };
        // Where no target can tell of this part, the pinned probes at least tell of its way.
        if (story->verdicts[way].targets == 0)
            story->verdicts[way] = (struct verdict){
                .path = net_path_find(e->net, way, e->paths[path].family), .targets = UINT32_MAX};
        begin(e, story->loss_before_ppm, &story->verdicts[way]);
    }
}

void verdict_begin_slice(struct engine *e, uint32_t path, struct prefix slice)
{
    struct verdict *v = &e->stories[path].slice_verdict;
    *v = (struct verdict){
        .path = net_path_find(e->net, NET_NOBODY, e->paths[path].family),
        .targets = verdict_targets(e, slice),
    };
    // Where no target can tell of the slice, the pinned probes at least tell of its way.
    if (v->targets == 0)
        *v = (struct verdict){.path = path, .targets = UINT32_MAX};
    // Where room is what lacks, a slice too much loses a little only.
    uint32_t before_ppm = e->stories[path].loss_before_ppm;
    bool shared = e->net->upstreams[e->paths[path].upstream].shared.sites > 0;
    begin(e, shared && before_ppm > ENGINE_NO_LOSS_PPM ? ENGINE_NO_LOSS_PPM : before_ppm, v);
    v->until = mono_add_ns(v->from, patience_ns(e, v));
}

bool verdict_set_answers_aside(struct engine *e, uint32_t path, uint32_t way)
{
    struct verdict *v = &e->stories[path].verdicts[way];
    uint32_t pinned = net_path_find(e->net, way, e->paths[path].family);
    if (v->path == pinned || !watch_loses_back(&e->watch, path, e->now))
        return false;
    *v = (struct verdict){
        .path = pinned,
        .targets = v->targets,
        .from = e->now,
        .sprt = proof_test(e->stories[path].loss_before_ppm),
        .is_aside = true,
    };
    return true;
}

static void count(struct verdict *v, const struct event_tally *tally, struct mono before)
{
    // A tally counts what came since the one before it: that one must be late enough.
    if (v->path != tally->path || !(v->targets >> tally->target & 1) || before.ns < v->from.ns)
        return;
    v->ok += tally->ok;
    v->lost += tally->lost;
    sprt_add(&v->sprt, tally->ok, tally->lost);
}

void verdict_tally(struct engine *e, const struct event_tally *tally, struct mono before)
{
    for (uint64_t left = e->judging; left; left &= left - 1) {
        struct story *story = &e->stories[__builtin_ctzll(left)];
        if (story->state == INCIDENT_TRIAL && story->phase == TRIAL_SLICE_VERIFY)
            count(&story->slice_verdict, tally, before);
        for (uint32_t way = 0; story->state == INCIDENT_VERIFY && way < e->net->upstream_count;
             way++)
            if (story->ways >> way & 1)
                count(&story->verdicts[way], tally, before);
    }
}
