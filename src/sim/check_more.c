// SPDX-License-Identifier: ISC
// What neighbours hear of what we say, what is ours to announce, what one configuration allows, and
// what programs do: read off routers, switches and services.
#include "engine/taken.h"
#include "sim/daemon.h"
#include "sim/judge.h"
#include "sim/parts.h"
#include "sim/place.h"
#include "steer/words.h"

#include <assert.h>

static_assert((int)SIM_CHECK_PLACES == (int)SIM_PLACES && (int)SIM_CHECK_OWN == (int)SIM_OWN_MAX &&
                  (int)SIM_CHECK_MEMBERS == (int)SIM_MEMBERS,
              "room for all");

enum {
    FAULT_AGE_MS = 25000,
    OWN_MS = 15000,  // asked again after ten seconds, when the first time was refused
    SETTLED_MS = 12000,
    BEGUN_MS = 100,
    LATE_RUN_MS = 5000,  // by the order of an earlier life
    // Asked twice, settled; then the old way's router, the others, the new one's.
    TAKEN_GONE_MS = 2 * WORDS_EVERY_MS + TAKEN_SETTLE_MS + 5000,
};

uint32_t sim_standing(const struct sim_site *site, uint8_t c)
{
    uint32_t count = 0;
    for (uint8_t r = 0; r < site->net.router_count; r++)
        for (uint8_t place = 0; place < SIM_OWN_FIRST; place++)
            count += site->routers[r].overrides[c][place].stands;
    return count;
}

static bool has_been_drained(const struct sim_world *w, uint8_t s)
{
    for (uint32_t i = 0; i < w->faults.count; i++)
        if (w->faults.items[i].kind == SIM_FAULT_DRAIN && w->faults.items[i].site == s &&
            w->now_ms >= w->faults.items[i].at_ms)
            return true;
    return false;
}

bool sim_may_act(const struct sim_world *w, uint8_t s, uint8_t c)
{
    const struct sim_site *site = &w->sites[s];
    bool said = site->controllers[c].approved || has_been_drained(w, s);
    return site->net.mode == NET_ACT || (site->net.mode == NET_CONFIRM && said);
}

// ---- programs

static bool has_failed(const struct sim_world *w, uint8_t s, uint8_t member)
{
    for (uint32_t i = 0; i < w->faults.count; i++) {
        const struct sim_fault *f = &w->faults.items[i];
        if (f->kind == SIM_FAULT_MEMBER && f->site == s && f->arg == member &&
            w->now_ms >= f->at_ms && w->now_ms - f->until_ms < FAULT_AGE_MS)
            return true;
    }
    return false;
}

void sim_check_hook(struct sim_world *w, uint8_t s, uint8_t member)
{
    sim_exercised(w, SIM_I13);
    if (!has_failed(w, s, member))
        sim_broken(w, SIM_I13, "switch %d is to be taken out of use, and loses nothing", member);
    sim_exercised(w, SIM_L6);
    if (w->sites[s].net.mode != NET_ACT)
        sim_broken(w, SIM_S16, "a program is run");
}

void sim_check_members(struct sim_world *w, uint8_t s)
{
    sim_exercised(w, SIM_S13);
    if (w->sites[s].member_out[0] && w->sites[s].member_out[1])
        sim_broken(w, SIM_S13, "both switches of the pair are out of use");
}

// ---- S21

// What a router tells its neighbours: its own prefixes, and of ours what came without NO_EXPORT.
static void check_leaks(struct sim_world *w, const struct sim_site *site, uint8_t c)
{
    for (uint8_t r = 0; r < site->net.router_count; r++)
        for (uint8_t place = 0; place < SIM_OWN_FIRST; place++) {
            const struct sim_override *o = &site->routers[r].overrides[c][place];
            if (!o->stands)
                continue;
            sim_exercised(w, SIM_S21);
            if (o->tells_on)
                sim_broken(w, SIM_S21, "neighbours of router %d hear of place %d", r, place);
        }
}

// ---- S24

static const struct sim_fault *configured(const struct sim_world *w, uint8_t s)
{
    for (uint32_t i = 0; i < w->faults.count; i++)
        if (w->faults.items[i].kind == SIM_FAULT_CONFIG && w->faults.items[i].site == s)
            return &w->faults.items[i];
    return NULL;
}

static bool is_allowed(const struct sim_site *site, uint8_t c, uint8_t r)
{
    uint32_t count = 0;
    for (uint8_t p = 0; p < SIM_EXIT_FIRST; p++) {
        count += site->routers[r].overrides[c][p].stands;
        if (site->routers[r].overrides[c][p].stands && site->barred >> p & 1)
            return false;
    }
    return count <= site->net.guard.routes_per_router_max;
}

// Between the two files nothing is said; behind the second nothing that the first alone allowed.
static void check_configuration(struct sim_world *w, uint8_t s, uint8_t c)
{
    const struct sim_site *site = &w->sites[s];
    const struct sim_fault *f = configured(w, s);
    if (!f || w->now_ms < f->at_ms + BEGUN_MS)
        return;
    uint32_t stands = sim_standing(site, c);
    bool between = w->now_ms < f->until_ms;
    if (between || stands > 0 || w->faults.holding > 0)
        sim_exercised(w, SIM_S24);
    if (stands > 0 && (between || !sim_may_act(w, s, c)))
        sim_broken(w, SIM_S24, "%u overrides stand that the configuration does not allow", stands);
    for (uint8_t r = 0; r < site->net.router_count && !between; r++)
        if (!is_allowed(site, c, r))
            sim_broken(w, SIM_S24, "router %d has what the new configuration forbids", r);
}

// Where nothing else keeps the word from getting there.
static bool is_undisturbed(const struct sim_world *w, uint8_t s)
{
    const struct sim_site *site = &w->sites[s];
    const struct sim_controller *ctl = &site->controllers[0];
    bool disturbed = sim_fault_late_ms(w, s) > 0 ||
                     sim_fault_now(w, SIM_FAULT_SESSION, s, SIM_NOBODY) || ctl->stopped;
    for (enum sim_role role = 0; role < SIM_SICK_ROLES; role++)
        disturbed |= role != SIM_PROBE && !sim_daemon_runs(w, ctl, role);
    return !disturbed && w->now_ms - site->checks.unrest_ms > SETTLED_MS;
}

// ---- L6: what did not help

// It is out of use, and loses as before. Another life of the engine does not know that it was
// tried.
static bool is_in_vain(const struct sim_world *w, uint8_t s, uint8_t member)
{
    const struct sim_site *site = &w->sites[s];
    bool tried = site->member_out[member] && site->hook_way == SIM_HOOK_LIES &&
                 site->member_ms[member] - site->controllers[0].started_ms > LATE_RUN_MS;
    for (uint32_t i = 0; i < w->faults.count && tried; i++) {
        const struct sim_fault *f = &w->faults.items[i];
        if (f->kind == SIM_FAULT_MEMBER && f->site == s && f->arg == member &&
            sim_fault_holds(w, f))
            return true;
    }
    return false;
}

// It is taken back, where nothing keeps the engine from seeing it, or doing so.
static void check_tried(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    bool free = site->controller_count == 1 && !sim_fault_any(w, SIM_FAULT_LIE_NOTICE, s) &&
                is_undisturbed(w, s) && sim_daemon_runs(w, &site->controllers[0], SIM_PROBE) &&
                !site->controllers[0].frozen && !site->controllers[0].unrecorded;
    for (uint8_t member = 0; member < SIM_MEMBERS; member++) {
        int64_t *since_ms = &site->checks.tried_since_ms[member];
        sim_note_since(w, free && is_in_vain(w, s, member), since_ms);
        if (*since_ms == w->now_ms)
            sim_exercised(w, SIM_L6);
        if (*since_ms != SIM_SINCE_NEVER && w->now_ms - *since_ms > SIM_TRIED_MS)
            sim_broken(w, SIM_L6, "switch %d is out of use for %lld ms, and that does not help",
                       member, (long long)(w->now_ms - *since_ms));
    }
}

// ---- L7: what a router does not take

static const struct sim_fault *policy_of(const struct sim_world *w, uint8_t s)
{
    const struct sim_fault *f = sim_fault_now(w, SIM_FAULT_POLICY, s, SIM_NOBODY);
    bool heard = f && w->sites[s].routers[f->arg].tells &&
                 !sim_fault_any(w, SIM_FAULT_LIE_WORD, s) && !w->sites[s].controllers[0].frozen &&
                 is_undisturbed(w, s);
    return heard ? f : NULL;
}

static void check_taken(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    const struct sim_fault *f = policy_of(w, s);
    // The time to see that and to let go begins anew when nothing hinders it any more.
    sim_note_since(w, f != NULL, &site->checks.policy_since_ms);
    for (uint8_t place = 0; place < SIM_OWN_FIRST && f; place++) {
        const struct sim_override *o = &site->routers[f->arg].overrides[0][place];
        int64_t free_ms = site->checks.policy_since_ms;
        int64_t since_ms = o->since_ms > free_ms ? o->since_ms : free_ms;
        if (!o->stands)
            continue;
        sim_exercised(w, SIM_L7);
        if (w->now_ms - since_ms > TAKEN_GONE_MS)
            sim_broken(w, SIM_L7, "place %d on router %d for %lld ms", place, f->arg,
                       (long long)(w->now_ms - since_ms));
    }
}

// ---- L5: our own prefixes

static uint32_t offered(const struct sim_site *site, uint8_t own)
{
    uint32_t count = 0;
    for (uint8_t r = 0; r < site->net.router_count; r++)
        count += site->routers[r].overrides[0][SIM_OWN_FIRST + own].stands;
    return count;
}

static void check_own(struct sim_world *w, uint8_t s, uint8_t own)
{
    struct sim_site *site = &w->sites[s];
    int64_t *since = &site->checks.controllers[0].own_since_ms[own];
    bool sick = sim_parts_is_sick(w, s, own), kept = false;
    // Of several that turn sick within a minute only the first go: the others may stand.
    for (uint8_t other = 0; other < site->net.announce_count; other++)
        kept |= other != own && sim_parts_is_sick(w, s, other) &&
                site->net.guard.own_withdrawn_together_max < site->net.announce_count;
    uint32_t count = offered(site, own), all = site->net.router_count;
    bool right = sick ? count == 0 || kept : count == all;
    sim_note_since(
        w, !right && is_undisturbed(w, s) && !sim_fault_now(w, SIM_FAULT_CHECK, s, SIM_NOBODY),
        since);
    if (count == all && !sick)
        sim_exercised(w, SIM_L5);
    if (*since != SIM_SINCE_NEVER && w->now_ms - *since > OWN_MS)
        sim_broken(w, SIM_L5, "own prefix %d is on %u of %u routers, and %s", own, count, all,
                   sick ? "sick" : "well");
}

// S12: checks that find all of it sick at once are what is sick. Whom something disturbs meanwhile,
// or just before, may have let go for that, or begun anew and never known it to be well.
static void check_kept(struct sim_world *w, uint8_t s)
{
    struct sim_site *site = &w->sites[s];
    const struct sim_fault *f = sim_fault_now(w, SIM_FAULT_CHECK, s, SIM_NOBODY);
    int64_t *calm_ms = &site->checks.calm_since_ms;
    uint32_t gone = 0;
    sim_note_since(w, is_undisturbed(w, s), calm_ms);
    if (!f || *calm_ms == SIM_SINCE_NEVER || *calm_ms > f->at_ms || w->now_ms - f->at_ms > OWN_MS)
        return;
    for (uint8_t own = 0; own < site->net.announce_count; own++)
        gone += offered(site, own) == 0 && !sim_parts_is_sick(w, s, own);
    sim_exercised(w, SIM_S12);
    if (gone > site->net.guard.own_withdrawn_together_max)
        sim_broken(w, SIM_S12, "%u own prefixes are gone, and all are well", gone);
}

void sim_check_more(struct sim_world *w, uint8_t s, uint8_t c)
{
    const struct sim_site *site = &w->sites[s];
    check_leaks(w, site, c);
    check_configuration(w, s, c);
    for (uint8_t own = 0; c == 0 && own < site->net.announce_count; own++)
        check_own(w, s, own);
    if (c == 0 && site->net.announce_count > 0)
        check_kept(w, s);
    if (c == 0)
        check_taken(w, s);
    if (c == 0 && site->net.hook_count > 0)
        check_tried(w, s);
}
