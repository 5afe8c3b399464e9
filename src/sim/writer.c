// SPDX-License-Identifier: ISC
#include "sim/writer.h"

#include "rib/best.h"
#include "sim/message.h"
#include "sim/place.h"
#include "sim/router.h"
#include "steer/words.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ORDER_MS = 1,
    TO_ROUTER_MS = 1,
    TO_ROUTER_SPREAD_MS = 8,
    PATHS_MAX = 16,
    EXITS_EVERY_MS = 1000,  // as role/route_steer.c
    LEDGER_ROUTES = 64
};

uint16_t sim_as_path(uint8_t site, uint8_t upstream, uint8_t prefix, uint8_t length,
                     uint8_t *octets)
{
    octets[0] = 2;
    octets[1] = length;
    for (uint8_t i = 0; i < length; i++) {
        uint8_t as[] = {0, 1, (uint8_t)(16 * site + upstream),
                        (uint8_t)(i + 1 == length ? 200 + prefix : i)};
        memcpy(octets + 2 + 4 * i, as, sizeof as);
    }
    return (uint16_t)(2 + 4 * length);
}

// ---- to the engine

static int64_t engine_time(struct sim_world *w, uint8_t s, struct sim_controller *ctl)
{
    const struct sim_fault *slow = sim_fault_now(w, SIM_FAULT_SLOW, s, SIM_NOBODY);
    int64_t at = w->now_ms + (slow ? slow->arg : ORDER_MS);
    ctl->to_engine_ms = at > ctl->to_engine_ms ? at : ctl->to_engine_ms;
    return ctl->to_engine_ms;
}

static void tell_engine(struct sim_world *w, struct sim_message message)
{
    struct sim_controller *ctl = &w->sites[message.site].controllers[message.controller];
    message.at_ms = engine_time(w, message.site, ctl);
    message.life = ctl->lives[SIM_ENGINE];
    sim_message_send(w->messages, &message);
}

static void tell_override(struct sim_world *w, const struct sim_message *about,
                          enum event_override_state state, const char *why)
{
    struct sim_message message = *about;
    struct sim_controller *ctl = &w->sites[about->site].controllers[about->controller];
    snprintf(ctl->why[about->router], GATE_WHY_MAX, "%s", why);
    message.kind = SIM_TO_ENGINE_OVERRIDE;
    message.state = (uint8_t)state;
    tell_engine(w, message);
}

// ---- to the routers

static uint8_t offered_as(const struct permit *permit, enum net_stance stance)
{
    return (uint8_t)permit->stances[stance];
}

static void say(struct sim_world *w, uint8_t s, uint8_t c, const struct permit *permit, bool stands)
{
    struct sim_site *site = &w->sites[s];
    struct sim_controller *ctl = &site->controllers[c];
    uint8_t router = (uint8_t)permit->router, p = sim_place_of(site, permit->prefix);
    if (stands)
        sim_check_announce(w, s, c, permit);
    else
        sim_check_withdraw(w, s, c, router, p);
    int64_t at = w->now_ms + TO_ROUTER_MS + (int64_t)(random_u64(&w->random) % TO_ROUTER_SPREAD_MS);
    int64_t *last = &ctl->to_router_ms[router];
    *last = at > *last ? at : *last;
    sim_message_send(w->messages,
                     &(struct sim_message){.at_ms = *last,
                                           .kind = SIM_TO_ROUTER_UPDATE,
                                           .life = ctl->session_lives[router],
                                           .site = s,
                                           .controller = c,
                                           .router = router,
                                           .prefix = p,
                                           .upstream = (uint8_t)permit->upstream,
                                           .tells_on = !permit->no_export,
                                           .withheld = offered_as(permit, NET_STANCE_WITHHELD),
                                           .graceful = offered_as(permit, NET_STANCE_GRACEFUL),
                                           .prepend = offered_as(permit, NET_STANCE_PREPEND),
                                           .present = stands});
}

// ---- what steer/orders.c tells

struct sim_hearing {  // whose orders they are
    struct sim_world *w;
    uint8_t site, controller;
};

static void on_told(void *context, const struct order_news *news)
{
    static const enum event_override_state states[] = {
        [ORDER_STANDS] = OVERRIDE_ANNOUNCED,
        [ORDER_GONE] = OVERRIDE_WITHDRAWN,
        [ORDER_REFUSED] = OVERRIDE_REFUSED,
    };
    static const char *const does[] = {"holds up", "lets go of", "refuses"};
    const struct sim_hearing *h = context;
    const struct sim_site *site = &h->w->sites[h->site];
    struct sim_message about = {.site = h->site,
                                .controller = h->controller,
                                .router = (uint8_t)news->what.router,
                                .prefix = sim_place_of(site, news->what.prefix),
                                .upstream = (uint8_t)news->what.upstream};
    if (news->outcome != ORDER_STANDS)
        sim_trace(h->w, "route %d.%d %s prefix %d on router %d: %s", h->site, h->controller,
                  does[news->outcome], about.prefix, about.router, news->why);
    tell_override(h->w, &about, states[news->outcome], news->why);
}

static void on_stands(void *context, const struct permit *permit)
{
    const struct sim_hearing *h = context;
    struct ledger *ledger = h->w->sites[h->site].controllers[h->controller].ledger;
    say(h->w, h->site, h->controller, permit, true);
    ledger_said(ledger, ledger_find(ledger, permit->router, permit->prefix));
}

static void on_gone(void *context, const struct standing *standing)
{
    const struct sim_hearing *h = context;
    const struct permit *permit = &standing->permit;
    if (h->w->sites[h->site].controllers[h->controller].session_up[permit->router])
        say(h->w, h->site, h->controller, permit, false);
}

static struct orders *orders_of(struct sim_world *w, uint8_t s, uint8_t c,
                                struct sim_hearing *hearing)
{
    struct orders *orders = w->sites[s].controllers[c].orders;
    *hearing = (struct sim_hearing){w, s, c};
    orders->hearer = (struct orders_hearer){hearing, on_told, on_stands, on_gone};
    orders->now = sim_mono(w->now_ms);
    return orders;
}

// ---- orders

void sim_writer_order(struct sim_world *w, const struct sim_message *m)
{
    static const enum order_kind kinds[EFFECT_KINDS] = {[EFFECT_ANNOUNCE] = ORDER_ANNOUNCE,
                                                        [EFFECT_WITHDRAW] = ORDER_WITHDRAW,
                                                        [EFFECT_RELEASE] = ORDER_RELEASE,
                                                        [EFFECT_LEASE] = ORDER_LEASE};
    struct sim_site *site = &w->sites[m->site];
    struct order order = {.kind = kinds[m->state], .said_at = sim_mono(m->said_ms)};
    if (order.kind == ORDER_RELEASE)  // it may have been seconds on its way
        site->checks.unrest_ms = w->now_ms;
    if (m->state == EFFECT_STANCE)
        order.kind = m->present ? ORDER_ANNOUNCE : ORDER_WITHDRAW;
    if (order.kind == ORDER_ANNOUNCE || order.kind == ORDER_WITHDRAW)
        order.what = (struct gate_request){
            .router = m->router,
            .upstream = m->upstream == SIM_NOBODY ? NET_NOBODY : m->upstream,
            .prefix = sim_place_prefix(site, m->prefix),
            .kind = sim_place_kind(m->prefix),
            .stances = {[NET_STANCE_PREPEND] = m->prepend,
                        [NET_STANCE_GRACEFUL] = m->graceful,
                        [NET_STANCE_WITHHELD] = m->withheld},
        };
    orders_take(site->controllers[m->controller].orders, &order);
}

void sim_writer_carry_out(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_hearing hearing;
    if (w->sites[s].controllers[c].orders->count > 0)
        orders_carry_out(orders_of(w, s, c, &hearing), sim_mono(w->now_ms));
}

static void fill_stance(struct sim_message *message, const struct effect_stance *stance)
{
    message->router = (uint8_t)stance->router;
    message->upstream = SIM_NOBODY;
    message->prefix = (uint8_t)(SIM_OWN_FIRST + stance->own);
    message->present = stance->announced;
    message->prepend = (uint8_t)stance->prepend;
    message->graceful = (uint8_t)stance->graceful;
    message->withheld = (uint8_t)stance->withheld;
}

void sim_writer_send_order(struct sim_world *w, uint8_t s, uint8_t c, const struct effect *effect)
{
    struct sim_site *site = &w->sites[s];
    struct sim_controller *ctl = &site->controllers[c];
    bool has_object = effect->kind == EFFECT_ANNOUNCE || effect->kind == EFFECT_WITHDRAW;
    const struct sim_fault *slow = sim_fault_now(w, SIM_FAULT_SLOW, s, SIM_NOBODY);
    int64_t at = w->now_ms + (slow ? slow->arg : ORDER_MS);
    ctl->to_writer_ms = at > ctl->to_writer_ms ? at : ctl->to_writer_ms;
    struct sim_message message = {.at_ms = ctl->to_writer_ms,
                                  .said_ms = w->now_ms,
                                  .kind = SIM_TO_ROUTE_ORDER,
                                  .life = ctl->lives[SIM_ROUTE],
                                  .state = (uint8_t)effect->kind,
                                  .site = s,
                                  .controller = c};
    if (has_object) {
        message.router = (uint8_t)effect->override.router;
        message.upstream = (uint8_t)effect->override.upstream;
        message.prefix = sim_place_of(site, effect->override.prefix);
    }
    if (effect->kind == EFFECT_STANCE)
        fill_stance(&message, &effect->stance);
    sim_message_send(w->messages, &message);
}

void sim_writer_refuse(struct sim_world *w, uint8_t s, uint8_t c, const struct effect *effect,
                       const char *why)
{
    const struct sim_message about = {.site = s,
                                      .controller = c,
                                      .router = (uint8_t)effect->override.router,
                                      .upstream = (uint8_t)effect->override.upstream,
                                      .prefix =
                                          sim_place_of(&w->sites[s], effect->override.prefix)};
    tell_override(w, &about, OVERRIDE_REFUSED, why);
}

// ---- what routers say of it

static bool is_lying(const struct sim_world *w, uint8_t s, uint8_t router)
{
    const struct sim_fault *f = sim_fault_now(w, SIM_FAULT_LIE_WORD, s, SIM_NOBODY);
    return f && f->arg == router && (w->now_ms - f->at_ms) % f->period_ms < f->period_ms / 2;
}

static enum standing_word ask(void *context, const struct standing *standing, char *why)
{
    const struct sim_hearing *h = context;
    const struct sim_site *site = &h->w->sites[h->site];
    uint8_t router = (uint8_t)standing->permit.router;
    const struct sim_router *r = &site->routers[router];
    uint8_t place = sim_place_of(site, standing->permit.prefix);
    (void)why;
    if (!r->tells)
        return STANDING_UNTOLD;
    bool takes = sim_router_takes(r, h->controller, place) != is_lying(h->w, h->site, router);
    return takes ? STANDING_TAKEN : STANDING_NOT_TAKEN;
}

static void on_word(void *context, const struct standing *standing, enum standing_word word,
                    const char *why)
{
    const struct sim_hearing *h = context;
    const struct sim_message about = {
        .site = h->site,
        .controller = h->controller,
        .router = (uint8_t)standing->permit.router,
        .prefix = sim_place_of(&h->w->sites[h->site], standing->permit.prefix),
        .upstream = (uint8_t)standing->permit.upstream};
    tell_override(h->w, &about, override_of_word(word), why);
}

static void ask_words(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    struct sim_hearing hearing = {w, s, c};
    if (w->now_ms - ctl->words_asked_ms < WORDS_EVERY_MS)
        return;
    ctl->words_asked_ms = w->now_ms;
    words_ask(ctl->ledger, &(struct words_hearer){&hearing, ask, on_word});
}

void sim_writer_tick(struct sim_world *w, uint8_t s, uint8_t c)
{
    struct sim_controller *ctl = &w->sites[s].controllers[c];
    struct sim_hearing hearing;
    if (orders_lease_ended(orders_of(w, s, c, &hearing)))
        w->sites[s].checks.unrest_ms = w->now_ms;
    ask_words(w, s, c);
    if (w->now_ms - ctl->exits_watched_ms < EXITS_EVERY_MS)
        return;
    ctl->exits_watched_ms = w->now_ms;
    orders_recheck_exits(orders_of(w, s, c, &hearing));
}

// ---- the table

// What the engine knows of a router's routes to a prefix: bit n is upstream n.
struct view {
    uint32_t present, best;
};

struct paths {
    uint32_t count;
    struct rib_path of[PATHS_MAX];
    uint32_t upstreams[PATHS_MAX];
};

static void gather(const struct sim_controller *ctl, const struct net *net, struct prefix prefix,
                   struct paths *paths)
{
    struct rib_path path;
    paths->count = 0;
    for (struct rib_paths walk = rib_session_paths(ctl->rib, prefix);
         rib_paths_next(&walk, &path);) {
        assert(paths->count < PATHS_MAX);
        struct rib_attributes a = rib_attributes(ctl->rib, path.attributes);
        uint32_t upstream = net_upstream_by_next_hop(net, a.next_hop);
        paths->upstreams[paths->count] = upstream == NET_NOBODY ? 0 : UINT32_C(1) << upstream;
        paths->of[paths->count++] = path;
    }
}

static bool is_outdone(const struct rib_view *rib, const struct paths *paths,
                       const struct rib_path *best)
{
    for (uint32_t i = 0; i < paths->count; i++)
        if (paths->of[i].peer != best->peer && rib_path_beats(rib, &paths->of[i], best))
            return true;
    return false;
}

static struct view view_of(const struct rib_view *rib, const struct paths *paths, uint32_t router)
{
    struct view view = {0};
    uint32_t first = 0, end;
    while (first < paths->count && paths->of[first].peer != router)
        first++;
    for (end = first; end < paths->count && paths->of[end].peer == router;)
        end++;
    if (first == end)
        return view;
    struct rib_path best = rib_best_of(rib, &paths->of[first], end - first).path;
    bool is_used = !is_outdone(rib, paths, &best);
    for (uint32_t i = first; i < end; i++) {
        view.present |= paths->upstreams[i];
        if (is_used && paths->of[i].path_id == best.path_id)
            view.best = paths->upstreams[i];
    }
    return view;
}

static bool is_steerable(const struct net *net, struct prefix prefix)
{
    for (uint32_t i = 0; i < net->steer.prefixes.count; i++)
        if (prefix_contains(net->steer.prefixes.items[i], prefix))
            return true;
    return false;
}

static void views_of(const struct sim_site *site, const struct sim_controller *ctl, uint8_t p,
                     struct view *views)
{
    struct paths paths;
    gather(ctl, &site->net, site->prefixes[p].prefix, &paths);
    for (uint32_t r = 0; r < site->net.router_count; r++)
        views[r] = view_of(rib_live(ctl->rib), &paths, r);
}

static void tell_changes(struct sim_world *w, uint8_t s, uint8_t c, uint8_t p,
                         const struct view *before)
{
    struct sim_site *site = &w->sites[s];
    struct view after[SIM_ROUTERS_MAX];
    views_of(site, &site->controllers[c], p, after);
    for (uint8_t r = 0; r < site->net.router_count; r++) {
        uint32_t changed =
            (before[r].present ^ after[r].present) | (before[r].best ^ after[r].best);
        for (uint8_t u = 0; u < site->net.upstream_count; u++)
            if (changed >> u & 1)
                tell_engine(w, (struct sim_message){.kind = SIM_TO_ENGINE_ROUTE,
                                                    .site = s,
                                                    .controller = c,
                                                    .router = r,
                                                    .prefix = p,
                                                    .upstream = u,
                                                    .present = after[r].present >> u & 1,
                                                    .best = after[r].best >> u & 1});
    }
}

static void recheck(struct sim_world *w, uint8_t s, uint8_t c, uint8_t p)
{
    struct sim_hearing hearing;
    orders_recheck(orders_of(w, s, c, &hearing), w->sites[s].prefixes[p].prefix);
}

static void learn(struct sim_site *site, struct sim_controller *ctl, const struct sim_message *m)
{
    const struct sim_router *router = &site->routers[m->router];
    const struct sim_way *way = &router->own[m->prefix][m->upstream];
    struct prefix prefix = site->prefixes[m->prefix].prefix;
    uint32_t path_id = router->add_path ? m->upstream + 1u : 0;
    if (!m->present) {
        rib_withdraw(ctl->rib, m->router, prefix, path_id);
        return;
    }
    uint8_t octets[64], length = way->length ? way->length : 1;
    uint16_t size = sim_as_path(m->site, m->upstream, m->prefix, length, octets);
    struct rib_attributes a = {
        .next_hop = site->net.upstreams[m->upstream].next_hop[prefix.address.family],
        .local_pref = way->local_pref ? way->local_pref : 100,
        .has_local_pref = true,
        .as_path = {octets, size},
    };
    uint32_t handle = rib_attributes_take(ctl->rib, &a);
    rib_learn(ctl->rib, m->router, prefix, path_id, handle);
    rib_attributes_give(ctl->rib, handle);
}

void sim_writer_learn(struct sim_world *w, const struct sim_message *m)
{
    struct sim_site *site = &w->sites[m->site];
    struct sim_controller *ctl = &site->controllers[m->controller];
    struct view before[SIM_ROUTERS_MAX];
    bool steerable = is_steerable(&site->net, site->prefixes[m->prefix].prefix);
    if (steerable)
        views_of(site, ctl, m->prefix, before);
    learn(site, ctl, m);
    if (steerable)
        tell_changes(w, m->site, m->controller, m->prefix, before);
    recheck(w, m->site, m->controller, m->prefix);
}

// ---- sessions

static void tell_session(struct sim_world *w, const struct sim_message *about,
                         enum event_session_state state, enum family family)
{
    struct sim_message message = *about;
    message.kind = SIM_TO_ENGINE_SESSION;
    message.state = (uint8_t)state;
    message.length = (uint8_t)family;
    tell_engine(w, message);
}

void sim_writer_complete(struct sim_world *w, const struct sim_message *m)
{
    struct sim_site *site = &w->sites[m->site];
    struct gate *gate = &site->controllers[m->controller].gate;
    bool all = true;
    gate->sessions[m->router].complete = true;
    for (uint32_t r = 0; r < site->net.router_count; r++)
        all &= gate->sessions[r].up && gate->sessions[r].complete;
    if (all && gate->complete_at.ns == INT64_MAX)
        gate->complete_at = sim_mono(w->now_ms);
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++)
        tell_session(w, m, SESSION_COMPLETE, f);
}

void sim_writer_session_up(struct sim_world *w, uint8_t s, uint8_t c, uint8_t router)
{
    struct sim_site *site = &w->sites[s];
    bool add_path = site->routers[router].add_path;
    site->controllers[c].gate.sessions[router] = (struct gate_session){
        .up = true, .families = {0, 1, 1}, .add_path = {0, add_path, add_path}};
    tell_session(w, &(struct sim_message){.site = s, .controller = c, .router = router}, SESSION_UP,
                 FAMILY_NONE);
}

void sim_writer_session_down(struct sim_world *w, uint8_t s, uint8_t c, uint8_t router)
{
    struct sim_site *site = &w->sites[s];
    struct sim_controller *ctl = &site->controllers[c];
    ctl->gate.sessions[router] = (struct gate_session){0};
    tell_session(w, &(struct sim_message){.site = s, .controller = c, .router = router},
                 SESSION_DOWN, FAMILY_NONE);
    struct view before[SIM_PREFIXES_MAX][SIM_ROUTERS_MAX];
    struct sim_hearing hearing;
    for (uint8_t p = 0; p < site->prefix_count; p++)
        views_of(site, ctl, p, before[p]);
    rib_forget(ctl->rib, router);
    for (uint8_t p = 0; p < site->prefix_count; p++)
        if (is_steerable(&site->net, site->prefixes[p].prefix))
            tell_changes(w, s, c, p, before[p]);
    orders_session_down(orders_of(w, s, c, &hearing), router, "the session is gone");
    while (rib_sweep(ctl->rib))
        ;
}

void sim_writer_forget(struct sim_controller *ctl, const struct net *net)
{
    static const struct ledger_limits limits = {.per_router = LEDGER_ROUTES,
                                                .per_family = LEDGER_ROUTES,
                                                .all = LEDGER_ROUTES,
                                                .exits_per_router = STEER_EXITS_PER_ROUTER_MAX,
                                                .own_per_router = STEER_OWN_PER_ROUTER_MAX,
                                                .acts_per_minute = STEER_ACTS_PER_MINUTE_MAX,
                                                .acts_prefixes = LEDGER_ROUTES};
    for (uint32_t r = 0; r < SIM_ROUTERS_MAX; r++)
        rib_forget(ctl->rib, r);
    while (rib_sweep(ctl->rib))
        ;
    // With what it remembers of acts: that dies with the process.
    ledger_free(ctl->ledger);
    ctl->ledger = ledger_new(&limits);
    if (!ctl->ledger)
        abort();
    ctl->gate = (struct gate){
        .net = net, .rib = ctl->rib, .ledger = ctl->ledger, .complete_at = {INT64_MAX}};
    ctl->orders->gate = &ctl->gate;
    ctl->orders->ledger = ctl->ledger;
    ctl->orders->lease_until = (struct mono){0};
    ctl->orders->count = 0;
}
