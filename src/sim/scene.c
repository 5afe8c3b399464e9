// SPDX-License-Identifier: ISC
#include "sim/scene.h"

#include "engine/lifts.h"
#include "sim/inbound.h"
#include "sim/make.h"
#include "sim/make_more.h"
#include "sim/parts.h"
#include "sim/people.h"
#include "sim/place.h"
#include "sim/router.h"

enum { MBIT = 50 };  // of a prefix, on each of two routers

// All leaves by one of two transits, which is given.
static uint8_t all_by_one(struct sim_world *w, int64_t end_ms)
{
    scene_site(w, 2, end_ms);
    struct sim_site *site = &w->sites[0];
    uint8_t bad = (uint8_t)sim_draw(w, 0, 1);
    for (uint8_t p = 0; p < site->prefix_count; p++)
        for (uint8_t u = 0; u < 2; u++) {
            site->routers[u].own[p][u].local_pref = u == bad ? 200 : 100;
            site->prefixes[p].demand[u] = MBIT;
        }
    sim_router_settle(w, 0);
    return bad;
}

static void set_capacity(struct sim_site *site, uint8_t upstream, uint32_t mbps)
{
    site->upstreams[upstream].capacity = mbps;
    site->net.upstreams[upstream].capacity_mbps = mbps;
}

// ---- exits

void scene_make_exit(struct sim_world *w)
{
    uint8_t bad = all_by_one(w, 140000);
    sim_make_exits(&w->sites[0]);
    for (uint8_t u = 0; u < 2; u++)
        set_capacity(&w->sites[0], u, 1000);
    scene_add(w, SIM_FAULT_LOSS, bad, 380000)->until_ms = 45000;
}

// By exits alone, which have gone.
void scene_check_exit(struct sim_world *w)
{
    const struct sim_site *site = &w->sites[0];
    const int64_t *announced_ms = site->checks.controllers[0].announced_ms;
    sim_exercised(w, SIM_P);
    scene_check_few(w, 4);
    for (uint8_t p = 0; p < site->prefix_count; p++)
        if (announced_ms[p] != SIM_SINCE_NEVER)
            sim_broken(w, SIM_P, "prefix %d went by itself", p);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        if (announced_ms[sim_exit_place(w->faults.items[0].upstream, f)] == SIM_SINCE_NEVER)
            sim_broken(w, SIM_P, "%s did not go by its exit", family_name(f));
    if (sim_standing(site, 0) > 0)
        sim_broken(w, SIM_P, "%u routes stand", sim_standing(site, 0));
}

// ---- our own prefixes

void scene_make_own(struct sim_world *w)
{
    scene_site(w, 2, 80000);
    sim_make_own(&w->sites[0], (uint32_t)sim_draw(w, 1, 2));
    struct sim_fault *f =
        scene_add(w, sim_chance(w, 0.5) ? SIM_FAULT_SICK : SIM_FAULT_CHECK, SIM_NOBODY, 0);
    f->until_ms = f->at_ms + sim_draw(w, 3000, 30000);
    f->arg = (int32_t)sim_draw(w, 1, 3);
    if (sim_chance(w, 0.3))  // a freeze is no reason
        scene_add(w, SIM_FAULT_FREEZE, SIM_NOBODY, 0)->at_ms = 12000;
}

void scene_check_own(struct sim_world *w)
{
    const struct sim_site *site = &w->sites[0];
    sim_exercised(w, SIM_P);
    for (uint8_t place = SIM_OWN_FIRST; place < SIM_PLACES; place++)
        for (uint8_t r = 0; r < site->net.router_count; r++)
            if (!site->routers[r].overrides[0][place].stands)
                sim_broken(w, SIM_P, "own prefix %d is not back on router %d",
                           place - SIM_OWN_FIRST, r);
}

// ---- what the world sends

enum {
    EARLY_MS = 20000,  // most are over by then
    LEFT_MS = 60000,   // detection.md S4
    LASTS_MS = 80000,
    BACK_MS = 45 * 60000,  // the longest hold of a first time, and the loss before
};

static void make_inbound(struct sim_world *w, enum sim_fault_kind kind)
{
    uint8_t bad = all_by_one(w, BACK_MS);
    struct sim_site *site = &w->sites[0];
    for (uint8_t u = 0; u < 2; u++)
        set_capacity(site, u, 2000);
    sim_make_own(site, 2);
    sim_inbound_make(site, &w->parts);
    struct sim_fault *f = scene_add(w, kind, bad, 380000);
    f->until_ms = f->at_ms + LASTS_MS;
}

void scene_make_inbound(struct sim_world *w)
{
    make_inbound(w, SIM_FAULT_LOSS);
}

void scene_make_inbound_reverse(struct sim_world *w)
{
    make_inbound(w, SIM_FAULT_REVERSE);
}

// The world has left within a minute, in both families, and is back, by two changes.
void scene_check_inbound(struct sim_world *w)
{
    const struct sim_site *site = &w->sites[0];
    const struct sim_inbound *in = &site->inbound;
    const struct sim_fault *f = &w->faults.items[0];
    sim_exercised(w, SIM_P);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (in->asks[family][f->upstream] != 1 || in->asks[family][1 - f->upstream] != 0)
            sim_broken(w, SIM_P, "%s was asked to leave %u times", family_name(family),
                       in->asks[family][f->upstream]);
        if (in->asked_ms[family][f->upstream] + in->heed_ms > f->at_ms + LEFT_MS)
            sim_broken(w, SIM_P, "%s left only %lld ms after the onset", family_name(family),
                       (long long)(in->asked_ms[family][f->upstream] + in->heed_ms - f->at_ms));
        if (in->asked_ms[family][f->upstream] < f->at_ms + EARLY_MS)
            sim_broken(w, SIM_P, "%s was asked %lld ms after the onset", family_name(family),
                       (long long)(in->asked_ms[family][f->upstream] - f->at_ms));
        if (in->seen[family][f->upstream] != NET_STANCE_NORMAL)
            sim_broken(w, SIM_P, "%s is not back", family_name(family));
    }
}

// What else may befall the site: from so long after the onset on, whom, and in which family.
enum beset_whom { BESET_SITE, BESET_SAME, BESET_OTHER };
static const struct {
    enum sim_fault_kind kind;
    int32_t arg;
    int64_t from_ms, until_ms, end_ms, lasts_ms;
    enum beset_whom whom;
    enum family family, first;
    bool keeps;  // nothing is to be asked
} besets[] = {
    // The other loses: when this one is well, in both families or one; from the onset on; and in
    // one family each.
    {SIM_FAULT_LOSS, 0, 90000, 200000, 240000, LASTS_MS, BESET_OTHER, 0, 0, false},
    {SIM_FAULT_LOSS, 0, 90000, 200000, 240000, LASTS_MS, BESET_OTHER, FAMILY_IPV6, 0, false},
    {SIM_FAULT_LOSS, 0, 0, 200000, 240000, LASTS_MS, BESET_OTHER, 0, 0, true},
    {SIM_FAULT_LOSS, 0, 25000, 200000, 240000, LASTS_MS, BESET_OTHER, FAMILY_IPV6, FAMILY_IPV4,
     false},
    // This one loses once more, on the way back.
    {SIM_FAULT_REVERSE, 0, 20 * 60000, 21 * 60000, 65 * 60000, LASTS_MS, BESET_SAME, 0, 0, false},
    {SIM_FAULT_FREEZE, 0, 5000, 100000, 120000, LASTS_MS, BESET_SITE, 0, 0, true},
    {SIM_FAULT_FREEZE, 0, 40000, BACK_MS, BACK_MS, LASTS_MS, BESET_SITE, 0, 0, false},
    {SIM_FAULT_STOP, 0, 5000, 100000, 120000, LASTS_MS, BESET_SITE, 0, 0, true},
    {SIM_FAULT_DRAIN, 0, -2000, 100000, 120000, LASTS_MS, BESET_OTHER, 0, 0, true},
    {SIM_FAULT_AUDIT, 0, 5000, 100000, 120000, LASTS_MS, BESET_SITE, 0, 0, true},
    {SIM_FAULT_VOID, 0, 15000, 60000, 120000, LASTS_MS, BESET_SITE, 0, 0, false},
    // It lasts: whoever was not there asks again, but where the world saw a change lately.
    {SIM_FAULT_CRASH, SIM_ENGINE, 40000, 45000, 240000, 230000, BESET_SITE, 0, 0, false},
    {SIM_FAULT_CRASH, SIM_PROBE, 40000, 60000, 240000, 230000, BESET_SITE, 0, 0, false},
    {SIM_FAULT_CRASH, SIM_ROUTE, 40000, 60000, 240000, 230000, BESET_SITE, 0, 0, false},
    {SIM_FAULT_STALL, SIM_ENGINE, 40000, 90000, 240000, 230000, BESET_SITE, 0, 0, false},
    {SIM_FAULT_STALL, SIM_PROBE, 40000, 60000, 240000, 230000, BESET_SITE, 0, 0, false},
};
enum { BESETS = sizeof besets / sizeof besets[0] };

void scene_make_inbound_beset(struct sim_world *w)
{
    uint8_t n = (uint8_t)(w->seed % BESETS);
    make_inbound(w, SIM_FAULT_LOSS);
    struct sim_fault *first = &w->faults.items[0];
    first->until_ms = first->at_ms + besets[n].lasts_ms;
    first->family = besets[n].first;
    // From the onset on the other loses less, and too much.
    struct sim_fault *f =
        scene_add(w, besets[n].kind, SIM_NOBODY, besets[n].from_ms == 0 ? 150000 : 380000);
    f->at_ms = first->at_ms + besets[n].from_ms;
    f->until_ms = first->at_ms + besets[n].until_ms;
    f->arg = besets[n].arg;
    f->family = besets[n].family;
    w->end_ms = first->at_ms + besets[n].end_ms;
    if (besets[n].whom != BESET_SITE)
        f->upstream = besets[n].whom == BESET_SAME ? first->upstream : 1 - first->upstream;
    // What harms stays, too, while it is frozen.
    if (f->kind == SIM_FAULT_LOSS && besets[n].from_ms > LASTS_MS && w->seed / BESETS % 2)
        scene_add(w, SIM_FAULT_FREEZE, SIM_NOBODY, 0)->at_ms = f->at_ms - 5000;
}

// Whether it is asked, and in time, where nothing keeps it.
void scene_check_inbound_beset(struct sim_world *w)
{
    const struct sim_site *site = &w->sites[0];
    const struct sim_fault *f = &w->faults.items[0];
    bool keeps = besets[w->seed % BESETS].keeps, strikes_ipv6 = f->family == FAMILY_NONE;
    sim_exercised(w, SIM_P);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        bool asked = site->inbound.asks[family][f->upstream] > 0;
        if (asked == (keeps || (family == FAMILY_IPV6 && !strikes_ipv6)))
            sim_broken(w, SIM_P, "%s was %sasked to leave", family_name(family),
                       asked ? "" : "not ");
    }
}

// ---- a pair of switches

void scene_make_hook(struct sim_world *w)
{
    scene_site(w, 2, 80000);
    sim_make_pair(&w->sites[0], (enum sim_hook_way)sim_draw(w, 0, SIM_HOOK_WAYS - 1));
    scene_add(w, SIM_FAULT_MEMBER, SIM_NOBODY, (uint32_t)sim_draw(w, 100000, 1000000))->arg =
        (int32_t)sim_draw(w, 0, SIM_MEMBERS - 1);
}

void scene_check_hook(struct sim_world *w)
{
    const struct sim_site *site = &w->sites[0];
    const struct sim_fault *f = &w->faults.items[0];
    bool helps = site->hook_way == SIM_HOOK_WORKS;
    sim_exercised(w, SIM_P);
    if (sim_standing(site, 0) > 0)
        sim_broken(w, SIM_P, "%u routes stand, where no other transit is better",
                   sim_standing(site, 0));
    // The last try may not be over yet.
    bool tried = !helps && w->now_ms - site->member_ms[f->arg] < SIM_TRIED_MS;
    if ((site->member_out[f->arg] != helps && !tried) || site->member_out[1 - f->arg])
        sim_broken(w, SIM_P, "switch %d is %s use, and its program %s", f->arg,
                   site->member_out[f->arg] ? "out of" : "in", helps ? "helps" : "does not help");
    if (w->programs == 0 || w->programs > (helps ? 1u : STEER_ACTS_PER_HOUR_MAX))
        sim_broken(w, SIM_P, "programs ran %u times", w->programs);
}

// One is taken out of use; then the engine dies, and lives again; then the other loses, too.
void scene_make_restart(struct sim_world *w)
{
    scene_site(w, 2, 130000);
    sim_make_pair(&w->sites[0], SIM_HOOK_WORKS);
    int32_t first = (int32_t)sim_draw(w, 0, SIM_MEMBERS - 1);
    scene_add(w, SIM_FAULT_MEMBER, SIM_NOBODY, 400000)->arg = first;
    struct sim_fault *crash = scene_add(w, SIM_FAULT_CRASH, SIM_NOBODY, 0);
    crash->arg = (int32_t)sim_draw(w, 0, 1) ? SIM_ENGINE : SIM_ROUTE;
    crash->at_ms = sim_draw(w, 35000, 45000);
    crash->until_ms = crash->at_ms + sim_draw(w, 100, 5000);
    struct sim_fault *other = scene_add(w, SIM_FAULT_MEMBER, SIM_NOBODY, 400000);
    other->arg = 1 - first;
    other->at_ms = sim_draw(w, 60000, 70000);
}

void scene_check_restart(struct sim_world *w)
{
    const struct sim_site *site = &w->sites[0];
    int32_t first = w->faults.items[0].arg;
    sim_exercised(w, SIM_P);
    if (!site->member_out[first] || site->member_out[1 - first] || w->programs != 1)
        sim_broken(w, SIM_P, "switches are %s and %s use, and programs ran %u times",
                   site->member_out[0] ? "out of" : "in", site->member_out[1] ? "out of" : "in",
                   w->programs);
}

// ---- a freeze

// The engine dies, and begins anew; then a transit loses, and another has room: nothing moves.
void scene_make_freeze(struct sim_world *w)
{
    uint8_t bad = all_by_one(w, 60000);
    struct sim_fault *freeze = scene_add(w, SIM_FAULT_FREEZE, SIM_NOBODY, 0);
    freeze->at_ms = sim_draw(w, 3000, 8000);
    struct sim_fault *crash = scene_add(w, SIM_FAULT_CRASH, SIM_NOBODY, 0);
    crash->arg = SIM_ENGINE;
    crash->at_ms = freeze->at_ms + sim_draw(w, 500, 5000);
    crash->until_ms = crash->at_ms + sim_draw(w, 100, 5000);
    scene_add(w, SIM_FAULT_LOSS, bad, 380000)->at_ms = sim_draw(w, 20000, 25000);
}

void scene_check_freeze(struct sim_world *w)
{
    sim_exercised(w, SIM_P);
    if (w->moves > 0 || sim_standing(&w->sites[0], 0) > 0)
        sim_broken(w, SIM_P, "%u moves while it was frozen", w->moves);
}

// ---- what routers say

enum { FLAPPING_MS = 8000 };  // each word stands for half of it: never long enough

static void add_telling(struct sim_world *w, enum sim_fault_kind kind)
{
    uint8_t bad = all_by_one(w, 75000);
    sim_make_telling(&w->sites[0]);
    scene_add(w, SIM_FAULT_LOSS, bad, 380000);
    struct sim_fault *f = scene_add(w, kind, SIM_NOBODY, 0);
    f->at_ms = 0;
    f->arg = (int32_t)sim_draw(w, 0, 1);
    f->period_ms = sim_draw(w, 3000, FLAPPING_MS);
}

void scene_make_policy(struct sim_world *w)
{
    add_telling(w, SIM_FAULT_POLICY);
}

// Both families, each held twice as long after every try.
void scene_check_policy(struct sim_world *w)
{
    sim_exercised(w, SIM_P);
    if (w->acts == 0 || w->acts > 10)
        sim_broken(w, SIM_P, "%u acts in vain", w->acts);
}

void scene_make_word(struct sim_world *w)
{
    add_telling(w, SIM_FAULT_LIE_WORD);
}

void scene_check_word(struct sim_world *w)
{
    sim_exercised(w, SIM_P);
    if (w->acts == 0 || w->withdrawn > 0)
        sim_broken(w, SIM_P, "%u acts, %u withdrawals", w->acts, w->withdrawn);
}

// ---- a limit

// Of four prefixes of 100 Mbit/s one more fits under 95 % than under 80 %.
void scene_make_lift(struct sim_world *w)
{
    static const uint32_t capacities[] = {115, 230, 345};
    uint8_t bad = all_by_one(w, 75000);
    struct sim_site *site = &w->sites[0];
    set_capacity(site, bad, 1000);
    set_capacity(site, 1 - bad, capacities[sim_draw(w, 0, 2)]);
    scene_add(w, SIM_FAULT_LOSS, bad, 380000);
    struct sim_fault *f = scene_add(w, SIM_FAULT_LIFT, 1 - bad, LIFT_S10);
    f->at_ms = sim_draw(w, 5000, 12000);
    f->arg = (int32_t)sim_draw(w, 0, SIM_LIFT_WAYS - 1);
    if (f->arg == SIM_LIFT_BY_TWO && sim_chance(w, 0.3))
        f->until_ms = f->at_ms + 2000;  // over before there is any need
}

void scene_check_lift(struct sim_world *w)
{
    const struct sim_fault *f = &w->faults.items[1];
    const struct sim_upstream *other = &w->sites[0].upstreams[f->upstream];
    uint32_t percent = f->arg == SIM_LIFT_BY_TWO && f->until_ms == w->end_ms ? 95 : 80;
    uint32_t most = (uint32_t)other->capacity * percent / 100 / (2 * MBIT) * (2 * MBIT);
    sim_exercised(w, SIM_P);
    sim_exercised(w, SIM_S18);
    scene_check_few(w, 6);
    if (other->load > most + 1)
        sim_broken(w, SIM_S18, "%.0f of %.0f Mbit/s, at most %u", other->load, other->capacity,
                   most);
    if (other->load + 1 < most)
        sim_broken(w, SIM_P, "%.0f of %.0f Mbit/s, where %u may be", other->load, other->capacity,
                   most);
}

// ---- orders and answers that cross

// A person wants one of three transits empty, and the ways to move to come and go: what is moved
// one way goes another at once, while words of the first are on their way still.
void scene_make_cross(struct sim_world *w)
{
    scene_site(w, 3, 75000);
    uint8_t drained = scene_used(w, FAMILY_IPV4);
    for (uint8_t u = 0; u < 3; u++)
        set_capacity(&w->sites[0], u, 5000);
    struct sim_fault *drain = scene_add(w, SIM_FAULT_DRAIN, drained, 0);
    drain->until_ms = sim_draw(w, 45000, 60000);
    for (uint8_t u = 0; u < 3; u++)
        for (int n = 0; n < 2 && u != drained; n++) {
            struct sim_fault *down = scene_add(w, SIM_FAULT_DOWN, u, 0);
            down->at_ms = drain->at_ms + sim_draw(w, 500, 20000);
            down->until_ms = down->at_ms + sim_draw(w, 300, 4000);
        }
    if (sim_chance(w, 0.5))
        scene_add(w, SIM_FAULT_SLOW, SIM_NOBODY, 0)->arg = (int32_t)sim_draw(w, 10, 900);
    if (sim_chance(w, 0.3)) {
        struct sim_fault *session = scene_add(w, SIM_FAULT_SESSION, SIM_NOBODY, 0);
        session->arg = (int32_t)sim_draw(w, 0, 1);
        session->at_ms = drain->at_ms + sim_draw(w, 0, 15000);
        session->until_ms = session->at_ms + sim_draw(w, 500, 5000);
    }
}

void scene_check_cross(struct sim_world *w)
{
    sim_exercised(w, SIM_P);
    if (w->acts == 0)
        sim_broken(w, SIM_P, "nothing was moved for a person");
}

// ---- the way back

// Demand grows while traffic is away, by more than the old way can carry.
void scene_make_return(struct sim_world *w)
{
    uint8_t bad = all_by_one(w, 170000);
    set_capacity(&w->sites[0], bad, 480);
    set_capacity(&w->sites[0], 1 - bad, 2000);
    struct sim_fault *f = scene_add(w, SIM_FAULT_LOSS, bad, 380000);
    f->until_ms = f->at_ms + sim_draw(w, 8000, 15000);
    struct sim_fault *more = scene_add(w, SIM_FAULT_DEMAND, SIM_NOBODY, 1500000);
    more->at_ms = f->at_ms + 5000;
    more->until_ms = 100000;
}

void scene_check_return(struct sim_world *w)
{
    sim_exercised(w, SIM_P);
    scene_check_few(w, 4);
    if (w->acts == 0 || sim_standing(&w->sites[0], 0) > 0)
        sim_broken(w, SIM_P, "%u acts, %u routes stand", w->acts, sim_standing(&w->sites[0], 0));
}

// ---- what fills the way moved to

enum { FILLED_S = 10 };  // until counters tell, and once more

// By up to a tenth more than it can carry, so that packets alone would let it stand: flows tell too
// little, or demand grows later.
void scene_make_fill(struct sim_world *w)
{
    uint8_t bad = all_by_one(w, 110000);
    struct sim_site *site = &w->sites[0];
    uint32_t all = 2 * MBIT * site->prefix_count;
    set_capacity(site, bad, 2 * all);
    set_capacity(site, 1 - bad, (uint32_t)sim_draw(w, all - all / 12, all + all / 25));
    scene_add(w, SIM_FAULT_LOSS, bad, 380000)->at_ms = SCENE_AT_MS;
    site->told_factor = 0.8 * site->upstreams[1 - bad].capacity / all - 0.01;
    if (sim_chance(w, 0.5))
        return;
    site->told_factor = 1;
    set_capacity(site, 1 - bad, all * 5 / 4 + 1);
    struct sim_fault *more =
        scene_add(w, SIM_FAULT_DEMAND, SIM_NOBODY, (uint32_t)sim_draw(w, 1210000, 1350000));
    more->at_ms = SCENE_AT_MS + sim_draw(w, 15000, 30000);
}

// A part of it stays, and the rest does not come and go.
void scene_check_fill(struct sim_world *w)
{
    const struct sim_upstream *other = &w->sites[0].upstreams[1 - w->faults.items[0].upstream];
    sim_exercised(w, SIM_P);
    if (w->acts < 2 || w->acts > 4)
        sim_broken(w, SIM_P, "%u acts", w->acts);
    if (other->load < other->capacity / 2 || other->load > other->capacity * 0.95)
        sim_broken(w, SIM_P, "%.0f of %.0f Mbit/s are on the other transit", other->load,
                   other->capacity);
    if (w->overflowed > other->capacity / 8 * FILLED_S)
        sim_broken(w, SIM_P, "%.0f Mbit were lost for want of room", w->overflowed);
}
