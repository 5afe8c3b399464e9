// SPDX-License-Identifier: ISC
#include "engine/state.h"

#include <stdio.h>
#include <string.h>

static const enum family families[] = {FAMILY_IPV4, FAMILY_IPV6};
enum { FAMILY_COUNT = sizeof families / sizeof families[0] };

static bool is_complete(const struct engine *e, enum family family, uint32_t *router)
{
    uint16_t routers = moves_routers(e->net, family);
    for (*router = 0; *router < e->net->router_count; (*router)++)
        if (routers >> *router & 1 && !e->sessions[*router].complete[family])
            return false;
    *router = NET_NOBODY;
    return routers != 0;
}

// Quiet begins, or begins again, with the last table to be complete.
static void watch_tables(struct engine *e)
{
    for (uint32_t i = 0; i < FAMILY_COUNT; i++) {
        enum family f = families[i];
        uint32_t router;
        bool complete = is_complete(e, f, &router);
        if (complete && !e->complete[f])
            e->quiet_since[f] = e->now;
        e->complete[f] = complete;
    }
}

static void be_quiet(struct engine *e)
{
    for (uint32_t i = 0; i < FAMILY_COUNT; i++)
        e->quiet_since[families[i]] = e->now;
}

static bool is_silent_for(const struct engine *e, struct mono since, int64_t ms)
{
    return mono_since_ns(e->now, since) > ms * NS_PER_MS;
}

bool presence_just_awake(const struct engine *e)
{
    return mono_reached(e->now, mono_add_ms(e->ticked_at, ENGINE_LAG_MS));
}

// Just awake, what was told last, and when, is of before: the next tick begins the quiet time.
static bool hears_prober(const struct engine *e)
{
    return e->roles[ROLE_PROBE].state == ROLE_ALIVE && e->watch.told && !presence_just_awake(e) &&
           !is_silent_for(e, e->watch.told_at, WATCH_FRESH_MS);
}

enum refusal presence_refusal(const struct engine *e, enum family family, uint32_t *subject)
{
    *subject = NET_NOBODY;
    if (e->frozen || e->stopped)
        return REFUSAL_FROZEN;
    if (!e->started || !hears_prober(e))
        return REFUSAL_PROBER;
    if (e->roles[ROLE_ROUTE].state != ROLE_ALIVE)
        return REFUSAL_ROUTE;
    if (e->roles[ROLE_AUDIT].state != ROLE_ALIVE)
        return REFUSAL_AUDIT;
    if (!is_complete(e, family, subject))
        return REFUSAL_SESSION;
    if (mono_since_ns(e->now, e->quiet_since[family]) < e->net->steer.quiet_start_ns)
        return REFUSAL_QUIET;
    return REFUSAL_NONE;
}

void presence_release(struct engine *e, const char *reason)
{
    engine_tell(e, EFFECT_RELEASE);
    moves_release(&e->moves);
    be_quiet(e);
    for (uint32_t path = 0; path < e->path_count; path++)
        if (story_moves(&e->stories[path]))
            story_bare(e, path, reason);
}

void presence_session(struct engine *e, const struct event_session *session)
{
    struct session *s = &e->sessions[session->router];
    engine_tell(e, EFFECT_SESSION)->session = (struct effect_session){
        .router = session->router, .state = session->state, .family = session->family};
    memcpy(e->effects[e->effect_count - 1].session.reason, session->reason, sizeof session->reason);
    if (session->state == SESSION_COMPLETE) {
        s->up = true;
        s->complete[session->family] = true;
        return;
    }
    // Up and not yet complete is a new session: what the old one told is gone, and what we said.
    *s = (struct session){.up = session->state == SESSION_UP};
    routes_forget(&e->routes, session->router);
    own_router_lost(e, session->router);
    story_session_lost(e, session->router);
}

static void lose_prober(struct engine *e)
{
    if (e->moves.count > 0)
        presence_release(e, "the prober died: nothing could be verified");
    inbound_let_go(e, "the prober died: nobody can say whether it helps");
    repair_blind(e);
    memset(&e->watch, 0, sizeof e->watch);
    watch_init(&e->watch, e->net);
    notices_forget(&e->notices, NOTICE_BY_PROBE);
    fault_book_forget(&e->faults);
}

// Its sessions died with it, so the routers have forgotten already.
static void lose_route(struct engine *e)
{
    memset(e->sessions, 0, sizeof e->sessions);
    notices_forget(&e->notices, NOTICE_BY_ROUTE);
    e->routes.count = 0;
    for (uint32_t router = 0; router < e->net->router_count; router++)
        own_router_lost(e, router);
    moves_release(&e->moves);
    inbound_let_go(e, "the process that holds the BGP sessions died");
    for (uint32_t path = 0; path < e->path_count; path++)
        if (story_moves(&e->stories[path]))
            story_bare(e, path, "the process that holds the BGP sessions died");
}

void presence_role(struct engine *e, const struct event_role_change *change)
{
    struct presence *role = &e->roles[change->role];
    struct effect *effect = engine_tell(e, EFFECT_ROLE);
    effect->role = (struct effect_role){.role = change->role, .state = change->state};
    memcpy(effect->role.reason, change->reason, sizeof change->reason);
    if (role->state != change->state)
        *role = (struct presence){change->state, e->now};
    if (change->role == ROLE_INGEST && change->state == ROLE_DEAD)
        notices_forget(&e->notices, NOTICE_BY_INGEST);
    if (change->role == ROLE_SHELL && change->state == ROLE_DEAD)
        notices_forget(&e->notices, NOTICE_BY_SHELL);
    if (change->role == ROLE_HOOK && change->state == ROLE_DEAD)
        hooks_lost(e, "the process that runs programs ended");
    if (change->role == ROLE_NOTIFY && change->state == ROLE_ALIVE)
        pages_sender_began(e);
    if (change->role == ROLE_HOOK || change->role == ROLE_WEB || change->role == ROLE_INGEST ||
        change->role == ROLE_AUDIT || change->role == ROLE_NOTIFY || change->role == ROLE_STORE ||
        change->role == ROLE_SHELL)
        return;  // nothing that stands depends on them
    be_quiet(e);
    if (change->state == ROLE_DEAD && change->role == ROLE_PROBE)
        lose_prober(e);
    if (change->state == ROLE_DEAD && change->role == ROLE_ROUTE)
        lose_route(e);
}

static void tell_frozen_before(struct engine *e, bool raised, const char *why)
{
    struct notice notice = {
        .kind = NOTICE_FROZEN_BEFORE, .raised = raised, .router = NET_NOBODY, .since = e->now};
    snprintf(notice.text, sizeof notice.text, "%s", why);
    engine_notice_take(e, &notice);
}

void presence_frozen_before(struct engine *e, const struct event_frozen *frozen)
{
    static_assert(sizeof e->frozen_why == sizeof frozen->why, "the same text");
    presence_command(e, COMMAND_FREEZE);
    memcpy(e->frozen_why, frozen->why, sizeof e->frozen_why);
    tell_frozen_before(e, true, frozen->why);
}

void presence_command(struct engine *e, enum event_command command)
{
    if (command == COMMAND_STOP) {
        e->stopped = true;
        presence_release(e, "Fairlead was told to stop");
        return;
    }
    if (command == COMMAND_WITHDRAW) {
        presence_release(e, "everything was withdrawn by a person");
        inbound_let_go(e, "everything was withdrawn by a person");
    }
    bool was = e->frozen;
    e->frozen = command != COMMAND_THAW;
    e->frozen_why[0] = '\0';
    if (e->frozen)
        moves_want_what_stands(&e->moves);
    else
        tell_frozen_before(e, false, "");
    for (uint32_t path = 0; path < e->path_count && was != e->frozen; path++) {
        if (e->frozen && story_moves(&e->stories[path]))
            story_enter(e, path, INCIDENT_FREEZE, "an operator froze it: what stands stays");
        else if (!e->frozen && e->stories[path].state == INCIDENT_FROZEN)
            story_thaw(e, path);
    }
}

// P2: what stands while nobody can vouch for it goes.
static const char *why_to_release(const struct engine *e)
{
    if (is_silent_for(e, e->watch.told_at, ENGINE_RELEASE_MS))
        return "no word from the prober for 4 s";
    if (is_silent_for(e, e->watch.usable_at, ENGINE_BLIND_MS))
        return "the prober has seen nothing usable for 60 s";
    for (uint32_t role = ROLE_PROBE; role <= ROLE_ROUTE; role++)
        if (e->roles[role].state == ROLE_SICK &&
            is_silent_for(e, e->roles[role].since, ENGINE_RELEASE_MS))
            return role == ROLE_PROBE ? "the prober has not been well for 4 s"
                                      : "the process that holds the BGP sessions has not answered "
                                        "for 4 s";
    return NULL;
}

static void renew_lease(struct engine *e)
{
    if (mono_since_ns(e->now, e->leased_at) < e->net->steer.lease_ns / 6)
        return;
    e->leased_at = e->now;
    engine_tell(e, EFFECT_LEASE);
}

static void look_if_ready(struct engine *e)
{
    uint32_t subject;
    for (uint32_t path = 0; path < e->path_count; path++)
        if (!e->watch.paths[path].heard ||
            presence_refusal(e, e->paths[path].family, &subject) != REFUSAL_NONE)
            return;
    e->ready = true;
    engine_tell(e, EFFECT_READY);
}

// We were stopped, or the host was: what comes now was measured before (S12, S13).
static void notice_lag(struct engine *e)
{
    if (e->started && is_silent_for(e, e->heartbeat_at, ENGINE_LAG_MS)) {
        be_quiet(e);
        watch_lagged(&e->watch, e->now);
    }
    e->heartbeat_at = e->now;
}

void presence_advance(struct engine *e, bool tick)
{
    if (tick)
        notice_lag(e);
    watch_tables(e);
    if (!e->started || e->stopped)
        return;
    bool offers = e->net->steer.inbound && inbound_upstreams(e) != 0;
    const char *reason = e->moves.count > 0 || offers ? why_to_release(e) : NULL;
    if (reason && e->moves.count > 0)
        presence_release(e, reason);
    if (reason && offers)
        inbound_let_go(e, reason);
    if (tick)
        renew_lease(e);
    if (!e->ready)
        look_if_ready(e);
}
