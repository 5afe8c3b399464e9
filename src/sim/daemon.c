// SPDX-License-Identifier: ISC
#include "sim/daemon.h"

#include "bgp/transport.h"
#include "engine/narrate.h"
#include "sim/inbound.h"
#include "sim/message.h"
#include "sim/parts.h"
#include "sim/people.h"
#include "sim/place.h"
#include "sim/prober.h"
#include "sim/replay.h"
#include "sim/router.h"
#include "sim/traffic.h"
#include "sim/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOLD_MS = 9000,
    CONNECT_MS = 200,
    CONNECT_SPREAD_MS = 600,
    RETRY_MS = 2000,
    USE_MS = 2000,
    BOTH_MS = 3000,             // one family of an upstream goes after the other
    NETWORK_CONTROL = 48 << 2,  // RFC 4594 §3.1: goes before what customers send
    SENTENCE_MAX = 1024
};

bool sim_daemon_runs(const struct sim_world *w, const struct sim_controller *ctl,
                     enum sim_role role)
{
    return !ctl->dead[role] && w->now_ms >= ctl->stalled_ms[role];
}

// ---- the engine

static void take_plan(struct sim_world *w, struct sim_claims *claims,
                      const struct effect_plan *plan)
{
    if (plan->verdict == PLAN_ACT) {
        bool with_other = claims->left >> plan->from & 1 && w->now_ms - claims->act_ms < BOTH_MS;
        w->moves += !with_other;
        claims->act_ms = w->now_ms;
        claims->left |= 1u << plan->from;
    }
    w->acts += plan->verdict == PLAN_ACT;
    for (uint32_t path = 0; path < SIM_CLAIM_PATHS; path++) {
        struct sim_claim *claim = &claims->paths[path];
        if (claim->incident != plan->incident)
            continue;
        if (plan->verdict == PLAN_RETURN)
            *claim = (struct sim_claim){claim->incident, claim->state, true, SIM_NOBODY, w->now_ms};
        else if (plan->verdict == PLAN_ACT || plan->verdict == PLAN_UNDO)
            claim->returns = false;
    }
}

static void take_incident(struct sim_claims *claims, const struct effect_incident *incident)
{
    struct sim_claim *claim = &claims->paths[incident->path];
    if (claim->incident != incident->incident)
        *claim = (struct sim_claim){.incident = incident->incident};
    claim->state = (uint8_t)incident->state;
}

static uint32_t left_by(const struct sim_site *site, const struct sim_claims *claims,
                        uint32_t incident)
{
    uint32_t bits = 0;
    for (uint32_t path = 0; path < net_path_count(&site->net) && path < SIM_CLAIM_PATHS; path++) {
        uint32_t upstream = net_path(&site->net, path).upstream;
        if (claims->paths[path].incident == incident && upstream != NET_NOBODY)
            bits |= 1u << upstream;
    }
    return bits;
}

static void take_order(struct sim_world *w, uint8_t s, uint8_t c, const struct effect *effect)
{
    const struct sim_site *site = &w->sites[s];
    struct sim_claims *claims = &w->sites[s].controllers[c].claims;
    uint8_t place = sim_place_of(site, effect->override.prefix);
    if (place >= SIM_PLACES)
        return;
    claims->owners[place] = effect->override.incident;
    if (effect->kind == EFFECT_ANNOUNCE)
        claims->away[place] = left_by(site, claims, effect->override.incident);
}

// The parent sends no act to route that is not on record; the engine hears so (role/audited.c).
// Our own prefixes as usual are no act; of others it asks again.
static void send_order(struct sim_world *w, uint8_t s, uint8_t c, const struct effect *effect)
{
    const struct effect_stance *stance = &effect->stance;
    bool usual = (stance->prepend | stance->graceful | stance->withheld) == 0;
    bool unrecorded = w->sites[s].controllers[c].unrecorded;
    if (unrecorded && effect->kind == EFFECT_ANNOUNCE)
        sim_writer_refuse(w, s, c, effect, "S22: no record of it");
    else if (!unrecorded || effect->kind != EFFECT_STANCE || usual)
        sim_writer_send_order(w, s, c, effect);
}

static void take_effect(struct sim_world *w, uint8_t s, uint8_t c, const struct effect *effect)
{
    char text[SENTENCE_MAX];
    if (w->traced && narrate_effect(&w->sites[s].net, effect, text, sizeof text) > 0)
        sim_trace(w, "engine %d.%d: %s", s, c, text);
    if (effect->kind == EFFECT_ANNOUNCE || effect->kind == EFFECT_WITHDRAW)
        take_order(w, s, c, effect);
    if (effect->kind == EFFECT_ANNOUNCE || effect->kind == EFFECT_WITHDRAW ||
        effect->kind == EFFECT_RELEASE || effect->kind == EFFECT_LEASE ||
        effect->kind == EFFECT_STANCE)
        send_order(w, s, c, effect);
    if (effect->kind == EFFECT_HOOK)
        sim_parts_run(w, s, c, &effect->hook);
    if (effect->kind == EFFECT_ANSWERED && effect->answered.what == ASKED_LIFT)
        w->sites[s].controllers[c].lift = effect->answered.number;
    if (effect->kind == EFFECT_INCIDENT)
        take_incident(&w->sites[s].controllers[c].claims, &effect->incident);
    if (effect->kind == EFFECT_DRAIN)
        sim_check_drain(w, s, &effect->drain);
    if (effect->kind == EFFECT_PLAN) {
        sim_check_plan(w, s, c, &effect->plan);
        take_plan(w, &w->sites[s].controllers[c].claims, &effect->plan);
        sim_people_consider(w, s, c, &effect->plan);
    }
}

void sim_daemon_feed(struct sim_world *w, uint8_t s, uint8_t c, struct event *event)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    const struct sim_fault *clock = sim_fault_now(w, SIM_FAULT_CLOCK, s, SIM_NOBODY);
    bool from_prober = event->kind == EVENT_TALLY || event->kind == EVENT_SIGNAL;
    size_t count;
    if (!sim_daemon_runs(w, ctl, SIM_ENGINE))
        return;
    event->at = sim_mono(w->now_ms);
    if (clock && from_prober)
        event->at = mono_add_ms(event->at, clock->arg);
    w->events++;
    const struct effect *effects = engine_step(ctl->engine, event, &count);
    if (s == 0 && c == 0)
        sim_replay_keep(w->replay, &w->sites[s].net, event, effects, count);
    for (size_t i = 0; i < count; i++)
        take_effect(w, s, c, &effects[i]);
}

static void feed_role(struct sim_world *w, uint8_t s, uint8_t c, enum event_role role,
                      enum event_role_state state)
{
    struct event event = {.kind = EVENT_ROLE, .role = {role, state, ""}};
    sim_daemon_feed(w, s, c, &event);
}

// What becomes of a process while the engine is stopped it learns when it wakes.
static void tell_role(struct sim_world *w, uint8_t s, uint8_t c, enum event_role role,
                      enum event_role_state state)
{
    sim_message_send(w->messages,
                     &(struct sim_message){.at_ms = w->now_ms,
                                           .kind = SIM_TO_ENGINE_ROLE,
                                           .life = w->sites[s].controllers[c].lives[SIM_ENGINE],
                                           .site = s,
                                           .controller = c,
                                           .router = (uint8_t)role,
                                           .state = (uint8_t)state});
}

static void connect_later(struct sim_world *w, uint8_t s, uint8_t c, uint8_t router, int64_t ms)
{
    int64_t at = w->now_ms + ms + (int64_t)(random_u64(&w->random) % CONNECT_SPREAD_MS);
    sim_message_send(
        w->messages,
        &(struct sim_message){
            .at_ms = at, .kind = SIM_TO_SESSION, .site = s, .controller = c, .router = router});
}

// Localisation lives in the prober.
static void forget_faults(struct sim_controller *ctl)
{
    memset(ctl->named, 0, sizeof ctl->named);
    memset(ctl->fault_due_ms, 0, sizeof ctl->fault_due_ms);
}

// What it reads in its audit log: this, and that below.
static void feed_frozen(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct event event = {.kind = EVENT_FROZEN, .frozen = {"ada since t1: to look at it"}};
    if (w->sites[s].controllers[c].frozen)
        sim_daemon_feed(w, s, c, &event);
}

static void feed_hooks(struct sim_world *w, uint8_t s, uint8_t c)
{
    for (uint32_t hook = 0; hook < w->sites[s].net.hook_count; hook++) {
        struct event event = {.kind = EVENT_HOOK, .hook = {.hook = hook, .state = HOOK_STANDS}};
        if (w->sites[s].controllers[c].hooks_ran >> hook & 1)
            sim_daemon_feed(w, s, c, &event);
    }
}

void sim_daemon_start(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_site *site = &w->sites[s];
    struct sim_controller *ctl = &site->controllers[c];
    engine_free(ctl->engine);
    ctl->engine = engine_new(&site->net);
    if (!ctl->engine)
        abort();
    memset(ctl->dead, 0, sizeof ctl->dead);
    memset(ctl->stalled_ms, 0, sizeof ctl->stalled_ms);  // who was stopped has died with the rest
    ctl->stopped = ctl->approved = false;
    ctl->started_ms = ctl->told_ms = ctl->route_since_ms = w->now_ms;
    ctl->claims = (struct sim_claims){0};
    memset(site->checks.controllers[c].ups, 0, sizeof site->checks.controllers[c].ups);
    memset(ctl->health_known, 0, sizeof ctl->health_known);
    memset(ctl->health_due_ms, 0, sizeof ctl->health_due_ms);
    forget_faults(ctl);
    sim_writer_forget(ctl, &site->net);
    sim_prober_start(w, s, c);
    if (s == 0 && c == 0)
        sim_replay_start(w->replay);
    // 2016-06-20 12:09:48 UTC.
    struct event event = {.kind = EVENT_START,
                          .start = {{1466424588 * INT64_C(1000000000)}, random_u64(&w->random)}};
    sim_daemon_feed(w, s, c, &event);
    feed_frozen(w, s, c);
    feed_hooks(w, s, c);
    for (enum event_role role = 0; role < ROLES; role++)
        feed_role(w, s, c, role, role == ROLE_AUDIT && ctl->unrecorded ? ROLE_SICK : ROLE_ALIVE);
    for (uint8_t r = 0; r < site->net.router_count; r++)
        connect_later(w, s, c, r, CONNECT_MS);
}

static void forge(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct net *net = &w->sites[s].net;
    struct event event = {.kind = EVENT_NOTICE};
    event.notice = (struct notice){.kind = NOTICE_SERVERS_FAILING,
                                   .raised = true,
                                   .router = NET_NOBODY,
                                   .count = 900,
                                   .total = 1000};
    net_path_name(net, 0, event.notice.peer);
    sim_daemon_feed(w, s, c, &event);
}

// What counters and a flow collector tell.
static void tell_use(struct sim_world *w, uint8_t s, uint8_t c)
{
    const struct sim_site *site = &w->sites[s];
    for (uint32_t u = 0; u < site->net.upstream_count; u++) {
        struct event event = {.kind = EVENT_USE};
        event.use = (struct event_use){u, (int64_t)(site->upstreams[u].load * 1e6),
                                       (int64_t)(sim_inbound_load(site, (uint8_t)u) * 1e6)};
        sim_daemon_feed(w, s, c, &event);
    }
    for (uint8_t p = 0; p < site->prefix_count; p++) {
        struct event event = {.kind = EVENT_DEMAND};
        double told = sim_demand(site, p) * site->told_factor;
        event.demand = (struct event_demand){site->prefixes[p].prefix, (int64_t)(told * 1e6)};
        sim_daemon_feed(w, s, c, &event);
    }
}

void sim_daemon_tick(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    struct event event = {.kind = EVENT_TICK};
    if (w->now_ms % 1000 == 0 && sim_fault_now(w, SIM_FAULT_LIE_NOTICE, s, SIM_NOBODY))
        forge(w, s, c);
    if (w->now_ms % USE_MS == 0)
        tell_use(w, s, c);
    sim_daemon_feed(w, s, c, &event);
    if (sim_daemon_runs(w, ctl, SIM_ROUTE))
        sim_writer_tick(w, s, c);
    sim_prober_step(w, s, c);
    if (w->sites[s].has_parts)
        sim_parts_step(w, s, c);
}

// ---- sessions

static void end_session(struct sim_world *w, uint8_t s, uint8_t c, uint8_t router)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    if (!ctl->session_up[router])
        return;
    ctl->session_up[router] = false;
    ctl->session_lives[router]++;
    w->sites[s].checks.unrest_ms = w->sites[s].checks.parted_ms = w->now_ms;
    sim_trace(w, "session of %d.%d with router %d is down", s, c, router);
    w->sites[s].checks.controllers[c].exits[router] = 0;
    sim_router_forget(w, s, router, c);
    sim_message_send(w->messages, &(struct sim_message){.at_ms = w->now_ms,
                                                        .kind = SIM_TO_ROUTE_DOWN,
                                                        .life = ctl->lives[SIM_ROUTE],
                                                        .site = s,
                                                        .controller = c,
                                                        .router = router});
}

static void begin_session(struct sim_world *w, uint8_t s, uint8_t c, uint8_t router)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    if (ctl->session_up[router] || ctl->stopped)
        return;
    const struct sim_fault *f = sim_fault_now(w, SIM_FAULT_SESSION, s, SIM_NOBODY);
    if ((f && f->arg == router && c == 0) || !sim_daemon_runs(w, ctl, SIM_ROUTE)) {
        connect_later(w, s, c, router, RETRY_MS);
        return;
    }
    ctl->session_up[router] = true;
    ctl->session_lives[router]++;
    memset(ctl->told[router], 0, sizeof ctl->told[router]);
    sim_trace(w, "session of %d.%d with router %d is up", s, c, router);
    sim_writer_session_up(w, s, c, router);
    sim_router_tell_all(w, s, router, c);
    int64_t at = w->now_ms > ctl->to_route_ms ? w->now_ms : ctl->to_route_ms;
    sim_message_send(w->messages, &(struct sim_message){.at_ms = at + 1,
                                                        .kind = SIM_TO_ROUTE_EOR,
                                                        .life = ctl->session_lives[router],
                                                        .site = s,
                                                        .controller = c,
                                                        .router = router});
    ctl->to_route_ms = at + 1;
}

void sim_daemon_session(struct sim_world *w, uint8_t s, uint8_t c, uint8_t router, bool up)
{
    if (up)
        connect_later(w, s, c, router, CONNECT_MS);
    else
        end_session(w, s, c, router);
}

// ---- messages

static bool wait_for(const struct sim_controller *ctl, enum sim_role role, int64_t now_ms,
                     int64_t *until_ms)
{
    *until_ms = ctl->stalled_ms[role];
    return now_ms < ctl->stalled_ms[role];
}

static void to_engine(struct sim_world *w, const struct sim_message *m)
{
    struct sim_site *site = &w->sites[m->site];
    const struct sim_controller *ctl = &site->controllers[m->controller];
    struct event event;
    if (m->kind == SIM_TO_ENGINE_ROUTE) {
        event = (struct event){.kind = EVENT_ROUTE};
        event.route = (struct event_route){m->router, m->upstream, site->prefixes[m->prefix].prefix,
                                           m->present, m->best};
    } else if (m->kind == SIM_TO_ENGINE_SESSION) {
        event = (struct event){.kind = EVENT_SESSION};
        event.session = (struct event_session){.router = m->router,
                                               .state = (enum event_session_state)m->state,
                                               .family = (enum family)m->length};
    } else if (m->kind == SIM_TO_ENGINE_HOOK) {
        event = (struct event){.kind = EVENT_HOOK};
        event.hook = (struct event_hook){m->router, (uint32_t)m->said_ms, m->present,
                                         (enum event_hook_state)m->state, ""};
    } else if (m->kind == SIM_TO_ENGINE_ROLE) {
        event = (struct event){.kind = EVENT_ROLE};
        event.role = (struct event_role_change){(enum event_role)m->router,
                                                (enum event_role_state)m->state, ""};
    } else if (m->kind == SIM_TO_ENGINE_HEALTH) {
        event = (struct event){.kind = EVENT_HEALTH, .health = {m->router, m->present, "asked"}};
    } else {
        event = (struct event){.kind = EVENT_OVERRIDE};
        event.override = (struct event_override){
            m->router, m->upstream == SIM_NOBODY ? NET_NOBODY : m->upstream,
            sim_place_prefix(site, m->prefix), (enum event_override_state)m->state, ""};
        if (m->state != OVERRIDE_ANNOUNCED)
            snprintf(event.override.reason, sizeof event.override.reason, "%s",
                     ctl->why[m->router]);
    }
    sim_daemon_feed(w, m->site, m->controller, &event);
}

static void to_route(struct sim_world *w, const struct sim_message *m)
{
    struct sim_controller *ctl = &w->sites[m->site].controllers[m->controller];
    bool of_session = m->kind == SIM_TO_ROUTE_PATH || m->kind == SIM_TO_ROUTE_EOR;
    if (of_session ? m->life != ctl->session_lives[m->router] || !ctl->session_up[m->router]
                   : m->life != ctl->lives[SIM_ROUTE])
        return;
    if (m->kind == SIM_TO_ROUTE_PATH) {
        sim_writer_learn(w, m);
    } else if (m->kind == SIM_TO_ROUTE_EOR) {
        sim_writer_complete(w, m);
    } else if (m->kind == SIM_TO_ROUTE_ORDER) {
        sim_writer_order(w, m);
    } else {
        sim_writer_session_down(w, m->site, m->controller, m->router);
        connect_later(w, m->site, m->controller, m->router, RETRY_MS);
    }
}

// The hold timer of a router that has heard nothing for so long.
static void give_up(struct sim_world *w, const struct sim_message *m)
{
    const struct sim_controller *ctl = &w->sites[m->site].controllers[m->controller];
    if (m->life == ctl->session_lives[m->router] && !sim_daemon_runs(w, ctl, SIM_ROUTE))
        end_session(w, m->site, m->controller, m->router);
}

static bool goes_before_customers(int traffic_class)
{
    return traffic_class >= NETWORK_CONTROL;
}

// Customers' packets have filled the link for the hold time: only what goes before them came
// through.
static void meet_crowd(struct sim_world *w, const struct sim_message *m)
{
    const struct sim_controller *ctl = &w->sites[m->site].controllers[m->controller];
    if (m->life != ctl->session_lives[m->router] || !ctl->session_up[m->router] ||
        !sim_fault_now(w, SIM_FAULT_CROWD, m->site, SIM_NOBODY))
        return;
    sim_exercised(w, SIM_S23);
    if (goes_before_customers(BGP_TRAFFIC_CLASS))
        return;
    sim_broken(w, SIM_S23, "router %d hears nothing of us behind a crowd", m->router);
    end_session(w, m->site, m->controller, m->router);
}

bool sim_daemon_message(struct sim_world *w, const struct sim_message *m, int64_t *until_ms)
{
    const struct sim_controller *ctl = &w->sites[m->site].controllers[m->controller];
    if (m->kind >= SIM_TO_ENGINE_ROUTE && m->kind <= SIM_TO_ENGINE_HEALTH) {
        if (m->life != ctl->lives[SIM_ENGINE] || ctl->dead[SIM_ENGINE])
            return true;
        if (wait_for(ctl, SIM_ENGINE, w->now_ms, until_ms))
            return false;
        if (m->kind == SIM_TO_ENGINE_APPROVAL)
            sim_people_approve(w, m);
        else if (m->kind == SIM_TO_ENGINE_PERSON)
            sim_people_said(w, m);
        else
            to_engine(w, m);
    } else if (m->kind >= SIM_TO_ROUTE_PATH && m->kind <= SIM_TO_ROUTE_DOWN) {
        if (wait_for(ctl, SIM_ROUTE, w->now_ms, until_ms))
            return false;
        to_route(w, m);
    } else if (m->kind == SIM_TO_SESSION) {
        begin_session(w, m->site, m->controller, m->router);
    } else if (m->kind == SIM_TO_ROUTER_DOWN) {
        give_up(w, m);
    } else if (m->kind == SIM_TO_MEMBER) {
        sim_parts_ran(w, m);
    } else if (m->kind == SIM_TO_CROWD) {
        meet_crowd(w, m);
    } else if (m->life == ctl->session_lives[m->router] && ctl->session_up[m->router]) {
        // Who was stopped may say something before it reads that the router is gone: nobody hears.
        sim_router_override(w, m);
    }
    return true;
}

// ---- what befalls it

// Every router looks at its session when the hold time is over.
static void await_hold(struct sim_world *w, uint8_t s, uint8_t c, enum sim_message_kind kind)
{
    for (uint8_t r = 0; r < w->sites[s].net.router_count; r++)
        sim_message_send(w->messages,
                         &(struct sim_message){.at_ms = w->now_ms + HOLD_MS,
                                               .kind = (uint8_t)kind,
                                               .life = w->sites[s].controllers[c].session_lives[r],
                                               .site = s,
                                               .controller = c,
                                               .router = r});
}

void sim_daemon_stall(struct sim_world *w, uint8_t s, enum sim_role role, int64_t until_ms)
{
    for (uint8_t c = 0; c < w->sites[s].controller_count; c++) {
        int64_t *stalled_ms = &w->sites[s].controllers[c].stalled_ms[role];
        // Stopped twice, it goes on after the later of both: what came for it waits until then.
        *stalled_ms = until_ms > *stalled_ms ? until_ms : *stalled_ms;
        if (role == SIM_ROUTE)
            await_hold(w, s, c, SIM_TO_ROUTER_DOWN);
    }
}

void sim_daemon_crowd(struct sim_world *w, uint8_t s)
{
    for (uint8_t c = 0; c < w->sites[s].controller_count; c++)
        await_hold(w, s, c, SIM_TO_CROWD);
}

static void die(struct sim_world *w, uint8_t s, uint8_t c, enum sim_role role)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    static const enum event_role roles[] = {[SIM_PROBE] = ROLE_PROBE, [SIM_ROUTE] = ROLE_ROUTE};
    bool all = role == SIM_ENGINE, told = !ctl->dead[SIM_ENGINE] && !all;
    // Their end is told to the life that ends, so to nobody.
    for (uint8_t r = 0; r < w->sites[s].net.router_count && role != SIM_PROBE; r++)
        end_session(w, s, c, r);
    for (enum sim_role other = 0; other < SIM_SICK_ROLES; other++) {
        if (!all && other != role)
            continue;
        ctl->dead[other] = true;
        ctl->lives[other]++;
    }
    if (role != SIM_PROBE)
        sim_writer_forget(ctl, &w->sites[s].net);
    if (told)
        tell_role(w, s, c, roles[role], ROLE_DEAD);
}

static void live_again(struct sim_world *w, uint8_t s, uint8_t c, enum sim_role role)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    if (role == SIM_ENGINE) {
        sim_daemon_start(w, s, c);
        return;
    }
    if (ctl->dead[SIM_ENGINE])
        return;
    ctl->dead[role] = false;
    ctl->stalled_ms[role] = 0;
    if (role == SIM_PROBE)
        forget_faults(ctl);
    if (role == SIM_PROBE)
        sim_prober_start(w, s, c);
    else
        ctl->route_since_ms = w->now_ms;
    tell_role(w, s, c, role == SIM_PROBE ? ROLE_PROBE : ROLE_ROUTE, ROLE_ALIVE);
    for (uint8_t r = 0; role == SIM_ROUTE && r < w->sites[s].net.router_count; r++)
        connect_later(w, s, c, r, CONNECT_MS);
}

void sim_daemon_crash(struct sim_world *w, uint8_t s, enum sim_role role, bool begins)
{
    for (uint8_t c = 0; c < w->sites[s].controller_count; c++) {
        if (begins)
            die(w, s, c, role);
        else if (w->sites[s].controllers[c].dead[role])  // who died twice lives again but once
            live_again(w, s, c, role);
    }
}

void sim_daemon_audit(struct sim_world *w, uint8_t s, bool fails)
{
    for (uint8_t c = 0; c < w->sites[s].controller_count; c++) {
        w->sites[s].controllers[c].unrecorded = fails;
        tell_role(w, s, c, ROLE_AUDIT, fails ? ROLE_SICK : ROLE_ALIVE);
    }
}
