// SPDX-License-Identifier: ISC
#include "engine/world_check.h"

#include <stdio.h>
#include <stdlib.h>

enum { START_MS = 1000 * 1000, ANSWER_MS = 60, RTT_MS = 10, TALLY_MS = 100 };
static const int64_t fib_delay_ms[2] = {65, 1};

static struct mono mono_at(int64_t ms)
{
    return (struct mono){(START_MS + ms) * NS_PER_MS};
}

static void break_rule(struct world *w, const char *rule)
{
    if (!w->broken)
        w->broken = rule;
}

// ---- the time line

static const struct world_event *happens(const struct world *w, enum world_deed deed, uint32_t who)
{
    for (uint32_t i = 0; i < w->event_count; i++) {
        const struct world_event *event = &w->events[i];
        if (event->deed == deed && event->who == who && w->now_ms >= event->at_ms &&
            (event->until_ms == 0 || w->now_ms < event->until_ms))
            return event;
    }
    return NULL;
}

// As rows have it: a thaw comes after the freeze, and once.
static bool is_frozen(const struct world *w)
{
    return happens(w, WORLD_COMMAND, COMMAND_FREEZE) && !happens(w, WORLD_COMMAND, COMMAND_THAW);
}

// Whether of the family's two prefixes one is moved and the other is not.
static bool is_sliced(const struct world *w, enum family family)
{
    const struct world_override *o = &w->overrides[0][family == FAMILY_IPV4 ? 0 : 2];
    return o[0].forwards != o[1].forwards;
}

static uint32_t loss_ppm(const struct world *w, uint32_t upstream, enum family family)
{
    for (uint32_t i = 0; i < w->event_count; i++) {
        const struct world_event *event = &w->events[i];
        bool holds =
            event->deed == WORLD_LOSS || (event->deed == WORLD_SLICE && is_sliced(w, family));
        if (holds && event->ppm > 0 && event->who == upstream && w->now_ms >= event->at_ms &&
            (event->until_ms == 0 || w->now_ms < event->until_ms) &&
            (event->family == FAMILY_NONE || event->family == family))
            return event->ppm;
    }
    return 0;
}

// ---- effects

uint64_t world_digest(uint64_t digest, const struct net *net, const struct effect *effect)
{
    char text[MESSAGE_MAX];
    size_t size = message_from_effect(net, effect, text, sizeof text);
    if (size == 0)
        return 0;
    for (size_t i = 0; i < size; i++)
        digest = (digest ^ (unsigned char)text[i]) * 0x100000001b3u;
    return digest;
}

static uint32_t prefix_number(const struct world *w, struct prefix prefix)
{
    uint32_t p = 0;
    while (p < WORLD_PREFIXES && !prefix_equal(w->prefixes[p], prefix))
        p++;
    return p;
}

static void answer(struct world *w, const struct effect_override *order,
                   enum event_override_state state, const char *reason)
{
    if (w->pending_count == WORLD_PENDING || happens(w, WORLD_MUTE, 0))
        return;
    struct event *event = &w->pending[w->pending_count++];
    *event = (struct event){.kind = EVENT_OVERRIDE, .at = mono_at(w->now_ms + 1)};
    event->override =
        (struct event_override){order->router, order->upstream, order->prefix, state, ""};
    snprintf(event->override.reason, sizeof event->override.reason, "%s", reason);
}

static void set_standing(struct world *w, uint32_t router, uint32_t p, bool stands)
{
    struct world_override *o = &w->overrides[router][p];
    o->changes_ms = w->now_ms + fib_delay_ms[router];
    o->stands = stands;
}

static void on_announce(struct world *w, const struct effect_override *order)
{
    uint32_t p = prefix_number(w, order->prefix);
    if (w->net.mode != NET_ACT)
        break_rule(w, "announced without being told to act");
    if (p == WORLD_PREFIXES || !w->session_up[order->router]) {
        break_rule(w, "announced what was not learned, or to nobody");
        return;
    }
    struct world_override *o = &w->overrides[order->router][p];
    if (o->asked)
        break_rule(w, "announced what stands");
    if (is_frozen(w))
        break_rule(w, "announced while all was frozen");
    w->announced++;
    if (happens(w, WORLD_REFUSE, order->router)) {
        o->refused_ms = w->now_ms;
        answer(w, order, OVERRIDE_REFUSED, "S4: 200 of 200 routes");
        return;
    }
    o->asked = true;
    o->via = order->upstream;
    set_standing(w, order->router, p, true);
    answer(w, order, OVERRIDE_ANNOUNCED, "");
}

static void on_withdraw(struct world *w, const struct effect_override *order)
{
    uint32_t p = prefix_number(w, order->prefix);
    struct world_override *o = &w->overrides[order->router][p % WORLD_PREFIXES];
    if (p < WORLD_PREFIXES && o->refused_ms && w->now_ms - o->refused_ms <= 1)
        return;
    if (p == WORLD_PREFIXES || !o->asked) {
        break_rule(w, "withdrew what was not announced");
        return;
    }
    w->withdrawn++;
    w->withdrawn_ms[p] = w->now_ms;
    o->asked = false;
    set_standing(w, order->router, p, false);
    answer(w, order, OVERRIDE_WITHDRAWN, "");
}

static void on_release(struct world *w)
{
    w->released++;
    w->released_at_ms = w->now_ms;
    for (uint32_t r = 0; r < 2; r++) {
        for (uint32_t p = 0; p < WORLD_PREFIXES; p++) {
            if (!w->overrides[r][p].asked)
                continue;
            w->overrides[r][p].asked = false;
            set_standing(w, r, p, false);
            answer(w, &(struct effect_override){r, w->overrides[r][p].via, w->prefixes[p], 0},
                   OVERRIDE_WITHDRAWN, "");
        }
    }
}

static void on_incident(struct world *w, const struct effect_incident *incident)
{
    w->states_seen |= 1u << incident->state;
    if (incident->state == INCIDENT_CONFIRMED && !w->confirmed_at_ms)
        w->confirmed_at_ms = w->now_ms;
    if (incident->state == INCIDENT_HELD && incident->before == INCIDENT_VERIFY)
        w->helped_at_ms = w->now_ms;
    w->relapses += incident->state == INCIDENT_HELD && incident->before == INCIDENT_TRIAL;
    if (incident->state == INCIDENT_CLOSED && incident->before == INCIDENT_TRIAL)
        w->returned_at_ms = w->now_ms;
}

static void on_plan(struct world *w, const struct effect_plan *plan)
{
    if (plan->verdict == PLAN_ACT) {
        w->acts++;
        w->acted_at_ms = w->acted_at_ms ? w->acted_at_ms : w->now_ms;
    } else if (w->reason_count < WORLD_REASONS) {
        memcpy(w->reasons[w->reason_count++], plan->reason, sizeof plan->reason);
    }
}

static void take_effect(struct world *w, const struct effect *effect)
{
    w->digest = world_digest(w->digest, &w->net, effect);
    if (w->digest == 0)
        break_rule(w, "an effect that is no message");
    if (effect->kind == EFFECT_ANNOUNCE)
        on_announce(w, &effect->override);
    else if (effect->kind == EFFECT_WITHDRAW)
        on_withdraw(w, &effect->override);
    else if (effect->kind == EFFECT_RELEASE)
        on_release(w);
    else if (effect->kind == EFFECT_LEASE)
        w->leased_ms = w->now_ms;
    else if (effect->kind == EFFECT_INCIDENT)
        on_incident(w, &effect->incident);
    else if (effect->kind == EFFECT_PLAN)
        on_plan(w, &effect->plan);
    w->ready += effect->kind == EFFECT_READY;
}

static void keep(struct world *w, const struct event *event)
{
    if (!w->script)
        return;
    if (w->script_room - w->script_size < MESSAGE_MAX + 1) {
        w->script_room = 2 * w->script_room + 2 * MESSAGE_MAX;
        w->script = realloc(w->script, w->script_room);
    }
    size_t size =
        w->script ? message_from_event(&w->net, event, w->script + w->script_size, MESSAGE_MAX) : 0;
    if (size == 0)
        abort();
    w->script_size += size;
    w->script[w->script_size++] = '\n';
}

static void feed(struct world *w, struct event event)
{
    size_t count;
    if (event.kind != EVENT_OVERRIDE)
        event.at = mono_at(w->now_ms);
    keep(w, &event);
    const struct effect *effects = engine_step(w->engine, &event, &count);
    for (size_t i = 0; i < count; i++)
        take_effect(w, &effects[i]);
}

// ---- forwarding

// Where a packet for the prefix leaves that enters at the router; NET_NOBODY: it circles.
static uint32_t exit_of(const struct world *w, uint32_t router, uint32_t p)
{
    for (int hops = 0; hops < 4; hops++) {
        const struct world_override *o = &w->overrides[router][p];
        uint32_t upstream = o->forwards ? o->via : w->second_is_backup ? 0 : router;
        if (upstream == router)  // upstream n is attached to router n
            return upstream;
        router = upstream;
    }
    return NET_NOBODY;
}

static void turn_forwarding(struct world *w)
{
    for (uint32_t r = 0; r < 2; r++) {
        for (uint32_t p = 0; p < WORLD_PREFIXES; p++) {
            struct world_override *o = &w->overrides[r][p];
            if (!o->changes_ms || w->now_ms < o->changes_ms)
                continue;
            o->forwards = o->stands;
            o->changes_ms = 0;
        }
    }
}

static bool is_lost(struct world *w, uint32_t upstream, enum family family)
{
    return upstream == NET_NOBODY ||
           random_unit(&w->random) * 1e6 < (double)loss_ppm(w, upstream, family);
}

static void send_customers(struct world *w)
{
    bool faulty = loss_ppm(w, 0, FAMILY_IPV4) || loss_ppm(w, 1, FAMILY_IPV4) ||
                  loss_ppm(w, 0, FAMILY_IPV6) || loss_ppm(w, 1, FAMILY_IPV6);
    for (uint32_t p = 0; p < WORLD_PREFIXES; p++) {
        enum family family = w->prefixes[p].address.family;
        for (uint32_t entry = 0; entry < 2; entry++) {
            uint32_t exit = exit_of(w, entry, p);
            w->loops += exit == NET_NOBODY;
            if (!is_lost(w, exit, family))
                continue;
            w->customers_lost[family]++;
            w->customers_lost_last_ms[family] = w->now_ms;
            w->fault_free_lost += !faulty;
        }
    }
}

// ---- the prober

static bool is_deaf(const struct world *w, uint32_t path, uint32_t target)
{
    for (uint32_t other = 0; other < WORLD_PATHS; other++)
        if (net_path(&w->net, other).family == net_path(&w->net, path).family &&
            !detect_path_has_aside(w->detectors[other], target))
            return false;
    return true;
}

static bool fails_by_itself(struct world *w, uint32_t target)
{
    const struct world_event *deaf = happens(w, WORLD_DEAF, target);
    return deaf && random_unit(&w->random) * 1e6 < deaf->ppm;
}

static void send_probe(struct world *w, uint32_t path, uint32_t target)
{
    struct net_path net_path_of = net_path(&w->net, path);
    uint32_t upstream = net_path_of.upstream, p = 0;
    struct address address = w->net.targets[target].address[net_path_of.family];
    while (p < WORLD_PREFIXES && !prefix_contains_address(w->prefixes[p], address))
        p++;
    if (upstream == NET_NOBODY)
        upstream = p < WORLD_PREFIXES ? exit_of(w, 0, p) : 0;
    uint32_t slot = 0;
    while (slot < WORLD_FLIGHTS && w->flights[slot].used)
        slot++;
    if (slot == WORLD_FLIGHTS)
        abort();
    w->flights_end = slot < w->flights_end ? w->flights_end : slot + 1;
    bool lost = is_lost(w, upstream, net_path_of.family) || fails_by_itself(w, target);
    bool blind = happens(w, WORLD_VOID, 0);
    w->flights[slot] =
        (struct world_flight){.used = true,
                              .known_ms = w->now_ms + (lost ? ANSWER_MS : RTT_MS),
                              .sample = {.path = path,
                                         .target = target,
                                         .flow = (uint32_t)(random_u64(&w->random) % 4),
                                         .verdict = blind  ? SAMPLE_VOID
                                                    : lost ? SAMPLE_LOST
                                                           : SAMPLE_OK,
                                         .void_reason = blind ? SAMPLE_LINK_DOWN : SAMPLE_NOT_VOID,
                                         .sent_at = mono_at(w->now_ms),
                                         .rtt_ns = RTT_MS * NS_PER_MS}};
}

// 28 probes a second to each target of a path, a little irregular, twice as fast after a loss.
static void send_probes(struct world *w)
{
    for (uint32_t path = 0; path < WORLD_PATHS; path++)
        for (uint32_t target = 0; target < 3; target++) {
            double rate = detect_path_quickens(w->detectors[path]) ? 1.1 : 0.933;
            if (random_unit(&w->random) < rate * w->net.targets[target].rate_mpps / 1e6)
                send_probe(w, path, target);
        }
}

static void tell_signal(struct world *w, const struct signal *signal)
{
    feed(w, (struct event){.kind = EVENT_SIGNAL, .signal = *signal});
}

static void learn_samples(struct world *w)
{
    struct signal signal;
    for (uint32_t i = 0; i < w->flights_end; i++) {
        struct world_flight *flight = &w->flights[i];
        if (!flight->used || w->now_ms < flight->known_ms)
            continue;
        flight->used = false;
        struct sample *s = &flight->sample;
        s->known_at = mono_at(w->now_ms);
        struct event_tally *tally = &w->tallies[s->path][s->target];
        bool deaf = is_deaf(w, s->path, s->target);
        tally->ok += s->verdict == SAMPLE_OK && !deaf;
        tally->lost += s->verdict == SAMPLE_LOST && !deaf;
        tally->voided += s->verdict == SAMPLE_VOID || deaf;
        tally->rtt_p50_ns = s->rtt_ns;
        if (detect_path_sample(w->detectors[s->path], s, &signal))
            tell_signal(w, &signal);
    }
    while (w->flights_end > 0 && !w->flights[w->flights_end - 1].used)
        w->flights_end--;
}

static void tell_tallies(struct world *w)
{
    struct signal signal;
    for (uint32_t path = 0; path < WORLD_PATHS; path++) {
        if (detect_path_tick(w->detectors[path], mono_at(w->now_ms), &signal))
            tell_signal(w, &signal);
        for (uint32_t target = 0; target < 3; target++) {
            struct event_tally *tally = &w->tallies[path][target];
            tally->path = path;
            tally->target = target;
            feed(w, (struct event){.kind = EVENT_TALLY, .tally = *tally});
            *tally = (struct event_tally){0};
        }
    }
}

static void probe(struct world *w)
{
    if (happens(w, WORLD_HALT, 0))
        return;
    send_probes(w);
    learn_samples(w);
    if (w->now_ms % TALLY_MS == 0)
        tell_tallies(w);
}

// ---- route

static void tell_route(struct world *w, uint32_t router, uint32_t upstream, uint32_t p, bool best)
{
    feed(w, (struct event){.kind = EVENT_ROUTE,
                           .route = {router, upstream, w->prefixes[p], true, best}});
}

static void bring_session_up(struct world *w, uint32_t router)
{
    struct event event = {.kind = EVENT_SESSION, .session = {router, SESSION_UP, FAMILY_NONE, ""}};
    w->session_up[router] = true;
    feed(w, event);
    for (uint32_t p = 0; p < WORLD_PREFIXES; p++)
        tell_route(w, router, router, p, router == 0 || !w->second_is_backup);
    event.session.state = SESSION_COMPLETE;
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        event.session.family = f;
        feed(w, event);
    }
}

// The router forgets at once what a session told it.
static void take_session_down(struct world *w, uint32_t router)
{
    w->session_up[router] = false;
    for (uint32_t p = 0; p < WORLD_PREFIXES; p++) {
        w->overrides[router][p].asked = false;
        set_standing(w, router, p, false);
    }
    feed(w, (struct event){.kind = EVENT_SESSION,
                           .session = {router, SESSION_DOWN, FAMILY_NONE, "hold timer"}});
}

static void drop_override(struct world *w, uint32_t router)
{
    for (uint32_t p = 0; p < WORLD_PREFIXES && !w->dropped; p++) {
        struct world_override *o = &w->overrides[router][p];
        if (!o->asked)
            continue;
        w->dropped = true;
        o->asked = false;
        set_standing(w, router, p, false);
        answer(w, &(struct effect_override){router, o->via, w->prefixes[p], 0}, OVERRIDE_WITHDRAWN,
               "S1: not in the table any more");
    }
}

static void route(struct world *w)
{
    for (uint32_t i = 0; i < w->pending_count;) {
        if (w->pending[i].at.ns > mono_at(w->now_ms).ns) {
            i++;
            continue;
        }
        struct event event = w->pending[i];
        memmove(&w->pending[i], &w->pending[i + 1], (--w->pending_count - i) * sizeof event);
        feed(w, event);
    }
    for (uint32_t r = 0; r < 2; r++) {
        bool down = w->now_ms < 1000 || happens(w, WORLD_SESSION, r);
        if (w->session_up[r] && down)
            take_session_down(w, r);
        else if (!w->session_up[r] && !down)
            bring_session_up(w, r);
        if (happens(w, WORLD_DROP, r))
            drop_override(w, r);
    }
}

// ---- the whole

static void do_deeds(struct world *w)
{
    for (uint32_t i = 0; i < w->event_count; i++) {
        const struct world_event *event = &w->events[i];
        if (event->at_ms != w->now_ms)
            continue;
        if (event->deed == WORLD_COMMAND)
            feed(w, (struct event){.kind = EVENT_COMMAND, .command = event->who});
        if (event->deed == WORLD_ROLE)
            feed(w, (struct event){.kind = EVENT_ROLE,
                                   .role = {event->who, event->ppm, "as the test says"}});
    }
}

// All routers or none: forwarding settles within 300 ms, and ticks come every 50.
static void check_consistency(struct world *w)
{
    for (uint32_t p = 0; p < WORLD_PREFIXES; p++) {
        bool partial = w->overrides[0][p].asked != w->overrides[1][p].asked;
        if (!partial)
            w->partial_since_ms[p] = 0;
        else if (!w->partial_since_ms[p])
            w->partial_since_ms[p] = w->now_ms;
        else if (w->now_ms - w->partial_since_ms[p] > 500 && !happens(w, WORLD_MUTE, 0))
            break_rule(w, "an override on one router only");
    }
    if (w->now_ms - w->leased_ms > 600 && !happens(w, WORLD_COMMAND, COMMAND_STOP))
        break_rule(w, "no lease in time");
}

bool world_is_bare(const struct world *w)
{
    for (uint32_t r = 0; r < 2; r++)
        for (uint32_t p = 0; p < WORLD_PREFIXES; p++)
            if (w->overrides[r][p].asked || w->overrides[r][p].forwards)
                return false;
    return true;
}

bool world_said(const struct world *w, const char *part)
{
    for (uint32_t i = 0; i < w->reason_count; i++)
        if (strstr(w->reasons[i], part))
            return true;
    return false;
}

void world_run(struct world *w, int64_t until_ms)
{
    for (; w->now_ms < until_ms; w->now_ms++) {
        turn_forwarding(w);
        do_deeds(w);
        route(w);
        probe(w);
        send_customers(w);
        if (w->now_ms % ENGINE_TICK_MS == 0)
            feed(w, (struct event){.kind = EVENT_TICK});
        check_consistency(w);
    }
}

struct net world_net(enum net_mode mode)
{
    struct net net = small_net();
    net.mode = mode;
    net.steer.quiet_start_ns = 3 * (int64_t)NS_PER_S;
    net.steer.healthy_min_ns = 10 * (int64_t)NS_PER_S;
    net.steer.hold_min_ns = 10 * (int64_t)NS_PER_S;
    net.steer.hold_max_ns = 80 * (int64_t)NS_PER_S;
    return net;
}

struct world *world_new(const struct net *net, uint64_t seed, bool recorded)
{
    static const char *const prefixes[WORLD_PREFIXES] = {"203.0.113.0/24", "203.0.112.0/24",
                                                         "2001:db8:f::/48", "2001:db8:e::/48"};
    struct world *w = malloc(sizeof *w);
    if (!w)
        abort();
    *w = (struct world){.net = *net, .random = {seed}, .digest = 0xcbf29ce484222325u};
    w->script = recorded ? malloc(1) : NULL;
    for (uint32_t p = 0; p < WORLD_PREFIXES; p++)
        w->prefixes[p] = small_prefix(prefixes[p]);
    static struct cusum_book book;  // solved once
    w->engine = engine_new(&w->net);
    for (uint32_t path = 0; path < WORLD_PATHS; path++) {
        w->detectors[path] = calloc(1, sizeof **w->detectors);
        if (!w->engine || !w->detectors[path] ||
            !detect_path_init(w->detectors[path], &w->net, path, &book))
            abort();
    }
    // 2016-06-20 12:09:48 UTC, so that the usual fault comes at 12:10:03.
    feed(w,
         (struct event){.kind = EVENT_START, .start = {{1466424588 * INT64_C(1000000000)}, seed}});
    for (uint32_t role = 0; role < ROLES; role++)
        feed(w, (struct event){.kind = EVENT_ROLE, .role = {role, ROLE_ALIVE, ""}});
    return w;
}

void world_free(struct world *w)
{
    for (uint32_t path = 0; path < WORLD_PATHS; path++)
        free(w->detectors[path]);
    free(w->script);
    engine_free(w->engine);
    free(w);
}
