// SPDX-License-Identifier: ISC
#include "engine/overfill.h"
#include "engine/places.h"
#include "engine/state.h"

#include "steer/gate_never.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct engine *engine_new(const struct net *net)
{
    struct engine *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    // Not zeroed, as each is written before it is told: virtual networks start many engines.
    e->effects = malloc(ENGINE_EFFECTS_MAX * sizeof *e->effects);
    if (!e->effects) {
        free(e);
        return NULL;
    }
    e->net = net;
    e->moves.net = net;
    e->path_count = net_path_count(net);
    for (uint32_t path = 0; path < e->path_count; path++)
        e->paths[path] = net_path(net, path);
    watch_init(&e->watch, net);
    outages_init(&e->outages.outages, net, (struct mono){0});
    return e;
}

void engine_free(struct engine *engine)
{
    if (engine)
        free(engine->effects);
    free(engine);
}

const struct moves *engine_moves(const struct engine *engine)
{
    return &engine->moves;
}

struct effect *engine_tell(struct engine *e, enum effect_kind kind)
{
    assert(e->effect_count < ENGINE_EFFECTS_MAX);
    struct effect *effect = &e->effects[e->effect_count++];
    *effect = (struct effect){.kind = kind, .at = e->now};
    return effect;
}

// Only the parent's own events move time as far as they like; what other processes read off their
// clock is believed within a second, so that a sick one cannot make timers fire.
static struct mono believed_time(struct engine *e, const struct event *event)
{
    struct mono at = event->at, limit = mono_add_ms(e->ticked_at, ENGINE_LAG_MS);
    if (at.ns > ENGINE_TIME_MAX_NS)  // a damaged recording: sums of times must not overflow
        at.ns = ENGINE_TIME_MAX_NS;
    if (event->kind == EVENT_TICK || event->kind == EVENT_START)
        e->ticked_at = at.ns > e->ticked_at.ns ? at : e->ticked_at;
    else if (at.ns > limit.ns)
        at = limit;
    return at.ns > e->now.ns ? at : e->now;
}

static void on_start(struct engine *e, const struct event *event)
{
    e->started = true;
    e->heartbeat_at = e->now;
    e->random.state = event->start.seed;
    outage_desk_start(e, event->start.wall);
    pages_start(e, event->start.wall);
    kept_start(e);
}

static void on_tally(struct engine *e, const struct event *event)
{
    const struct event_tally *tally = &event->tally;
    struct mono before;
    watch_tally(&e->watch, e->now, tally, &before);
    verdict_tally(e, tally, before);
    stay_tally(e, tally->path, tally->ok, tally->lost);
}

static void tell_notice(struct engine *e, struct mono now, const struct notice *notice);

// What servers see of the path too, for people to have it beside. Nothing that decides looks at it.
static void tell_what_servers_see(struct engine *e, uint32_t path)
{
    const struct notice *notice = engine_servers_notice(e, path);
    if (notice)
        tell_notice(e, e->now, notice);
}

static void on_signal(struct engine *e, const struct event *event)
{
    engine_tell(e, EFFECT_SIGNAL)->signal = event->signal;
    if (event->signal.kind == SIGNAL_CONFIRMED)
        tell_what_servers_see(e, event->signal.path);
    watch_signal(&e->watch, e->now, &event->signal);
    story_signal(e, &event->signal);
}

static void on_session(struct engine *e, const struct event *event)
{
    outage_desk_session(e, &event->session);
    presence_session(e, &event->session);
}

static void on_route(struct engine *e, const struct event *event)
{
    const struct event_route *route = &event->route;
    if (route->upstream == NET_NOBODY)
        return;
    struct mono long_ago = {INT64_MIN / 2};
    struct route *learned = routes_learn(
        &e->routes,
        &(struct route_news){route->router, route->upstream, route->prefix, route->present,
                             route->best, places_are_told(e, route->prefix) ? long_ago : e->now});
    if (learned)
        learned->barred = gate_never(e->net, route->prefix);
}

static void on_override(struct engine *e, const struct event *event)
{
    const struct event_override *o = &event->override;
    if (override_is_word(o->state)) {
        taken_told(e, o);
        return;
    }
    struct effect_acted acted = {o->router, o->upstream, o->prefix, o->state, ""};
    static_assert(sizeof acted.reason == sizeof o->reason, "the same text");
    for (size_t i = 0; i < sizeof acted.reason; i++)
        acted.reason[i] = o->reason[i];
    engine_tell(e, EFFECT_ACTED)->acted = acted;
    if (o->upstream == NET_NOBODY)
        own_told(e, o);
    else
        story_override(e, o);
}

static void on_role(struct engine *e, const struct event *event)
{
    presence_role(e, &event->role);
}

static void on_command(struct engine *e, const struct event *event)
{
    presence_command(e, event->command);
}

static void on_frozen(struct engine *e, const struct event *event)
{
    presence_frozen_before(e, &event->frozen);
}

static void on_hook(struct engine *e, const struct event *event)
{
    hooks_told(e, &event->hook);
}

static void on_health(struct engine *e, const struct event *event)
{
    const struct event_health *health = &event->health;
    struct effect_health told = {health->announced, health->healthy, ""};
    memcpy(told.reason, health->reason, sizeof told.reason);
    engine_tell(e, EFFECT_HEALTH)->health = told;
    own_health(e, health);
}

static void on_asked(struct engine *e, const struct event *event)
{
    people_asked(e, &event->asked);
}

static void on_maintenance(struct engine *e, const struct event *event)
{
    struct event_maintenance m = event->maintenance;
    m.from.ns = engine_bounded_ns(m.from.ns);
    m.until.ns = engine_bounded_ns(m.until.ns);
    people_announced(e, &m);
}

static void tell_notice(struct engine *e, struct mono now, const struct notice *notice)
{
    struct effect *effect = engine_tell(e, EFFECT_NOTICE);
    effect->at = now;
    effect->notice = *notice;
    e->told[e->notices_told++ % ENGINE_NOTICES_TOLD_MAX] = (struct engine_notice){now, *notice};
}

const struct notice *engine_servers_notice(const struct engine *e, uint32_t path)
{
    char name[NET_NAME_MAX + 8];
    net_path_name(e->net, path, name);
    for (uint32_t i = 0; i < e->notices.count; i++) {
        const struct notice *notice = &e->notices.items[i].notice;
        if (notice->kind == NOTICE_SERVERS_FAILING && strcmp(notice->peer, name) == 0)
            return notice;
    }
    return NULL;
}

uint32_t engine_notice_count(const struct engine *engine)
{
    return engine->notices.count;
}

const struct notice *engine_notice(const struct engine *engine, uint32_t n)
{
    return n < engine->notices.count ? &engine->notices.items[n].notice : NULL;
}

const struct engine_notice *engine_notice_told(const struct engine *engine, uint32_t n)
{
    if (n >= engine->notices_told || n >= ENGINE_NOTICES_TOLD_MAX)
        return NULL;
    return &engine->told[(engine->notices_told - 1 - n) % ENGINE_NOTICES_TOLD_MAX];
}

// Beside everything else, so that no notice can change what is decided or when. A sick or wicked
// process must not flood people either: the book limits a second time.
static void take_notice(struct engine *e, const struct event *event)
{
    struct mono now = believed_time(e, event);
    struct notice notice = event->notice;
    if (notice.since.ns < 0 || notice.since.ns > now.ns)
        notice.since = now;
    outage_desk_notice(e, now, &notice);
    pages_notice(e, &notice);
    if (notices_take(&e->notices, now, &notice))
        tell_notice(e, now, &notice);
}

void engine_notice_take(struct engine *e, struct notice *notice)
{
    pages_notice(e, notice);
    if (notices_take(&e->notices, e->now, notice))
        tell_notice(e, e->now, notice);
}

static void tell_fault(struct engine *e, struct mono now, const struct fault *fault)
{
    struct effect *effect = engine_tell(e, EFFECT_FAULT);
    effect->at = now;
    effect->fault = *fault;
}

// Likewise beside everything else: a tick looks at what is named, see blame.h and repair.h.
static void take_fault(struct engine *e, const struct event *event)
{
    struct mono now = believed_time(e, event);
    struct fault fault = event->fault;
    fault.at = now;
    if (fault.began_at.ns < 0 || fault.began_at.ns > now.ns)
        fault.began_at = now;
    if (fault.state == FAULT_OVER)
        repair_fault_over(e, &fault);
    if (fault_book_take(&e->faults, now, &fault))
        tell_fault(e, now, &fault);
}

static struct mono measured_at(struct engine *e, const struct event *event)
{
    struct mono latest = believed_time(e, event), at = event->at;
    if (at.ns < 0)  // a damaged recording
        at.ns = 0;
    return at.ns < latest.ns ? at : latest;
}

static void take_use(struct engine *e, const struct event *event)
{
    struct mono at = measured_at(e, event);
    if (!use_take(&e->use, at, &event->use) || !use_is_news(&e->use, at, &event->use))
        return;
    struct effect *effect = engine_tell(e, EFFECT_USE);
    effect->at = at;
    effect->use = (struct effect_use){event->use.upstream, event->use.out_bps, event->use.in_bps};
}

static void take_demand(struct engine *e, const struct event *event)
{
    demand_take(&e->demand, measured_at(e, event), believed_time(e, event), &event->demand);
}

// Changes are told, and looked at where causes are looked for; nothing that acts does. A sick or
// wicked process must not flood people with them.
static bool may_tell_change(struct engine *e, struct mono now)
{
    int64_t back = mono_since_ns(now, e->changes_refilled_at) / ENGINE_CHANGE_APART_NS;
    if (e->changes_refilled_at.ns == 0 || back + e->changes_left >= ENGINE_CHANGES_BURST) {
        e->changes_left = ENGINE_CHANGES_BURST;
        e->changes_refilled_at = now;
    } else if (back > 0) {
        e->changes_left += (uint32_t)back;
        e->changes_refilled_at.ns += back * ENGINE_CHANGE_APART_NS;
    }
    if (e->changes_left == 0)
        return false;
    e->changes_left--;
    return true;
}

static void take_change(struct engine *e, const struct event *event)
{
    struct mono now = believed_time(e, event);
    struct change change = event->change;
    if (change.done_at.ns > now.ns)
        change.done_at = now;
    outage_desk_change(e, now, &change);
    if (!may_tell_change(e, now))
        return;
    struct effect *effect = engine_tell(e, EFFECT_CHANGE);
    effect->at = now;
    effect->change = change;
}

static void take_odd(struct engine *e, const struct event *event)
{
    struct mono now = believed_time(e, event);
    outage_desk_odd(e, &event->odd);
    if (!may_tell_change(e, now))
        return;
    struct effect *effect = engine_tell(e, EFFECT_ODD);
    effect->at = now;
    effect->odd = event->odd;
}

// For who keeps it: nothing that decides looks at it.
static void take_rate(struct engine *e, const struct event *event)
{
    struct effect *effect = engine_tell(e, EFFECT_RATE);
    effect->at = measured_at(e, event);
    effect->rate = event->rate;
    if (event->rate.path < e->path_count)
        e->rates[event->rate.path] = event->rate;
}

static void take_flow(struct engine *e, const struct event *event)
{
    struct effect *effect = engine_tell(e, EFFECT_FLOW);
    effect->at = measured_at(e, event);
    effect->flow = event->flow;
}

// For people: where a loss goes to.
static void take_origin(struct engine *e, const struct event *event)
{
    e->origins[event->origin.target][event->origin.family] = event->origin.asn;
}

static void tell_waiting_faults(struct engine *e)
{
    struct fault fault;
    for (int n = 0; n < ENGINE_NOTICES_PER_STEP && fault_book_next(&e->faults, e->now, &fault); n++)
        tell_fault(e, e->now, &fault);
}

static void tell_waiting_notices(struct engine *e)
{
    struct notice notice;
    for (int n = 0; n < ENGINE_NOTICES_PER_STEP && notices_next(&e->notices, e->now, &notice); n++)
        tell_notice(e, e->now, &notice);
}

static void on_tick(struct engine *e, const struct event *event)
{
    (void)event;  // the step does the rest
    tell_waiting_notices(e);
    tell_waiting_faults(e);
    blame_advance(e);
    hooks_advance(e);
    repair_advance(e);
    story_look_for_more(e);
    overfill_look(e);
    drains_advance(e);
    inbound_advance(e);
    lifts_advance(e);
}

static void (*const handlers[EVENT_KINDS])(struct engine *e, const struct event *event) = {
    [EVENT_START] = on_start,       [EVENT_TICK] = on_tick,
    [EVENT_TALLY] = on_tally,       [EVENT_SIGNAL] = on_signal,
    [EVENT_SESSION] = on_session,   [EVENT_ROUTE] = on_route,
    [EVENT_OVERRIDE] = on_override, [EVENT_ROLE] = on_role,
    [EVENT_COMMAND] = on_command,   [EVENT_FROZEN] = on_frozen,
    [EVENT_HOOK] = on_hook,         [EVENT_HEALTH] = on_health,
    [EVENT_ASKED] = on_asked,       [EVENT_MAINTENANCE] = on_maintenance,
};

static void send_orders(struct engine *e)
{
    struct move_order order;
    uint32_t at = 0;
    for (int n = 0; n < ENGINE_ORDERS_PER_STEP && moves_order(&e->moves, e->now, &at, &order); n++)
        engine_tell(e, order.announce ? EFFECT_ANNOUNCE : EFFECT_WITHDRAW)->override =
            (struct effect_override){order.router, order.upstream, order.prefix,
                                     e->stories[order.path].number};
}

static void take_event(struct engine *engine, const struct event *event)
{
    engine->now = believed_time(engine, event);
    handlers[event->kind](engine, event);
    presence_advance(engine, event->kind == EVENT_TICK);
    // Bounds are dear, and tallies many: one is news for its own path, and where packets are
    // judged; for all others, and for orders that only wait for their time, the next tick is soon
    // enough.
    bool tally = event->kind == EVENT_TALLY;
    uint64_t own = tally ? UINT64_C(1) << event->tally.path | engine->judging : UINT64_MAX;
    for (uint64_t left = engine->open & own; left; left &= left - 1)
        story_advance(engine, (uint32_t)__builtin_ctzll(left));
    // What was left to do when it was stopped is not done before it knows anything of now (S13).
    if ((!tally || engine->effect_count > 0) && !presence_just_awake(engine))
        send_orders(engine);
    own_advance(engine);
    if (event->kind != EVENT_TICK)
        return;
    outage_desk_advance(engine);
    pages_advance(engine);
    kept_advance(engine);
    places_look(engine);
}

// What is taken beside everything else: it changes nothing of what is decided, or when.
static void (*const beside[EVENT_KINDS])(struct engine *e, const struct event *event) = {
    [EVENT_NOTICE] = take_notice,
    [EVENT_FAULT] = take_fault,
    [EVENT_USE] = take_use,
    [EVENT_DEMAND] = take_demand,
    [EVENT_CHANGE] = take_change,
    [EVENT_ODD] = take_odd,
    [EVENT_ZONE] = pages_zone,
    [EVENT_DELIVERY] = pages_delivery,
    [EVENT_RATE] = take_rate,
    [EVENT_FLOW] = take_flow,
    [EVENT_ORIGIN] = take_origin,
    [EVENT_KEPT_FACT] = kept_take_fact,
    [EVENT_KEPT_OUTAGE] = kept_take_outage,
    [EVENT_KEPT_END] = kept_take_end,
};

const struct effect *engine_step(struct engine *engine, const struct event *event, size_t *count)
{
    assert(event->kind > EVENT_NONE && event->kind < EVENT_KINDS);
    engine->effect_count = 0;
    if (beside[event->kind])
        beside[event->kind](engine, event);
    else
        take_event(engine, event);
    *count = engine->effect_count;
    return engine->effects;
}
